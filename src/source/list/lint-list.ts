import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { isAnyones } from '../address.ts';
import {
  type AddressList,
  type ListEntry,
  type ListProblem,
  findOverlaps,
  findUniversal,
  type Overlap,
  type Universal,
} from './address-list.ts';
import { LINT_CHECKS, type LintCheckId } from './lint-checks.ts';
import { readEverywhere, REFUSES } from './read-as.ts';
import { findSpecial, type SpecialKind } from '../special-networks.ts';

/** What one check found in one place; its status is that of the check. */
type LintFault = Omit<Conclusion, 'status'>;

/** The most places that one check reports. The others of a long list are alike. */
const MAX_FAULTS = 20;

/** Judges a list: each check gives one finding when it passes, otherwise one for each place. */
export function lintList(list: AddressList): Finding[] {
  const { entries, problems } = list;
  const faults = findFaults(list);
  const isUnknown = entries.length === 0 && problems.length > 0;
  return LINT_CHECKS.flatMap((check) =>
    // A check that had nothing to look at has not passed.
    isUnknown && check.id !== 'readable'
      ? [makeFinding(check, { status: 'skip', detail: 'cannot read any entry' })]
      : findingsOf(check, faults[check.id]),
  );
}

function findingsOf(check: (typeof LINT_CHECKS)[number], faults: readonly LintFault[]): Finding[] {
  if (faults.length === 0) return [makeFinding(check, { status: 'pass', detail: '' })];
  const more = faults.length - MAX_FAULTS;
  const shown = more > 0 ? [...faults.slice(0, MAX_FAULTS), { detail: `and ${more} more` }] : faults;
  return shown.map((fault) => makeFinding(check, { status: check.severity, ...fault }));
}

function findFaults({ entries, problems }: AddressList): Record<LintCheckId, LintFault[]> {
  const overlaps = findOverlaps(entries);
  const specials = entries.flatMap((entry) => findSpecialFault(entry));
  const special = (kind: SpecialKind): LintFault[] =>
    specials.filter((one) => one.kind === kind).map((one) => one.fault);
  return {
    readable: problems.map(unreadableFault),
    'not-empty': entries.length > 0 ? [] : [EMPTY_FAULT],
    'not-open': findUniversal(entries).map(universalFault),
    'no-documentation': special('documentation'),
    'no-private': special('private'),
    'no-unroutable': special('unroutable'),
    'not-wide': entries.filter(({ network }) => network.prefixLength > 0 && isAnyones(network)).map(wideFault),
    'no-host-bits': entries.filter(({ hasHostBits }) => hasHostBits).map(hostBitsFault),
    'no-duplicates': overlaps.filter(({ isDuplicate }) => isDuplicate).map(duplicateFault),
    'no-overlaps': overlaps.filter(({ isDuplicate }) => !isDuplicate).map(overlapFault),
    portable: portableFaults(entries),
  };
}

const EMPTY_FAULT: LintFault = {
  detail: 'it has no entries: every call would be refused',
  fix: 'add the addresses that the vendor publishes',
};

function unreadableFault({ text, file, line, reason, readings, form }: ListProblem): LintFault {
  const observed = readings.map(
    ({ program, reading }) => `${program} ${reading === REFUSES ? reading : `reads ${reading}`}`,
  );
  return {
    detail: [...(line === null ? [] : [`line ${line}`]), ...(text === '' ? [] : [text]), reason].join(': '),
    observed: observed.length === 0 ? null : observed.join('; '),
    fix: form === undefined ? 'write an address, a network as CIDR, or address/netmask' : `read it with --from ${form}`,
    place: placeOf({ file, line }),
  };
}

const universalFault = ({ family, entry }: Universal): LintFault => ({
  detail: `${entry === null ? 'the entries together cover' : `${nameOf(entry)} covers`} every IPv${family} address`,
  fix: "list only the vendor's networks; Apache rejects a prefix of 0, nginx and the libraries accept it",
});

