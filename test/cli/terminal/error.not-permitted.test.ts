import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin } from '../../helpers/program.ts';

/**
 * Root may read and write everything: then the programs go on as nobody. They begin as root, since a Node below root's
 * home is one that nobody may start.
 */
const isRoot = process.getuid?.() === 0;
const BE_NOBODY = `import { isMainThread } from 'node:worker_threads';
if (isMainThread) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }`;
const AS_NOBODY = isRoot ? ['--import', `data:text/javascript,${encodeURIComponent(BE_NOBODY)}`] : [];

/** A folder whose files and subfolders may not be read, with a home that may not be written to, as in a container. */
function closedFolder(): string {
  const cwd = testFolder();
  for (const name of ['home', 'closed']) mkdirSync(join(cwd, name));
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(join(cwd, name), text);
    chmodSync(join(cwd, name), 0);
  }
  chmodSync(join(cwd, 'closed'), 0);
  chmodSync(join(cwd, 'home'), 0o555);
  chmodSync(cwd, 0o555);
  return cwd;
}

const FILES = {
  'secret.txt': 'secret',
  'shop.json': '{"webhooks":[]}',
  'acme.vendor.json': '{}',
  'nginx.conf': 'events {}',
  'known.json': '{}',
  'history.db': '',
};

const SEND = ['send', '--event', 'optin', '--url', 'http://127.0.0.1:1/', '--secret-env', 'SECRET'];

const ROWS: readonly (readonly [args: readonly string[], code: number, words: readonly string[]])[] = [
  [
    SEND,
    4,
    [
      'cannot be created: you are not allowed to write there',
      '--history FILE or WEBHOOK_HISTORY; --no-history does without',
    ],
  ],
  [['listen', '--port', '0', '--for', '1s'], 4, ['you are not allowed to write there', '--no-history does without']],
  [[...SEND, '--history', 'history.db'], 4, ['is read-only', '--no-history does without']],
  [[...SEND, '--history', 'closed/history.db'], 4, ['you are not allowed to write there', '--no-history does without']],
  [
    [...SEND.slice(0, -2), '--no-history', '--secret-file', 'secret.txt'],
    2,
    ['the secret could not be read from', 'you are not allowed to read it'],
  ],
  [['list', '--config', 'shop.json'], 2, ['could not be read: you are not allowed to read it']],
  [['init'], 2, ['could not be written: you are not allowed to write there', '--config FILE']],
  [['vendor', 'check', 'acme.vendor.json'], 5, ['could not be read: you are not allowed to read it']],
  [['history', 'list', '--history', 'history.db'], 4, ['cannot be opened: you are not allowed to read it']],
  [['history', 'list', '--history', 'closed/history.db'], 4, ['cannot be read: you are not allowed to read it']],
  [['history', 'stats', '--history', 'closed/history.db'], 4, ['cannot be read: you are not allowed to read it']],
  [
    ['check-source', '--nginx', 'nginx.conf', '--path', '/hook', '--vendor', 'mailkit'],
    5,
    [': you are not allowed to read it'],
  ],
  [
    ['test', '--url', 'http://127.0.0.1:1/', '--vendor', 'mailkit', '--baseline', 'known.json'],
    5,
    [': you are not allowed to read it'],
  ],
];

test.skipIf(process.platform === 'win32').each(ROWS)('webhook %j: in words, and what to do', (args, code, words) => {
  const cwd = closedFolder();
  const env = { PATH: process.env['PATH'], HOME: join(cwd, 'home'), SECRET: 'the-signing-secret' };
  const ended = spawnSync(process.execPath, [...AS_NOBODY, bin('webhook'), ...args], { cwd, env, encoding: 'utf8' });
  chmodSync(cwd, 0o755);
  chmodSync(join(cwd, 'closed'), 0o755);
  expect({ code: ended.status, stdout: ended.stdout }, ended.stderr).toEqual({ code, stdout: '' });
  for (const text of words) expect(ended.stderr).toContain(text);
  expect(ended.stderr).not.toMatch(/\bE[A-Z]{4,}\b|permission denied/);
});
