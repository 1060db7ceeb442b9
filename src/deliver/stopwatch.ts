/**
 * Milliseconds on a clock that only goes forward. Not `performance.now()`: the first use of `performance` takes 1 ms to
 * load.
 */
export function stopwatchMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