const SPECIAL_FIXES: Record<SpecialKind, string> = {
  documentation: "the vendor's documentation shows placeholders: copy the real addresses from the client area",
  private:
    'correct only if calls come through your own VPN or proxy; behind a proxy, make the server restore the ' +
    "caller's address",
  unroutable: 'remove it',
};

function findSpecialFault(entry: ListEntry): { kind: SpecialKind; fault: LintFault }[] {
  const special = findSpecial(entry.network);
  if (special === null) return [];
  const { kind, network, purpose, rfc } = special;
  const fault = {
    detail: `${nameOf(entry)} is in ${network.text}: ${purpose}`,
    fix: SPECIAL_FIXES[kind],
    reference: rfc,
    place: placeOf(entry),
  };
  return [{ kind, fault }];
}

const wideFault = (entry: ListEntry): LintFault => ({
  detail: `${nameOf(entry)} allows ${countText(entry)}`,
  fix: "list only the vendor's networks",
  place: placeOf(entry),
});

const hostBitsFault = (entry: ListEntry): LintFault => ({
  detail: `${nameOf(entry)} is the network ${entry.network.text}`,
  observed: 'nginx warns; Apache and the libraries accept it silently; all of them read the whole network',
  fix: `write ${entry.network.text}, or ${entry.text.split('/')[0]} if one address was meant`,
  place: placeOf(entry),
});

const duplicateFault = ({ entry, by }: Overlap): LintFault => ({
  detail: `${nameOf(entry)} repeats ${nameOf(by)}`,
  fix: 'remove one',
  place: placeOf(entry),
});

const overlapFault = ({ entry, by }: Overlap): LintFault => ({
  detail: `${nameOf(entry)} is part of ${nameOf(by)}`,
  fix: 'remove it, or remove the wider one if it was meant to be narrow',
  place: placeOf(entry),
});

/** Notes the entries that some program refuses as they are. The list is right, but must not be pasted into a server. */
function portableFaults(entries: readonly ListEntry[]): LintFault[] {
  const byPrograms = new Map<string, ListEntry[]>();
  for (const entry of entries) {
    const programs = isPlain(entry) ? '' : programsThatRefuse(entry.text);
    if (programs === '') continue;
    const refused = byPrograms.get(programs) ?? [];
    refused.push(entry);
    byPrograms.set(programs, refused);
  }
  return [...byPrograms].map(([programs, refused]) => {
    const count = refused.length === 1 ? '' : `${refused.length} entries, the first of them `;
    return {
      detail:
        `note: ${count}${nameOf(refused[0] as ListEntry)}: valid in a list, but needs another form for ` +
        `${programs}; allowlist convert writes the right form for each`,
    };
  });
}

/**
 * Every program reads these, and nearly all entries of a long list are such. nginx refuses IPv6 of seven groups and two
 * colons behind them.
 */
const isPlain = ({ form, network, text }: ListEntry): boolean =>
  form !== 'netmask' &&
  network.prefixLength > 0 &&
  network.text !== '255.255.255.255/32' &&
  (network.family === 4 || !SEVEN_AND_COLONS.test(text));

const SEVEN_AND_COLONS = /^(?:[\da-f]+:){7}:/i;

const programsThatRefuse = (text: string): string =>
  readEverywhere(text)
    .filter(({ reading }) => reading === REFUSES)
    .map(({ program }) => program)
    .join(', ');

/** `192.0.2.5/24 (line 3)` */
function nameOf({ text, file, line }: ListEntry): string {
  return line === null ? `${text}${file === null ? '' : ` (${file})`}` : `${text} (line ${line})`;
}

const placeOf = ({ file, line }: Pick<ListEntry, 'file' | 'line'>): Finding['place'] =>
  file === null || line === null ? undefined : { file, line };

const countText = ({ network: { family, prefixLength } }: ListEntry): string =>
  family === 4 ? `${(2 ** (32 - prefixLength)).toLocaleString('en')} addresses` : `2^${128 - prefixLength} addresses`;
