import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

function place(): { folder: string; run: (...args: string[]) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, S: 'whsec_retries_test' };
  return { folder, run: (...args) => runProgram('webhook', args, { cwd: folder, env }) };
}

interface Document {
  vendor: string;
  ended: string;
  isGood: boolean;
  attempts: {
    attempt: number;
    sinceStartMs: number;
    outcome: string;
    status: number | null;
    reached: boolean;
    answerLost: boolean;
  }[];
  findings: { id: string; status: string; detail: string }[];
}

const FAST = ['--time-scale', '100000000'];
const statuses = ({ findings }: Document): Record<string, string> =>
  Object.fromEntries(findings.map(({ id, status }) => [id, status]));

test('down for three attempts: they never reach the endpoint, the fourth does; all are in the history', async () => {
  const { run } = place();
  const endpoint = await openEndpoint();
  const { code, stdout } = await run(
    'retries',
    '--vendor',
    'mailkit',
    '--url',
    endpoint.url,
    '--fail-first',
    '3',
    '--json',
    ...FAST,
  );
  const document = JSON.parse(stdout) as Document;
  expect([code, document.ended, endpoint.seen.length]).toEqual([0, 'delivered', 1]);
  expect(document.attempts.map(({ sinceStartMs, status, reached }) => [sinceStartMs, status, reached])).toEqual([
    [0, 503, false],
    [60_000, 503, false],
    [360_000, 503, false],
    [1_260_000, 200, true],
  ]);
  expect(statuses(document)).toEqual({
    recovery: 'pass',
    age: 'pass',
    active: 'pass',
    'same-id': 'skip',
    'same-body': 'pass',
    'fresh-signature': 'skip',
    repeat: 'skip',
    'one-effect': 'skip',
  });
  const { deliveries } = JSON.parse((await run('history', 'list', '--json')).stdout) as {
    deliveries: { url: string; attempts: { outcome: string }[] }[];
  };
  expect(deliveries.map(({ url, attempts }) => [url, attempts.map(({ outcome }) => outcome)])).toEqual([
    [endpoint.url, ['refused', 'refused', 'refused', 'delivered']],
  ]);
});

test('lost answers: the endpoint gets the event again, byte for byte, signed anew; one that refuses it is told', async () => {
  const { run } = place();
  const patient = await openEndpoint();
  const good = await run(
    'retries',
    '--vendor',
    'mailkite',
    '--url',
    patient.url,
    '--secret-env',
    'S',
    '--fail-first',
    '1',
    '--lose-next',
    '2',
    '--json',
    ...FAST,
  );
  expect([good.code, patient.seen.length]).toEqual([0, 3]);
  expect(new Set(patient.seen.map(({ body }) => body.toString())).size).toBe(1);
  expect(statuses(JSON.parse(good.stdout) as Document)).toMatchObject({
    recovery: 'pass',
    'same-id': 'pass',
    'same-body': 'pass',
    'fresh-signature': 'pass',
    repeat: 'pass',
  });

  const strict = await openEndpoint((response, _, count) => void response.writeHead(count === 1 ? 200 : 409).end());
  const bad = await run(
    'retries',
    '--event',
    'optin',
    '--url',
    strict.url,
    '--secret-env',
    'S',
    '--lose-next',
    '1',
    '--json',
    '--no-history',
    ...FAST,
  );
  const document = JSON.parse(bad.stdout) as Document;
  expect([bad.code, document.ended, document.attempts.length]).toEqual([1, 'exhausted', 6]);
  expect(statuses(document)).toMatchObject({ recovery: 'fail', repeat: 'fail' });
});

