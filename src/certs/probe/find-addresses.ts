import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** More addresses than these are told, but not tried. */
const MAX_ADDRESSES = 8;

export interface Addresses {
  /** At least one; the host itself when its name leads nowhere, so that a probe says why. */
  addresses: readonly string[];
  /** How many more there are. */
  leftOut: number;
}

/** Every A and AAAA address of `host`, in the order the system gives them, unless `pinned` names them. */
export async function findAddresses(host: string, pinned: readonly string[] | null): Promise<Addresses> {
  const found = pinned ?? (isIP(host) === 0 ? await lookUp(host) : [host]);
  const unique = [...new Set(found.length === 0 ? [host] : found)];
  return { addresses: unique.slice(0, MAX_ADDRESSES), leftOut: Math.max(0, unique.length - MAX_ADDRESSES) };
}

async function lookUp(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
