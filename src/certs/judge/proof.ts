import type { Finding } from '../../model/finding.ts';
import { type CheckId, type FindingChoice, isWanted } from '../checks.ts';

/** Which of the things to be tried the user gave. */
export interface GivenThings {
  /** A certificate to show. */
  certificate: boolean;
  /** What the server trusts for clients. */
  clientCa: boolean;
  /** … and the key that issues certificates which must be refused. */
  clientCaKey: boolean;
  pin: boolean;
  /** The server's own certificate is to be verified: always, but with `--insecure`. */
  server: boolean;
}

interface Proof {
  given: keyof GivenThings;
  /** Passes when the given thing was tried and held. */
  check: CheckId;
  /** What is said where it was not tried at all. */
  untried: string;
}

/** Whoever gives something wants it proved: exit code 0 says that it was. */
const PROOFS: readonly Proof[] = [
  { given: 'certificate', check: 'P5', untried: 'the given certificate could not be tried' },
  { given: 'pin', check: 'S2', untried: 'the pinned certificate could not be compared' },
  { given: 'clientCaKey', check: 'P4', untried: 'no wrongly issued certificate of the given CA was tried' },
  { given: 'server', check: 'S1', untried: "the server's own certificate could not be verified" },
  { given: 'clientCa', check: 'P3', untried: 'no impostor of the given CA was tried' },
];

/** Their warnings leave open what they ask. All other warnings are advice on something that holds. */
const OPEN_WHEN_WARNED: ReadonlySet<string> = new Set<CheckId>([
  'L11',
  'S2',
  'S3',
  'N4',
  'P1',
  'P2',
  'P3',
  'P4',
  'P5',
  'P6',
  'P9',
  'P10',
  'R2',
]);

/** They compare or exclude: where there is nothing to compare and nothing that opens, they hold. */
const HOLD_WHEN_SKIPPED: ReadonlySet<string> = new Set<CheckId>(['P6', 'P10']);

/**
 * What is left to prove, in words: a given thing that was not tried and, although nothing failed, a version of TLS that
 * did not answer, a check that was named and could not be made, an answer with more than one explanation. Where this is
 * not empty, the exit code is not 0.
 */
export function findUnproved(
  findings: readonly Finding[],
  given: GivenThings,
  choice: FindingChoice,
  silentVersions: readonly string[],
): string[] {
  const of = (id: CheckId): Finding[] => findings.filter((finding) => finding.id === id);
  const untried = PROOFS.filter(
    (proof) => given[proof.given] && isWanted(proof.check, choice) && of(proof.check).some(isSkipped),
  );
  const tellUntried = untried.map((proof) => proof.untried);
  // What fails says more than what is open beside it.
  if (findings.some(({ status }) => status === 'fail')) return tellUntried;
  const unmade = choice.only.filter(
    (id) => !HOLD_WHEN_SKIPPED.has(id) && !untried.some(({ check }) => check === id) && of(id).every(isSkipped),
  );
  const open = findings.filter(({ id, status }) => status === 'warn' && OPEN_WHEN_WARNED.has(id));
  return [
    ...tellUntried,
    ...silentVersions.map((version) => `${version.replace('TLSv', 'TLS ')} could not be tried`),
    ...unmade.map((id) => `${id} could not be checked`),
    ...new Set(open.map(({ id, detail }) => `${id} leaves it open: ${detail}`)),
  ];
}

const isSkipped = ({ status }: Finding): boolean => status === 'skip';
