import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

function place(routes?: unknown): { folder: string; run: (args: readonly string[], input?: string) => Promise<Ended> } {
  const folder = testFolder();
  const env = {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    S: 'whsec_route_test',
    OWN: 'whsec_of_the_configuration',
  };
  if (routes !== undefined)
    writeFileSync(join(folder, 'routes.json'), typeof routes === 'string' ? routes : JSON.stringify(routes));
  return {
    folder,
    run: (args, input) =>
      runProgram('webhook', ['route', ...args], { cwd: folder, env, ...(input === undefined ? {} : { input }) }),
  };
}

const ROUTES = [
  { match: 'support@example.org', destination: 'https://user:s3cret@hooks.example.org/a' },
  { match: '*@example.org', action: 'forward', destination: 'ops@example.net' },
  { match: 'support+*@example.org', action: 'store' },
  { match: '/^(a+)+$/', action: 'drop' },
];

interface Document {
  routed: {
    to: string;
    accepted: boolean;
    stored: boolean;
    catchAll: string | null;
    routes: { match: string; matches: boolean | null; destination: string | null; active: boolean }[];
  }[];
}

test('every route that matches is told, with its reason; the message is stored', async () => {
  const { run } = place(ROUTES);
  const { code, stdout } = await run(['--routes', 'routes.json', '--to', 'support@example.org']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^support@example\.org {2}2 of 4 routes match\n/);
  expect(stdout).toMatch(
    /✓ {2}1 {2}support@example\.org +webhook {2}https:\/\/hooks\.example\.org\/a {2}this address\n/,
  );
  expect(stdout).toMatch(/· {2}3 .*the user without a tag\n/);
  expect(stdout).toMatch(/stored in any case/);
});

test('as JSON, several recipients; the catch-all only where nothing matches; credentials are not shown', async () => {
  const { run } = place(ROUTES);
  const args = [
    '--routes',
    'routes.json',
    '--to',
    'support+a@Example.ORG',
    '--to',
    `${'a'.repeat(50)}@other.org`,
    '--json',
  ];
  const alone = await run(args);
  const caught = await run([...args, '--catch-all', 'https://me:s3cret@hooks.example.org/rest']);
  expect([alone.code, caught.code]).toEqual([1, 0]);
  const { routed } = JSON.parse(caught.stdout) as Document;
  expect(
    routed.map(({ accepted, stored, catchAll, routes }) => [
      accepted,
      stored,
      catchAll,
      routes.map(({ matches }) => matches),
    ]),
  ).toEqual([
    [true, true, null, [false, true, true, false]],
    [true, true, 'https://hooks.example.org/rest', [false, false, false, null]],
  ]);
  expect((JSON.parse(alone.stdout) as Document).routed[1]).toMatchObject({ accepted: false, catchAll: null });
  expect(caught.stdout + alone.stdout).not.toContain('s3cret');
});

const MAIL = [
  'From: robin@example.com',
  'To: Sales <sales@example.org>, nobody@elsewhere.org',
  'Message-ID: <m1@example.com>',
  'Subject: hello',
  '',
  'the text',
  '',
].join('\r\n');

test(
  '--send delivers a real mail to every webhook that gets it, signed and recorded; the configured webhook of ' +
    'a URL keeps its secret',
  async () => {
    const [first, second, rest] = await Promise.all([openEndpoint(), openEndpoint(), openEndpoint()]);
    const { folder, run } = place([
      { match: 'sales@example.org', destination: first.url },
      { match: '/^sales@/', destination: second.url },
      { match: '*@example.org', action: 'store' },
    ]);
    writeFileSync(join(folder, 'mail.eml'), MAIL);
    const uuid = '0d5f2c8e-7a4b-4a5e-9d0e-3f6f4d1b2a01';
    writeFileSync(
      join(folder, 'webhook.config.json'),
      JSON.stringify({
        webhooks: [
          {
            uuid,
            name: 'second',
            vendor: 'mailkite',
            url: second.url,
            events: ['email.received'],
            secret: { env: 'OWN' },
          },
        ],
      }),
    );
    const { code, stdout } = await run([
      '--routes',
      'routes.json',
      '--eml',
      'mail.eml',
      '--catch-all',
      rest.url,
      '--send',
      '--secret-env',
      'S',
      '--json',
    ]);
    const [routed, ...sent] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(code).toBe(0);
    expect((routed as unknown as Document).routed.map(({ to, accepted }) => [to, accepted])).toEqual([
      ['sales@example.org', true],
      ['nobody@elsewhere.org', true],
    ]);
    expect(sent.map(({ url, outcome, vendor, event }) => [url, outcome, vendor, event])).toEqual(
      [first.url, second.url, rest.url].map((url) => [url, 'delivered', 'mailkite', 'email.received']),
    );
    expect(sent[1]?.['webhookUuid']).toBe(uuid);
    for (const [endpoint, address] of [
      [first, 'sales@example.org'],
      [second, 'sales@example.org'],
      [rest, 'nobody@elsewhere.org'],
    ] as const) {
      expect(endpoint.seen).toHaveLength(1);
      const body = JSON.parse(endpoint.seen[0]?.body.toString() ?? '') as {
        to: { address: string }[];
        subject: string;
      };
      expect([body.to.map((one) => one.address), body.subject]).toEqual([[address], 'hello']);
      expect(endpoint.seen[0]?.headers['x-mailkite-signature']).toMatch(/^t=\d{13},v1=[0-9a-f]{64}$/);
    }
    const { stdout: history } = await runProgram('webhook', ['history', 'list', '--json'], {
      cwd: folder,
      env: { HOME: folder, XDG_DATA_HOME: folder },
    });
    expect((JSON.parse(history) as { deliveries: object[] }).deliveries).toHaveLength(3);
  },
);

