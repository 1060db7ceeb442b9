import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHistory } from '../helpers/open-history.ts';
import { bundleModule } from '../helpers/bundle.js';
import { fillHistory } from '../helpers/fill-history.js';
import { testFolder } from '../helpers/folder.ts';
import { makeRecord } from '../helpers/record.ts';

/** Opens `file` as a user without special rights (root may write everywhere) and prints what comes of it. */
const OPENER = `
  const [module, file] = process.argv.slice(1);
  const { openReader, openWriter = openReader } = await import(module);
  if (process.getuid() === 0) process.setuid(65534);
  try {
    const history = await openWriter(file);
    console.log('deliveries', (await history.list({ limit: 5 })).length);
  } catch (error) {
    console.log(error.kind, error.message);
  }
`;

const MODULES = mkdtempSync(join(tmpdir(), 'hookproof-test-'));
chmodSync(MODULES, 0o755);
const [READER, WRITER] = ['reader', 'writer'].map((name) => join(MODULES, `${name}.mjs`)) as [string, string];

beforeAll(async () => {
  await bundleModule('src/history/reader.ts', READER);
  await bundleModule('src/history/writer.ts', WRITER);
});

afterAll(() => rmSync(MODULES, { recursive: true, force: true }));

test.each([
  [
    'a read-only file',
    { fileMode: 0o444, folderMode: 0o777, readonly: false },
    /^history history \S+history\.db is read-only/,
  ],
  ['a read-only file, to read', { fileMode: 0o444, folderMode: 0o555, readonly: true }, /^deliveries 1\n$/],
  [
    'a file in a read-only folder',
    { fileMode: 0o666, folderMode: 0o555, readonly: false },
    /^history history \S+history\.db (is read-only|cannot be opened)/,
  ],
  [
    'a file of somebody else',
    { fileMode: 0o000, folderMode: 0o777, readonly: true },
    /^history history \S+history\.db cannot be opened: you are not allowed to read it/,
  ],
])('%s', async (_name, { fileMode, folderMode, readonly }, expected) => {
  const folder = testFolder();
  const place = join(folder, 'place');
  const file = join(place, 'history.db');
  const history = await openHistory(file);
  await history.append(...makeRecord(1));
  lockAway(file, fileMode, folderMode);
  expect(openAsOther(OPENER, readonly ? READER : WRITER, file)).toMatch(expected);
});

/** Leaves one file, without companions, as after a copy to a read-only disk. */
function lockAway(file: string, fileMode: number, folderMode: number): void {
  new Libsql(file).exec('pragma wal_checkpoint(truncate)');
  for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  chmodSync(file, fileMode);
  chmodSync(dirname(file), folderMode);
  chmodSync(dirname(dirname(file)), 0o755);
}

function openAsOther(script: string, module: string, file: string): string {
  const args = ['--input-type=module', '-e', script, pathToFileURL(module).href, file];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  chmodSync(dirname(file), 0o755);
  expect(stderr).toBe('');
  return stdout;
}

const FAR = `
  const [module, file] = process.argv.slice(1);
  const { openReader } = await import(module);
  if (process.getuid() === 0) process.setuid(65534);
  const history = await openReader(file);
  const all = { webhookUuid: null, from: null, to: null, asOf: null, event: null, failedOnly: false,
    includeTests: true, order: 'desc' };
  console.log(
    (await history.list({ failed: true, limit: 1 })).map(({ eventId }) => eventId).join(),
    await history.newestTimestamp({ ...all, limit: 100, page: 90 }),
  );
`;

test.each(['without spans', 'with spans'])('a history in a read-only folder is read far back, %s', async (kind) => {
  const file = join(testFolder(), 'place', 'history.db');
  await openHistory(file);
  await fillHistory(file, 12_000, { isWhole: true });
  if (kind === 'with spans') await (await openHistory(file)).list({ failed: true, limit: 1 });
  const spans = new Libsql(file).prepare(`select count(*) from sqlite_schema where name = 'span'`).raw().get([]);
  expect(spans).toEqual([Number(kind === 'with spans')]);
  lockAway(file, 0o444, 0o555);
  // Of 12 000 attempts the oldest twelve failed; 8900 are newer than page 90.
  expect(openAsOther(FAR, READER, file)).toBe('evt_11 2026-01-01T01:27:48.300Z\n');
});

test.skipIf(process.platform !== 'linux')(
  'a folder that can hold no file is an error, and not tried for ever',
  async () => {
    await expect(openHistory('/proc/nowhere/hookproof/history.db')).rejects.toMatchObject({
      kind: 'history',
      message: expect.stringContaining('/proc/nowhere'),
    });
  },
);
