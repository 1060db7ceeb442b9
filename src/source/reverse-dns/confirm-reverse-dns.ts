import { readAddress, type Address } from '../address.ts';
import type { AskDns, DnsAnswer } from './dns-answer.ts';
import { arpaName, chooseNames, MAX_NAMES, type ChosenNames } from './host-names.ts';
import { plural } from '../../model/wording.ts';

/**
 * In the words of RFC 8601 (section 2.7.3, iprev). Only `pass` admits a caller; `temperror` may be another verdict
 * tomorrow.
 */
export type CallerVerdict = 'pass' | 'fail' | 'temperror' | 'permerror';

/** One step in checking a caller. */
export interface CallerStep {
  step: 'ptr' | 'names' | 'matching' | 'a' | 'aaaa' | 'equal' | 'list' | 'network';
  /** `unknown`: DNS gave no answer. `warn`: good, but something about it should be known. */
  result: 'ok' | 'no' | 'unknown' | 'warn';
  /** What was asked or looked at: the name in `in-addr.arpa`, the suffix, a host name, the list. */
  subject: string;
  /** What was found there: names, addresses, the entry that matched. */
  found: readonly string[];
  /** The same in plain words. */
  detail: string;
}

export interface CallerJudgement {
  verdict: CallerVerdict;
  steps: readonly CallerStep[];
  /** The name that leads back to the address; null unless `pass`. */
  name: string | null;
}

/**
 * Asks for the names of an address, and whether one below the suffix leads back to it.
 * @param signal the deadline of all questions together
 */
export async function confirmReverseDns(
  address: Address,
  suffix: string,
  ask: AskDns,
  signal: AbortSignal,
): Promise<CallerJudgement> {
  const ptr = await ask({ type: 'PTR', name: arpaName(address) }, signal);
  const chosen = chooseNames(ptr.kind === 'records' ? ptr.records : [], suffix);
  const forward = await askForward(address, chosen.matching, suffix, ask, signal);
  return judgeReverseDns({ address, suffix, ptr, chosen, forward });
}

