import { setMaxListeners } from 'node:events';
import type { Certainty } from '../../model/fact.ts';
import type { Address } from '../../source/address.ts';
import { noteOnAddress } from '../../source/special-networks.ts';
import {
  type CallerStep,
  type CallerVerdict,
  confirmReverseDns,
} from '../../source/reverse-dns/confirm-reverse-dns.ts';
import type { AskDns, giveUpOnSilence } from '../../source/reverse-dns/dns-answer.ts';
import { matchHost } from '../../source/reverse-dns/match-host.ts';
import { networksText, type AcceptedNetworks, type AcceptedSources } from './accepted-sources.ts';

/** The source that admits an address. */
export type MatchedSource =
  | { by: 'list'; entry: string; file: string | null; line: number | null; comment: string | null }
  | { by: 'network'; entry: string; vendor: string; certainty: Certainty }
  | { by: 'reverse-dns'; name: string; suffix: string };

export interface CheckedAddress {
  /** Canonical, without a zone; IPv4 within IPv6 as IPv4. */
  address: string;
  verdict: CallerVerdict;
  /** The first source that admits it; null unless `pass`. */
  matched: MatchedSource | null;
  /** Of all sources, one after the other. */
  steps: readonly CallerStep[];
  notes: readonly string[];
}

/** What one source says of an address. */
type SourceAnswer = Pick<CheckedAddress, 'verdict' | 'steps' | 'matched'>;

export type AskAboutAddress = ReturnType<typeof giveUpOnSilence>;

/**
 * Checks one address against every source.
 * @param askAbout null where no DNS is asked
 * @param timeoutMs for all DNS questions together
 */
export async function checkAddress(
  address: Address,
  { networks, suffixes, hosts }: AcceptedSources,
  askAbout: AskAboutAddress | null,
  timeoutMs: number,
): Promise<CheckedAddress> {
  const answers = [
    ...networks.map((one) => tryNetworks(one, address)),
    ...(askAbout === null ? [] : await askAbout((ask) => askDns({ suffixes, hosts }, address, ask, timeoutMs))),
  ];
  const note = noteOnAddress(address);
  return {
    address: address.text,
    verdict: joinVerdicts(answers.map(({ verdict }) => verdict)),
    matched: answers.find(({ matched }) => matched !== null)?.matched ?? null,
    steps: answers.flatMap(({ steps }) => steps),
    notes: note === null ? [] : [note],
  };
}

/** One source is enough. As long as one of them gave no answer, the address is not refused for good. */
function joinVerdicts(verdicts: readonly CallerVerdict[]): CallerVerdict {
  return (['pass', 'temperror', 'fail'] as const).find((one) => verdicts.includes(one)) ?? 'permerror';
}

/** One deadline for all domains together. */
async function askDns(
  { suffixes, hosts }: Pick<AcceptedSources, 'suffixes' | 'hosts'>,
  address: Address,
  ask: AskDns,
  timeoutMs: number,
): Promise<SourceAnswer[]> {
  const deadline = new AbortController();
  // Each domain listens.
  setMaxListeners(0, deadline.signal);
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const answers = await Promise.all([
    ...suffixes.map(async (suffix): Promise<SourceAnswer> => {
      const { name, ...judged } = await confirmReverseDns(address, suffix, ask, deadline.signal);
      return { ...judged, matched: name === null ? null : { by: 'reverse-dns', name, suffix } };
    }),
    ...hosts.map(async ({ name, vendor, certainty }): Promise<SourceAnswer> => {
      const judged = await matchHost(address, name, ask, deadline.signal);
      const matched = { by: 'network' as const, entry: name, vendor: vendor.id, certainty };
      return { ...judged, matched: judged.verdict === 'pass' ? matched : null };
    }),
  ]);
  clearTimeout(timer);
  return answers;
}

function tryNetworks(accepted: AcceptedNetworks, address: Address): SourceAnswer {
  const entry = accepted.match(address);
  const step =
    accepted.kind === 'list'
      ? ({ step: 'list', subject: 'allowed addresses' } as const)
      : ({ step: 'network', subject: `network of ${accepted.vendor.title}` } as const);
  if (entry === null)
    return {
      verdict: 'fail',
      matched: null,
      steps: [{ ...step, result: 'no', found: [], detail: describeMiss(accepted) }],
    };
  const { text, file, line, comment, network } = entry;
  const isEverybody = network.prefixLength === 0;
  const place = [file === null ? '' : `${file}:${line}`, comment ?? ''].filter(Boolean).join(', ');
  const where =
    accepted.kind === 'network'
      ? `${comment === null ? '' : ` (${comment})`} [${accepted.certainty}]`
      : place === ''
        ? ''
        : ` (${place})`;
  const detail = `${text}${where}${isEverybody ? ': which is every address' : ''}`;
  const matched: MatchedSource =
    accepted.kind === 'list'
      ? { by: 'list', entry: text, file, line, comment }
      : { by: 'network', entry: text, vendor: accepted.vendor.id, certainty: accepted.certainty };
  return { verdict: 'pass', matched, steps: [{ ...step, result: isEverybody ? 'warn' : 'ok', found: [text], detail }] };
}

function describeMiss(accepted: AcceptedNetworks): string {
  if (accepted.kind === 'network') return `not in ${networksText(accepted)} [${accepted.certainty}]`;
  const { length } = accepted.entries;
  return `in none of ${length} ${length === 1 ? 'entry' : 'entries'}`;
}
