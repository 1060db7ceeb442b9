import { expect, test } from 'vitest';
import { type SentCall, judgeRetryRun, type RetryRun } from '../../src/deliver/retry-run.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { findVendor } from '../helpers/vendors.ts';

const call = (change: Partial<SentCall> = {}): SentCall => ({
  url: new URL('https://example.com/'),
  headers: [],
  body: Buffer.from('{}'),
  sentAtMs: 0,
  fate: 'endpoint',
  isAccepted: true,
  ...change,
});
const attempt = (change: Partial<Attempt> = {}): Attempt =>
  ({ outcome: 'delivered', status: 200, errorCode: null, error: null, hint: null, ...change }) as Attempt;

/** Refused once, then taken by an endpoint that did everything right. */
const GOOD: RetryRun = {
  vendor: findVendor('mailkite'),
  attempts: [attempt({ outcome: 'unreachable' }), attempt()],
  ended: 'delivered',
  calls: [call({ fate: 'lost' }), call()],
  sinceStartMs: [0, 5000],
  agesMs: [5000, 5000],
  ageProbe: null,
  eventIds: ['msg_1', 'msg_1'],
  verdicts: ['valid', 'valid'],
  effects: { count: 1 },
  describe: (ms) => `${ms} ms`,
};

const found = (change: Partial<RetryRun>, id: string) =>
  judgeRetryRun({ ...GOOD, ...change }).find((finding) => finding.id === id);

test('a retry run in which all is well', () => {
  expect(Object.fromEntries(judgeRetryRun(GOOD).map(({ id, status }) => [id, status]))).toEqual({
    recovery: 'pass',
    age: 'pass',
    active: 'skip',
    'same-id': 'pass',
    'same-body': 'pass',
    'fresh-signature': 'pass',
    repeat: 'pass',
    'one-effect': 'pass',
  });
});

const mailkit = findVendor('mailkit');
test.each<[id: string, what: string, change: Partial<RetryRun>, status: string, detail: RegExp]>([
  ['recovery', 'nothing was taken', { ended: 'exhausted' }, 'fail', /none of 2 attempts in 5000 ms/],
  ['recovery', 'stopped', { ended: 'aborted' }, 'skip', /stopped/],
  ['active', 'taken in time', { vendor: mailkit }, 'pass', /86395000 ms before Mailkit would/],
  ['active', 'deactivated', { vendor: mailkit, ended: 'deactivated' }, 'fail', /switches the whole webhook off/],
  ['same-id', 'another id', { eventIds: ['a', 'b'] }, 'fail', /2 ids in 2 attempts/],
  ['same-id', 'an id that went missing', { eventIds: ['a', null] }, 'fail', /2 ids/],
  ['same-id', 'no ids', { eventIds: [null, null] }, 'skip', /sends no event id/],
  ['same-body', 'another body', { calls: [call(), call({ body: Buffer.from('{ }') })] }, 'fail', /bytes differ/],
  ['same-body', 'one attempt', { calls: [call()] }, 'skip', /one attempt/],
  ['fresh-signature', 'an old signature', { verdicts: ['valid', 'stale'] }, 'fail', /attempt 2 is stale/],
  ['fresh-signature', 'of the user', { verdicts: null }, 'skip', /-H/],
  ['fresh-signature', 'no signature', { vendor: mailkit }, 'skip', /does not sign/],
  [
    'repeat',
    'refused the second time',
    { calls: [call({ fate: 'lost' }), call({ isAccepted: false })] },
    'fail',
    /accepted at attempt 1, whose answer was lost, and refused at attempt 2/,
  ],
  [
    'repeat',
    'refused before it was taken',
    { calls: [call({ isAccepted: false }), call({ fate: 'lost' }), call()] },
    'pass',
    /accepted at attempt 2/,
  ],
  [
    'repeat',
    'never taken before',
    { calls: [call({ fate: 'withheld', isAccepted: false }), call()] },
    'skip',
    /--lose-next N/,
  ],
  ['one-effect', 'two effects', { effects: { count: 2 } }, 'fail', /2 effects after 2 attempts/],
  ['one-effect', 'none at all', { effects: { count: 0 } }, 'fail', /0 effects/],
  [
    'one-effect',
    'none, and none expected',
    { effects: { count: 0 }, calls: [call({ isAccepted: false })], ended: 'exhausted' },
    'pass',
    /0 after 1 attempt that/,
  ],
  [
    'one-effect',
    'handled, though the vendor never knew',
    { calls: [call({ fate: 'lost' }), call({ isAccepted: false })], ended: 'exhausted' },
    'pass',
    /1 after 2/,
  ],
  ['one-effect', 'not told', { effects: { unknown: 'no flag' } }, 'skip', /no flag/],
])('%s: %s', (id, _, change, status, detail) => {
  expect(found(change, id)).toMatchObject({ status, detail: expect.stringMatching(detail) });
});
