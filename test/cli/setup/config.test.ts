import { createHmac } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator, type Schema } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { VENDORS } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

const FILE = 'webhook.config.json';

type Run = (line: string, cwd?: string, env?: Record<string, string>) => Promise<Ended>;

/** A project folder of its own, and `webhook` run in it (or below) with flags split at spaces. */
function project(config?: unknown): { folder: string; run: Run; read: () => { webhooks: Record<string, unknown>[] } } {
  const folder = testFolder();
  if (config !== undefined)
    writeFileSync(join(folder, FILE), typeof config === 'string' ? config : JSON.stringify(config));
  const run: Run = (line, cwd = '.', env = {}) =>
    runProgram('webhook', line.split(' '), {
      cwd: join(folder, cwd),
      env: { HOME: folder, XDG_CONFIG_HOME: join(folder, 'xdg'), WEBHOOK_HISTORY: join(folder, 'history.db'), ...env },
    });
  return {
    folder,
    run,
    read: () => JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as { webhooks: Record<string, unknown>[] },
  };
}

const SHOP = {
  uuid: '11111111-1111-4111-8111-111111111111',
  name: 'shop',
  vendor: 'mail2many',
  url: 'https://me:hunter2@shop.example/hook',
  events: ['optin'],
  secret: 'hunter2',
  tls: { pfx: 'c.p12', passphrase: 'hunter2' },
};

test('init, add, send, remove: a webhook from its beginning to its end', async () => {
  const endpoint = await openEndpoint();
  const { folder, run, read } = project();
  mkdirSync(join(folder, 'deep/secrets'), { recursive: true });
  writeFileSync(join(folder, 'deep/secrets/shop.txt'), 'of the file\n', { mode: 0o600 });

  expect(await run('init')).toMatchObject({ code: 0, stdout: `created ${join(folder, FILE)}\n` });
  // From a folder below: the file is found upwards, and the secret's path is kept relative to it.
  const added = await run(`add shop --vendor mail2many --url ${endpoint.url} --secret-file secrets/shop.txt`, 'deep');
  expect(added, added.stderr).toMatchObject({ code: 0 });
  const [webhook] = read().webhooks;
  expect(webhook).toEqual({
    uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/) as unknown,
    name: 'shop',
    vendor: 'mail2many',
    url: endpoint.url,
    events: VENDORS.find(({ id }) => id === 'mail2many')?.events.map(({ name }) => name),
    secret: { file: 'deep/secrets/shop.txt' },
  });

  const sent = await run('send --to SHOP --event optin --json', 'deep/secrets');
  expect(sent, sent.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(sent.stdout)).toMatchObject({ webhookUuid: webhook?.['uuid'], outcome: 'delivered' });
  const [seen] = endpoint.seen;
  expect(seen?.headers['x-mail2many-signature']).toBe(
    createHmac('sha256', 'of the file')
      .update(seen?.body ?? '')
      .digest('hex'),
  );

  expect(await run('remove shop')).toMatchObject({
    code: 0,
    stdout: `removed shop  ${String(webhook?.['uuid'])}  from ${join(folder, FILE)}\n`,
  });
  expect(read().webhooks).toEqual([]);
});

test('an event goes to the one webhook that lists it, to each with --all, and to none by guessing', async () => {
  const [one, two] = [await openEndpoint(), await openEndpoint()];
  const { run } = project({
    webhooks: [
      { ...SHOP, url: one.url, events: ['optin', 'optout'], tls: undefined },
      { ...SHOP, url: two.url, uuid: '22222222-2222-4222-8222-222222222222', name: 'blog', tls: undefined },
    ],
  });
  expect(await run('send --event optin')).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/2 configured webhooks .* "shop", "blog"[^]*--to NAME/) as unknown,
  });
  expect([one.seen.length, two.seen.length]).toEqual([0, 0]);
  expect(await run('send --event optout')).toMatchObject({ code: 0 });
  expect([one.seen.length, two.seen.length]).toEqual([1, 0]);
  expect(await run('send --event optin --all')).toMatchObject({ code: 0 });
  expect([one.seen.length, two.seen.length]).toEqual([2, 1]);
});

test('add without a file makes one', async () => {
  const { folder, run, read } = project();
  const ended = await run(
    'add leave --vendor mailkit --url https://shop.example/leave --events unsubscribe,topics_change --json',
  );
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toEqual({ schemaVersion: 2, path: join(folder, FILE), webhook: read().webhooks[0] });
  expect(read().webhooks[0]).toMatchObject({ name: 'leave', events: ['unsubscribe', 'topics_change'] });
});

