import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openHistory } from '../../helpers/open-history.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { HAS_TERMINAL, linesOnTerminal } from '../../helpers/terminal.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';

type Run = (...args: string[]) => Promise<Ended>;

function runIn(cwd: string): Run {
  return (...args) =>
    runProgram('webhook', ['history', ...args], { cwd, env: { WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd } });
}

/** Three deliveries: one retried until it arrived, one refused, one delivered. */
async function place(): Promise<{ run: Run; file: string; ids: [string, string, string] }> {
  const cwd = testFolder();
  const history = await openHistory(join(cwd, 'history.db'));
  const [retried, first] = makeRecord(0, { attempt: REFUSED });
  await history.append(retried, first);
  await history.append(retried, makeAttempt(retried, { number: 2 }));
  const hostile = new TextEncoder().encode('\u001b]0;owned\u0007\u001b[2Jno');
  const refused = makeRecord(1, {
    delivery: { event: 'optout' },
    attempt: { ...REFUSED, responseBody: hostile, responseHeaders: [['x-evil', '\u001b[31mred']] },
  });
  await history.append(...refused);
  const last = makeRecord(2, { delivery: { direction: 'in', body: new Uint8Array([1, 255]) } });
  await history.append(...last);
  return { run: runIn(cwd), file: history.path, ids: [retried.id, refused[0].id, last[0].id] };
}

test('list shows the newest first, the attempts of a delivery together', async () => {
  const { run, ids } = await place();
  const { code, stdout } = await run('list');
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split('\n').slice(1);
  expect(rows.map((row) => ids.findIndex((id) => row.includes(id)))).toEqual([2, 1, 0, -1]);
  expect(rows[3]).toMatch(/^2026-11-01 10:01:00Z +2 +delivered +200 +13 ms$/);
});

test.each([
  ['2', 'only the newest 2 are listed; more with --limit 10\n'],
  ['3', ''],
])('list --limit %s of three says whether there are more', async (limit, said) => {
  const { run, ids } = await place();
  const { stdout, stderr } = await run('list', '--limit', limit);
  expect(stderr).toBe(said);
  expect(ids.filter((id) => stdout.includes(id))).toEqual(ids.slice(-Number(limit)));
});

test('list --json is one document of deliveries', async () => {
  const { run, ids } = await place();
  const document = JSON.parse((await run('list', '--json', '--limit', '3')).stdout) as {
    schemaVersion: number;
    deliveries: Record<string, unknown>[];
  };
  expect(document.schemaVersion).toBe(2);
  expect(document.deliveries.map(({ deliveryId }) => deliveryId)).toEqual(ids.toReversed());
  expect(document.deliveries[2]).toEqual({
    deliveryId: ids[0],
    timestamp: '2026-11-01T10:00:00.000Z',
    webhookUuid: WEBHOOK,
    vendor: 'mail2many',
    event: 'optin',
    eventId: 'evt_0',
    direction: 'out',
    purpose: 'event',
    url: 'https://example.test/hook',
    method: 'POST',
    requestBytes: 7,
    outcome: 'delivered',
    attempts: [
      {
        attempt: 1,
        timestamp: '2026-11-01T10:00:00.000Z',
        outcome: 'refused',
        status: 500,
        errorCode: 'HTTP_500',
        error: 'the endpoint answered 500',
        durationMs: 12.5,
      },
      {
        attempt: 2,
        timestamp: '2026-11-01T10:01:00.000Z',
        outcome: 'delivered',
        status: 200,
        errorCode: null,
        error: null,
        durationMs: 12.5,
      },
    ],
  });
});

test.each([
  [['--failed'], [1]],
  [['--event', 'optout'], [1]],
  [['--uuid', WEBHOOK.toUpperCase(), '--limit', '1'], [2]],
  [
    ['--since', '2026-11-01T10:00:01Z'],
    [2, 1],
  ],
  [['--vendor', 'mailkit'], []],
  [
    ['--direction', 'out'],
    [1, 0],
  ],
  [['--direction', 'in'], [2]],
  [['--direction', 'in', '--uuid', WEBHOOK], [2]],
])('list %j', async (args, expected) => {
  const { run, ids } = await place();
  const { deliveries } = JSON.parse((await run('list', '--json', ...args)).stdout) as {
    deliveries: { deliveryId: string }[];
  };
  expect(deliveries.map(({ deliveryId }) => ids.indexOf(deliveryId))).toEqual(expected);
});

