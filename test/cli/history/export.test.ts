import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
  lstatSync,
  mkdtempSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHistory } from '../../helpers/open-history.ts';
import { EXPORT_FIELDS } from '../../../src/model/export-field.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { fillHistory, FILLED_WEBHOOK } from '../../helpers/fill-history.js';
import { HAS_TERMINAL, linesOnTerminal } from '../../helpers/terminal.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram, type Ended } from '../../helpers/program.ts';
import { makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';

interface Place {
  cwd: string;
  env: Record<string, string>;
  /** `mp-export` for the webhook of the tests. */
  run: (...args: string[]) => Promise<Ended>;
}

/** A folder with a history of `count` attempts, the second of them refused. */
async function place(count = 3): Promise<Place> {
  const cwd = testFolder();
  const env = { WEBHOOK_HISTORY: join(cwd, 'history.db'), HOME: cwd };
  const history = await openHistory(env.WEBHOOK_HISTORY);
  for (let index = 0; index < count; index++)
    await history.append(...makeRecord(index, index === 1 ? { attempt: REFUSED } : {}));
  return { cwd, env, run: (...args) => runProgram('mp-export', ['--uuid', WEBHOOK, ...args], { cwd, env }) };
}

const FILLED = mkdtempSync(join(tmpdir(), 'hookproof-test-'));

/** A history of 50 000 attempts, more than any pipe or buffer holds; only read. */
const filled = join(FILLED, 'history.db');

beforeAll(() => fillHistory(filled, 50_000));

afterAll(() => rmSync(FILLED, { recursive: true, force: true }));

function filledPlace(): { cwd: string; env: Record<string, string> } {
  const cwd = testFolder();
  return { cwd, env: { WEBHOOK_HISTORY: filled, HOME: cwd } };
}

test('in a pipe it is CSV with every field, newest first, CRLF', async () => {
  const { run } = await place();
  const { code, stdout, stderr } = await run();
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.split('\r\n');
  expect(lines[0]).toBe(EXPORT_FIELDS.join(','));
  expect(lines.slice(1).map((line) => line.split(',')[7])).toEqual(['evt_2', 'evt_1', 'evt_0', undefined]);
  expect(lines[2]).toMatch(/,refused,500,HTTP_500,the endpoint answered 500,12\.5,7,2,127\.0\.0\.1$/);
});

test('webhook export and mp-export are the same', async () => {
  const { cwd, env, run } = await place();
  const whole = await runProgram('webhook', ['export', '--uuid', WEBHOOK, '--format', 'ndjson'], { cwd, env });
  expect(whole).toEqual(await run('--format', 'ndjson'));
});

test.each([
  ['csv', `${EXPORT_FIELDS.join(',')}\r\n`],
  ['ndjson', ''],
  ['json', '[]\n'],
])('no rows in %s', async (format, stdout) => {
  const { run } = await place();
  expect(await run('--from', '2030-01-01', '--format', format)).toMatchObject({ code: 0, stdout, stderr: '' });
});

test('a table is short, stdout stays empty without rows, and a page beyond the last is told', async () => {
  const { run } = await place();
  expect((await run('--format', 'table', '--failed')).stdout).toMatch(
    /^timestamp +deliveryId .*\n2026-11-01T10:00:01\.000Z .* refused +500 +HTTP_500 +12\.5\n$/,
  );
  expect(await run('--format', 'table', '--event', 'optout')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'no attempts match\n',
  });
  for (const format of ['table', 'csv'])
    expect(await run('--format', format, '--limit', '2', '--page', '99')).toMatchObject({
      code: 0,
      stderr: 'page 99 has no attempts: the pages end before it\n',
    });
});

test('requests of webhook test are mentioned when they are all there is, and are exported when asked for', async () => {
  const { env, run } = await place(0);
  const history = await openHistory(env['WEBHOOK_HISTORY'] ?? '');
  await history.append(...makeRecord(1, { delivery: { purpose: 'test' } }));
  expect(await run('--fields', 'eventId')).toMatchObject({
    code: 0,
    stdout: 'eventId\r\n',
    stderr: 'only requests of webhook test match: add --include-tests\n',
  });
  const shown = await run('--format', 'table', '--include-tests');
  expect([shown.code, shown.stderr, /^timestamp .* purpose\n.* test\n$/.test(shown.stdout)]).toEqual([0, '', true]);
});

