import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { openEndpoint } from '../helpers/endpoint.ts';
import { runProgram } from '../helpers/program.ts';

/** A history that 0.1.0 wrote (by test/upgrade/write-history.js; shortened), and what 0.1.0 reads of it. */
const OLD = resolve(import.meta.dirname, '../upgrade/0.1.0');
const old = (name: string): string => readFileSync(join(OLD, name), 'utf8');
const EXPORTS = readdirSync(OLD).flatMap((name) => {
  const [, uuid, format] = /^([0-9a-f-]{36})[.](\w+)[.]txt$/.exec(name) ?? [];
  return uuid === undefined || format === undefined ? [] : [{ name, uuid, format }];
});

function oldHistory(): string {
  const file = join(testFolder(), 'history.db');
  const database = new Libsql(file);
  database.exec(old('history.sql'));
  database.close();
  return file;
}

async function expectExports(file: string): Promise<void> {
  expect(EXPORTS.length).toBe(6);
  for (const { name, uuid, format } of EXPORTS) {
    const flags = ['--uuid', uuid, '--format', format, '--include-bodies', '--include-tests', '--history', file];
    expect(await runProgram('mp-export', flags, { env: { HOME: OLD } }), name).toMatchObject({
      code: 0,
      stdout: old(name),
    });
  }
}

test('a history of 0.1.0 is exported byte for byte as 0.1.0 exported it, before and after it is written to', async () => {
  const file = oldHistory();
  const { url } = await openEndpoint();
  await expectExports(file);
  const send = ['send', '--vendor', 'mailkit', '--event', 'subscribe', '--url', url, '--history', file];
  expect(await runProgram('webhook', send, { env: { HOME: OLD } })).toMatchObject({ code: 0 });
  await expectExports(file);
  // 0.1.0 refuses a file of a higher version: what it need not know is added without raising it.
  expect(new Libsql(file).prepare('pragma user_version').get()).toMatchObject({ user_version: 2 });
});

test('deliveries of a history of 0.1.0 are listed with all that 0.1.0 told of them', async () => {
  const flags = ['history', 'list', '--limit', '1000', '--json', '--history', oldHistory()];
  const { stdout } = await runProgram('webhook', flags, { env: { HOME: OLD } });
  expect(JSON.parse(stdout)).toMatchObject(JSON.parse(old('list.json.txt')) as object);
});

test('a copy of a history of 0.1.0 is exported as 0.1.0 exported the history', async () => {
  const copy = join(testFolder(), 'copy.db');
  const flags = ['history', 'copy', '--from', oldHistory(), '--to', copy];
  expect(await runProgram('webhook', flags, { env: { HOME: OLD } })).toMatchObject({ code: 0 });
  await expectExports(copy);
});
