import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertWebhook } from '../../src/config/edit-config-text.ts';
import { withLock } from '../../src/config/lock-file.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { addWebhook, createConfig, removeWebhook } from '../../src/config/write-config.ts';
import { BLOG, INBOX, KNOWN, SHOP } from './known.ts';

const HOME = '/home/me';
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookproof-config-'));
  path = join(folder, 'webhook.config.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (): string => readFileSync(path, 'utf8');

const tabbed = `\ufeff{\r
\t"webhooks" : [ \r
\t\t{ "name": "shop", "events": ["opened"],\r
\t\t\t"vendor": "acme", "url": "http://127.0.0.1:3000/hook", "uuid": "${SHOP.uuid}" }\r
\t],\r
\t"history": "h.db", "$schema": "x"\r
}\r
`;

test('a new file has its schema and no webhooks, has the mode of any new file, and reads', async () => {
  createConfig(path, { replace: false });
  expect(JSON.parse(read())).toEqual({
    $schema: './node_modules/hookproof/dist/webhook.config.schema.json',
    webhooks: [],
  });
  writeFileSync(join(folder, 'other'), '');
  expect(statSync(path).mode).toBe(statSync(join(folder, 'other')).mode);
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([]);
});

test('the folder of a new file is made', async () => {
  path = join(folder, 'a/b/webhook.config.json');
  createConfig(path, { replace: false });
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([]);
});

test('a file that exists is replaced only when asked', async () => {
  writeFileSync(path, 'mine');
  expect(() => createConfig(path, { replace: false })).toThrow(
    expect.objectContaining({ kind: 'usage', message: `${path} already exists` }),
  );
  expect(read()).toBe('mine');
  createConfig(path, { replace: true });
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([]);
});

test('add makes a file only when asked', async () => {
  expect(() => addWebhook(path, SHOP, KNOWN)).toThrow(
    expect.objectContaining({ kind: 'config', message: `the configuration file ${path} does not exist` }),
  );
  for (const webhook of [SHOP, BLOG]) addWebhook(path, webhook, KNOWN, { create: true });
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([SHOP, BLOG]);
  expect(readdirSync(folder)).toEqual(['webhook.config.json']);
});

test('add keeps byte-order mark, line ends, indentation, order and spacing of the rest', () => {
  writeFileSync(path, tabbed);
  addWebhook(path, BLOG, KNOWN);
  const item = JSON.stringify(BLOG, null, '\t').replaceAll('\n', '\r\n\t\t');
  expect(read()).toBe(tabbed.replace('" }\r', `" },\r\n\t\t${item}\r`));
});

test('remove gives back what was there before add', () => {
  writeFileSync(path, tabbed);
  addWebhook(path, BLOG, KNOWN);
  expect(removeWebhook(path, 'BLOG', KNOWN)).toEqual(BLOG);
  expect(read()).toBe(tabbed);
});

test.each([
  ['the first', SHOP],
  ['the middle', BLOG],
  ['the last', INBOX],
])('%s of three is removed, by uuid', (_, gone) => {
  const others = [SHOP, BLOG, INBOX].filter((webhook) => webhook !== gone);
  writeFileSync(path, JSON.stringify({ webhooks: [SHOP, BLOG, INBOX] }, null, 2));
  removeWebhook(path, gone.uuid.toUpperCase(), KNOWN);
  expect(read()).toBe(JSON.stringify({ webhooks: others }, null, 2));
});

test.each([
  ['compact', undefined],
  ['two spaces', 2],
])('add from nothing looks like JSON.stringify: %s', (_, indent) => {
  const empty = JSON.stringify({ webhooks: [], history: 'h' }, null, indent);
  const one = insertWebhook(empty, SHOP);
  expect(one).toBe(JSON.stringify({ webhooks: [SHOP], history: 'h' }, null, indent));
  expect(insertWebhook(one, BLOG)).toBe(JSON.stringify({ webhooks: [SHOP, BLOG], history: 'h' }, null, indent));
});

test('the last webhook leaves an empty list', () => {
  writeFileSync(path, JSON.stringify({ webhooks: [SHOP] }, null, 2));
  removeWebhook(path, 'shop', KNOWN);
  expect(read()).toBe(JSON.stringify({ webhooks: [] }, null, 2));
});

test('the mode stays, a link stays a link, nothing else is left in the folder', async () => {
  mkdirSync(join(folder, 'real'));
  const target = join(folder, 'real/file.json');
  writeFileSync(target, JSON.stringify({ webhooks: [] }));
  chmodSync(target, 0o640);
  symlinkSync('real/file.json', path);
  addWebhook(path, SHOP, KNOWN);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(statSync(target).mode & 0o777).toBe(0o640);
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([SHOP]);
  expect(readdirSync(join(folder, 'real'))).toEqual(['file.json']);
});

const LITERAL = { ...BLOG, secret: 'hunter2' };
test.each([
  ['a secret as text', LITERAL, 0o644, 0o600],
  ['a secret as text in a file for a group', LITERAL, 0o640, 0o640],
  ['a passphrase as text', { ...BLOG, tls: { pfx: 'a.pfx', passphrase: 'hunter2' } }, 0o664, 0o600],
  ['a password in the URL', { ...BLOG, url: 'https://user:pw@shop.example/' }, 0o644, 0o600],
  ['a token in the URL', { ...BLOG, url: 'https://shop.example/?token=hunter2' }, 0o644, 0o600],
  ['the place of a secret', { ...BLOG, secret: { env: 'SECRET' } }, 0o644, 0o644],
])('a webhook with %s: the mode', (_, webhook, before, after) => {
  writeFileSync(path, JSON.stringify({ webhooks: [] }));
  chmodSync(path, before);
  addWebhook(path, webhook, KNOWN);
  expect((statSync(path).mode & 0o777).toString(8)).toBe(after.toString(8));
});

test.each([
  ['the name is taken', { ...BLOG, name: 'Shop' }, `already has a webhook "shop" with uuid ${SHOP.uuid}`],
  ['the uuid is taken', { ...BLOG, uuid: SHOP.uuid }, `already has a webhook "shop" with uuid ${SHOP.uuid}`],
  ['the URL is none', { ...BLOG, url: 'example.org' }, 'the webhook "blog": url: expected an http'],
])('add refuses and leaves the file alone: %s', (_, webhook, message) => {
  const before = JSON.stringify({ webhooks: [SHOP] });
  writeFileSync(path, before);
  expect(() => addWebhook(path, webhook, KNOWN)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(message) as unknown }),
  );
  expect(read()).toBe(before);
});

