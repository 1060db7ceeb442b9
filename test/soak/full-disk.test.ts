import { createHash, createHmac } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHOP } from '../config/known.ts';
import { testFolder } from '../helpers/folder.ts';
import { bin, runCommandLine, type Ended } from '../helpers/program.ts';
import { copyHistory, countRows, expectSound } from '../helpers/sqlite-shell.ts';
import { fillDisk, mountTinyDisk } from '../helpers/tiny-disk.ts';
import { makeOldHistory } from './old-history.ts';
import { isLong, tell } from './soak.ts';

const SECRET = 'whsec_that_no_output_shows';
interface Write {
  name: string;
  /** For the shell, in a folder on the disk; `$1` is the endpoint, `$2` a folder on another disk. */
  line: string;
  code: number;
  says?: RegExp;
  /** On standard output: what it found out is told, whatever could not be written. */
  prints?: RegExp;
  /** Files that it may leave other than they were; none of them may be lost. */
  changes?: readonly string[];
  /** Of a write to a history: how many deliveries it has once all is done. */
  leaves?: number;
  /** Tried in `npm test`, too. */
  isShort?: true;
}

const EVENT = '{"type":"a.b","id":"evt_1"}';
/** Deliveries that are there before, in `old.db` and in `history.db`. */
const ROWS = 2000;
const SENT = 20;

const LOG_OF = (history: string): string[] => ['', '-wal', '-shm'].map((end) => history + end);
const send = (history: string): string => `webhook send --event subscribe --url $1 --history ${history}`;
const NOT_RECORDED = /the disk is full; attempt 1 of subscribe .* was delivered \(200\) and was not recorded/;

const WRITES: readonly Write[] = [
  {
    name: 'send, recording',
    line: send('history.db'),
    code: 4,
    says: NOT_RECORDED,
    changes: LOG_OF('history.db'),
    leaves: SENT + 1,
    isShort: true,
  },
  {
    name: 'send, a history that is not there yet',
    line: send('new.db'),
    code: 4,
    changes: LOG_OF('new.db'),
    leaves: 1,
  },
  { name: 'a migration', line: send('old.db'), code: 4, changes: LOG_OF('old.db'), leaves: ROWS + 1, isShort: true },
  {
    name: 'history prune',
    line: 'webhook history prune --keep-last 1 --yes --history history.db',
    code: 4,
    changes: LOG_OF('history.db'),
    leaves: 1,
  },
  {
    name: 'send, several at once',
    line: `${send('history.db')} --count 200 --connections 8`,
    code: 4,
    says: /the disk is full; (\d+) of \d+ sent events were not recorded \(\1 delivered\)/,
    changes: LOG_OF('history.db'),
    leaves: SENT + 200,
  },
  {
    name: 'load, recording',
    line: 'webhook load --event subscribe --url $1 --count 200 --history history.db',
    code: 4,
    says: /the disk is full; \d+ attempts were made but not recorded/,
    changes: LOG_OF('history.db'),
    leaves: SENT + 200,
  },
  {
    name: 'retries, recording',
    line: 'webhook retries --event subscribe --url $1 --history history.db',
    code: 4,
    says: NOT_RECORDED,
    changes: LOG_OF('history.db'),
    leaves: SENT + 1,
  },
  {
    name: 'replay, recording',
    line: 'webhook replay last --url $1 --history history.db',
    code: 4,
    says: NOT_RECORDED,
    changes: LOG_OF('history.db'),
    leaves: SENT + 1,
  },
  {
    name: 'test --record',
    line: `webhook test --vendor mailkit --url $1 --only event-full-subscribe --record --history history.db`,
    code: 4,
    prints: /1 passed/,
    changes: LOG_OF('history.db'),
    leaves: SENT + 1,
  },
  {
    name: 'test --write-baseline',
    line: 'webhook test --vendor mailkit --url $1 --only event-full-subscribe --write-baseline out.json',
    code: 2,
    prints: /1 passed/,
  },
  {
    name: 'load --hgrm',
    line: 'webhook load --event subscribe --url $1 --count 20 --no-history --hgrm out.hgrm',
    code: 2,
    prints: /passed +20 events/,
    isShort: true,
  },
  { name: 'export -o', line: 'webhook export --history $2/old.db -o out.csv', code: 2, isShort: true },
  { name: 'export -o of a page', line: 'webhook export --history $2/old.db -o out.html', code: 2 },
  {
    name: 'export to standard output',
    line: 'webhook export --history $2/old.db --format csv > stdout.txt',
    code: 2,
    changes: ['stdout.txt'],
  },
  {
    name: 'an answer on standard output',
    line: 'webhook events --json > stdout.txt',
    code: 2,
    changes: ['stdout.txt'],
    isShort: true,
  },
  { name: 'report -o', line: 'webhook report --history $2/old.db -o out.html', code: 2 },
  {
    name: 'certs create',
    line: 'webhook certs create certs --force --passphrase-env SECRET --key-type ec',
    code: 2,
    isShort: true,
  },
  {
    name: 'certs create, in a new folder',
    line: 'webhook certs create new/certs --passphrase-env SECRET --key-type ec',
    code: 2,
  },
  { name: 'init', line: 'webhook init --config new.json', code: 2 },
  { name: 'add', line: 'webhook add new --vendor mailkit --url $1 --config config.json', code: 2, isShort: true },
  { name: 'remove', line: 'webhook remove first --config config.json', code: 2 },
  {
    name: 'vendor learn -o',
    line: 'webhook vendor learn capture.txt --secret-env SECRET --id acme --force -o acme.vendor.json',
    code: 2,
  },
  { name: 'vendor key -o', line: 'webhook vendor key sendgrid -o key.pem', code: 2 },
  { name: 'allowlist convert -o', line: 'webhook allowlist convert allow.txt --to nginx -o out.conf', code: 2 },
  {
    name: 'reporter junit=FILE',
    line: 'webhook allowlist lint allow.txt --reporter junit=out.xml',
    code: 2,
    isShort: true,
  },
  { name: 'reporter html=FILE', line: 'webhook allowlist lint allow.txt --reporter html=out.html', code: 2 },
  {
    name: 'a job summary',
    line: 'GITHUB_STEP_SUMMARY=summary.md webhook allowlist lint allow.txt --reporter github',
    code: 2,
    isShort: true,
  },
];

