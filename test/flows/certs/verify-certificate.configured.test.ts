import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { type ServerOptions, createServer as createHttpsServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Webhook } from '../../../src/model/webhook.ts';
import { type ClientCases, makeClientCases } from '../../helpers/client-cases.ts';
import {
  type DiagnoseFlags,
  type Visitor,
  diagnose,
  findingsOf,
  openEndpoint,
  statusesOf,
  verdictOf,
} from '../../helpers/diagnose.ts';
import { openServer } from '../../helpers/raw-server.ts';

/** Which endpoint, which certificate, which checks. */
const PASSPHRASE = 'open sesame, please';
const UUID = '123e4567-e89b-42d3-a456-426614174000';

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
  writeFileSync(
    cases.path('locked.key'),
    createPrivateKey(cases.read('good-rsa.key')).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: PASSPHRASE,
    }),
  );
});
afterAll(() => cases?.remove());

const required = (): ServerOptions => ({
  cert: cases.read('server.pem'),
  key: cases.read('server.key'),
  ca: cases.read('ca.pem'),
  requestCert: true,
  rejectUnauthorized: true,
});
const open = async (answer?: (visitor: Visitor) => number, more: ServerOptions = {}): Promise<string> =>
  `https://127.0.0.1:${await openEndpoint({ ...required(), ...more }, answer)}/hook`;
const own = (): DiagnoseFlags => ({
  cacert: cases.path('server-ca.pem'),
  cert: cases.path('good-ec.pem'),
  key: cases.path('good-ec.key'),
});

const shop = (url: string, more: Partial<Webhook> = {}): Webhook => ({
  uuid: UUID,
  name: 'shop',
  vendor: 'mailkit',
  url,
  events: ['subscribe'],
  tls: {
    cert: cases.path('good-rsa.pem'),
    key: cases.path('locked.key'),
    passphrase: { env: 'SHOP_PASS' },
    cacert: cases.path('server-ca.pem'),
  },
  ...more,
});
const surroundings = (...webhooks: Webhook[]) => ({
  env: { SHOP_PASS: PASSPHRASE },
  config: { path: '/webhook.config.json', webhooks },
});

describe('a configured webhook', () => {
  test.each<[string, string | undefined, DiagnoseFlags]>([
    ['by its name', 'shop', {}],
    ['by its name in capitals', 'SHOP', {}],
    ['by its uuid', UUID, {}],
    ['by --uuid', undefined, { uuid: UUID }],
  ])('%s: its URL, its vendor, its certificate', async (_, target, flags) => {
    const bodies: string[] = [];
    const url = await open(({ body }) => {
      bodies.push(body.toString());
      return 200;
    });
    const diagnosis = await diagnose(
      target,
      flags,
      surroundings(shop('https://127.0.0.1:1/', { name: 'other', uuid: UUID.replace('1', '2') }), shop(url)),
    );
    expect([verdictOf(diagnosis), diagnosis.report.isGood, diagnosis.report.target, statusesOf(diagnosis)]).toEqual([
      'enforced-tls',
      true,
      url,
      [],
    ]);
    expect(statusesOf(diagnosis, 'L2')).toEqual(['L2 pass']);
    expect(Object.keys(JSON.parse(bodies[0] ?? '') as object)).toContain('URL_CODE');
    expect(JSON.stringify(diagnosis)).not.toContain(PASSPHRASE);
  });

  test('flags say otherwise: another certificate, another vendor', async () => {
    const url = await open(() => 201);
    const diagnosis = await diagnose('shop', { ...own(), vendor: 'mail-plus' }, surroundings(shop(url)));
    expect([diagnosis.report.isGood, statusesOf(diagnosis, 'L2'), findingsOf(diagnosis, 'P5')[0]?.expected]).toEqual([
      true,
      ['L2 skip'],
      'Mail-Plus: any 2xx',
    ]);
  });

  test.each<[string, string | undefined, DiagnoseFlags, object]>([
    [
      'an unknown name',
      'shpo',
      {},
      {
        kind: 'usage',
        message: expect.stringContaining('"shpo"') as unknown,
        unknown: { given: 'shpo', among: ['shop', UUID] },
      },
    ],
    [
      'a URL without scheme',
      'hooks.example.com/mailkit',
      {},
      { kind: 'usage', hint: 'did you mean https://hooks.example.com/mailkit?' },
    ],
    [
      'localhost without scheme',
      'localhost:8443/hook',
      {},
      { kind: 'usage', hint: 'did you mean https://localhost:8443/hook?' },
    ],
    [
      'an http URL',
      'http://hooks.example.com/',
      {},
      { kind: 'usage', message: expect.stringContaining('is not https') as unknown },
    ],
    ['nothing', undefined, {}, { kind: 'usage', message: 'no endpoint was given' }],
    ['a name and a uuid', 'shop', { uuid: UUID }, { kind: 'usage' }],
    [
      'a vendor that signs',
      'shop',
      { vendor: 'mailkite' },
      { kind: 'usage', message: expect.stringContaining('uses a signature') as unknown },
    ],
    ['an unknown vendor', 'https://127.0.0.1:1/', { vendor: 'mailkut' }, { kind: 'usage' }],
  ])('%s is refused before anything is sent', async (_, target, flags, expected) => {
    await expect(diagnose(target, flags, surroundings(shop('https://127.0.0.1:1/')))).rejects.toMatchObject({
      name: 'AppError',
      ...expected,
    });
  });

  test('a passphrase that is not set is refused, without telling others', async () => {
    const error: unknown = await diagnose('shop', {}, { ...surroundings(shop('https://127.0.0.1:1/')), env: {} }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ name: 'AppError', message: expect.stringContaining('SHOP_PASS') as unknown });
  });
});