/** Asks for all names at once, and does not wait for the rest once one below the suffix leads back. */
async function askForward(
  address: Address,
  names: readonly string[],
  suffix: string,
  ask: AskDns,
  signal: AbortSignal,
): Promise<ForwardLookup[]> {
  const type = address.family === 4 ? 'A' : 'AAAA';
  const enough = new AbortController();
  const forward: ForwardLookup[] = [];
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

/** What DNS answered for the addresses of one name. */
export interface ForwardLookup {
  name: string;
  answer: DnsAnswer;
}

/** Everything that was asked about an address, and answered. */
export interface ReverseLookup {
  address: Address;
  /** The names must be below it. */
  suffix: string;
  ptr: DnsAnswer;
  chosen: ChosenNames;
  /** For each matching name. */
  forward: readonly ForwardLookup[];
}

/**
 * Forward-confirmed reverse DNS: one name of the address is below the suffix, and that same name leads back to the
 * address. RFC 8601, section 3: no PTR is `permerror`, a server that does not answer `temperror`, names that do not fit
 * are `fail`.
 */
function judgeReverseDns(lookup: ReverseLookup): CallerJudgement {
  const { address, suffix, ptr, chosen, forward } = lookup;
  const asked = stepOfPtr(address, ptr);
  if (ptr.kind !== 'records')
    return { verdict: ptr.kind === 'unknown' ? 'temperror' : 'permerror', steps: [asked], name: null };
  const named = [asked, ...stepOfNames(chosen)];
  if (chosen.names.length === 0) return { verdict: 'permerror', steps: named, name: null };
  const matched = [...named, stepOfMatching(chosen, suffix)];
  if (chosen.matching.length === 0) return { verdict: 'fail', steps: matched, name: null };
  const leading = forward.filter((one) => leadsTo(one, address));
  const confirmed = leading.find(({ name }) => name !== suffix) ?? leading[0];
  const steps = [...matched, ...forward.map((one) => stepOfForward(one, address)), stepOfEqual(lookup, confirmed)];
  if (confirmed !== undefined) return { verdict: 'pass', steps, name: confirmed.name };
  return { verdict: forward.some(({ answer }) => answer.kind === 'unknown') ? 'temperror' : 'fail', steps, name: null };
}

/** Compares values, because the same IPv6 address is written in many ways. */
export function leadsTo({ answer }: ForwardLookup, { family, value }: Address): boolean {
  return (
    answer.kind === 'records' &&
    answer.records.some((record) => {
      const one = readAddress(record);
      return one?.family === family && one.value === value;
    })
  );
}

function stepOfPtr(address: Address, ptr: DnsAnswer): CallerStep {
  const detail = ptr.kind !== 'records' ? ptr.why : plural(ptr.records.length, 'name');
  return { step: 'ptr', ...outcome(ptr), subject: arpaName(address), detail };
}

function stepOfNames({ names, unusable, leftOut }: ChosenNames): CallerStep[] {
  const impossible = unusable.length === 1 ? 'one is a name' : `${unusable.length} are names`;
  const remarks = [
    ...(names.length === 0 && unusable.length === 0 ? ['the PTR record contains no name'] : []),
    ...(unusable.length === 0 ? [] : [`${impossible} that are not valid host names: ${unusable[0]}`]),
    ...(leftOut === 0
      ? []
      : [
          `only the first ${MAX_NAMES} names are checked, and DNS may return them in any order: ${leftOut} not ` +
            'checked',
        ]),
  ];
  const result = names.length === 0 ? 'no' : remarks.length > 0 ? 'warn' : 'ok';
  return [
    {
      step: 'names',
      result,
      subject: '',
      found: names,
      detail: [names.join(', '), ...remarks].filter(Boolean).join('; '),
    },
  ];
}

function stepOfMatching({ names, matching }: ChosenNames, suffix: string): CallerStep {
  const step = { step: 'matching', subject: suffix, found: matching } as const;
  if (matching.length > 0)
    return {
      ...step,
      result: 'ok',
      detail: matching.every((name) => name === suffix)
        ? `${suffix} itself`
        : `${matching.join(', ')}: below ${suffix}`,
    };
  const lookalike = names.find((name) => name.endsWith(suffix));
  return {
    ...step,
    result: 'no',
    detail:
      lookalike === undefined
        ? `none is below ${suffix}`
        : `none is below ${suffix}: ${lookalike} has the same ending, but not after a dot`,
  };
}

function stepOfForward({ name, answer }: ForwardLookup, { family }: Address): CallerStep {
  return {
    step: family === 4 ? 'a' : 'aaaa',
    ...outcome(answer),
    subject: name,
    detail: answer.kind === 'records' ? answer.records.join(', ') : answer.why,
  };
}

function stepOfEqual({ address, suffix, forward }: ReverseLookup, confirmed: ForwardLookup | undefined): CallerStep {
  const step = {
    step: 'equal',
    subject: address.text,
    found: confirmed === undefined ? [] : [confirmed.name],
  } as const;
  if (confirmed?.name === suffix)
    return { ...step, result: 'warn', detail: `an address of ${suffix} itself, but the rule requires a name below it` };
  if (confirmed !== undefined) return { ...step, result: 'ok', detail: `an address of ${confirmed.name}` };
  const isOpen = forward.some(({ answer }) => answer.kind === 'unknown');
  if (isOpen) return { ...step, result: 'unknown', detail: 'cannot be told without an answer' };
  return {
    ...step,
    result: 'no',
    detail:
      `not an address of ${forward.map(({ name }) => name).join(', ')}: the owner of the PTR record does not ` +
      'own the name',
  };
}

function outcome(answer: DnsAnswer): Pick<CallerStep, 'result' | 'found'> {
  if (answer.kind === 'records') return { result: 'ok', found: answer.records };
  return { result: answer.kind === 'unknown' ? 'unknown' : 'no', found: [] };
}