test.each<[what: string, isOnce: boolean, code: number]>([
  ['remembers ids', true, 0],
  ['processes each request', false, 1],
])('with --effects-url: an endpoint that %s', async (_, isOnce, code) => {
  const { run } = place();
  const processed: string[] = [];
  const effects = await openEndpoint((response) => void response.end(JSON.stringify(processed)));
  const endpoint = await openEndpoint((response, { body }) => {
    const { id } = JSON.parse(body.toString()) as { id: string };
    if (!isOnce || !processed.includes(id)) processed.push(id);
    response.end();
  });
  const ended = await run(
    'retries',
    '--vendor',
    'mailkite',
    '--url',
    endpoint.url,
    '--secret-env',
    'S',
    '--lose-next',
    '2',
    '--effects-url',
    effects.url,
    '--json',
    ...FAST,
  );
  const document = JSON.parse(ended.stdout) as Document;
  expect([ended.code, document.ended]).toEqual([code, 'delivered']);
  expect(document.findings.find(({ id }) => id === 'one-effect')).toMatchObject(
    isOnce
      ? { status: 'pass', detail: '1 after 3 attempts that reached the endpoint' }
      : { status: 'fail', detail: expect.stringMatching(/^3 effects/) },
  );
});

test('a second effect that comes through a queue is waited for', async () => {
  const { run } = place();
  const processed: string[] = [];
  const effects = await openEndpoint((response) => void response.end(JSON.stringify(processed)));
  const endpoint = await openEndpoint((response, { body }, count) => {
    const { id } = JSON.parse(body.toString()) as { id: string };
    setTimeout(() => processed.push(id), count === 1 ? 0 : 600);
    response.end();
  });
  const args = [
    'retries',
    '--vendor',
    'mailkite',
    '--url',
    endpoint.url,
    '--secret-env',
    'S',
    '--lose-next',
    '1',
    '--effects-url',
    effects.url,
    '--json',
    ...FAST,
  ];
  expect(
    (JSON.parse((await run(...args)).stdout) as Document).findings.find(({ id }) => id === 'one-effect'),
  ).toMatchObject({ status: 'fail', detail: expect.stringMatching(/^2 effects/) });
});

test('effects that can no longer be read after the walk: exit 3, and the rest of the report', async () => {
  const { run } = place();
  const endpoint = await openEndpoint();
  const effects = await openEndpoint(
    (response, _, count) => void response.writeHead(count === 1 ? 200 : 500).end('[]'),
  );
  const ended = await run(
    'retries',
    '--vendor',
    'mailkite',
    '--url',
    endpoint.url,
    '--secret-env',
    'S',
    '--effects-url',
    effects.url,
    '--json',
    ...FAST,
  );
  const document = JSON.parse(ended.stdout) as Document & { conclusion: string };
  expect([ended.code, document.ended, document.conclusion]).toEqual([
    3,
    'delivered',
    expect.stringMatching(/; the effects could no longer be read: .* answered 500$/),
  ]);
  expect(document.findings.find(({ id }) => id === 'one-effect')).toMatchObject({ status: 'skip' });
  expect((await run('retries', '--vendor', 'mailkit', '--url', endpoint.url, '--effects-wait', '1s')).code).toBe(2);
});

test('an event without an id is counted by its address, and those of before do not count', async () => {
  const { run } = place();
  const processed = ['zoe.novakova@example.com', 'zoe.novakova@example.com'];
  const endpoint = await openEndpoint((response, { body }) => {
    processed.push((JSON.parse(body.toString()) as { EMAIL: string }).EMAIL);
    response.end();
  });
  const effects = await openEndpoint((response) => void response.end(processed.join('\n')));
  const ended = await run(
    'retries',
    '--vendor',
    'mailkit',
    '--url',
    endpoint.url,
    '--effects-url',
    effects.url,
    '--json',
    ...FAST,
  );
  expect((JSON.parse(ended.stdout) as Document).findings.find(({ id }) => id === 'one-effect')).toMatchObject({
    status: 'pass',
    detail: '1 after 1 attempt that reached the endpoint',
  });
});