test('list --uuid takes the name of a configured webhook in any letter case, as every other flag does', async () => {
  const { run, file, ids } = await place();
  const shop = {
    uuid: WEBHOOK,
    name: 'Shop',
    vendor: 'mail2many',
    url: 'https://example.test/hook',
    events: ['optin'],
  };
  writeFileSync(join(dirname(file), 'webhook.config.json'), JSON.stringify({ webhooks: [shop] }));
  expect(JSON.parse((await run('list', '--uuid', 'sHOP', '--json', '--limit', '1')).stdout)).toMatchObject({
    deliveries: [{ deliveryId: ids[2] }],
  });
});

test('requests of webhook test are listed with --tests alone; show finds them', async () => {
  const cwd = testFolder();
  const history = await openHistory(join(cwd, 'history.db'));
  const [tested] = makeRecord(1, { delivery: { purpose: 'test' } });
  await history.append(tested, makeAttempt(tested));
  const run = runIn(cwd);
  expect(await run('list')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: `only tests in ${history.path} so far: add --tests\n`,
  });
  await history.append(...makeRecord(2));
  expect((await run('list')).stdout).not.toContain(tested.id);
  expect(JSON.parse((await run('list', '--tests', '--json')).stdout)).toMatchObject({
    deliveries: [{ deliveryId: tested.id, purpose: 'test' }],
  });
  expect((await run('show', tested.id)).stdout).toContain('\npurpose   a request of webhook test\n');
});

test('an empty history lists as empty and is not made', async () => {
  const cwd = testFolder();
  const run = runIn(cwd);
  expect(await run('list')).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('nothing in') });
  expect(JSON.parse((await run('list', '--json')).stdout)).toEqual({ schemaVersion: 2, deliveries: [] });
  expect(existsSync(join(cwd, 'history.db'))).toBe(false);
});

