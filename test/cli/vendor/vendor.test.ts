import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator, type Schema } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { readVendorFile } from '../../../src/config/read-vendor-file.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';
import { ACME, writeVendor } from '../../config/vendor-files.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram, type Ended } from '../../helpers/program.ts';
import { findVendor, VENDORS } from '../../helpers/vendors.ts';

/** `webhook vendor …` in a folder of its own. */
function project(): { folder: string; run: (...args: string[]) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_CONFIG_HOME: folder };
  return { folder, run: (...args) => runProgram('webhook', ['vendor', ...args], { cwd: folder, env }) };
}

test('show > file, and the file is the vendor again', async () => {
  const { folder, run } = project();
  const { code, stdout } = await run('show', 'mail2many');
  expect(code).toBe(0);
  const path = writeVendor(folder, 'm.json', stdout);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: './node_modules/hookproof/dist/vendor.schema.json' });
  const { vendor } = await readVendorFile(path, path, { kind: 'config', builtIn: builtInVendors });
  expect(vendor).toEqual(findVendor('mail2many'));
  const checked = await run('check', 'm.json', '--reporter', 'json');
  expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([0, { vendor: 'mail2many', target: 'm.json' }]);
});

test('list has the built-in vendors and those of the configuration, with where they are from', async () => {
  const { folder, run } = project();
  writeVendor(folder, 'acme.vendor.json', ACME);
  writeFileSync(join(folder, 'webhook.config.json'), '{"vendors": ["./acme.vendor.json"], "webhooks": []}');
  const { vendors } = JSON.parse((await run('list', '--json')).stdout) as { vendors: { vendor: string }[] };
  expect(vendors.map(({ vendor }) => vendor).toSorted()).toEqual([...VENDORS.map(({ id }) => id), 'acme'].toSorted());
  expect(vendors.find(({ vendor }) => vendor === 'acme')).toEqual({
    vendor: 'acme',
    title: 'Acme',
    documentation: join(folder, 'acme.vendor.json'),
    asOf: expect.stringMatching(/^\d{4}-/) as string,
    file: join(folder, 'acme.vendor.json'),
    events: ['order.created', 'order.paid'],
    signature: { algorithm: 'hmac-sha256', at: { header: 'X-Acme-Signature' } },
    certainty: 'user',
  });
  expect((await run('list')).stdout).toMatch(
    /^acme +Acme +2 +hmac-sha256, X-Acme-Signature header \(user\) +acme\.vendor\.json$/m,
  );
  expect(JSON.parse((await run('show', 'acme')).stdout)).toMatchObject({ id: 'acme', title: 'Acme' });
});

test('a configuration that is wrong is told, and hides no built-in vendor', async () => {
  const { folder, run } = project();
  writeFileSync(join(folder, 'webhook.config.json'), '{"vendors": ["./no.json"], "webhooks": []}');
  const { code, stdout, stderr } = await run('list');
  expect([code, stdout, stderr]).toEqual([
    0,
    expect.stringContaining('mail2many'),
    expect.stringMatching(
      /the configured vendors are ignored: .*vendors\[0\]: the vendor file .*no\.json does not exist/,
    ),
  ]);
});

test('the schema that is printed is the one that is published', async () => {
  const printed = JSON.parse((await project().run('schema')).stdout) as Schema;
  expect(printed).toEqual(JSON.parse(readFileSync(join(bin('webhook'), '../../dist/vendor.schema.json'), 'utf8')));
  expect(new Validator(printed, '2020-12').validate(ACME).valid).toBe(true);
});

test.each<[what: string, args: string[], code: number, text: RegExp]>([
  ['an unknown vendor', ['show', 'mail2mani'], 2, /unknown vendor "mail2mani"[^]*mail2many/],
  ['a missing file', ['check', 'no.json'], 5, /vendor file no\.json does not exist/],
  ['a mistyped key', ['check', 'bad.json'], 5, /bad\.json:\d+:\d+: evnets: unknown key "evnets"[^]*events/],
  ['a contradiction', ['check', 'wrong.json'], 1, /fail +vectors[^]*but [0-9a-f]{64} was computed/],
  ['a folder', ['check', '.'], 5, /the vendor file \. could not be read: it is a folder/],
])('%s ends with its code', async (_, args, code, text) => {
  const { folder, run } = project();
  writeVendor(folder, 'bad.json', { ...ACME, evnets: [] });
  const vector = { secret: 'whsec_x', body: '{}', signature: `t=1,v1=${'0'.repeat(64)}` };
  writeVendor(folder, 'wrong.json', { ...ACME, vectors: [vector] });
  const ended = await run(...args);
  expect([ended.code, `${ended.stdout}${ended.stderr}`]).toEqual([code, expect.stringMatching(text)]);
});

test('a file that contradicts its own vectors cannot send', async () => {
  const { folder } = project();
  const vector = { secret: 'whsec_x', body: '{}', signature: `t=1,v1=${'0'.repeat(64)}` };
  writeVendor(folder, 'wrong.json', { ...ACME, vectors: [vector] });
  const args = ['--vendor', './wrong.json', '--event', 'order.paid', '--url', 'http://127.0.0.1:9/', '--secret', 's'];
  const { code, stderr } = await runProgram('webhook', ['send', ...args], { cwd: folder, env: { HOME: folder } });
  expect([code, stderr]).toEqual([2, expect.stringContaining('./wrong.json contradicts its own vectors: vector 1')]);
});

test('what is shown may be cut off by its reader', async () => {
  const { code, stdout, stderr } = await runCommandLine('sh', [
    '-c',
    `'${process.execPath}' '${bin('webhook')}' vendor show mailkite | head -n 3`,
  ]);
  expect([code, stdout.split('\n').length, stderr]).toEqual([0, 4, '']);
});
