import { expect, test } from 'vitest';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { sendEvent } from '../../../src/flows/send/send-event.ts';
import { openTransport } from '../../../src/deliver/transport.ts';
import type { Fact } from '../../../src/model/fact.ts';
import type { RetryLadder, Vendor } from '../../../src/model/vendor.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { planAt } from '../../vendors/fixtures.ts';

const fact = <T>(value: T): Fact<T> => ({ value, certainty: 'doc' });
const EVENT = 'optin';

/** Walks a ladder of two retries against an endpoint that answers in turn; what came of it. */
async function walk(rules: Partial<RetryLadder>, answers: readonly [status: number, header?: string][]) {
  const vendor: Vendor = { ...findVendor('mail2many'), retries: { delaysMs: fact([1000, 2000]), ...rules } };
  const endpoint = await openEndpoint((response, _, count) => {
    const [status, header] = answers[count - 1] ?? [500];
    response.writeHead(status, header === undefined ? {} : { 'x-slack-no-retry': header }).end();
  });
  const transport = await openTransport({ timeoutMs: 5000 });
  const ids = makeIds(systemRandom());
  const environment = { transport, history: null, clock: systemClock, recordClock: systemClock, recordIds: ids };
  try {
    const plan = { ...planAt(vendor, { event: EVENT }), url: new URL(endpoint.url) };
    const sent = await sendEvent(plan, { secret: 's', retry: true, timeScale: 100_000 }, environment);
    return { ended: sent.ended, seen: endpoint.seen.map(({ headers }) => headers['x-retry-num'] ?? null) };
  } finally {
    await transport.close();
  }
}

test.each<[what: string, rules: Partial<RetryLadder>, answers: [number, string?][], ended: string, attempts: number]>([
  ['what is never retried ends the event', { neverOn: fact([406]) }, [[500], [406]], 'dropped', 2],
  ['what alone is retried', { onlyOn: fact(['5xx']) }, [[401]], 'dropped', 1],
  [
    'a header of the answer',
    { stopHeader: fact({ name: 'X-Slack-No-Retry', value: '1' }) },
    [[500, '1']],
    'dropped',
    1,
  ],
  ['an event that is sent once', { delaysByEvent: { [EVENT]: fact([]) } }, [[500]], 'exhausted', 1],
  ['the whole ladder', {}, [[500], [500], [500]], 'exhausted', 3],
  ['the same wait again', { delaysMs: fact({ everyMs: 1000, forMs: 1500 }) }, [[500], [500]], 'exhausted', 2],
])('%s', async (_, rules, answers, ended, attempts) => {
  const walked = await walk(rules, answers);
  expect({ ended: walked.ended, attempts: walked.seen.length }).toEqual({ ended, attempts });
});

test.each([
  ['attempt', undefined, ['1', '2', '3']],
  ['retry', true, [null, '1', '2']],
  ['left', undefined, ['2', '1', '0']],
] as const)('a header tells the %s', async (value, isOfRetries, seen) => {
  const header = { name: 'X-Retry-Num', value, isOfRetries, certainty: 'doc' } as const;
  expect((await walk({ attemptHeaders: [header] }, [])).seen).toEqual(seen);
});
