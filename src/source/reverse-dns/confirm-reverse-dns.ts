import type { Address } from '../address/address.ts';
import { arpaName } from './arpa-name.ts';
import type { AskDns } from './ask-dns.ts';
import { chooseNames } from './choose-names.ts';
import { judgeReverseDns, leadsTo, type Forward } from './judge-reverse-dns.ts';
import type { Judgement } from './verdict.ts';

/** Asks who an address is, and whether that name leads back to it. `signal` is the deadline of all questions together. */
export async function confirmReverseDns(
  address: Address,
  suffix: string,
  ask: AskDns,
  signal: AbortSignal,
): Promise<Judgement> {
  const ptr = await ask({ type: 'PTR', name: arpaName(address) }, signal);
  const chosen = chooseNames(ptr.kind === 'records' ? ptr.records : [], suffix);
  const forward = await askForward(address, chosen.matching, suffix, ask, signal);
  return judgeReverseDns({ address, suffix, ptr, chosen, forward });
}

/** All at once, until one below the suffix leads back: the others, which may be slow, are then left out. */
async function askForward(
  address: Address,
  names: readonly string[],
  suffix: string,
  ask: AskDns,
  signal: AbortSignal,
): Promise<Forward[]> {
  const type = address.family === 4 ? 'A' : 'AAAA';
  const enough = new AbortController();
  const forward: Forward[] = [];
  await Promise.all(
    names.map(async (name) => {
      const one = { name, answer: await ask({ type, name }, AbortSignal.any([signal, enough.signal])) };
      if (enough.signal.aborted) return;
      forward.push(one);
      if (name !== suffix && leadsTo(one, address)) enough.abort();
    }),
  );
  return forward.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}