test('down for good: Mailkit switches the webhook off; no answer at all is exit code 3', async () => {
  const { folder, run } = place();
  const webhook = {
    uuid: '0d5f2c8e-7a4b-4a5e-9d0e-3f6f4d1b2a01',
    name: 'shop',
    vendor: 'mailkit',
    url: 'http://127.0.0.1:9/hook',
    events: ['unsubscribe'],
  };
  writeFileSync(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks: [webhook] }));
  const { code, stdout, stderr } = await run('retries', '--to', 'shop', ...FAST);
  expect(code).toBe(3);
  // The waits alone: what the attempts took is a part of the 24 hours as well.
  expect(stdout).toMatch(
    /^http:\/\/127\.0\.0\.1:9\/hook\n[^]*\n\nwebhook deactivated after 10 attempts in (?:24 h|23 h 59 min \d+ s)\n/,
  );
  expect(stdout).toMatch(/fail {2}active .* Mailkit switches the whole webhook off/);
  expect(stderr.trimEnd().split('\n')).toHaveLength(10);
});

test('a 201 is a failure for Mailkit, so the ladder is walked to its end', async () => {
  const { run } = place();
  const endpoint = await openEndpoint((response) => void response.writeHead(201).end());
  const { code, stdout } = await run(
    'retries',
    '--vendor',
    'mailkit',
    '--url',
    endpoint.url,
    '--reporter',
    'tap',
    ...FAST,
  );
  expect([code, endpoint.seen.length]).toEqual([1, 10]);
  expect(stdout).toMatch(/^TAP version/);
  expect(stdout).toMatch(/not ok 1 - .*recovery|not ok .*an attempt is taken/);
});

test('the timetable, of one vendor and of all', async () => {
  const { run } = place();
  const one = await run('retries', '--table', '--vendor', 'mailkit');
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/\n6 +1 h +1 h 51 min +retried after 2 h\n/);
  expect(one.stdout).toMatch(/\n10 +8 h 9 min +24 h +the whole webhook is deactivated\n/);
  expect(one.stdout).toMatch(/as old as "since start" at each attempt: DATE \[doc\], DATE_REQUEST \[doc\]/);
  const all = JSON.parse((await run('retries', '--table', '--json')).stdout) as {
    timetables: { vendor: string; ends: string; attempts: object[]; ages: object }[];
  };
  expect(all.timetables.slice(0, 5).map(({ vendor, ends }) => `${vendor} ${ends}`)).toEqual([
    'mailkit deactivated',
    'mailkite exhausted',
    'mailkite-selfhost exhausted',
    'mail2many exhausted',
    'mail-plus exhausted',
  ]);
  expect(all.timetables[3]?.ages).toEqual({ dates: [{ path: 'date', certainty: 'doc' }], signature: 'the same' });
  expect(all.timetables[1]?.ages).toMatchObject({ signature: 'fresh' });
  expect(all.timetables[1]?.attempts[1]).toEqual({ attempt: 2, delayMs: 5000, sinceStartMs: 5000 });
});

test.each<[what: string, args: string[], message: RegExp]>([
  ['nowhere to go', ['--event', 'optin', '--secret-env', 'S'], /no configured webhook lists/],
  ['no secret', ['--event', 'optin', '--url', 'http://127.0.0.1:9/'], /no secret to sign with/],
  [
    'a failure that is none',
    ['--vendor', 'mail-plus', '--url', 'http://127.0.0.1:9/', '--fail-first', '1', '--fail-status', '204'],
    /counts 204 as success/,
  ],
  [
    'nothing left for the endpoint',
    ['--vendor', 'mail-plus', '--url', 'http://127.0.0.1:9/', '--fail-first', '4', '--lose-next', '2'],
    /tries 6 times, and .* leaves none/,
  ],
  ['a table that is sent', ['--table', '--url', 'http://127.0.0.1:9/'], /--table sends nothing, so --url/],
  [
    'acknowledgement of a vendor without',
    ['--vendor', 'mailkit', '--url', 'http://127.0.0.1:9/', '--ack-mode', 'ack'],
    /mailkit has no --ack-mode/,
  ],
  ['a count that is none', ['--fail-first', '-1'], /whole number from 0/],
])('%s is a mistake, told', async (_, args, message) => {
  const { code, stdout, stderr } = await place().run('retries', ...args);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, '']);
});
