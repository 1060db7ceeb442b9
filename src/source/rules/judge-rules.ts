import { makeFinding, type Check, type Conclusion, type Finding } from '../../model/finding.ts';
import { isAnyones, type Network } from '../address.ts';
import type { ExpectedNetwork, Simulation, Simulations } from './ask-rules.ts';
import { isTooMuch } from './is-too-much.ts';
import type { Decision, Note, Place, Trap } from './server-rules.ts';

/** What is asked of a server's rules, in the order of a report. */
export const RULE_CHECKS = {
  server: { id: 'server', title: 'the request reaches the intended server' },
  starts: { id: 'server-starts', title: 'the server starts with this configuration' },
  asked: { id: 'server-asked', title: 'the installed server accepts the configuration' },
  names: { id: 'known-directives', title: 'the server knows every directive' },
  whole: { id: 'whole-configuration', title: 'the whole configuration was read' },
  vendor: { id: 'vendor-admitted', title: 'the vendor is admitted' },
  unauthorised: { id: 'stranger-refused', title: 'an unauthorised caller is refused' },
  spoof: {
    id: 'spoof-refused',
    title: "an unauthorised caller who claims the vendor's address is refused",
    reference: 'https://www.rfc-editor.org/rfc/rfc7239#section-8.1',
  },
  beside: { id: 'nothing-beside', title: 'only these rules decide' },
  others: { id: 'nobody-else', title: 'no other caller is admitted' },
  trap: { id: 'trap', title: 'no line has an unintended effect' },
} as const satisfies Record<string, Check>;

/** A report names so many of a kind, then counts. */
export const MAX_LISTED = 8;
const MAIN_FILE = 'give the main file that the server itself reads';
/** What was observed where the configuration alone does not decide. */
export const UNDECIDED = 'undecided';

/** What the simulation of a server's rules showed. */
export interface SimulatedRules {
  simulations: Simulations;
  traps: readonly Trap[];
  /** What the files that were given do not say. */
  notes: readonly Note[];
  /** Why no network is expected; null when one is. */
  whyNobody: string | null;
}

/** Judges what a server's rules did with every caller. */
export function judgeRules({ simulations, traps, notes, whyNobody }: SimulatedRules): Finding[] {
  const { vendor, named, unauthorised, spoofs, others } = simulations;
  const causes = traps.filter(({ severity }) => severity === 'fail').map(({ id }) => id);
  return [
    ...notes.map(({ text, place, isOpen }) =>
      makeFinding(RULE_CHECKS.whole, {
        status: 'warn',
        detail: `${text}${describePlace(place)}`,
        ...(isOpen === true ? { observed: UNDECIDED } : {}),
        fix: isOpen === true ? 'check what it says about callers' : MAIN_FILE,
      }),
    ),
    ...vendor.map((one) => judgeVendor(one.expected, one.simulations, causes)),
    ...named.flatMap(({ suffix, simulation }) => judgeNamed(suffix, simulation, whyNobody)),
    judgeRefusal(RULE_CHECKS.unauthorised, unauthorised, null, causes),
    judgeRefusal(RULE_CHECKS.spoof, spoofs, unauthorised, causes),
    judgeOthers(
      others,
      vendor.map(({ expected }) => expected.network),
    ),
    ...judgeBeside(simulations),
    ...judgeTraps(traps),
  ];
}

function judgeVendor(
  { network, source }: ExpectedNetwork,
  simulations: readonly Simulation[],
  causes: readonly string[],
): Finding {
  const title = `${network.text} is admitted (${source})`;
  const refused = simulations.filter(({ decision }) => decision.outcome === 'refused');
  const undecided = simulations.filter(({ decision }) => decision.outcome === 'undecided');
  const [worst] = [...refused, ...undecided, ...simulations];
  if (worst === undefined)
    return makeFinding(RULE_CHECKS.vendor, { title, status: 'skip', detail: 'no address to test with' });
  if (refused.length > 0) {
    const some =
      refused.length === simulations.length
        ? ''
        : `, but not the whole network: ${simulations.length - refused.length} of ${simulations.length} tested ` +
          'addresses are admitted';
    return makeFinding(RULE_CHECKS.vendor, {
      title,
      status: 'fail',
      detail: `${describeDecision(worst)}${some}`,
      expected: 'admitted',
      observed: describeOutcome(worst.decision),
      fix: adviseAdmission(worst, network.text, causes),
      place: lineOf(worst.decision.place),
    });
  }
  if (undecided.length > 0) return makeFinding(RULE_CHECKS.vendor, { title, ...undecidedText(worst) });
  return makeFinding(RULE_CHECKS.vendor, {
    title,
    status: 'pass',
    detail: describeDecision(worst),
    place: lineOf(worst.decision.place),
  });
}

