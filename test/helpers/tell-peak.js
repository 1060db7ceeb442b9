/**
 * For `node --import`: writes the peak resident memory of this process, in KiB, to the file that PEAK_FILE names.
 * On Linux not `maxRSS`: that begins with what the starting process held (getrusage(2) survives exec).
 */
import { readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const peakKiB =
    process.platform === 'linux'
      ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]
      : process.resourceUsage().maxRSS;
  writeFileSync(process.env.PEAK_FILE, String(peakKiB));
});