test('12 processes that add at once lose none', async () => {
  const { folder, run, read } = project({ webhooks: [] });
  const names = Array.from({ length: 12 }, (_, index) => `shop-${index}`);
  const ended = await Promise.all(
    names.map((name) => run(`add ${name} --vendor mail2many --url https://${name}.example/hook`)),
  );
  expect(ended.map(({ code }) => code)).toEqual(names.map(() => 0));
  expect(
    read()
      .webhooks.map(({ name }) => name)
      .toSorted(),
  ).toEqual(names.toSorted());
  expect(readdirSync(folder)).toEqual([FILE]);
});

test.each([
  [
    'an unknown vendor',
    'add x --vendor mail2man --url http://a.example',
    /unknown vendor "mail2man"[^]*did you mean mail2many/,
  ],
  [
    'an unknown event',
    'add x --vendor mail2many --url http://a.example --events optin,optut',
    /events\[1\]: unknown event of mail2many "optut"[^]*did you mean optout/,
  ],
  [
    'a URL without scheme',
    'add x --vendor mail2many --url a.example',
    /the webhook "x": url: expected an http:\/\/ or https:\/\/ URL/,
  ],
  ['a malformed uuid', 'add x --vendor mail2many --url http://a.example --uuid 7', /"7" is not a uuid/],
  [
    'a secret from stdin',
    'add x --vendor mail2many --url http://a.example --secret-file -',
    /standard input cannot be stored/,
  ],
  ['a taken name', 'add shop --vendor mail2many --url http://a.example', /has a webhook "shop" with uuid 1{8}/],
  ['an unknown name to remove', 'remove shopp', /no webhook "shopp" is configured[^]*did you mean shop/],
  ['init over a file', 'init', /webhook\.config\.json already exists[^]*--force/],
])('%s: exit 2, and the file stays as it was', async (_, line, message) => {
  const { folder, run } = project({ webhooks: [SHOP] });
  const before = readFileSync(join(folder, FILE), 'utf8');
  expect(await run(line)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) as unknown });
  expect(readFileSync(join(folder, FILE), 'utf8')).toBe(before);
});

test('init --force replaces the file', async () => {
  const { run, read } = project({ webhooks: [SHOP] });
  expect(await run('init --force')).toMatchObject({ code: 0 });
  expect(read().webhooks).toEqual([]);
});

test.each(['list', 'list --json', 'config show', 'config show --json', 'remove shop --json'])(
  '%s shows no secret',
  async (line) => {
    const { run } = project({ webhooks: [SHOP] });
    const { code, stdout, stderr } = await run(line);
    expect(code).toBe(0);
    expect(stdout).toContain('https://***@shop.example/hook');
    expect(stdout + stderr).not.toContain('hunter2');
  },
);

test('config show says which file it is, and where paths lead', async () => {
  const { folder, run } = project({ webhooks: [{ ...SHOP, secret: { file: '~/s.txt' }, tls: { cert: 'c.pem' } }] });
  const { stdout } = await run('config show');
  const [path, ...json] = stdout.split('\n');
  expect(path).toBe(join(folder, FILE));
  expect(JSON.parse(json.join('\n'))).toMatchObject({
    webhooks: [{ secret: { file: join(folder, 's.txt') }, tls: { cert: join(folder, 'c.pem') } }],
  });
});

test.each([
  [
    'list',
    '{"webhooks": [{"name": "a", "secret": "hunter2",}]}',
    ':1:49: not valid JSON: expected a key in double quotes',
  ],
  [
    'config show',
    { webhooks: [SHOP, { ...SHOP, url: 'htp://me:hunter2@x' }] },
    'webhooks[1].url: expected an http:// or https:// URL',
  ],
  ['send --event optin', { webhooks: [{ ...SHOP, sercet: 'hunter2' }] }, 'webhooks[0].sercet: unknown key "sercet"'],
  ['remove shop', { webhooks: [{ ...SHOP, events: [] }] }, 'webhooks[0].events: expected a list of event names'],
])('%s with a wrong configuration: exit 2, file, path, what was expected, no secret', async (line, config, message) => {
  const { folder, run } = project(config);
  const { code, stdout, stderr } = await run(line);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(join(folder, FILE));
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('hunter2');
});

test('without any configuration: an empty list, and exit 1 from config path', async () => {
  const { run } = project();
  const list = await run('list --json');
  expect(list.code).toBe(0);
  expect(JSON.parse(list.stdout)).toEqual({ schemaVersion: 2, path: null, webhooks: [] });
  expect(await run('config path')).toMatchObject({ code: 1, stdout: '' });
});