/** @param causes the traps that were found: their findings say more */
function adviseAdmission(worst: Simulation, network: string, causes: readonly string[]): string {
  const { seenAs, status } = worst.decision;
  if (seenAs.text !== worst.address) return adviseRealAddress(worst);
  if (causes.length > 0) return seeBelow(causes);
  if (status !== 403) return 'the address is not the reason: check that path, host and port are those of the webhook';
  return `admit ${network} before any rule that refuses`;
}

/** For a caller who was seen as the proxy: by the header that the proxy tells it in. */
function adviseRealAddress({ address, headers, decision: { seenAs } }: Simulation): string {
  const header = headers.find(([, value]) => value.includes(address))?.[0] ?? 'X-Forwarded-For';
  if (header.toLowerCase() === 'forwarded')
    return 'neither nginx nor Apache reads an address from Forwarded: make the proxy send X-Forwarded-For too';
  return [
    "make the server read the caller's address only from your proxy:",
    `nginx: set_real_ip_from ${seenAs.text}; real_ip_header ${header};`,
    `Apache: RemoteIPHeader ${header}, RemoteIPInternalProxy ${seenAs.text}`,
  ].join(' ');
}

const seeBelow = (causes: readonly string[]): string => `see ${causes.join(', ')} below`;

/** A server that asks reverse DNS admits hosts by name. Where a list is given, a server need not ask reverse DNS. */
function judgeNamed(suffix: string, simulation: Simulation, whyNobody: string | null): Finding[] {
  const title = `a host below ${suffix} is admitted, by reverse DNS`;
  const { outcome } = simulation.decision;
  if (outcome === 'admitted')
    return [makeFinding(RULE_CHECKS.vendor, { title, status: 'pass', detail: describeDecision(simulation) })];
  if (outcome === 'undecided') return [makeFinding(RULE_CHECKS.vendor, { title, ...undecidedText(simulation) })];
  return whyNobody === null
    ? []
    : [
        makeFinding(RULE_CHECKS.vendor, {
          title,
          status: 'skip',
          detail: `the rules do not use reverse DNS; ${whyNobody}`,
        }),
      ];
}

/** Warns of what else may refuse a request that these rules admit, or admit one that they refuse. */
function judgeBeside({ vendor, unauthorised }: Simulations): Finding[] {
  const decided = [...vendor.flatMap(({ simulations }) => simulations), ...unauthorised].filter(
    ({ decision }) => decision.outcome !== 'undecided',
  );
  const doubts = new Set(
    decided.flatMap(({ decision }) => decision.doubts.map(({ text, place }) => `${text}${describePlace(place)}`)),
  );
  return doubts.size === 0
    ? []
    : [
        makeFinding(RULE_CHECKS.beside, {
          status: 'warn',
          detail: [...doubts].slice(0, MAX_LISTED).join('; '),
          fix: 'the rules were judged as if these admitted every caller',
        }),
      ];
}

/** @param without the same callers without their claims: one who is admitted anyway proves nothing */
function judgeRefusal(
  check: Check,
  simulations: readonly Simulation[],
  without: readonly Simulation[] | null,
  causes: readonly string[],
): Finding {
  const isAdmittedAnyway = (address: string): boolean =>
    without?.some((one) => one.address === address && one.decision.outcome !== 'refused') ?? false;
  const conclusive = simulations.filter(({ address }) => !isAdmittedAnyway(address));
  if (conclusive.length === 0)
    return makeFinding(check, {
      status: 'skip',
      detail: 'unauthorised callers are not refused even without a claim, or the result is unknown',
    });
  const admitted = conclusive.find(({ decision }) => decision.outcome === 'admitted');
  if (admitted !== undefined)
    return makeFinding(check, {
      status: 'fail',
      detail: describeDecision(admitted),
      expected: 'refused',
      observed: describeOutcome(admitted.decision),
      fix: causes.length > 0 ? seeBelow(causes) : adviseRefusal(check),
      place: lineOf(admitted.decision.place),
    });
  const undecided = conclusive.find(({ decision }) => decision.outcome === 'undecided');
  if (undecided !== undefined) return makeFinding(check, undecidedText(undecided));
  const [first] = conclusive;
  return makeFinding(check, {
    status: 'pass',
    detail: first === undefined ? '' : describeDecision(first),
    place: lineOf(first?.decision.place),
  });
}

const adviseRefusal = ({ id }: Check): string =>
  id === RULE_CHECKS.spoof.id
    ? 'use the address of the connection, or trust the header only from your own proxy'
    : 'refuse every caller that is not on the list';

/** What fails for certain weighs more than what cannot be told, and that more than a warning. */
function judgeOthers(others: Simulations['others'], expected: readonly Network[]): Finding {
  const certain = judgeAdmittedOthers(others, expected);
  const undecided = certain.status === 'fail' ? null : findUndecided(others, expected);
  return undecided === null ? certain : makeFinding(RULE_CHECKS.others, undecidedText(undecided));
}

