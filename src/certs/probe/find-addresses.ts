import { execFile } from 'node:child_process';
import { isIP } from 'node:net';

/** Further addresses are counted, but not tried. */
const MAX_ADDRESSES = 8;

export interface Addresses {
  /** At least one; the host itself when its name leads nowhere. */
  addresses: readonly string[];
  /** How many more there are. */
  leftOut: number;
  /**
   * Why the name leads nowhere: `ENOTFOUND`, `EAI_AGAIN`, …, and `TIMEOUT` when no answer came in time. Null when it
   * leads somewhere.
   */
  lookupError: string | null;
}

/**
 * Every A and AAAA address of `host`, in the order the system gives them, unless `pinned` names them. Never rejects.
 */
export async function findAddresses(
  host: string,
  pinned: readonly string[] | null,
  timeoutMs: number,
  lookUp: LookUp = lookUpApart,
): Promise<Addresses> {
  const { addresses: found, error } =
    pinned !== null || isIP(host) !== 0 ? { addresses: pinned ?? [host], error: null } : await lookUp(host, timeoutMs);
  const unique = [...new Set(found.length === 0 ? [host] : found)];
  return {
    addresses: unique.slice(0, MAX_ADDRESSES),
    leftOut: Math.max(0, unique.length - MAX_ADDRESSES),
    lookupError: error,
  };
}

/** Addresses, or why there are none. */
export type LookUp = (
  host: string,
  timeoutMs: number,
) => Promise<{ addresses: readonly string[]; error: string | null }>;

/** Its answer goes to a pipe that is read here. */
const SCRIPT = `require('node:dns').lookup(process.argv[1], { all: true, verbatim: true }, (error, found) => {
  const addresses = error ? [] : found.map((one) => one.address);
  require('node:fs').writeSync(1, JSON.stringify({ addresses, error: error ? error.code : null }));
});`;

/**
 * As the system does it: hosts file, DNS, and whatever else it asks. In a process of its own, for a lookup cannot be
 * called off, and a program does not end before it: a resolver that says nothing takes 10 to 40 seconds.
 */
const lookUpApart: LookUp = (host, timeoutMs) =>
  new Promise((resolve) => {
    const env = { ...process.env, NODE_OPTIONS: '' };
    execFile(
      process.execPath,
      ['-e', SCRIPT, '--', host],
      { env, timeout: Math.max(1, Math.ceil(timeoutMs)), killSignal: 'SIGKILL' },
      (error, stdout) => {
        if (error === null) resolve(JSON.parse(stdout) as Awaited<ReturnType<LookUp>>);
        else resolve({ addresses: [], error: error.killed === true ? 'TIMEOUT' : String(error.code ?? 'EAI_FAIL') });
      },
    );
  });
