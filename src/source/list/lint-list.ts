import type { Finding } from '../../model/finding.ts';
import { isAnyones } from '../address/network.ts';
import { findOpen } from './find-open.ts';
import { findOverlaps } from './find-overlaps.ts';
import { LINT_CHECKS, type LintCheckId } from './lint-checks.ts';
import type { AddressList, ListEntry, ListProblem } from './list-entry.ts';
import { readEverywhere, REFUSES } from './read-as.ts';
import { findSpecial, type SpecialKind } from './special-networks.ts';

/** Found by one check in one place. */
type Found = Pick<Finding, 'detail'> & Partial<Pick<Finding, 'expected' | 'observed' | 'fix' | 'reference' | 'place'>>;

/** Of one check; the others of that many thousand are alike. */
const MAX_FOUND = 20;

/** What is wrong with a list: for each check one finding when it passes, else one for each place. */
export function lintList(list: AddressList): Finding[] {
  const { entries, problems } = list;
  const overlaps = findOverlaps(entries);
  const specials = entries.flatMap((entry) => tellSpecial(entry));
  const special = (kind: SpecialKind): Found[] => specials.filter((one) => one.kind === kind).map((one) => one.found);
  const found: Record<LintCheckId, Found[]> = {
    readable: problems.map(tellProblem),
    'not-empty':
      entries.length > 0
        ? []
        : [
            {
              detail: 'it has no entry: every call would be refused',
              fix: 'give the addresses that the vendor names',
            },
          ],
    'not-open': findOpen(entries).map(({ family, entry }) => ({
      detail: `${entry === null ? 'the entries together are' : `${nameOf(entry)} is`} every address of IPv${family}`,
      fix: "name the vendor's own networks; Apache refuses a prefix of 0, nginx and the libraries take it",
    })),
    'no-documentation': special('documentation'),
    'no-private': special('private'),
    'no-unroutable': special('unroutable'),
    'not-wide': entries
      .filter(({ network }) => network.prefixLength > 0 && isAnyones(network))
      .map((entry) => ({
        detail: `${nameOf(entry)} admits ${countText(entry)}`,
        fix: "name the vendor's own networks",
        ...at(entry),
      })),
    'no-host-bits': entries.filter(({ hasHostBits }) => hasHostBits).map(tellHostBits),
    'no-duplicates': overlaps
      .filter(({ isTwin }) => isTwin)
      .map(({ entry, by }) => ({
        detail: `${nameOf(entry)} is there before: ${nameOf(by)}`,
        fix: 'leave one out',
        ...at(entry),
      })),
    'no-overlaps': overlaps
      .filter(({ isTwin }) => !isTwin)
      .map(({ entry, by }) => ({
        detail: `${nameOf(entry)} lies within ${nameOf(by)}`,
        fix: 'leave it out, or the wider one where it was meant to be narrow',
        ...at(entry),
      })),
    portable: tellRefused(entries),
  };
  const isUnknown = entries.length === 0 && problems.length > 0;
  return LINT_CHECKS.flatMap((check) =>
    isUnknown && check.id !== 'readable' ? [skipped(check)] : findingsOf(check, found[check.id]),
  );
}

type LintCheck = (typeof LINT_CHECKS)[number];

const BLANK = {
  detail: '',
  expected: null,
  observed: null,
  fix: null,
  serverFixes: [],
  reference: null,
  durationMs: 0,
} satisfies Partial<Finding>;

/** A check that had nothing to look at has not passed. */
function skipped({ id, title }: LintCheck): Finding {
  return { ...BLANK, id, title, status: 'skip', detail: 'no entry could be read' };
}

function findingsOf({ id, title, severity }: LintCheck, found: readonly Found[]): Finding[] {
  const base = { ...BLANK, id, title };
  if (found.length === 0) return [{ ...base, status: 'pass' }];
  const more = found.length - MAX_FOUND;
  const shown = more > 0 ? [...found.slice(0, MAX_FOUND), { detail: `and ${more} more` }] : found;
  return shown.map((one) => ({ ...base, ...one, status: severity }));
}

/** `192.0.2.5/24 (line 3)` */
function nameOf({ text, file, line }: ListEntry): string {
  return line === null ? `${text}${file === null ? '' : ` (${file})`}` : `${text} (line ${line})`;
}

/** For reports that can show a finding beside its line. */
const at = ({ file, line }: Pick<ListEntry, 'file' | 'line'>): Pick<Finding, 'place'> =>
  file === null || line === null ? {} : { place: { file, line } };

function tellProblem({ text, file, line, reason, readings, form }: ListProblem): Found {
  return {
    detail: [...(line === null ? [] : [`line ${line}`]), ...(text === '' ? [] : [text]), reason].join(': '),
    ...(readings.length === 0
      ? {}
      : {
          observed: readings
            .map(({ program, reading }) => `${program} ${reading === REFUSES ? reading : `reads ${reading}`}`)
            .join('; '),
        }),
    fix: form === undefined ? 'write an address, a network as CIDR, or address/netmask' : `read it with --from ${form}`,
    ...at({ file, line }),
  };
}

const SPECIAL_ADVICE: Record<SpecialKind, string> = {
  documentation: "the vendor's documentation shows placeholders: take the real addresses from the client area",
  private:
    'right only where the call comes through a VPN or a proxy of your own; behind a proxy, let the server restore the address of the caller',
  unroutable: 'leave it out',
};

function tellSpecial(entry: ListEntry): { kind: SpecialKind; found: Found }[] {
  const special = findSpecial(entry.network);
  if (special === null) return [];
  const { kind, network, purpose, rfc } = special;
  return [
    {
      kind,
      found: {
        detail: `${nameOf(entry)} lies in ${network.text}: ${purpose}`,
        fix: SPECIAL_ADVICE[kind],
        reference: rfc,
        ...at(entry),
      },
    },
  ];
}

function tellHostBits(entry: ListEntry): Found {
  return {
    detail: `${nameOf(entry)} is the network ${entry.network.text}`,
    observed: 'nginx warns; Apache and the libraries take it without a word; each means the whole network',
    fix: `write ${entry.network.text}, or ${entry.text.split('/')[0]} where one address was meant`,
    ...at(entry),
  };
}

/** No fault of the list: they are what a user must not paste into a server as they are. */
function tellRefused(entries: readonly ListEntry[]): Found[] {
  const byPrograms = new Map<string, ListEntry[]>();
  for (const entry of entries) {
    const programs = isPlain(entry)
      ? ''
      : readEverywhere(entry.text)
          .filter(({ reading }) => reading === REFUSES)
          .map(({ program }) => program)
          .join(', ');
    if (programs === '') continue;
    const refused = byPrograms.get(programs) ?? [];
    refused.push(entry);
    byPrograms.set(programs, refused);
  }
  return [...byPrograms].map(([programs, refused]) => ({
    detail: `note: ${refused.length === 1 ? '' : `${refused.length} entries, the first of them `}${nameOf(refused[0] as ListEntry)}: good in a list, and written in another form for ${programs}; allowlist convert writes what each takes`,
  }));
}

/** Whatever reads addresses reads these: in a long list nearly all are. */
const isPlain = ({ form, network }: ListEntry): boolean =>
  form !== 'netmask' && network.family === 4 && network.prefixLength > 0 && network.text !== '255.255.255.255/32';

const countText = ({ network: { family, prefixLength } }: ListEntry): string =>
  family === 4 ? `${(2 ** (32 - prefixLength)).toLocaleString('en')} addresses` : `2^${128 - prefixLength} addresses`;
