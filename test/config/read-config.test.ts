import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseConfigPath, findConfig } from '../../src/config/load-config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { BLOG, KNOWN, SHOP } from './known.ts';

const HOME = '/home/me';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookproof-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

test('a byte-order mark is accepted', async () => {
  const path = write('w.json', Buffer.from(`\ufeff${JSON.stringify({ webhooks: [SHOP] })}`));
  expect(await readConfig(path, () => KNOWN, HOME)).toEqual({ path, webhooks: [SHOP] });
});

test('paths are relative to the file or to the home folder, uuids come in lower case', async () => {
  const uuid = 'ABCDEF01-1111-4111-8111-111111111111';
  const path = write('w.json', {
    history: '~/history.db',
    webhooks: [
      {
        ...SHOP,
        uuid,
        secret: { file: '~/s.txt' },
        tls: { cert: '/etc/c.pem', cacert: '../ca.pem', passphrase: { file: 'p.txt' } },
      },
      { ...BLOG, secret: ['s.txt', { file: '~/s.txt' }] },
    ],
  });
  expect(await readConfig(path, () => KNOWN, HOME)).toEqual({
    path,
    history: '~/history.db',
    webhooks: [
      {
        ...SHOP,
        uuid: uuid.toLowerCase(),
        secret: { file: '/home/me/s.txt' },
        tls: { cert: '/etc/c.pem', cacert: join(folder, '../ca.pem'), passphrase: { file: join(folder, 'p.txt') } },
      },
      { ...BLOG, secret: ['s.txt', { file: '/home/me/s.txt' }] },
    ],
  });
});

test.each<[what: string, content: Uint8Array | null, message: RegExp]>([
  ['a missing file', null, /the configuration file .*w\.json does not exist$/],
  [
    'a file that is far too large',
    Buffer.from(`{"$schema": "${'x'.repeat(9_000_000)}", "webhooks": []}`),
    /w\.json is larger than 1 MiB$/,
  ],
  ['UTF-16', Buffer.from('\ufeff{"webhooks": []}', 'utf16le'), /w\.json is not UTF-8 text$/],
  ['an empty file', Buffer.alloc(0), /w\.json:1:1: not valid JSON: expected a value, found the end of the file$/],
])('%s is a configuration error that names the file', async (_, content, message) => {
  if (content !== null) write('w.json', content);
  await expect(readConfig(join(folder, 'w.json'), () => KNOWN, HOME)).rejects.toThrow(
    expect.objectContaining({ kind: 'config', message: expect.stringMatching(message) as unknown }),
  );
});

test('a folder in place of the file is a configuration error', async () => {
  await expect(readConfig(folder, () => KNOWN, HOME)).rejects.toThrow(
    `the configuration file ${folder} could not be read: it is a folder`,
  );
});

test('the nearest file upwards is found', () => {
  const path = write('project/webhook.config.json', {});
  mkdirSync(join(folder, 'project/deep/er'), { recursive: true });
  expect(findConfig(join(folder, 'project/deep/er'))).toBe(path);
});

test('order: flag, environment, project file, user file, none', () => {
  const project = write('project/webhook.config.json', {});
  const user = write('xdg/hookproof/webhook.config.json', {});
  const inProject = join(folder, 'project');
  const XDG_CONFIG_HOME = join(folder, 'xdg');
  const around = {
    workingDirectory: inProject,
    homeDirectory: join(folder, 'home'),
    env: { WEBHOOK_CONFIG: 'e.json', XDG_CONFIG_HOME },
  };
  const outside = { ...around, workingDirectory: folder };
  expect(chooseConfigPath('f.json', around)).toBe(join(inProject, 'f.json'));
  expect(chooseConfigPath(undefined, around)).toBe(join(inProject, 'e.json'));
  expect(chooseConfigPath(undefined, { ...around, env: { WEBHOOK_CONFIG: '', XDG_CONFIG_HOME } })).toBe(project);
  expect(chooseConfigPath(undefined, { ...outside, env: { XDG_CONFIG_HOME } })).toBe(user);
  expect(chooseConfigPath(undefined, { ...outside, env: {} })).toBe(null);
});

test('the user file is in ~/.config where XDG_CONFIG_HOME is missing or relative', () => {
  const user = write('home/.config/hookproof/webhook.config.json', {});
  const around = { workingDirectory: folder, homeDirectory: join(folder, 'home') };
  expect(chooseConfigPath(undefined, { ...around, env: {} })).toBe(user);
  expect(chooseConfigPath(undefined, { ...around, env: { XDG_CONFIG_HOME: 'relative' } })).toBe(user);
});