/** How many connections came, and the longest body. */
async function openCounted(): Promise<{ url: string; connections(): number; longest(): number }> {
  const seen = { connections: 0, longest: 0 };
  const server = createHttpsServer({ ...required(), rejectUnauthorized: false }, (request, response) => {
    seen.longest = Math.max(seen.longest, Number(request.headers['content-length']));
    request.resume().on('end', () => response.end());
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  return {
    url: `https://127.0.0.1:${await openServer(server)}/`,
    connections: () => seen.connections,
    longest: () => seen.longest,
  };
}

describe('--only and --skip', () => {
  test('checks that are not wanted are not listed, and their calls are not made', async () => {
    const [all, few] = await Promise.all([openCounted(), openCounted()]);
    const [whole, part] = await Promise.all([
      diagnose(all.url, own()),
      diagnose(few.url, { ...own(), skip: ['P7', 'P8', 'P9', 'P10', 'P11', 'R2'] }),
    ]);
    const idsOf = ({ report }: typeof whole): string[] => [...new Set(report.findings.map(({ id }) => id))];
    expect(idsOf(whole)).toEqual([
      ...Array.from({ length: 12 }, (_, index) => `L${index + 1}`),
      'S1',
      'S2',
      'S3',
      'N1',
      'N2',
      'N3',
      'N4',
      'N5',
      'P1',
      'P2',
      'P3',
      'P4',
      'P5',
      'P6',
      'P7',
      'P8',
      'P9',
      'P10',
      'P11',
      'R1',
      'R2',
    ]);
    expect(idsOf(part)).toEqual(idsOf(whole).filter((id) => !['P7', 'P8', 'P9', 'P10', 'P11', 'R2'].includes(id)));
    expect([all.longest() > 200_000, few.longest() > 200_000]).toEqual([true, false]);
    // Without and with each certificate, and with the session of a refused one, on both versions.
    expect(few.connections()).toBe(2 * 6);
    // Two large ones; another name without and with a certificate, its session resumed, and that host itself; plain
    // http.
    expect(all.connections()).toBe(few.connections() + 2 + 2 * 4 + 1);
  });

  test('the code rests on the chosen checks alone: a server that asks, but lets all in', async () => {
    const { url } = await openCounted();
    const [asked, enforced] = await Promise.all([
      diagnose(url, { only: ['N1'] }),
      diagnose(url, { only: ['N1', 'R2'] }),
    ]);
    expect([
      asked.report.isGood,
      verdictOf(asked),
      asked.report.findings.map(({ id, status }) => `${id} ${status}`),
    ]).toEqual([true, 'admits-anyone', ['N1 pass', 'N1 pass']]);
    expect([enforced.report.isGood, statusesOf(enforced)]).toEqual([false, ['R2 fail']]);
  });

  test('no check left is a mistake; checks that could not be made are not good', async () => {
    const { url } = await openCounted();
    await expect(diagnose(url, { only: ['P1'], skip: ['P1'] })).rejects.toMatchObject({
      kind: 'usage',
      message: '--only and --skip leave no check',
    });
    const { report } = await diagnose(url, { ...own(), only: ['S2'] });
    expect([report.isGood, report.conclusion]).toEqual([
      false,
      expect.stringContaining('none of the chosen checks could be made'),
    ]);
  });

  test('whatever is chosen, who answers no TLS is not good', async () => {
    expect((await diagnose('https://127.0.0.1:1/', { only: ['S2'], maxTime: 2000 })).report.isGood).toBe(false);
  });
});

describe('names', () => {
  test("--servername is sent in the handshake, and is what the server's certificate must carry", async () => {
    const names = new Set<unknown>();
    const url = await open(({ servername }) => {
      names.add(servername);
      return 200;
    });
    const [right, wrong] = await Promise.all([
      diagnose(url, { ...own(), servername: 'localhost', skip: ['P8', 'P10'] }),
      diagnose(url, { ...own(), servername: 'hooks.example', skip: ['P8', 'P10'] }),
    ]);
    expect([statusesOf(right, 'S1'), statusesOf(wrong, 'S1')]).toEqual([['S1 pass'], ['S1 fail']]);
    expect(names).toEqual(new Set(['localhost', 'hooks.example']));
  });

  test('an address is not sent as a name', async () => {
    const names = new Set<unknown>();
    const url = await open(({ servername }) => {
      names.add(servername);
      return 200;
    });
    expect(statusesOf(await diagnose(url, { ...own(), skip: ['P8', 'P10'] }), 'S1')).toEqual(['S1 pass']);
    expect(names).toEqual(new Set([false]));
  });
});

test('--server leaves the changes of one server alone', async () => {
  const url = await open(undefined, { requestCert: false });
  const [all, one] = await Promise.all([diagnose(url), diagnose(url, { server: 'haproxy' })]);
  const servers = ({ report }: typeof all): Set<string> =>
    new Set(report.findings.flatMap(({ serverFixes }) => serverFixes.map(({ server }) => server)));
  expect([servers(all), servers(one)]).toEqual([
    new Set(['nginx', 'apache', 'caddy', 'haproxy', 'node']),
    new Set(['haproxy']),
  ]);
  expect(one.report.findings.map(({ id, fix }) => [id, fix])).toEqual(
    all.report.findings.map(({ id, fix }) => [id, fix]),
  );
});

test.each([
  [400, ['L5 warn', 'S1 warn']],
  [300, ['L5 pass', 'S1 pass']],
])('--days-warning %i, with certificates for 365 days', async (daysWarning, expected) => {
  const diagnosis = await diagnose(await open(), { ...own(), daysWarning });
  expect([statusesOf(diagnosis, 'L5', 'S1'), diagnosis.report.isGood]).toEqual([expected, true]);
});

test('no secret is in the report, whatever went wrong', async () => {
  const url = (await open(() => 500)).replace('https://', 'https://shop:url%20secret@');
  const seen: unknown[] = [];
  const flags = {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path('good-rsa.pem'),
    key: cases.path('locked.key'),
    passphraseEnv: 'SHOP_PASS',
  };
  seen.push(await diagnose(url, flags, { env: { SHOP_PASS: PASSPHRASE } }));
  for (const more of [{ env: { SHOP_PASS: 'a wrong one' } }, { env: {} }])
    seen.push(
      await diagnose(url, flags, more).catch(({ name, message, hint }: Error & { hint?: string }) => ({
        name,
        message,
        hint,
      })),
    );
  expect(seen.map((one) => (one as { name?: string }).name)).toEqual([undefined, 'AppError', 'AppError']);
  const text = JSON.stringify(seen);
  for (const secret of [
    PASSPHRASE,
    'a wrong one',
    'url secret',
    'url%20secret',
    'Authorization',
    Buffer.from('shop:url secret').toString('base64'),
  ])
    expect(text).not.toContain(secret);
});
