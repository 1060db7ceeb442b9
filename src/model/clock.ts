/** Where time comes from. Rooms never read the machine's clock themselves, so `--now` can fix it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Waits `ms` milliseconds of this clock (a compressed clock waits less). Rejects when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Where chance comes from: the operating system, or a seed that makes every run the same. */
export interface Random {
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

/** Makes the identifiers a run needs; with a seed and a fixed clock they are the same every time. */
export interface Ids {
  /** UUID version 7 (RFC 9562): sorts by `timeMs`. */
  uuidV7(timeMs: number): string;
  /** UUID version 4 (RFC 9562). */
  uuidV4(): string;
  /** `length` of these letters, at most 256 different ones. Default: a–z and 0–9. */
  token(length: number, letters?: string): string;
}

/**
 * Milliseconds on a clock that only goes forward. Not `performance.now()`: the first use of `performance` takes 1 ms to
 * load.
 */
export function stopwatchMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Milliseconds of CPU time that this process has taken: what another program does meanwhile does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
