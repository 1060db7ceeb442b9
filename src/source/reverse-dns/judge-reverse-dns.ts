import { readAddress, type Address } from '../address/address.ts';
import { arpaName } from './arpa-name.ts';
import { MAX_NAMES, type ChosenNames } from './choose-names.ts';
import type { DnsAnswer } from './dns-answer.ts';
import type { Judgement, Step } from './verdict.ts';

/** The addresses of one name. */
export interface Forward {
  name: string;
  answer: DnsAnswer;
}

/** What was asked for an address, and answered. */
export interface ReverseLookup {
  address: Address;
  /** The names must be below it. */
  suffix: string;
  ptr: DnsAnswer;
  chosen: ChosenNames;
  /** Of the matching names. */
  forward: readonly Forward[];
}

/**
 * Forward-confirmed reverse DNS: one name of the address is below the suffix, and that same name leads back to the address.
 * RFC 8601, section 3: no PTR is `permerror`, a server that does not answer `temperror`, names that do not fit are `fail`.
 */
export function judgeReverseDns(lookup: ReverseLookup): Judgement {
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

/** Compared as values: the same address of IPv6 is written in many ways. */
export function leadsTo({ answer }: Forward, { family, value }: Address): boolean {
  return (
    answer.kind === 'records' &&
    answer.records.some((record) => {
      const one = readAddress(record);
      return one?.family === family && one.value === value;
    })
  );
}

function stepOfPtr(address: Address, ptr: DnsAnswer): Step {
  const detail =
    ptr.kind !== 'records' ? ptr.why : `${ptr.records.length} ${ptr.records.length === 1 ? 'name' : 'names'}`;
  return { step: 'ptr', ...outcome(ptr), subject: arpaName(address), detail };
}

function stepOfNames({ names, unusable, leftOut }: ChosenNames): Step[] {
  const remarks = [
    ...(names.length === 0 && unusable.length === 0 ? ['the PTR holds no name at all'] : []),
    ...(unusable.length === 0
      ? []
      : [
          `${unusable.length === 1 ? 'one is a name' : `${unusable.length} are names`} that no host can have: ${unusable[0]}`,
        ]),
    ...(leftOut === 0
      ? []
      : [`only the first ${MAX_NAMES} count, and DNS may give them in any order: ${leftOut} left out`]),
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

function stepOfMatching({ names, matching }: ChosenNames, suffix: string): Step {
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
        : `none is below ${suffix}: ${lookalike} ends like it, but not at a dot`,
  };
}

function stepOfForward({ name, answer }: Forward, { family }: Address): Step {
  return {
    step: family === 4 ? 'a' : 'aaaa',
    ...outcome(answer),
    subject: name,
    detail: answer.kind === 'records' ? answer.records.join(', ') : answer.why,
  };
}

function stepOfEqual({ address, suffix, forward }: ReverseLookup, confirmed: Forward | undefined): Step {
  const step = {
    step: 'equal',
    subject: address.text,
    found: confirmed === undefined ? [] : [confirmed.name],
  } as const;
  if (confirmed?.name === suffix)
    return { ...step, result: 'warn', detail: `an address of ${suffix} itself: the rule says a name below it` };
  if (confirmed !== undefined) return { ...step, result: 'ok', detail: `an address of ${confirmed.name}` };
  const isOpen = forward.some(({ answer }) => answer.kind === 'unknown');
  if (isOpen) return { ...step, result: 'unknown', detail: 'cannot be told without an answer' };
  return {
    ...step,
    result: 'no',
    detail: `no address of ${forward.map(({ name }) => name).join(', ')}: whoever wrote the PTR does not own the name`,
  };
}

function outcome(answer: DnsAnswer): Pick<Step, 'result' | 'found'> {
  if (answer.kind === 'records') return { result: 'ok', found: answer.records };
  return { result: answer.kind === 'unknown' ? 'unknown' : 'no', found: [] };
}
