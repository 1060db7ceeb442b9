import { chooseSuiteTargets } from '../../src/flows/test/suite-choice.ts';
import { systemClock } from '../../src/flows/session/clock.ts';
import { openTargets } from '../../src/flows/session/open-target.ts';
import { runSuite, type SuiteOptions, type SuiteResult } from '../../src/flows/test/run-suite.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { findVendor } from '../../src/vendors/index.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

/** The suite against one URL, as `webhook test --url` runs it; `answerMs`: what a single answer may take. */
export async function runSuiteAt(
  vendor: string,
  url: string,
  { answerMs, ...options }: Partial<SuiteOptions> & { answerMs?: number } = {},
): Promise<SuiteResult> {
  const targets = chooseSuiteTargets({ names: [], url, vendor }, { path: null, webhooks: [] });
  const flags = {
    resolve: [],
    connectTo: [],
    ...(findVendor(vendor).signature.value === null ? {} : { secret: SECRET }),
    ...(answerMs === undefined ? {} : { maxTime: answerMs }),
  };
  const [target] = await openTargets(targets, flags, { workingDirectory: '.', env: {}, stdin: process.stdin });
  if (target === undefined) throw new Error('no target');
  const world = {
    clock: systemClock,
    ids: makeIds(systemRandom()),
    signal: new AbortController().signal,
    showProgress: () => undefined,
  };
  return runSuite(
    target,
    {
      effects: null,
      severity: 'must',
      baseline: null,
      maxTimeMs: 60_000,
      only: [],
      skip: [],
      rerun: (id) => `again ${id}`,
      ...options,
    },
    world,
  );
}
