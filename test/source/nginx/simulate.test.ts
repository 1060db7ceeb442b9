import { describe, expect, test } from 'vitest';
import { hasNginx } from '../../helpers/nginx.ts';
import { decideCall, outcomeOf, startRules, type Call, type RulesServer } from '../../helpers/nginx-rules.ts';
import { CONFIGURATIONS, USUAL_CALLS } from './configurations.ts';

/** What nginx did and what the simulation says; equal texts where they agree. */
async function compare(
  server: RulesServer,
  call: Call,
): Promise<{ nginx: string; simulated: string; isUndecided: boolean }> {
  const reaction = await server.post(call);
  const decision = decideCall(server, call);
  const asked = JSON.stringify(call);
  const status = (one: number | null): string =>
    decision.status === null && decision.outcome !== 'refused'
      ? ''
      : ` ${decision.status === null ? 'some status' : one}`;
  return {
    nginx: `${asked}: ${outcomeOf(reaction)}${status(reaction.status)}`,
    simulated: `${asked}: ${decision.outcome}${status(decision.status)}`,
    isUndecided: decision.outcome === 'undecided',
  };
}

describe.skipIf(!hasNginx)(
  `the simulation decides as nginx does${hasNginx ? '' : ' (skipped: nginx is not installed)'}`,
  () => {
    test.each(Object.entries(CONFIGURATIONS))('%s', async (_, { http, calls = [], files, undecided = 0 }) => {
      const server = await startRules(http, files);
      const compared = await Promise.all([...USUAL_CALLS, ...calls].map((call) => compare(server, call))).finally(
        server.stop,
      );
      const decided = compared.filter(({ isUndecided }) => !isUndecided);
      expect(decided.map(({ simulated }) => simulated)).toEqual(decided.map(({ nginx }) => nginx));
      expect(compared.length - decided.length).toBe(undecided);
    });
  },
);
