import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { ACME, writeVendor } from '../../config/vendor-files.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { readVendorFile } from '../../../src/config/read-vendor-file.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

const FILE = 'acme.vendor.json';
const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

let folder: string;
const run = (...args: string[]): Promise<Ended> =>
  runProgram('webhook', args, {
    cwd: folder,
    env: { HOME: folder, XDG_CONFIG_HOME: folder, WEBHOOK_HISTORY: join(folder, 'h.db'), SECRET },
  });

beforeEach(() => {
  folder = testFolder();
  writeVendor(folder, FILE, {
    ...ACME,
    trust: { networks: { value: ['192.0.2.0/24'] }, clientCertificate: { value: true } },
  });
});

test('one file after the other: a delivery is sent, found, judged and sent again', async () => {
  const { vendor } = await readVendorFile(FILE, join(folder, FILE), { kind: 'config', builtIn: builtInVendors });
  const server = await openReferenceServer(vendor, { secret: SECRET });
  const to = ['--url', server.url, '--secret-env', 'SECRET'];
  const sent = await run('send', '--vendor', FILE, '--event', 'order.created', ...to);
  expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('delivered  acme order.created')]);
  const listed = await run('history', 'list', '--vendor', 'acme');
  expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining('order.created')]);
  const verified = await run('verify', '--delivery', 'last', '--vendor', `./${FILE}`, '--secret-env', 'SECRET');
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('valid  Acme')]);
  const lost = await run('replay', 'last', ...to);
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('--vendor ./FILE.json')]);
  expect((await run('replay', 'last', '--vendor', FILE, ...to)).code).toBe(0);
  expect(server.effects).toHaveLength(1);
});

test('a webhook of a vendor file is configured, listed and called', async () => {
  const added = await run(
    'add',
    'orders',
    '--vendor',
    FILE,
    '--url',
    'http://127.0.0.1:9/hook',
    '--secret-env',
    'SECRET',
  );
  expect([added.code, added.stderr]).toEqual([0, expect.stringContaining('next: webhook send --to orders')]);
  const shown = await run('config', 'show', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({
    vendors: [join(folder, FILE)],
    webhooks: [{ vendor: 'acme', events: ['order.created', 'order.paid'] }],
  });
  const dry = await run('send', '--to', 'orders', '--event', 'order.paid', '--dry-run');
  expect(dry.stdout).toContain('X-Acme-Signature: t=');
  expect((await run('remove', 'orders')).code).toBe(0);
});

test.each<[args: string, output: string]>([
  [
    `sample order.created --vendor ./${FILE}`,
    '"total":12.5,"paid":true,"note":null,"buyer":{"name":"Mia","tags":["x"]}',
  ],
  [`events ./${FILE}`, 'Acme  acme'],
  [`events ${FILE} order.created --schema`, '"title": "order.created"'],
  [`retries --table --vendor ./${FILE}`, 'given up'],
  [`test --list --vendor ./${FILE} --url http://127.0.0.1:9/ --secret-env SECRET`, 'no-signature'],
  [`certs snippet --vendor ./${FILE}`, `verify-cert https://`],
  [`check-source 192.0.2.7 --vendor ./${FILE}`, '192.0.2.7'],
  [`listen --vendor ${FILE} --secret-env SECRET --port 0 --for 10ms`, 'listening on'],
])('webhook %s', async (line, output) => {
  const { code, stdout, stderr } = await run(...line.split(' '));
  expect([code, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining(output)]);
});

test('a bad file is told with its place, and ends with 2', async () => {
  writeVendor(folder, 'bad.json', { ...ACME, retreis: {} });
  const { code, stderr } = await run('send', '--vendor', './bad.json', '--url', 'http://127.0.0.1:9/');
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/error: \.\/bad\.json:\d+:\d+: retreis: unknown key[^]*retries/),
  ]);
});

const VECTOR = { secret: 's', timestamp: '1700000000', body: '{}', signature: 'AB'.repeat(32).toLowerCase() };

test.each([
  ['send', ['--event', 'order.paid']],
  ['test', []],
  ['retries', ['--event', 'order.paid']],
  ['listen', ['--port', '0', '--for', '10ms']],
])('webhook %s does nothing by a file that contradicts its own vectors', async (command, args) => {
  const { vendor } = await readVendorFile(FILE, join(folder, FILE), { kind: 'config', builtIn: builtInVendors });
  const server = await openReferenceServer(vendor, { secret: SECRET });
  writeVendor(folder, 'wrong.json', { ...ACME, vectors: [VECTOR] });
  const to = command === 'listen' ? [] : ['--url', server.url];
  const { code, stderr } = await run(command, '--vendor', './wrong.json', ...args, ...to, '--secret-env', 'SECRET');
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^error: \.\/wrong\.json contradicts its own vectors: vector 1: its signature is abab/),
  ]);
  expect(server.effects).toEqual([]);
});