test('the line for the next page repeats the filters and works', async () => {
  const { cwd, env, run } = await place(5);
  const filters = ['--event', 'optin', '--include-tests'];
  const { stderr } = await run('--limit', '2', ...filters, '--fields', 'eventId', '--order', 'asc');
  const line = stderr.replace(/^more: mp-export /, '').trim();
  expect(line).toBe(
    `--uuid ${WEBHOOK} --to 2026-11-01T10:00:04.000Z --as-of 5 --limit 2 --page 2 --order asc ` +
      '--event optin --include-tests --fields eventId',
  );
  expect(await runProgram('mp-export', line.split(' '), { cwd, env })).toMatchObject({
    code: 0,
    stdout: 'eventId\r\nevt_1\r\nevt_2\r\n',
  });
});

test.each([
  ['an impossible day', ['--from', '2026-02-30'], 2, /2026-02-30: no such day exists/],
  ['from after to', ['--from', '2026-11-02', '--to', '2026-11-01'], 2, /is after --to/],
  ['a mistyped name', ['--uuid', 'shpo'], 2, /unknown webhook shpo: it is neither configured nor in history/],
  ['a time that is none', ['--since', 'yesterday'], 2, /expected an age \(30d, 2h\)/],
  ['--since and --from', ['--since', '2h', '--from', '2026-11-01'], 2, /cannot be used with/],
  ['a webhook and all', ['--all'], 2, /cannot be used with/],
  ['a dialect of JSON', ['--csv-dialect', 'excel', '--json'], 2, /--csv-dialect applies to csv, not to json/],
  ['a spreadsheet', ['-o', 'a/foo.xlsx'], 2, /no format makes \.xlsx files\n.*-o foo\.csv --csv-dialect excel/],
  ['a spreadsheet, whatever it is called', ['-o', 'foo.ODS', '--format', 'csv'], 2, /no format makes \.ods files/],
  ['an unknown ending', ['-o', 'foo.csvv'], 2, /\.csvv is not a format\n.*did you mean csv\?/],
  ['rows of a page', ['-o', 'foo.html', '--limit', '5'], 2, /--limit applies to rows\b.*\n.*--format csv/],
  ['failures of a page', ['-o', 'foo.htm', '--failed'], 2, /--failed applies to rows/],
  ['a packed file', ['-o', 'foo.csv.gz'], 2, /\.gz is not a format\n.*--format csv/],
  [
    'a uuid never seen',
    ['--uuid', '123e4567-e89b-12d3-a456-426614174001'],
    1,
    new RegExp(`unknown webhook.*\\n.*did you mean ${WEBHOOK}\\?`),
  ],
  ['a mistyped field', ['--fields', 'staus'], 2, /did you mean status\?/],
  ['a mistyped flag', ['--fial'], 2, /unknown option '--fial'/],
  ['a limit of nothing', ['--limit', '0'], 2, /--limit 0/],
  ['bodies in a table', ['--format', 'table', '--include-bodies'], 2, /a table is for reading/],
])('%s', async (_name, args, code, message) => {
  const { env } = await place();
  const ended = await askCommand(['export', '--uuid', WEBHOOK, '--history', env['WEBHOOK_HISTORY'] ?? '', ...args]);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test.each([
  ['a mistyped event', ['--event', 'optinn'], 2, /did you mean optin\?/],
  ['the history as output', ['-o', 'history.db'], 2, /is the history file itself/],
  ['a folder that is not there', ['-o', 'nope/x.csv'], 2, /cannot write nope\/x\.csv/],
  ['a history that is none', ['--history', 'text.txt'], 4, /text\.txt is not a SQLite file/],
])('%s', async (_name, args, code, message) => {
  const { cwd, run } = await place();
  writeFileSync(join(cwd, 'text.txt'), 'text '.repeat(1000));
  const ended = await run(...args);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
});

test('without --uuid, or before the first delivery, nothing is made', async () => {
  const cwd = testFolder();
  const env = { WEBHOOK_HISTORY: join(cwd, 'a', 'history.db'), HOME: cwd };
  expect(await runProgram('mp-export', [], { cwd, env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--uuid is missing'),
  });
  expect(await runProgram('mp-export', ['--uuid', WEBHOOK], { cwd, env })).toMatchObject({ code: 1 });
  expect(readdirSync(cwd)).toEqual([]);
});

test('-o writes the file, and the manifest proves it', async () => {
  const { cwd, run } = await place();
  const { code, stdout, stderr } = await run('-o', 'out.csv', '--manifest');
  const bytes = readFileSync(join(cwd, 'out.csv'));
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 2,
    rows: 3,
    bytes: bytes.length,
    firstTimestamp: '2026-11-01T10:00:00.000Z',
    lastTimestamp: '2026-11-01T10:00:02.000Z',
    sha256: createHash('sha256').update(bytes).digest('hex'),
  });
  expect(bytes.toString()).toBe((await run()).stdout);
});

test.skipIf(!HAS_TERMINAL)('on a terminal the manifest is a few short lines, with --json the document', async () => {
  const { cwd, env } = await place();
  const options = { cwd, env };
  const command = ['webhook', 'export', '-o', 'out.csv', '--manifest'] as const;
  const lines = await linesOnTerminal(80, command, options);
  const bytes = readFileSync(join(cwd, 'out.csv'));
  expect(lines).toEqual([
    `rows    3 in out.csv, ${bytes.length} bytes`,
    'first   2026-11-01T10:00:00.000Z',
    'last    2026-11-01T10:00:02.000Z',
    `sha256  ${createHash('sha256').update(bytes).digest('hex')}`,
  ]);
  const json = await linesOnTerminal(80, ['webhook', 'export', '-o', 'out.json', '--manifest', '--json'], options);
  expect(JSON.parse(json.join(''))).toMatchObject({ rows: 3, format: 'json' });
});

test('-o takes the format from the ending, keeps the mode, follows a link', async () => {
  const { cwd, run } = await place();
  writeFileSync(join(cwd, 'real.json'), 'old');
  // More than the umask would leave.
  chmodSync(join(cwd, 'real.json'), 0o666);
  symlinkSync('real.json', join(cwd, 'link.json'));
  expect(await run('-o', 'link.json')).toMatchObject({ code: 0, stdout: '', stderr: '3 rows in link.json\n' });
  expect(JSON.parse(readFileSync(join(cwd, 'real.json'), 'utf8'))).toHaveLength(3);
  expect(statSync(join(cwd, 'real.json')).mode & 0o777).toBe(0o666);
  expect(lstatSync(join(cwd, 'link.json')).isSymbolicLink()).toBe(true);
});

test('-o of a device or a pipe is written straight', async () => {
  const { cwd, env } = await place();
  const { stdout } = await runCommandLine(
    'bash',
    [
      '-c',
      '"$0" "$@" | cat',
      process.execPath,
      bin('mp-export'),
      '--uuid',
      WEBHOOK,
      '--fields',
      'status',
      '-o',
      '/dev/stdout',
    ],
    { cwd, env },
  );
  expect(stdout).toBe('status\r\n200\r\n500\r\n200\r\n');
});

test('-o that fails half-way leaves the old file and nothing else', async () => {
  const { cwd, env } = filledPlace();
  writeFileSync(join(cwd, 'out.csv'), 'old');
  // A file size limit stands in for a full disk; without the trap the signal would end the process.
  const ended = await runCommandLine(
    'bash',
    [
      '-c',
      `trap '' XFSZ; ulimit -f 1024; exec "$0" "$@"`,
      process.execPath,
      bin('mp-export'),
      '--uuid',
      FILLED_WEBHOOK,
      '-o',
      'out.csv',
    ],
    { cwd, env },
  );
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot write out.csv') });
  expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toBe('old');
  expect(readdirSync(cwd).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('Ctrl-C half-way leaves no file, and the program dies by it', async () => {
  const { cwd, env } = filledPlace();
  const child = spawn(
    process.execPath,
    [bin('mp-export'), '--uuid', FILLED_WEBHOOK, '--include-bodies', '-o', 'out.csv'],
    { cwd, env: { ...process.env, ...env }, stdio: 'ignore' },
  );
  const watcher = watch(cwd, (_event, name) => {
    if (!name?.endsWith('.part')) return;
    // Once: a second Ctrl-C does not wait.
    watcher.close();
    child.kill('SIGINT');
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGINT');
  expect(readdirSync(cwd).filter((name) => name.includes('out.csv'))).toEqual([]);
});

test('a reader that leaves (| head) is no failure', async () => {
  const { cwd, env } = filledPlace();
  const ended = await runCommandLine(
    'bash',
    [
      '-c',
      '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}"',
      process.execPath,
      bin('mp-export'),
      '--uuid',
      FILLED_WEBHOOK,
      '--fields',
      'event',
    ],
    { cwd, env },
  );
  expect(ended).toMatchObject({ stdout: 'event\r\n0\n', stderr: '' });
});

test('a configured webhook without deliveries exports nothing, with success', async () => {
  const { cwd, env } = await place();
  const uuid = '00000000-0000-4000-8000-000000000003';
  writeFileSync(
    join(cwd, 'webhook.config.json'),
    JSON.stringify({
      webhooks: [{ uuid, name: 'shop', vendor: 'mail-plus', url: 'https://example.test/hook', events: ['inbound'] }],
    }),
  );
  expect(await runProgram('mp-export', ['--uuid', uuid, '--json'], { cwd, env })).toMatchObject({
    code: 0,
    stdout: '[]\n',
  });
  expect(existsSync(join(cwd, 'history.db'))).toBe(true);
});

test('an ending that is no format, or none, is for who says the format', async () => {
  const { cwd, run } = await place();
  expect((await run('-o', 'out.txt', '--format', 'csv')).code).toBe(0);
  expect((await run('-o', 'out')).code).toBe(0);
  expect(readFileSync(join(cwd, 'out'))).toEqual(readFileSync(join(cwd, 'out.txt')));
});

test('webhook export is of every webhook, or of one by its name or the beginning of its uuid', async () => {
  const { cwd, env } = await place();
  const uuid = WEBHOOK.replace('123e', '123f');
  const shop = { uuid, name: 'shop', vendor: 'mail2many', url: 'https://example.test/hook', events: ['optin'] };
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks: [shop] }));
  const history = await openHistory(env['WEBHOOK_HISTORY'] ?? '');
  await history.append(...makeRecord(7, { delivery: { webhookUuid: uuid, direction: 'in' } }));
  const idsOf = async (program: 'webhook' | 'mp-export', ...args: string[]): Promise<string[]> => {
    const { stdout } = await runProgram(program, [...args, '--fields', 'eventId'], { cwd, env });
    return stdout.trim().split('\r\n').slice(1);
  };
  expect(await idsOf('webhook', 'export')).toEqual(['evt_7', 'evt_2', 'evt_1', 'evt_0']);
  expect(await idsOf('mp-export', '--all')).toEqual(['evt_7', 'evt_2', 'evt_1', 'evt_0']);
  expect(await idsOf('webhook', 'export', '--direction', 'in')).toEqual(['evt_7']);
  expect(await idsOf('webhook', 'export', '--webhook', 'SHOP')).toEqual(['evt_7']);
  expect(await idsOf('mp-export', '--uuid', '123f')).toEqual(['evt_7']);
  expect(await idsOf('mp-export', '--all', '--since', '2026-11-01T10:00:02Z')).toEqual(['evt_7', 'evt_2']);
  expect(await idsOf('mp-export', '--all', '--since', '0s')).toEqual([]);
  const { stderr } = await runProgram('webhook', ['export', '--limit', '2', '--format', 'csv'], { cwd, env });
  expect(stderr).toBe('more: webhook export --to 2026-11-01T10:00:07.000Z --as-of 4 --limit 2 --page 2 --format csv\n');
});

test.skipIf(!HAS_TERMINAL)(
  'on a terminal a table has the short ids, the times and the names of history list',
  async () => {
    const { cwd, env } = await place();
    const [head = '', ...rows] = await linesOnTerminal(80, ['webhook', 'export'], { cwd, env: { ...env, TZ: 'UTC' } });
    expect(head).toMatch(/^timestamp +deliveryId +event +outcome/);
    expect(rows[1]).toMatch(/^2026-11-01 10:00 +68d-3ce8 +optin +refused +500 +HTTP_500 +exampl…t\/hook$/);
  },
);
