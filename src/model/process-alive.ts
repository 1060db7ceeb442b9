/** Whether there is a process of this number on this machine; it may be another one than is meant. */
export function isProcessAlive(pid: number): boolean {
  try {
    // Signal 0 is sent to nobody: it asks.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One of another user is alive, too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
