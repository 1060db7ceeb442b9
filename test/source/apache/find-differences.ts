import { readPeer } from '../../../src/source/address.ts';
import type { Decision, ServerRules } from '../../../src/source/rules/server-rules.ts';
import type { CallHeaders, RulesServer } from '../../helpers/apache-rules.ts';
import { CALLERS } from './cases.ts';

interface Question {
  host: string;
  path: string;
  headers: CallHeaders;
  undecided: readonly string[] | 'all';
}

/** Asks Apache and its simulation from every caller: what they do not agree on, a line each. */
export async function findDifferences(
  apache: RulesServer,
  rules: ServerRules,
  { host, path, headers, undecided }: Question,
): Promise<string[]> {
  const found = await Promise.all(
    CALLERS.map(async (from) => {
      const peer = readPeer(from);
      if (peer === null) throw new Error(`${from} is not an address`);
      const status = await apache.ask(host, path, { from, headers });
      const decision = rules.decide({
        path,
        host,
        port: apache.port,
        peer,
        headers: Object.entries(headers).flatMap(([name, values]) =>
          (typeof values === 'string' ? [values] : values).map((value) => [name, value] as const),
        ),
      });
      return describe(status, decision, undecided === 'all' || undecided.includes(from)).map(
        (text) => `${from}: ${text}`,
      );
    }),
  );
  return found.flat();
}

/** Nothing when the simulation says what the server did, as far as it says anything. */
function describe(status: number, { outcome, status: claimed, because, place }: Decision, isOpen: boolean): string[] {
  const did = isOpen ? 'undecided' : status < 300 ? 'admitted' : 'refused';
  if (outcome === did && (isOpen || claimed === null || claimed === status)) return [];
  return [
    `Apache answered ${status}, which is ${did}; simulated: ${outcome} ${claimed ?? ''} by line ${place?.line ?? '-'}: ${because}`,
  ];
}
