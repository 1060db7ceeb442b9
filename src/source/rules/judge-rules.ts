import type { Finding } from '../../model/finding.ts';
import { isAnyones } from '../address/network.ts';
import type { ExpectedNetwork, Simulation, Simulations } from './ask-rules.ts';
import { RULE_CHECKS, type RuleCheck } from './rule-checks.ts';
import type { Decision, Doubt, Place, Trap } from './server-rules.ts';

const MAX_TOLD = 8;
/** What was observed where the configuration alone does not tell. */
export const UNDECIDED = 'undecided';

export interface Heard {
  simulations: Simulations;
  traps: readonly Trap[];
  /** What the files that were given do not tell. */
  notes: readonly Doubt[];
  /** Why no network is expected; null when one is. */
  whyNobody: string | null;
}

/** What the answers of a server's rules come to. */
export function judgeRules({ simulations, traps, notes, whyNobody }: Heard): Finding[] {
  const { vendor, named, strangers, spoofs, others } = simulations;
  const causes = traps.filter(({ severity }) => severity === 'fail').map(({ id }) => id);
  return [
    ...notes.map(({ text, place }) =>
      finding(RULE_CHECKS.whole, {
        status: 'warn',
        detail: `${text}${sayPlace(place)}`,
        fix: 'give the main file that the server itself reads',
      }),
    ),
    ...vendor.map((one) => judgeVendor(one.expected, one.simulations, causes)),
    ...named.flatMap(({ suffix, simulation }) => judgeNamed(suffix, simulation, whyNobody)),
    judgeRefusal(RULE_CHECKS.stranger, strangers, null, causes),
    judgeRefusal(RULE_CHECKS.spoof, spoofs, strangers, causes),
    judgeOthers(others),
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
    return finding(RULE_CHECKS.vendor, { title, status: 'skip', detail: 'no address to ask from' });
  if (refused.length > 0) {
    const some =
      refused.length === simulations.length
        ? ''
        : `, but not all of the network: ${simulations.length - refused.length} of ${simulations.length} addresses asked are admitted`;
    return finding(RULE_CHECKS.vendor, {
      title,
      status: 'fail',
      detail: `${sayDecision(worst)}${some}`,
      expected: 'admitted',
      observed: sayOutcome(worst.decision),
      fix: adviseAdmission(worst, network.text, causes),
      ...placed(worst.decision),
    });
  }
  if (undecided.length > 0) return finding(RULE_CHECKS.vendor, { title, ...undecidedText(worst) });
  return finding(RULE_CHECKS.vendor, { title, status: 'pass', detail: sayDecision(worst), ...placed(worst.decision) });
}

/** `causes`: the traps that were found, which say more. */
function adviseAdmission({ address, decision }: Simulation, network: string, causes: readonly string[]): string {
  const { seenAs, status } = decision;
  if (seenAs.text !== address)
    return `let the server take the caller's address from your proxy alone: nginx: set_real_ip_from ${seenAs.text}; real_ip_header X-Forwarded-For; Apache: RemoteIPHeader X-Forwarded-For, RemoteIPInternalProxy ${seenAs.text}`;
  if (causes.length > 0) return seeBelow(causes);
  if (status !== 403) return 'that is not for the address: are path, host and port those of the webhook?';
  return `let ${network} in before anybody is refused`;
}

const seeBelow = (causes: readonly string[]): string => `see ${causes.join(', ')} below`;

/** A server that asks reverse DNS admits hosts by their name; where a list is given, one that does not ask need not. */
function judgeNamed(suffix: string, simulation: Simulation, whyNobody: string | null): Finding[] {
  const title = `a host below ${suffix} is admitted, by reverse DNS`;
  const { outcome } = simulation.decision;
  if (outcome === 'admitted')
    return [finding(RULE_CHECKS.vendor, { title, status: 'pass', detail: sayDecision(simulation) })];
  if (outcome === 'undecided') return [finding(RULE_CHECKS.vendor, { title, ...undecidedText(simulation) })];
  return whyNobody === null
    ? []
    : [
        finding(RULE_CHECKS.vendor, {
          title,
          status: 'skip',
          detail: `the rules do not ask reverse DNS; ${whyNobody}`,
        }),
      ];
}

/** What may still refuse a request that these rules admit, or admit another. */
function judgeBeside({ vendor, strangers }: Simulations): Finding[] {
  const decided = [...vendor.flatMap(({ simulations }) => simulations), ...strangers].filter(
    ({ decision }) => decision.outcome !== 'undecided',
  );
  const doubts = new Set(
    decided.flatMap(({ decision }) => decision.doubts.map(({ text, place }) => `${text}${sayPlace(place)}`)),
  );
  return doubts.size === 0
    ? []
    : [
        finding(RULE_CHECKS.beside, {
          status: 'warn',
          detail: [...doubts].slice(0, MAX_TOLD).join('; '),
          fix: 'the rules here were judged as if these let everybody through',
        }),
      ];
}

/** `without`: the same callers without their claims; one who is admitted anyway proves nothing. */
function judgeRefusal(
  check: RuleCheck,
  simulations: readonly Simulation[],
  without: readonly Simulation[] | null,
  causes: readonly string[],
): Finding {
  const isAdmittedAnyway = (address: string): boolean =>
    without?.some((one) => one.address === address && one.decision.outcome !== 'refused') ?? false;
  const telling = simulations.filter(({ address }) => !isAdmittedAnyway(address));
  if (telling.length === 0)
    return finding(check, {
      status: 'skip',
      detail: 'strangers are not refused in the first place, or it cannot be told',
    });
  const admitted = telling.find(({ decision }) => decision.outcome === 'admitted');
  if (admitted !== undefined) {
    const own =
      check === RULE_CHECKS.spoof
        ? 'take the address of the connection, or the header from your own proxy alone'
        : 'refuse everybody who is not on the list';
    const fix = causes.length > 0 ? seeBelow(causes) : own;
    return finding(check, {
      status: 'fail',
      detail: sayDecision(admitted),
      expected: 'refused',
      observed: sayOutcome(admitted.decision),
      fix,
      ...placed(admitted.decision),
    });
  }
  const undecided = telling.find(({ decision }) => decision.outcome === 'undecided');
  if (undecided !== undefined) return finding(check, undecidedText(undecided));
  const [first] = telling;
  return finding(check, {
    status: 'pass',
    detail: first === undefined ? '' : sayDecision(first),
    ...(first === undefined ? {} : placed(first.decision)),
  });
}

function judgeOthers(others: Simulations['others']): Finding {
  const admitted = others.filter(({ simulation }) => simulation.decision.outcome === 'admitted');
  if (admitted.length === 0)
    return finding(RULE_CHECKS.others, { status: 'pass', detail: 'no other network that a rule names is admitted' });
  const told = admitted
    .slice(0, MAX_TOLD)
    .map(({ network, simulation: { decision } }) => `${network.text}${sayPlace(decision.place)}`);
  const rest = admitted.length > MAX_TOLD ? ` and ${admitted.length - MAX_TOLD} more` : '';
  // Half of the internet in a list is a stranger who is let in.
  const status = admitted.some(({ network }) => isAnyones(network)) ? 'fail' : 'warn';
  return finding(RULE_CHECKS.others, {
    status,
    detail: `admitted beside the vendor: ${told.join(', ')}${rest}`,
    expected: 'the vendor alone',
    observed: `${admitted.length} more`,
    fix: 'are they yours? Who calls from there may send events',
  });
}

function judgeTraps(traps: readonly Trap[]): Finding[] {
  if (traps.length === 0) return [finding(RULE_CHECKS.trap, { status: 'pass', detail: 'none found' })];
  return traps.map(({ id, severity, place, detail, fix }) =>
    finding(
      { ...RULE_CHECKS.trap, id },
      {
        status: severity,
        title: `${place.file}:${place.line} means what it says`,
        detail,
        observed: place.text,
        fix,
        place,
      },
    ),
  );
}

function undecidedText({ decision, address }: Simulation): Said {
  const doubts = decision.doubts.map(({ text, place }) => `${text}${sayPlace(place)}`);
  return {
    status: 'warn',
    detail: `cannot be told for ${address}: ${doubts.length === 0 ? decision.because : [...new Set(doubts)].slice(0, MAX_TOLD).join('; ')}`,
    observed: UNDECIDED,
    fix: 'try it at the running server: webhook check-source --url URL',
  };
}

function sayDecision({ address, headers, decision }: Simulation): string {
  const claim = headers.map(([name, value]) => `${name}: ${value}`).join(', ');
  const seen = decision.seenAs.text === address ? '' : ` (seen as ${decision.seenAs.text})`;
  return `${address}${claim === '' ? '' : ` with ${claim}`} is ${decision.outcome}${seen}: ${decision.because}${sayPlace(decision.place)}`;
}

const sayOutcome = ({ outcome, status }: Decision): string => (status === null ? outcome : `${outcome}, ${status}`);

const sayPlace = (place: Place | null): string => (place === null ? '' : ` (${place.file}:${place.line})`);

const placed = ({ place }: Decision): Pick<Finding, 'place'> => (place === null ? {} : { place });

type Said = Pick<Finding, 'status' | 'detail'> &
  Partial<Pick<Finding, 'title' | 'expected' | 'observed' | 'fix' | 'place'>>;

export function finding(
  check: RuleCheck,
  { status, detail, title = check.title, expected = null, observed = null, fix = null, place }: Said,
): Finding {
  const where = place === undefined ? {} : { place: { file: place.file, line: place.line } };
  return {
    id: check.id,
    title,
    status,
    detail,
    expected,
    observed,
    fix,
    serverFixes: [],
    reference: check.reference,
    durationMs: 0,
    ...where,
  };
}
