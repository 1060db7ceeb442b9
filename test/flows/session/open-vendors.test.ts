import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { openVendors, openVendorsLazily } from '../../../src/flows/session/open-vendors.ts';
import { chooseReplayTarget } from '../../../src/flows/send/replay-delivery.ts';
import type { StoredDelivery } from '../../../src/model/attempt.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { VendorEntry, VendorRegistry } from '../../../src/model/vendor-registry.ts';
import type { Config } from '../../../src/model/webhook.ts';
import { findSender } from '../../../src/vendors/registry.ts';
import { BUILT_IN } from '../../../src/vendors/vendor-index.ts';
import { ACME, writeVendor } from '../../config/vendor-files.ts';
import { testFolder } from '../../helpers/folder.ts';

const HOOK = {
  uuid: '11111111-1111-4111-8111-111111111111',
  name: 'orders',
  vendor: './acme.vendor.json',
  url: 'http://127.0.0.1:3000/hook',
  events: ['order.created'],
};

interface Project {
  folder: string;
  read: () => Promise<Config>;
  open: () => Promise<VendorRegistry>;
}

/** A folder with a configuration, and vendor files by their names. */
function project(config: object, files: Record<string, JsonObject> = { 'acme.vendor.json': ACME }): Project {
  const folder = testFolder();
  writeFileSync(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks: [], ...config }, null, 2));
  for (const [name, content] of Object.entries(files)) writeVendor(folder, name, content);
  const read = (): Promise<Config> =>
    loadConfig(undefined, { workingDirectory: folder, homeDirectory: folder, env: {} });
  return { folder, read, open: async () => openVendors(await read(), { workingDirectory: folder }) };
}

test('a webhook of a vendor file is one of its vendor, by the id', async () => {
  const { read, open } = project({
    webhooks: [HOOK, { ...HOOK, uuid: HOOK.uuid.replace(/1/g, '2'), name: 'b', vendor: 'acme' }],
  });
  expect((await read()).webhooks.map(({ vendor }) => vendor)).toEqual(['acme', 'acme']);
  const vendors = await open();
  const ids = vendors.entries.map(({ id }) => id);
  expect(ids.indexOf('acme')).toBe(BUILT_IN.filter(({ isOriginal }) => isOriginal).length);
  expect(ids.toSorted()).toEqual([...BUILT_IN.map(({ id }) => id), 'acme'].toSorted());
  expect((await vendors.load('acme')).title).toBe('Acme');
  expect((await vendors.loadAll()).map(({ id }) => id)).toEqual(ids);
});

test('a vendor that is listed is known, and its events to the webhooks of it', async () => {
  const { open } = project({ vendors: ['~/acme.vendor.json'] });
  expect((await (await open()).load('acme')).events).toHaveLength(2);
  const wrong = project({ vendors: ['./acme.vendor.json'], webhooks: [{ ...HOOK, events: ['order.creatd'] }] });
  await expect(wrong.read()).rejects.toThrow('unknown event of acme "order.creatd", expected one of order.created, ');
});

test.each<[what: string, config: object, files: Record<string, JsonObject>, message: RegExp]>([
  [
    'a missing file',
    { vendors: ['./no.json'] },
    {},
    /webhook\.config\.json:4:5: vendors\[0\]: the vendor file .*no\.json does not exist$/,
  ],
  [
    'a file with a fault',
    { webhooks: [HOOK] },
    { 'acme.vendor.json': { ...ACME, titel: 'A' } },
    /acme\.vendor\.json:\d+:\d+: titel: unknown key/,
  ],
  [
    'an id of hookproof',
    { vendors: ['./a.json'] },
    { 'a.json': { ...ACME, id: 'mailkit' } },
    /webhook\.config\.json:4:5: vendors\[0\]: its id "mailkit" is already used by a built-in vendor: expected a different "id" in the file$/,
  ],
  [
    'one id twice',
    { vendors: ['./a.json', './b.json'] },
    { 'a.json': ACME, 'b.json': ACME },
    /webhook\.config\.json:5:5: vendors\[1\]: its id "acme" is already used by .*a\.json: expected a different "id" in the file$/,
  ],
  [
    'what is no path',
    { vendors: ['acme'] },
    {},
    /vendors\[0\]: expected the path of a vendor file, such as \.\/acme\.vendor\.json/,
  ],
])('%s in a configuration is told', async (_, config, files, message) => {
  await expect(project(config, files).read()).rejects.toThrow(
    expect.objectContaining({ kind: 'config', message: expect.stringMatching(message) as unknown }),
  );
});

