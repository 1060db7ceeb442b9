/**
 * Milliseconds of CPU time that the work takes, all threads of this process together: unlike the time of a clock they
 * stay the same on a machine that is busy with other things.
 */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