test('remove of an unknown name offers the known ones', () => {
  writeFileSync(path, JSON.stringify({ webhooks: [SHOP] }));
  expect(() => removeWebhook(path, 'shp', KNOWN)).toThrow(
    expect.objectContaining({ kind: 'usage', unknown: { given: 'shp', among: ['shop', SHOP.uuid] } }),
  );
});

test('a wrong file is not edited', () => {
  writeFileSync(path, '{"webhooks": [{}]}');
  expect(() => addWebhook(path, SHOP, KNOWN)).toThrow(expect.objectContaining({ kind: 'config' }));
  expect(read()).toBe('{"webhooks": [{}]}');
});

test('a lock that was left behind is taken over', async () => {
  writeFileSync(path, JSON.stringify({ webhooks: [SHOP] }));
  writeFileSync(`${path}.lock`, '1 on elsewhere.example');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${path}.lock`, longAgo, longAgo);
  addWebhook(path, BLOG, KNOWN);
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([SHOP, BLOG]);
  expect(readdirSync(folder)).toEqual(['webhook.config.json']);
});

test('a lock that somebody holds is waited for, but not for ever', () => {
  const lock = join(folder, 'some.lock');
  writeFileSync(lock, '1 on elsewhere.example');
  const message = `${lock} has been locked for more than 0.03 s, now by process 1 on elsewhere.example`;
  expect(() => withLock(lock, () => 'done', { waitAtMostMs: 30 })).toThrow(
    expect.objectContaining({ kind: 'config', message }),
  );
  expect(readFileSync(lock, 'utf8')).toBe('1 on elsewhere.example');
});

test('a lock that was taken from its holder is known to be lost, and left to the new one', () => {
  const lock = join(folder, 'some.lock');
  withLock(lock, (isHeld) => {
    expect(isHeld()).toBe(true);
    writeFileSync(lock, '1 on elsewhere.example');
    expect(isHeld()).toBe(false);
  });
  expect(readFileSync(lock, 'utf8')).toBe('1 on elsewhere.example');
});

test('a change by another program between reading and writing is kept', async () => {
  writeFileSync(path, JSON.stringify({ webhooks: [SHOP] }));
  let asked = 0;
  const meddling = {
    get vendors() {
      asked += 1;
      // The first time BLOG itself is checked; the second time the file has just been read.
      if (asked === 2) writeFileSync(path, JSON.stringify({ webhooks: [SHOP, INBOX] }));
      return KNOWN.vendors;
    },
  };
  addWebhook(path, BLOG, meddling);
  expect((await readConfig(path, () => KNOWN, HOME)).webhooks).toEqual([SHOP, INBOX, BLOG]);
});
