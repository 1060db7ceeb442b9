import { answerEveryBranch } from '../rules/open-questions.ts';
import type { Decision, Doubt, SimulatedRequest } from '../rules/server-rules.ts';
import { simulate, type Simulated, type World } from './simulate.ts';

const only = <Value>(values: readonly Value[]): Value | null =>
  new Set(values).size === 1 ? (values[0] ?? null) : null;

/** Simulates every way that open questions leave; decided when all of them end alike. */
export function decide(world: World, request: SimulatedRequest): Decision {
  const { answers, doubts, isPartial } = answerEveryBranch(
    (ask) => simulate(world, request, ask),
    ({ verdict }) => String(verdict.isAdmitted),
  );
  const [first] = answers as [Simulated];
  const isAdmitted = isPartial ? null : only(answers.map(({ verdict }) => verdict.isAdmitted));
  const asides = asidesOf(first);
  if (isAdmitted === null) {
    const [doubt] = doubts;
    return {
      outcome: 'undecided',
      status: null,
      place: doubt?.place ?? null,
      because: doubt === undefined ? 'too many questions are open' : `it hangs on ${doubt.text}`,
      seenAs: first.caller,
      doubts: [...doubts, ...asides],
    };
  }
  const { because } = first.verdict;
  const place = first.verdict.place ?? first.chosen.server.place;
  const status = only(answers.map(({ verdict }) => verdict.status));
  return { outcome: isAdmitted ? 'admitted' : 'refused', status, place, because, seenAs: first.caller, doubts: asides };
}

/** What may refuse beside the rules, and who may lie. */
function asidesOf({ chosen: { server } }: Simulated): Doubt[] {
  const { proxyProtocol } = server.remoteIp;
  const protocol =
    proxyProtocol === null
      ? []
      : [
          {
            place: proxyProtocol,
            text: 'the caller is whom the PROXY protocol names: whoever reaches the port itself may name anybody',
          },
        ];
  return [...protocol, ...new Map(server.guards.map((guard) => [guard.text, guard])).values()];
}