test('--send without a mail sends the sample, addressed to the recipient; a refusal is the exit code', async () => {
  const endpoint = await openEndpoint((response) => void response.writeHead(500).end());
  const { run } = place([{ match: '*@example.org', destination: endpoint.url }]);
  const { code } = await run(
    ['--routes', '-', '--to', 'x+y=z@example.org', '--send', '--secret-env', 'S', '--no-history'],
    JSON.stringify([{ match: '*@example.org', destination: endpoint.url }]),
  );
  expect([code, endpoint.seen.length]).toEqual([1, 1]);
  expect((JSON.parse(endpoint.seen[0]?.body.toString() ?? '') as { to: { address: string }[] }).to[0]?.address).toBe(
    'x+y=z@example.org',
  );
});

const isSignedWith = (secret: string, { headers, body }: { headers: IncomingHttpHeaders; body: Buffer }): boolean => {
  const [, t, v1] = /^t=(\d+),v1=(\w+)$/.exec(String(headers['x-mailkite-signature'])) ?? [];
  return createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex') === v1;
};

test('an exported list: what is off gets nothing, an agent no webhook, and each route signs with its own secret', async () => {
  const [own, named, account, off] = await Promise.all([1, 2, 3, 4].map(() => openEndpoint()));
  const route = { id: 'rte_1', match_pattern: '*@example.org', action: 'webhook', created_at: 1_790_000_000_000 };
  const { run } = place([
    { ...route, destination: own?.url, signing_secret: 'whsec_of_this_route' },
    { ...route, destination: named?.url, secret: { env: 'OWN' } },
    { ...route, destination: account?.url, active: true, signing_secret: null },
    { ...route, destination: off?.url, active: false },
    { ...route, destination: null, action: 'agent', agentPrompt: 'answer' },
  ]);
  const ended = await run([
    '--routes',
    'routes.json',
    '--to',
    'a@example.org',
    '--send',
    '--secret-env',
    'S',
    '--json',
  ]);
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toBe(
    'note: routes.json: these keys have no effect here and are ignored: id, created_at, agentPrompt\n',
  );
  const [{ routed }] = ended.stdout.split('\n').map((line) => JSON.parse(line || '{}') as Document) as [Document];
  expect(routed[0]?.routes.map(({ matches, active }) => [matches, active])).toEqual([
    [true, true],
    [true, true],
    [true, true],
    [false, false],
    [true, true],
  ]);
  expect(off?.seen).toEqual([]);
  const signed = [own, named, account].map((one, at) =>
    isSignedWith(['whsec_of_this_route', 'whsec_of_the_configuration', 'whsec_route_test'][at] ?? '', one!.seen[0]!),
  );
  expect(signed).toEqual([true, true, true]);
  expect(ended.stdout + ended.stderr).not.toContain('whsec_');
});

