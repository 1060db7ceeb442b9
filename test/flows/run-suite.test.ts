import { expect, test } from 'vitest';
import type { EquippedTarget } from '../../src/flows/equip-target.ts';
import { equipTargets } from '../../src/flows/equip-target.ts';
import { chooseSuiteTargets } from '../../src/flows/choose-suite-targets.ts';
import { systemClock } from '../../src/flows/clock.ts';
import { runSuite, type SuiteOptions, type SuiteResult } from '../../src/flows/run-suite.ts';
import { makeIds } from '../../src/plan/ids.ts';
import { systemRandom } from '../../src/plan/random.ts';
import { findVendor, VENDORS } from '../../src/vendors/index.ts';
import { openReferenceServer } from '../helpers/reference-server.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

const DEFAULTS: SuiteOptions = { effects: null, severity: 'must', baseline: null, maxTimeMs: 60_000, only: [], skip: [], rerun: (id) => `again ${id}` };

async function targetOf(vendor: string, url: string, maxTime?: number): Promise<EquippedTarget> {
  const targets = chooseSuiteTargets({ names: [], url, vendor }, { path: null, webhooks: [] });
  const options = { resolve: [], connectTo: [], ...(findVendor(vendor).signature === null ? {} : { secret: SECRET }), ...(maxTime === undefined ? {} : { maxTime }) };
  const [target] = await equipTargets(targets, options, { workingDirectory: '.', env: {}, stdin: (async function* empty() {})() });
  return target as EquippedTarget;
}

async function run(vendor: string, url: string, options: Partial<SuiteOptions> = {}, maxTime?: number): Promise<SuiteResult> {
  const world = { clock: systemClock, ids: makeIds(systemRandom()), signal: new AbortController().signal, tell: () => undefined };
  return runSuite(await targetOf(vendor, url, maxTime), { ...DEFAULTS, ...options }, world);
}

const failing = ({ report }: SuiteResult): string[] => report.findings.filter(({ status }) => status !== 'pass').map(({ id, status, detail }) => `${status} ${id}: ${detail}`);

test.each(VENDORS.map(({ id }) => id))('the reference receiver of %s passes everything over the wire', async (id) => {
  const server = await openReferenceServer(findVendor(id), {});
  const result = await run(id, server.url, { effects: { url: server.effectsUrl } });
  expect(failing(result)).toEqual([]);
  expect(result).toMatchObject({ answered: true, report: { isGood: true, facts: { vendor: id, verdictsRestOn: 'effects' }, conclusion: 'accepts what it must and refuses what it must' } });
});