const senderAmong = (among: readonly VendorEntry[], event: string): string => {
  try {
    return findSender(among, event, []);
  } catch (error) {
    return (error as Error).message.split(':', 1)[0] as string;
  }
};

test('what an event name meant, it means with a vendor file that has the event, too', async () => {
  const events = BUILT_IN.flatMap((one) => one.events);
  const same = { ...ACME, events: [...new Set(events)].map((name) => ({ name, sample: {} })) };
  const { entries } = await project({ vendors: ['./acme.vendor.json'] }, { 'acme.vendor.json': same }).open();
  const meant = events.map((event) => senderAmong(BUILT_IN, event));
  expect(meant).toContain('mail2many');
  expect(events.map((event) => senderAmong(entries, event))).toEqual(meant);
});

test("a vendor that hookproof learns later gives way to the user's own file", async () => {
  const later = BUILT_IN.find(({ isOriginal }) => !isOriginal);
  if (later === undefined) return;
  const own = { 'acme.vendor.json': { ...ACME, id: later.id } };
  const vendors = await project({ vendors: ['./acme.vendor.json'] }, own).open();
  expect((await vendors.load(later.id)).title).toBe('Acme');
  expect(vendors.entries.filter(({ id }) => id === later.id)).toHaveLength(1);
});

test('a file that contradicts its own vectors is not used, and keeps nobody from the other vendors', async () => {
  const wrong = { ...ACME, vectors: [{ secret: 's', body: '{}', signature: 't=1,v1=00' }] };
  const vendors = await project({ vendors: ['./acme.vendor.json'] }, { 'acme.vendor.json': wrong }).open();
  await expect(vendors.load('acme')).rejects.toThrow(
    expect.objectContaining({
      kind: 'config',
      message: expect.stringMatching(
        /acme\.vendor\.json contradicts its own vectors: vector 1: the signature is not 64/,
      ),
    }),
  );
  expect((await vendors.load('mailkit')).id).toBe('mailkit');
});

test('only who asks for a vendor of the configuration has it read', async () => {
  const { folder, read } = project({ vendors: ['./acme.vendor.json'] });
  let reads = 0;
  const vendors = openVendorsLazily(() => ((reads += 1), read()), { workingDirectory: folder });
  await vendors.load('mailkit');
  await vendors.load('./acme.vendor.json');
  expect(reads).toBe(0);
  expect([(await vendors.load('acme')).id, reads]).toEqual(['acme', 1]);
});

test.each<[named: string | undefined, outcome: string]>([
  [undefined, 'the delivery is from acme, which is neither built in nor configured'],
  ['mailkit', 'the delivery is from acme, not from mailkit'],
  ['./acme.vendor.json', 'Acme'],
])('a delivery of a vendor that only a file knows, replayed with --vendor %s: %s', async (vendor, outcome) => {
  const { open, read } = project({});
  const stored = { vendor: 'acme', event: 'order.paid', url: 'http://127.0.0.1/', webhookUuid: '' } as StoredDelivery;
  const target = await chooseReplayTarget(stored, await read(), await open(), { vendor }).then(
    ({ vendor: { title } }) => title,
    (error: Error) => error.message,
  );
  expect(target).toBe(outcome);
});
