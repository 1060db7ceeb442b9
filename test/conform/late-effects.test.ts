import { expect, test } from 'vitest';
import { chooseSuiteTargets } from '../../src/flows/test/suite-choice.ts';
import { systemClock } from '../../src/flows/session/clock.ts';
import { openTargets } from '../../src/flows/session/open-target.ts';
import { runSuite } from '../../src/flows/test/run-suite.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { findVendor } from '../../src/vendors/index.ts';
import { openReferenceServer } from '../helpers/reference-server.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';
/** The cases that find the bug where every effect comes so long after its answer. */
async function findersOf(
  vendor: string,
  bug: string,
  effectsAfterMs: number,
  only: readonly string[],
): Promise<string[]> {
  const server = await openReferenceServer(findVendor(vendor), { bug, effectsAfterMs });
  const targets = chooseSuiteTargets({ names: [], url: server.url, vendor }, { path: null, webhooks: [] });
  const [target] = await openTargets(
    targets,
    { resolve: [], connectTo: [], ...(findVendor(vendor).signature.value === null ? {} : { secret: SECRET }) },
    { workingDirectory: '.', env: {}, stdin: process.stdin },
  );
  if (target === undefined) throw new Error('no target');
  const world = {
    clock: systemClock,
    ids: makeIds(systemRandom()),
    signal: new AbortController().signal,
    showProgress: () => undefined,
  };
  const { report } = await runSuite(
    target,
    {
      effects: { url: server.effectsUrl },
      severity: 'should',
      baseline: null,
      maxTimeMs: 60_000,
      rerun: (id) => id,
      only,
      skip: ['large-*'],
    },
    world,
  );
  return report.findings.filter(({ status }) => status === 'fail').map(({ id }) => id);
}

// What is answered as it should be shows by its effects alone; these come through a queue.
test.each([
  // Of these nothing is accepted whose effect would be waited for anyway.
  ['mailkite', 'processes-refused', 'wrong-secret', ['wrong-secret', 'forged-*']],
  ['mailkit', 'any-method', 'method-put', ['method-*']],
  ['mail2many', 'dedupes-by-id-only', 'replay-new-id', ['replay-*']],
  ['mailkite', 'no-dedupe', 'same-id-again', ['accept']],
  ['mailkite', 'processes-refused', 'no-signature', []],
])(
  '%s with %s is found by %s when effects come 700 ms late, and all else as without that: %j',
  async (vendor, bug, id, only) => {
    const [atOnce, late] = await Promise.all([findersOf(vendor, bug, 0, only), findersOf(vendor, bug, 700, only)]);
    expect(atOnce).toContain(id);
    expect(late).toEqual(atOnce);
  },
);
