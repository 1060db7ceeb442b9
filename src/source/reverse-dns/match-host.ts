import type { Address } from '../address.ts';
import { leadsTo, type CallerStep, type CallerVerdict } from './confirm-reverse-dns.ts';
import type { AskDns } from './dns-answer.ts';

/**
 * Whether an address is one of those that a name has in DNS now: some vendors name their callers so, and change the
 * addresses behind it as they like. A server that does not answer is `temperror`.
 */
export async function matchHost(
  address: Address,
  name: string,
  ask: AskDns,
  signal: AbortSignal,
): Promise<{ verdict: CallerVerdict; steps: readonly CallerStep[] }> {
  const isV4 = address.family === 4;
  const answer = await ask({ type: isV4 ? 'A' : 'AAAA', name }, signal);
  const step = { step: isV4 ? ('a' as const) : ('aaaa' as const), subject: name };
  if (answer.kind !== 'records')
    return {
      verdict: answer.kind === 'unknown' ? 'temperror' : 'fail',
      steps: [{ ...step, result: answer.kind === 'unknown' ? 'unknown' : 'no', found: [], detail: answer.why }],
    };
  const isFound = leadsTo({ name, answer }, address);
  const detail = isFound ? `${address.text} is one of its addresses` : `none of its addresses is ${address.text}`;
  return {
    verdict: isFound ? 'pass' : 'fail',
    steps: [{ ...step, result: isFound ? 'ok' : 'no', found: answer.records, detail }],
  };
}