function judgeAdmittedOthers(others: Simulations['others'], expected: readonly Network[]): Finding {
  const admitted = others.filter(({ simulation }) => simulation.decision.outcome === 'admitted');
  if (admitted.length === 0)
    return makeFinding(RULE_CHECKS.others, {
      status: 'pass',
      detail: 'no other network that a rule names is admitted',
    });
  const byNetwork = [...new Map(admitted.map((one) => [one.network.text, one])).values()];
  const listed = byNetwork
    .slice(0, MAX_LISTED)
    .map(
      ({ network, simulation }) =>
        `${network.text}${describeClaim(simulation)}${describePlace(simulation.decision.place)}`,
    );
  const rest = byNetwork.length > MAX_LISTED ? ` and ${byNetwork.length - MAX_LISTED} more` : '';
  const slip = byNetwork.find(({ isTooWide }) => isTooWide);
  const networks = byNetwork.map(({ network }) => network);
  const isWide = networks.some(isAnyones) || isTooMuch(networks, expected);
  const status = slip !== undefined || isWide ? 'fail' : 'warn';
  const why = [
    ...(slip === undefined
      ? []
      : [`; an expression over the address as text is wider than the list, by ${slip.network.text}`]),
    ...(isWide ? ['; this many addresses include unauthorised callers'] : []),
  ].join('');
  return makeFinding(RULE_CHECKS.others, {
    status,
    detail: `also admitted: ${listed.join(', ')}${rest}${why}`,
    expected: 'only the vendor',
    observed: `${byNetwork.length} more`,
    fix:
      slip === undefined
        ? adviseOthers(
            isWide,
            byNetwork.some((one) => one.isByClaim),
          )
        : 'compare networks (allow, geo, Require ip) and not their text; if they are yours, add them with --allow',
  });
}

function adviseOthers(isWide: boolean, isByClaim: boolean): string {
  if (isByClaim) return 'trust only your own proxies: callers from these addresses can claim any address; see --behind';
  return isWide
    ? "allow only the callers' networks; if these are yours, add them with --allow"
    : 'check that they are yours: callers from there can send events';
}

/** A call of somebody who would be a failure if it were admitted; null: there is none. */
function findUndecided(others: Simulations['others'], expected: readonly Network[]): Simulation | null {
  const undecided = others.filter(({ simulation }) => simulation.decision.outcome === 'undecided');
  const byClaim = undecided.filter(({ isByClaim }) => isByClaim);
  const networks = byClaim.map(({ network }) => network);
  const isWide = networks.some(isAnyones) || isTooMuch(networks, expected);
  const found = undecided.find(({ isTooWide }) => isTooWide) ?? (isWide ? byClaim[0] : undefined);
  return found?.simulation ?? null;
}

function judgeTraps(traps: readonly Trap[]): Finding[] {
  if (traps.length === 0) return [makeFinding(RULE_CHECKS.trap, { status: 'pass', detail: 'none found' })];
  return traps.map(({ id, severity, place, detail, fix }) =>
    makeFinding(
      { ...RULE_CHECKS.trap, id },
      {
        status: severity,
        title: `${place.file}:${place.line} means what it says`,
        detail,
        observed: place.text,
        fix,
        place: lineOf(place),
      },
    ),
  );
}

function undecidedText({ decision, address }: Simulation): Conclusion {
  const doubts = new Set(decision.doubts.map(({ text, place }) => `${text}${describePlace(place)}`));
  const why = doubts.size === 0 ? decision.because : [...doubts].slice(0, MAX_LISTED).join('; ');
  return {
    status: 'warn',
    detail: `unknown for ${address}: ${why}`,
    observed: UNDECIDED,
    fix: 'test the running server: webhook check-source --url URL',
  };
}

function describeDecision(simulation: Simulation): string {
  const { address, decision } = simulation;
  const { outcome, seenAs, because, place } = decision;
  const seen = seenAs.text === address ? '' : ` (seen as ${seenAs.text})`;
  return `${address}${describeClaim(simulation)} is ${outcome}${seen}: ${because}${describePlace(place)}`;
}

function describeClaim({ headers, proxied }: Simulation): string {
  const claim = [
    ...(proxied === null ? [] : [`the PROXY protocol for ${proxied}`]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join(', ');
  return claim === '' ? '' : ` with ${claim}`;
}

const describeOutcome = ({ outcome, status }: Decision): string =>
  status === null ? outcome : `${outcome}, ${status}`;

const describePlace = (place: Place | null): string => (place === null ? '' : ` (${place.file}:${place.line})`);

const lineOf = (place: Place | null | undefined): Finding['place'] =>
  place ? { file: place.file, line: place.line } : undefined;
