import { expect, test } from 'vitest';
import { findVendor } from '../../helpers/vendors.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';

/** The cases that find the bug where every effect comes so long after its answer. */
async function findersOf(
  vendor: string,
  bug: string,
  effectsAfterMs: number,
  only: readonly string[],
): Promise<string[]> {
  const server = await openReferenceServer(findVendor(vendor), { bug, effectsAfterMs });
  const { report } = await runSuiteAt(vendor, server.url, {
    effects: { url: server.effectsUrl },
    severity: 'should',
    only,
    skip: ['large-*'],
  });
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
