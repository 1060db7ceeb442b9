import type { Finding } from '../../model/finding.ts';
import type { Trust } from '../../model/vendor.ts';
import { type CheckId, type FindingChoice, isWanted } from '../checks.ts';
import { HELD_BACK } from '../probe/probe.ts';

/**
 * What is to be proved: that a client certificate is enforced; that a vendor who shows none, and trusts one pinned
 * certificate alone, can trust the server; or, where not even that certificate was given, nothing but what the server
 * shows to everybody.
 */
export type Aim = 'client-certificate' | 'pinned-certificate' | 'server-alone';

/** What the vendor's trust says, unless the user gave something of client certificates. */
export function aimOf(trust: Trust | null, given: Omit<GivenThings, 'server' | 'plainHttp'>): Aim {
  if (given.certificate || given.clientCa || trust === null || trust.clientCertificate !== undefined)
    return 'client-certificate';
  return given.pin && trust.pinnedCertificate !== undefined ? 'pinned-certificate' : 'server-alone';
}

/** Trust in a pinned certificate replaces public trust. */
const CHECKS_OF_AIM = {
  'pinned-certificate': ['S2', 'S3', 'P9'],
  'server-alone': ['S1', 'S3', 'P9'],
} as const satisfies Partial<Record<Aim, readonly CheckId[]>>;

/** Whether the check has to do with what is to be proved. One that the user names is made whatever that is. */
export function isAimed(id: CheckId, aim: Aim, { only }: FindingChoice): boolean {
  if (aim === 'client-certificate' || only.includes(id)) return true;
  return CHECKS_OF_AIM[aim].some((one) => one === id);
}

/** What each check has proved, and disproved, in the words of a headline. */
const SAYINGS: Partial<Record<CheckId, readonly [passed: string, failed: string]>> = {
  S1: ["the server's certificate is trusted", "the server's certificate is not trusted"],
  S2: [
    'the pinned certificate is enough to trust the server',
    'the pinned certificate is not enough to trust the server',
  ],
  S3: ['at every address', 'its addresses behave differently'],
  P9: ['plain http does not serve the webhook', 'plain http serves the webhook too'],
};

/** The headline where no client certificate is to be proved: what was found of the rest. */
export function concludeAim(findings: readonly Finding[], aim: Exclude<Aim, 'client-certificate'>): string {
  const said = CHECKS_OF_AIM[aim].flatMap((id) => {
    const statuses = findings.filter((finding) => finding.id === id).map(({ status }) => status);
    const [passed, failed] = SAYINGS[id] ?? ['', ''];
    if (statuses.includes('fail')) return [failed];
    return statuses.length > 0 && statuses.every((status) => status === 'pass') ? [passed] : [];
  });
  return said.length === 0 ? 'nothing was proved' : said.join(', ');
}

/** Which of the things to be tried the user gave. */
export interface GivenThings {
  /** A certificate to show. */
  certificate: boolean;
  /** What the server trusts for clients. */
  clientCa: boolean;
  /** … and the key that issues certificates which must be refused. */
  clientCaKey: boolean;
  pin: boolean;
  /** The server's own certificate is to be verified: but with `--insecure`, or where a pin replaces that. */
  server: boolean;
  /** Plain http is part of what is to be proved. */
  plainHttp: boolean;
}

interface Proof {
  given: keyof GivenThings;
  /** Passes when the given thing was tried and held. */
  check: CheckId;
  /** What is said where it was not tried at all. */
  untried: string;
  /** What an enforced certificate leaves open where the thing was not given, and what to give. */
  missing?: string;
}

/** Whoever gives something wants it proved: exit code 0 says that it was. */
const PROOFS: readonly Proof[] = [
  {
    given: 'certificate',
    check: 'P5',
    untried: 'the given certificate could not be tried',
    missing: 'your own certificate was not tried (--cert, --key)',
  },
  { given: 'pin', check: 'S2', untried: 'the pinned certificate could not be compared' },
  {
    given: 'clientCaKey',
    check: 'P4',
    untried: 'no wrongly issued certificate of the given CA was tried',
    missing: 'expired and server-only certificates were not tried (--client-ca, --client-ca-key)',
  },
  {
    given: 'server',
    check: 'S1',
    untried: "the server's own certificate could not be verified",
    missing: "the server's own certificate was not verified (--insecure)",
  },
  { given: 'plainHttp', check: 'P9', untried: 'plain http could not be tried' },
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
  'P7',
  'P9',
  'P10',
  'P11',
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
  const open = findings.filter(
    ({ id, status, detail }) => status === 'warn' && (OPEN_WHEN_WARNED.has(id) || detail.endsWith(HELD_BACK)),
  );
  return [
    ...tellUntried,
    ...silentVersions.map((version) => `${version.replace('TLSv', 'TLS ')} could not be tried`),
    ...unmade.map((id) => `${id} could not be checked`),
    ...new Set(open.map(({ id, detail }) => `${id} is inconclusive: ${detail}`)),
  ];
}

/** What was not tried because it was not given: said of a success, which says nothing of it. */
export const findMissing = (given: GivenThings, choice: FindingChoice): string[] =>
  PROOFS.flatMap(({ given: thing, check, missing }) =>
    missing === undefined || given[thing] || !isWanted(check, choice) ? [] : [missing],
  );

const isSkipped = ({ status }: Finding): boolean => status === 'skip';