const prepared = mkdtempSync(join(tmpdir(), 'hookproof-full-disk-'));
let url = '';
beforeAll(async () => {
  const signature = createHmac('sha256', SECRET).update(EVENT).digest('hex');
  const files = {
    'allow.txt': '8.8.8.0/24\n',
    'capture.txt': `POST /hook HTTP/1.1\r\nHost: a.example\r\nX-Signature: ${signature}\r\n\r\n${EVENT}`,
    ...Object.fromEntries(
      ['out.csv', 'out.html', 'out.xml', 'out.conf', 'out.json', 'out.hgrm'].map((name) => [name, 'before']),
    ),
    'acme.vendor.json': '{"before":true}',
    'config.json': JSON.stringify({ webhooks: [{ ...SHOP, name: 'first', vendor: 'mailkit', events: ['subscribe'] }] }),
    // As long as its block: what is added needs another.
    'summary.md': 'x'.repeat(4096),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(prepared, name), text);
  makeOldHistory(join(prepared, 'old.db'), ROWS);
  const server = createServer((request, response) => void request.resume().on('end', () => response.end('ok')));
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  // Of a program: it leaves the log and the shared memory beside the file, for the next one.
  const lines = [
    `${send('history.db')} --count ${SENT}`,
    'webhook certs create certs --passphrase-env SECRET --key-type ec',
  ];
  for (const line of lines) expect(await runLine(line, prepared)).toMatchObject({ code: 0 });
  server.unref();
});
afterAll(() => rmSync(prepared, { recursive: true }));

function runLine(line: string, cwd: string): Promise<Ended> {
  const program = `webhook() { "${process.execPath}" "${bin('webhook')}" "$@"; }; `;
  return runCommandLine('sh', ['-c', program + line, 'sh', url, prepared], { cwd, env: { HOME: cwd, SECRET } });
}