test("show strips what an endpoint's answer would do to a terminal", async () => {
  const { run, ids } = await place();
  const { code, stdout } = await run('show', ids[1]);
  expect(code).toBe(0);
  expect(stdout).toContain(`→ POST https://example.test/hook\n  content-type: application/json\n\n  {"n":1}\n`);
  expect(stdout).toMatch(/refused {2}500 {2}the endpoint answered 500/);
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('show --body gives the exact bytes, show --json all of it', async () => {
  const { run, ids } = await place();
  expect((await run('show', ids[0], '--body')).stdout).toBe('{"n":0}');
  expect((await run('show', ids[0], '--response-body')).stdout).toBe('ok');
  const document = JSON.parse((await run('show', 'last', '--json')).stdout) as Record<string, unknown>;
  expect(document).toMatchObject({
    schemaVersion: 2,
    deliveryId: ids[2],
    purpose: 'event',
    requestBody: 'Af8=',
    outcome: 'delivered',
  });
  expect((document['attempts'] as object[])[0]).toMatchObject({
    attempt: 1,
    status: 200,
    responseBody: 'b2s=',
    requestHeaders: [['content-type', 'application/json']],
  });
  expect((await run('show', 'last')).stdout).toContain('(2 bytes that are not text)');
});

test.each([
  [['show', '01a'], 2, /01a matches several deliveries: 68d-3900, /],
  [['show'], 2, /history show needs <id>: a delivery/],
  [['list', '--uuid', 'shop'], 2, /neither configured nor in history/],
  [['list', '--webhook', '123e4567-e89b-12d3-a456-426614174001'], 1, /unknown webhook/],
  [['list', '--vendor', 'mailkitt'], 2, /did you mean mailkit/],
  [['list', '--event', 'optut'], 2, /did you mean optout/],
  [['list', '--direction', 'inn'], 2, /did you mean in\?/],
  [['list', '--since', '2026-02-30'], 2, /expected an age/],
  [['prune'], 2, /--before or --keep-last is missing/],
  [['prune', '--before', '30'], 2, /expected an age/],
])('%j ends with %i', async (args, code, message) => {
  const { file } = await place();
  const ended = await askCommand(['history', ...args, '--history', file]);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test.each([
  [['lst'], 2, /did you mean list\?/],
  [[], 2, /a subcommand is needed/],
])('%j ends with %i', async (args, code, message) => {
  const ended = await askCommand(['history', ...args]);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test('a delivery that is not there ends with 1', async () => {
  const { run } = await place();
  const ended = await run('show', 'ffffffff');
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/no delivery ffffffff/) });
});

test('prune counts first when asked, then deletes', async () => {
  const { run, ids } = await place();
  expect(JSON.parse((await run('prune', '--keep-last', '1', '--dry-run', '--json')).stdout)).toEqual({
    schemaVersion: 2,
    dryRun: true,
    deliveries: 2,
    attempts: 3,
  });
  expect((await run('prune', '--keep-last', '1', '--yes')).stdout).toBe('deleted 2 deliveries with 3 attempts\n');
  const { deliveries } = JSON.parse((await run('list', '--json')).stdout) as { deliveries: { deliveryId: string }[] };
  expect(deliveries.map(({ deliveryId }) => deliveryId)).toEqual([ids[2]]);
});

test('prune asks nobody where nobody is, and deletes nothing', async () => {
  const { run, ids } = await place();
  const ended = await run('prune', '--keep-last', '1');
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('add --yes') });
  expect(ended.stderr).toContain('deliveries of  example.test/hook (2)\nmade           2026-11-01\n');
  expect((await run('show', ids[0])).code).toBe(0);
});

test('prune of one webhook leaves the others', async () => {
  const { run, file, ids } = await place();
  const history = await openHistory(file);
  const [other, attempt] = makeRecord(9, { delivery: { webhookUuid: OTHER } });
  await history.append(other, attempt);
  expect((await run('prune', '--webhook', '123f', '--keep-last', '1', '--yes')).stdout).toContain('deleted 0 ');
  expect((await run('prune', '--webhook', '123f', '--before', '2026-12-01', '--yes')).stdout).toContain('deleted 1 ');
  expect((await run('show', other.id)).code).toBe(1);
  expect((await run('show', ids[0])).code).toBe(0);
});

const OTHER = WEBHOOK.replace('123e', '123f');

describe.skipIf(!HAS_TERMINAL)('on a terminal', () => {
  test.each([
    ['n', 1, 'nothing was deleted'],
    ['', 1, 'nothing was deleted'],
    ['y', 0, 'deleted 2 deliveries with 3 attempts'],
  ])('prune asks, and takes %j for an answer', async (input, _code, said) => {
    const { file } = await place();
    const lines = await linesOnTerminal(80, ['webhook', 'history', 'prune', '--keep-last', '1', '--history', file], {
      input: `${input}\n`,
    });
    expect(lines.join('\n')).toContain('deliveries of  example.test/hook (2)');
    expect(lines.at(-1)).toContain(said);
  });

  test('of 80 columns a webhook that is not configured is called by its URL, both ends of it', async () => {
    const { file } = await place();
    const env = { WEBHOOK_HISTORY: file, HOME: dirname(file) };
    const [head = '', first = ''] = await linesOnTerminal(80, ['webhook', 'history', 'list'], { env });
    expect(head).toMatch(/ webhook$/);
    expect(first).toMatch(/ example[\w.]*…?[\w.]*\/hook$/);
  });

  test.each([60, 80, 100])(
    'of %i columns a row of list names its delivery for show, replay and verify',
    async (columns) => {
      const { file, ids } = await place();
      const env = { WEBHOOK_HISTORY: file, HOME: dirname(file), TZ: 'America/New_York' };
      const [head = '', ...rows] = await linesOnTerminal(columns, ['webhook', 'history', 'list'], { env });
      expect(head.split(/ +/).slice(0, 2)).toEqual(['time', 'delivery']);
      expect(rows.map((row) => row.replace(/ +/g, ' '))).toEqual([
        expect.stringMatching(/^2026-11-01 05:00 68d-40d0 .*← optin .*delivered 200/),
        expect.stringMatching(/^2026-11-01 05:00 68d-3ce8 .*optout .*refused 500/),
        expect.stringMatching(/^2026-11-01 05:00 68d-3900 .*optin .*refused 500/),
        expect.stringMatching(/^2026-11-01 05:01 .*delivered 200/),
      ]);
      const run = (...args: string[]): Promise<Ended> => runProgram('webhook', args, { env });
      expect((await run('history', 'show', '68d-3ce8')).stdout).toContain(`delivery  ${ids[1]}`);
      expect((await run('replay', '68d-3ce8', '--url', 'http://127.0.0.1:1/', '--secret', 'x')).code).toBe(3);
      expect((await run('verify', '--delivery', '68d-3ce8', '--secret', 'x')).stdout).toContain('missing-header');
    },
  );
});