test('self-hosted: its patterns, its event, and the webhook of the domain gets everything', async () => {
  const [agents, domain] = await Promise.all([openEndpoint(), openEndpoint()]);
  const { run } = place({
    routes: [
      {
        domain: 'example.org',
        match_pattern: '*-agent',
        action: 'webhook',
        destination: agents.url,
        webhook_secret: 'whsec_r',
      },
      { domain: 'example.org', match_pattern: 'support-*', action: 'agent' },
      { match: 'ticket+*', action: 'forward', destination: 'ops@example.net' },
    ],
  });
  const args = ['--vendor', 'mailkite-selfhost', '--routes', 'routes.json', '--to', 'Sales-Agent@Example.org'];
  const told = await run([...args, '--catch-all', domain.url]);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(told.stdout).toMatch(
    /^Sales-Agent@Example\.org {2}1 of 3 routes matches, and the domain's webhook \S+ gets it\n/,
  );
  expect(told.stdout).toMatch(/✓ {2}1 {2}\*-agent@example\.org .* it matches\n/);
  expect(told.stdout).toMatch(/· {2}3 {2}ticket\+\* /);
  const sent = await run([...args, '--catch-all', domain.url, '--send', '--secret-env', 'S', '--no-history']);
  expect(sent.code, sent.stderr).toBe(0);
  const [[first], [second]] = [agents.seen, domain.seen];
  expect([isSignedWith('whsec_r', first!), isSignedWith('whsec_route_test', second!)]).toEqual([true, true]);
  expect(JSON.parse(String(first?.body))).toMatchObject({
    event: 'inbound',
    domain: 'example.org',
    rcpt: 'Sales-Agent@Example.org',
  });
  const alone = await run([...args.slice(0, 4), '--to', 'nobody@example.org']);
  expect(alone).toMatchObject({ code: 1, stdout: expect.stringContaining('no webhook gets it') });
});

test.each<[what: string, routes: unknown, args: string[], code: number, message: RegExp]>([
  ['no routes', [], ['--to', 'a@b.org'], 2, /no routes were given/],
  ['no recipient', [], ['--routes', 'routes.json'], 2, /no recipient was given/],
  ['no such file', [], ['--routes', 'nowhere.json', '--to', 'a@b.org'], 5, /no such file/],
  ['a file without end', [], ['--routes', '/dev/zero', '--to', 'a@b.org'], 5, /more than 4 MiB/],
  [
    'no JSON',
    '[{"match": }]',
    ['--routes', 'routes.json', '--to', 'a@b.org'],
    5,
    /routes\.json:1:12: not valid JSON: expected a value/,
  ],
  [
    'a mistyped action',
    [{ match: 'a@b.org', action: 'froward' }],
    ['--routes', 'routes.json', '--to', 'a@b.org'],
    5,
    /routes\.json:1:\d+: \[0\]\.action: unknown action "froward".*\n +did you mean forward/,
  ],
  [
    'several problems',
    [{ match: 'a' }, { mach: 1, match: 'a@b.org', action: 'drop' }],
    ['--routes', 'routes.json', '--to', 'a@b.org'],
    5,
    /has 3 problems:\n.*\[0\]/,
  ],
  [
    'a secret in a bad destination',
    [{ match: 'a@b.org', destination: 'ftp://u:s3cret@x' }],
    ['--routes', 'routes.json', '--to', 'a@b.org'],
    5,
    /^(?!.*s3cret)/s,
  ],
  ['no address', [], ['--routes', 'routes.json', '--to', 'Robin <a@b.org>'], 2, /is not an email address/],
  [
    'a catch-all that is no URL',
    [],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--catch-all', 'hooks'],
    2,
    /hooks/,
  ],
  [
    'a secret for nothing',
    [],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--secret-env', 'S'],
    2,
    /--secret-env has no effect without --send/,
  ],
  [
    'a mail for nothing',
    [],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--eml', 'x'],
    2,
    /--eml has no effect without --send/,
  ],
  [
    'sending without a secret',
    [{ match: 'a@b.org', destination: 'http://127.0.0.1:9/' }],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--send', '--json'],
    2,
    /no secret to sign with/,
  ],
  [
    'a pattern of a self-hosted server',
    [{ match: 'support-*', destination: 'https://example.org' }],
    ['--routes', 'routes.json', '--to', 'a@b.org'],
    5,
    /found "support-\*"; a self-hosted server accepts it: --vendor mailkite-selfhost/,
  ],
  [
    'a vendor without routes',
    [],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--vendor', 'mailkite-selfhosted'],
    2,
    /does not route mail by address\n +did you mean mailkite-selfhost/,
  ],
  [
    'a secret of a route that is not there',
    [{ match: 'a@b.org', destination: 'http://127.0.0.1:9/', secret: { env: 'GONE' } }],
    ['--routes', 'routes.json', '--to', 'a@b.org', '--send', '--secret-env', 'S'],
    2,
    /environment variable GONE, for the secret, is not set/,
  ],
  ['two readers of standard input', [], ['--routes', '-', '--eml', '-'], 2, /cannot both read standard input/],
])('%s', async (_, routes, args, code, message) => {
  const ended = await place(routes).run(args, '');
  expect(ended.stderr).toMatch(message);
  expect(ended.code).toBe(code);
});
