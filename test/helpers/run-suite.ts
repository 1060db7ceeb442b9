import { systemClock } from '../../src/cli/terminal/environment.ts';
import { openTargets } from '../../src/flows/session/open-target.ts';
import { runSuite, type SuiteOptions, type SuiteResult } from '../../src/flows/test/run-suite.ts';
import { chooseSuiteTargets } from '../../src/flows/test/suite-choice.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import { findVendor } from './vendors.ts';
import { builtInVendors } from '../../src/vendors/registry.ts';

export const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';
const DEFAULTS: SuiteOptions = {
  effects: null,
  severity: 'must',
  baseline: null,
  maxTimeMs: 60_000,
  only: [],
  skip: [],
  rerun: (id) => `again ${id}`,
};

interface RunOptions extends Partial<SuiteOptions> {
  /** Milliseconds that a single answer may take. */
  answerMs?: number;
  secret?: string;
}

/** The suite against one URL, as `webhook test --url` runs it. The vendor by its id, or one that a test made up. */
export async function runSuiteAt(
  given: string | Vendor,
  url: string,
  { answerMs: maxTime, secret = SECRET, ...options }: RunOptions = {},
): Promise<SuiteResult> {
  const vendor = typeof given === 'string' ? findVendor(given) : given;
  const [event] = vendor.events;
  const none = { path: null, webhooks: [] };
  // One that a test made up stands in no registry.
  const known = typeof given === 'string' ? given : 'mail2many';
  const [choice] = await chooseSuiteTargets({ names: [], url, vendor: known }, none, builtInVendors);
  if (choice === undefined || event === undefined) throw new Error('no target');
  const flags = { resolve: [], connectTo: [], maxTime, secret: vendor.signature.value === null ? undefined : secret };
  const environment = { workingDirectory: '.', env: {}, stdin: process.stdin };
  const [target] = await openTargets([{ ...choice, vendor, event }], flags, environment);
  if (target === undefined) throw new Error('no target');
  return runSuite(
    target,
    { ...DEFAULTS, ...options },
    {
      clock: systemClock,
      ids: makeIds(systemRandom()),
      signal: new AbortController().signal,
      showProgress: () => undefined,
    },
  );
}
