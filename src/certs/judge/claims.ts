import { type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import type { Header } from '../../model/plan.ts';
import { listSome, plural } from '../../model/wording.ts';
import { CHECKS } from '../checks.ts';
import { AGAIN, mayBeRateLimit } from '../probe/probe.ts';
import { changesForClaims } from '../claim-fixes.ts';
import { fixFor } from '../server-fixes.ts';
import { type ClaimTry, type ClaimVisit, isLetIn, isOfTheServer } from '../survey/try-claims.ts';
import { resultsOf, type Visits } from '../survey/visits.ts';

/** P11: whoever has no good certificate must not get in by telling that there was one. `claims`: null, not tried. */
export function judgeClaims(claims: readonly ClaimVisit[] | null, visits: readonly Visits[]): Finding[] {
  if (claims === null) return [];
  const tries = claims.flatMap(({ sets, singles, together }) => [...sets, ...singles, ...together]);
  const durationMs = Math.max(0, ...tries.map(({ answer }) => answer.durationMs));
  const observed = claims.length === 0 ? null : [...new Set(claims.map(describeVisit))].join('; ');
  const conclusion = claims.length === 0 ? concludeUntried(visits) : concludeTried(claims);
  return conclusion === null
    ? []
    : [makeFinding(CHECKS.P11, { durationMs, expected: 'no success', observed, ...conclusion })];
}

/** Null where nothing can be said. */
function concludeUntried(visits: readonly Visits[]): Conclusion | null {
  const strangers = visits
    .flatMap((visit) => resultsOf({ ...visit, good: null }))
    .filter(({ reaction }) => reaction.kind !== 'not-offered');
  if (strangers.some(({ reaction }) => reaction.kind === 'admitted'))
    return {
      status: 'skip',
      detail: 'the endpoint already accepts callers without a valid certificate and without any header',
    };
  const isShut = strangers.every(
    (result) => result.reaction.kind === 'refused' && (result.reaction.layer === 'tls' || isOfTheServer(result)),
  );
  if (strangers.length === 0 || !isShut) return null;
  const texts = [...new Set(visits.map(({ without }) => without.reaction.text))].join(', ');
  return {
    status: 'pass',
    detail: `callers without a valid certificate are refused before any header is read: ${texts}`,
  };
}

function concludeTried(claims: readonly ClaimVisit[]): Conclusion {
  const open = claims.find(isOpened);
  if (open !== undefined) return concludeOpened(open);
  const wavering = claims.find(({ control }) => control !== null);
  if (wavering !== undefined)
    return {
      status: 'warn',
      detail: `${wavering.who}, requests are sometimes accepted and sometimes refused, with or without a header`,
      fix: 'run the check again; if it repeats, find out which requests are accepted',
    };
  for (const visit of claims) {
    const noticed = noticedIn(visit);
    if (noticed !== null)
      return {
        status: 'warn',
        detail: `${visit.who}, ${noticed} instead of ${visit.bare.text}`,
        fix: fixForNoticed(visit),
      };
  }
  const count = new Set(claims.flatMap(({ sets }) => sets.flatMap((one) => one.claims.map(([name]) => name)))).size;
  return { status: 'pass', detail: `${plural(count, 'header')} tried, no change` };
}

function fixForNoticed({ sets }: ClaimVisit): string {
  return sets.some(({ answer }) => mayBeRateLimit(answer.status))
    ? AGAIN
    : 'check whether the application reads that header; with --cert and --key the headers describe your ' +
        'certificate';
}

const isOpened = ({ control, singles, together }: ClaimVisit): boolean =>
  control !== null && !isLetIn(control) && [...singles, ...together].some(({ answer }) => isLetIn(answer));

function concludeOpened({ who, singles, together }: ClaimVisit): Conclusion {
  const opening = [...singles, ...together].filter(({ answer }) => isLetIn(answer));
  const [first] = opening;
  const ways = opening.map(({ claims }) => claims.map(show).join(' and '));
  const names = [...new Set(opening.flatMap(({ claims }) => claims.map(([name]) => name)))];
  return {
    status: 'fail',
    detail: `${who}, a request is accepted because of ${listSome(ways)}: ${first?.answer.text ?? ''}`,
    ...fixForClaims(names),
  };
}

/** What to change for the headers that were believed. */
function fixForClaims(names: readonly string[]): Pick<Finding, 'fix' | 'serverFixes'> {
  const { fix, serverFixes } = fixFor('claim-believed');
  const changes = changesForClaims(names);
  return {
    fix: `${fix} (${names.join(', ')})`,
    serverFixes: serverFixes.map(({ server }) => ({ server, change: changes[server] })),
  };
}

/** A head that is too long gets these; its headers one by one do not. */
const TOO_LONG: ReadonlySet<number | null> = new Set([null, 400, 413, 414, 431, 494]);

/** An answer to headers that is neither that to none nor a success; null without one. */
function noticedIn({ bare, sets, singles }: ClaimVisit): string | null {
  const isOther = ({ answer }: ClaimTry): boolean => answer.status !== bare.status && !isLetIn(answer);
  const alone = singles.find(isOther);
  if (alone?.claims.length === 1) return `${alone.claims.map(show).join('')} gets ${alone.answer.text}`;
  const several = alone ?? sets.find((one) => isOther(one) && !TOO_LONG.has(one.answer.status));
  return several === undefined
    ? null
    : `${plural(several.claims.length, 'certificate header')} together get ${several.answer.text}`;
}

const MAX_SHOWN = 48;

/** `"X-SSL-Client-Verify: SUCCESS"` */
function show([name, value]: Header): string {
  return `"${name}: ${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value}"`;
}

function describeVisit({ who, bare, sets }: ClaimVisit): string {
  const answers = [...new Set(sets.map(({ answer }) => answer.text))].join(', ');
  return `${who}: ${bare.text}; with headers: ${answers}`;
}
