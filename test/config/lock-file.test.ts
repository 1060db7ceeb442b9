import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from '../../src/config/lock-file.ts';
import { addWebhook } from '../../src/config/write-config.ts';
import { testFolder } from '../helpers/folder.ts';
import { bin, runCommandLine, runProgram, type Ended } from '../helpers/program.ts';
import { fillDisk, mountTinyDisk } from '../helpers/tiny-disk.ts';
import { BLOG, KNOWN, SHOP } from './known.ts';

const FILE = 'webhook.config.json';
const EMPTY = JSON.stringify({ webhooks: [] });
/** Before, an edit waited for ten seconds. */
const SOON_MS = 6000;

const deadPid = (): number => spawnSync('true').pid;

test.each([
  ['nobody: it is empty', ''],
  ['a process that is gone', `${deadPid()} on ${hostname()}`],
  ['an earlier process of our own number', `${process.pid} on ${hostname()}`],
])('a lock of %s is taken over at once', (_, mark) => {
  const lock = join(testFolder(), 'some.lock');
  writeFileSync(lock, mark);
  const beganMs = performance.now();
  expect(withLock(lock, (isHeld) => isHeld())).toBe(true);
  expect([performance.now() - beganMs < 1000, existsSync(lock)]).toEqual([true, false]);
});

test.each([
  ['of a process that lives', `${process.ppid} on ${hostname()}`],
  ['of another machine, whoever has that number here', `${deadPid()} on elsewhere.example`],
])('a lock %s is waited for', (_, mark) => {
  const lock = join(testFolder(), 'some.lock');
  writeFileSync(lock, mark);
  expect(() => withLock(lock, () => 'done', { waitAtMostMs: 30 })).toThrow(expect.objectContaining({ kind: 'config' }));
  expect(readFileSync(lock, 'utf8')).toBe(mark);
});

test('what a killed edit left beside the file goes with the next one, and nothing else', () => {
  const folder = testFolder();
  const path = join(folder, FILE);
  writeFileSync(path, EMPTY);
  const gone = [`${FILE}.${deadPid()}.tmp`, `${FILE}.lock.${deadPid()}`];
  const kept = [`${FILE}.${process.ppid}.tmp`, `${FILE}.bak`, `other.${deadPid()}.tmp`];
  for (const name of [...gone, ...kept]) writeFileSync(join(folder, name), 'x');
  addWebhook(path, SHOP, KNOWN);
  expect(readdirSync(folder).toSorted()).toEqual([FILE, ...kept].toSorted());
});

const ADD = ['add', 'shop', '--vendor', 'mailkit', '--url', 'https://shop.example/hook', '--events', 'subscribe'];
const addIn = (folder: string): Promise<Ended> => runProgram('webhook', ADD, { cwd: folder, env: { HOME: folder } });

async function expectNextEdit(folder: string): Promise<void> {
  const beganMs = performance.now();
  expect(await addIn(folder)).toMatchObject({ code: 0 });
  expect(performance.now() - beganMs).toBeLessThan(SOON_MS);
  expect(readdirSync(folder).filter((name) => name.startsWith(FILE))).toEqual([FILE]);
}

test('an edit that was killed while it held the lock does not hold up the next one', async () => {
  const folder = testFolder();
  const path = join(folder, FILE);
  // A pipe is read twice, the second time under the lock: then nobody writes, and it waits.
  execFileSync('mkfifo', [path]);
  const edit = spawn(process.execPath, [bin('webhook'), ...ADD], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  const ended = new Promise((done) => edit.on('close', (_, signal) => done(signal)));
  onTestFinished(() => void edit.kill('SIGKILL'));
  await runCommandLine('sh', ['-c', `printf '%s' '${EMPTY}' > ${FILE}`], { cwd: folder });
  const markOf = (): string => (existsSync(`${path}.lock`) ? readFileSync(`${path}.lock`, 'utf8') : '');
  await expect.poll(markOf, { timeout: 60_000, interval: 20 }).toBe(`${edit.pid} on ${hostname()}`);
  edit.kill('SIGKILL');
  expect([await ended, markOf()]).toEqual(['SIGKILL', `${edit.pid} on ${hostname()}`]);
  rmSync(path);
  writeFileSync(path, EMPTY);
  await expectNextEdit(folder);
});

test('an edit that may write no file leaves no lock', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, FILE), EMPTY);
  const line = `ulimit -f 0; '${process.execPath}' '${bin('webhook')}' ${ADD.join(' ')}`;
  // Node would keep compiled code in a file first.
  const env = { HOME: folder, NODE_DISABLE_COMPILE_CACHE: '1' };
  const limited = await runCommandLine('sh', ['-c', line], { cwd: folder, env });
  expect([limited.code, limited.stderr]).toEqual([
    2,
    expect.stringContaining('it would exceed the file size limit (ulimit -f)'),
  ]);
  await expectNextEdit(folder);
});

test('a full disk is told as such, and leaves neither lock nor half a file', async (context) => {
  const disk = mountTinyDisk('16k');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  const text = JSON.stringify({
    webhooks: [BLOG].map((one) => ({ ...one, vendor: 'mailkit', events: ['subscribe'] })),
  });
  writeFileSync(join(disk, FILE), text);
  fillDisk(join(disk, 'filler'));
  const full = await addIn(disk);
  expect([full.code, full.stderr]).toEqual([
    2,
    expect.stringMatching(/webhook.config.json could not be written: the disk is full\n.*free some space/),
  ]);
  expect(readdirSync(disk).toSorted()).toEqual(['filler', FILE].toSorted());
  rmSync(join(disk, FILE));
  fillDisk(join(disk, 'filler2'));
  expect((await runProgram('webhook', ['init'], { cwd: disk, env: { HOME: disk } })).code).toBe(2);
  expect(readdirSync(disk).toSorted()).toEqual(['filler', 'filler2']);
  rmSync(join(disk, 'filler'));
  writeFileSync(join(disk, FILE), text);
  await expectNextEdit(disk);
});

test('who waits for a lock that may still be held is told for whose, once', () => {
  const lock = join(testFolder(), 'some.lock');
  writeFileSync(lock, '1 on elsewhere.example');
  const said: string[] = [];
  const options = { waitAtMostMs: 700, onWait: (words: string) => said.push(words) };
  expect(() => withLock(lock, () => 'done', options)).toThrow('has been locked');
  expect(said).toEqual([`waiting for ${lock}, held by process 1 on elsewhere.example`]);
});