test('the file of the user counts where a project has none; a variable and a flag come first', async () => {
  const { folder, run } = project();
  expect(await run('init --user')).toMatchObject({ code: 0 });
  const pathOf = async (line: string, env = {}): Promise<string> => (await run(line, '.', env)).stdout.trim();
  expect(await pathOf('config path')).toBe(join(folder, 'xdg/hookproof', FILE));
  expect(await pathOf('config path', { WEBHOOK_CONFIG: 'e.json' })).toBe(join(folder, 'e.json'));
  expect(await pathOf('config path --config f.json', { WEBHOOK_CONFIG: 'e.json' })).toBe(join(folder, 'f.json'));
  expect(await run('list --config f.json')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`the configuration file ${join(folder, 'f.json')} does not exist`) as unknown,
  });
});

test('the printed schema knows every vendor and event, and fits the files that add writes', async () => {
  const { run, read } = project();
  await run(
    'add plus --vendor mail-plus --url https://a.example --select subject,body --allow 192.0.2.0/24 ' +
      '--cacert ca.pem --secret-env S',
  );
  const schema = JSON.parse((await run('config schema')).stdout) as Schema;
  expect(new Validator(schema, '2020-12').validate(read())).toEqual({ valid: true, errors: [] });
  expect(JSON.stringify(schema)).not.toContain('__absolute');
  // A vendor file is known by its path alone.
  const [own] = read().webhooks;
  const withVendor = (name: string): unknown => ({ webhooks: [{ ...own, vendor: name, events: ['order.created'] }] });
  const isValid = (name: string): boolean => new Validator(schema, '2020-12').validate(withVendor(name)).valid;
  expect(['./acme.vendor.json', 'mail-pluss'].map(isValid)).toEqual([true, false]);
  const { vendor, events } = (schema['$defs'] as { webhook: Schema }).webhook.properties as {
    vendor: Schema;
    events: { items: Schema };
  };
  expect(vendor.anyOf?.[0]?.enum).toEqual(VENDORS.map(({ id }) => id));
  expect(events.items.anyOf?.[0]?.enum).toEqual([
    ...new Set(VENDORS.flatMap((one) => one.events.map(({ name }) => name))),
  ]);
});

test('a literal secret is warned about, and the new file is private', async () => {
  const { folder, run, read } = project();
  const { code, stdout, stderr } = await run(
    'add shop --vendor mail2many --url https://a.example --secret hunter2 --json',
  );
  expect(code).toBe(0);
  expect(stderr).toMatch(/^warning: the secret itself is written to/);
  expect(stdout + stderr).not.toContain('hunter2');
  expect(read().webhooks[0]).toMatchObject({ secret: 'hunter2' });
  expect(statSync(join(folder, FILE)).mode & 0o777).toBe(0o600);
});

test.each([
  ['mail2many', 'http://shop.example/hook', true],
  ['mail-plus', 'http://user:pw@shop.example/hook', true],
  ['mail-plus', 'http://localhost:3000/hook', false],
  ['mail2many', 'https://shop.example/hook', false],
  ['mailkit', 'http://shop.example/hook', false],
])('add of %s at %s warns of plain http: %s', async (vendor, url, warns) => {
  const { run } = project();
  const added = await run(`add shop --vendor ${vendor} --url ${url}`);
  expect([added.code, added.stderr.includes('calls https URLs'), added.stderr.includes('pw@')]).toEqual([
    0,
    warns,
    false,
  ]);
});

test('an empty --data file is told', async () => {
  const { folder, run } = project();
  writeFileSync(join(folder, 'empty.json'), '');
  const shown = await run(
    'send --vendor mailkit --event subscribe --url http://127.0.0.1:9/ --data empty.json --dry-run',
  );
  expect([shown.code, shown.stderr]).toEqual([0, expect.stringContaining('warning: --data empty.json is empty')]);
});

test('the name of a file never drives the terminal', async () => {
  const { run } = project();
  const flag = '--config \u001b[2J.json';
  const add = `add shop --vendor mailkit --url http://127.0.0.1:1/ ${flag}`;
  const key = 'vendor key sendgrid -o \u001b[2J.json.pem';
  for (const line of [`init ${flag}`, `config path ${flag}`, `config show ${flag}`, add, `remove shop ${flag}`, key]) {
    const { code, stdout, stderr } = await run(line);
    expect({ line, code }, stderr).toEqual({ line, code: 0 });
    expect(stdout + stderr).toContain('.json');
    expect(stdout + stderr).not.toContain('\u001b');
  }
});