/** What is there, by its path: folders, and of each file what its bytes come to. */
const snapshot = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const path = join(folder, name);
      return [
        name,
        statSync(path).isDirectory() ? 'a folder' : createHash('sha256').update(readFileSync(path)).digest('hex'),
      ];
    }),
  );

/** KiB that are left: none, and in the soak so many that the write breaks off later and later, and is done at last. */
const ROOMS = isLong ? [0, 4, 8, 12, 16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 4096] : [0];

test.for(WRITES.filter(({ isShort }) => isLong || isShort === true).map((write) => [write.name, write] as const))(
  '%s',
  async ([, { line, code, says = /the disk is full/, prints = /^/, changes = [], leaves }], context) => {
    let [refused, done] = [0, 0];
    for (const room of ROOMS) {
      const disk = mountTinyDisk('16m');
      if (disk === undefined) return context.skip('no disk may be mounted here');
      cpSync(prepared, disk, { recursive: true });
      const before = snapshot(disk);
      const filler = join(disk, 'filler');
      fillDisk(filler);
      truncateSync(filler, Math.max(0, statSync(filler).size - room * 1024));
      const ended = await runLine(line, disk);
      expect(ended.stdout + ended.stderr).not.toContain(SECRET);
      rmSync(filler);
      const after = snapshot(disk);
      for (const [history, rows] of HISTORIES) {
        const isWritten = leaves !== undefined && changes.includes(history);
        const amounts = { rows, leaves: isWritten ? leaves : rows, isDone: ended.code === 0 };
        expectAmount(await countDeliveries(join(disk, history)), amounts, isWritten ? ended.stderr : '');
      }
      // With enough room it is done, and whole: `code` is then that of a disk that is not full.
      if (ended.code === 0) {
        done += 1;
        continue;
      }
      refused += 1;
      expect({ ...ended, signal: null }).toEqual({
        code,
        signal: null,
        stdout: expect.stringMatching(prints),
        stderr: expect.stringMatching(says),
      });
      for (const name of changes) for (const files of [before, after]) files.delete(name);
      expect([...after]).toEqual([...before]);
    }
    tell(context, { refused, done });
    expect(refused).toBeGreaterThan(0);
    if (isLong) expect(done).toBeGreaterThan(0);
  },
);

test('a history is read where no file can be added beside it', async (context) => {
  const disk = mountTinyDisk('16m');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  cpSync(join(prepared, 'old.db'), join(disk, 'old.db'));
  fillDisk(join(disk, 'filler'));
  const ended = await runLine('webhook export --format csv --history old.db', disk);
  expect([ended.code, ended.stderr, ended.stdout.trim().split('\n').length]).toEqual([0, '', 1 + ROWS]);
});

/** Each with its deliveries before the write. */
const HISTORIES = [
  ['history.db', SENT],
  ['old.db', ROWS],
  ['new.db', 0],
] as const;

/** Of a history that is whole, as a copy elsewhere shows; of one that was not begun, none. */
async function countDeliveries(history: string): Promise<number> {
  if (!existsSync(history)) return 0;
  const copy = copyHistory(history, testFolder());
  if ((await countRows(copy, "select count(*) from sqlite_master where name = 'delivery'")) === 0) return 0;
  const [found] = await expectSound(copy, 'select count(*) from delivery');
  return Number(found);
}

interface Amounts {
  /** Before the write, and after the whole of it. */
  rows: number;
  leaves: number;
  isDone: boolean;
}

/** Nothing is lost that was to stay; where the program counted what it could not record, all the rest is there. */
function expectAmount(found: number, { rows, leaves, isDone }: Amounts, stderr: string): void {
  const [, unrecorded, sent] = /(\d+) of (\d+) sent events were not recorded/.exec(stderr) ?? [];
  if (sent !== undefined) expect(found).toBe(rows + Number(sent) - Number(unrecorded));
  expect(found).toBeGreaterThanOrEqual(isDone ? leaves : Math.min(rows, leaves));
  expect(found).toBeLessThanOrEqual(isDone ? leaves : Math.max(rows, leaves));
}
