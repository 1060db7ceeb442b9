import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import { APACHE_ANSWER, hasApache, startApache } from '../../helpers/apache.ts';
import { hasCaddy, startCaddy } from '../../helpers/caddy.ts';
import { makeClientCases, type ClientCase, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { hasHaproxy, startHaproxy } from '../../helpers/haproxy.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { type RunningServer, titleOf } from '../../helpers/server-process.ts';

/**
 * What verify-cert says of every set-up in the table of facts, with a good certificate and without one. `good`: exit
 * code 0, so that no set-up is called enforced that is not, and none that is enforced is called anything else.
 */
type Expected = readonly [verdict: string, good: boolean, withoutCertificate: string, goodWithout: boolean];

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const verify = async (url: string, name: ClientCase, more: DiagnoseFlags = {}): Promise<Report> => {
  const own = name === 'none' ? {} : { cert: cases.path(`${name}.pem`), key: cases.path(`${name}.key`) };
  const flags = { cacert: cases.path('server-ca.pem'), ...own, ...more };
  return (await diagnose(url, flags, { config: null })).report;
};

async function expectVerdict(url: string, [verdict, good, withoutCertificate, goodWithout]: Expected): Promise<void> {
  const [given, none] = await Promise.all([verify(url, 'good-ec'), verify(url, 'none')]);
  const failed = given.findings
    .filter(({ status }) => status === 'fail')
    .map(({ id, title, detail }) => `${id} ${title}: ${detail}`);
  expect({ verdict: given.facts['verdict'], good: given.isGood, failed: given.isGood ? [] : failed }).toEqual({
    verdict,
    good,
    failed: good ? [] : failed,
  });
  expect([none.facts['verdict'], none.isGood]).toEqual([withoutCertificate, goodWithout]);
}

const tlsVerified: Expected = ['enforced-tls', true, 'enforced-tls', true];
const serverVerified: Expected = ['enforced-server', true, 'enforced-server', true];
const applicationVerified: Expected = ['enforced-application', true, 'inconclusive', false];
const open = (verdict: string): Expected => [verdict, false, verdict, false];

const NGINX = {
  none: ['', open('never-asks')],
  'none, and 403 for all': ['return 403;', open('never-asks')],
  'on, and 403 for all from the application': [
    'ssl_verify_client on; location = /hook { return 403; }',
    ['enforced-server', false, 'enforced-server', true],
  ],
  on: ['ssl_verify_client on;', serverVerified],
  'on, TLS 1.2 alone': ['ssl_verify_client on; ssl_protocols TLSv1.2;', serverVerified],
  'on, TLS 1.3 alone': ['ssl_verify_client on; ssl_protocols TLSv1.3;', serverVerified],
  optional: ['ssl_verify_client optional;', open('optional')],
  'optional, and 403 for all but the verified': [
    'ssl_verify_client optional; if ($ssl_client_verify != SUCCESS) { return 403; }',
    applicationVerified,
  ],
  optional_no_ca: ['ssl_verify_client optional_no_ca;', open('admits-anyone')],
  'optional_no_ca, and a certificate is wanted': [
    'ssl_verify_client optional_no_ca; if ($ssl_client_verify = NONE) { return 403; }',
    open('admits-anyone'),
  ],
  'optional_no_ca, and the names are compared': [
    'ssl_verify_client optional_no_ca; if ($ssl_client_i_dn !~ "CN=Client CA") { return 403; }',
    open('admits-anyone'),
  ],
  'optional_no_ca, and the serial number is compared': [
    'ssl_verify_client optional_no_ca; if ($ssl_client_serial != "SERIAL") { return 403; }',
    ['admits-anyone', false, 'inconclusive', false],
  ],
  'optional_no_ca, and another name is answered as none': [
    'ssl_verify_client optional_no_ca; if ($ssl_client_s_dn !~ "CN=good-ec") { return 496; }',
    ['admits-anyone', false, 'inconclusive', false],
  ],
  'on, for RSA keys alone': [
    'ssl_verify_client on; ssl_conf_command ClientSignatureAlgorithms RSA-PSS+SHA256:RSA+SHA256;',
    ['refuses-everybody', false, 'enforced-server', true],
  ],
  'refusals turned into 200': ['ssl_verify_client on; error_page 495 496 =200 /ok;', open('admits-anyone')],
  'bad certificates turned into 200': ['ssl_verify_client on; error_page 495 =200 /ok;', open('admits-anyone')],
  'missing certificates turned into 200': ['ssl_verify_client on; error_page 496 =200 /ok;', open('optional')],
  'refusals turned into 403': ['ssl_verify_client on; error_page 495 496 =403 /no;', applicationVerified],
  'refusals turned into a redirect': [
    'ssl_verify_client on; error_page 495 496 =302 http://localhost/;',
    ['inconclusive', false, 'inconclusive', false],
  ],
} as const satisfies Record<string, readonly [string, Expected]>;

describe.skipIf(!hasNginx)(titleOf('nginx', hasNginx), () => {
  let nginx: RunningServer<keyof typeof NGINX>;
  beforeAll(async () => {
    const serial = new X509Certificate(cases.read('good-ec.pem')).serialNumber;
    const sites = Object.entries(NGINX).map(([name, [directives]]) => [
      name,
      `ssl_client_certificate ${cases.path('ca.pem')}; ${directives.replace('SERIAL', serial)} location / { return 200; } location /no { return 403; }`,
    ]);
    nginx = await startNginx(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      Object.fromEntries(sites) as Record<keyof typeof NGINX, string>,
    );
  });
  afterAll(() => nginx?.stop());

  test.each(Object.entries(NGINX).map(([name, [, expected]]) => [name as keyof typeof NGINX, expected] as const))(
    '%s',
    async (name, expected) => {
      await expectVerdict(nginx.url(name), expected);
    },
  );
});

const APACHE = {
  none: ['', open('never-asks')],
  require: ['SSLVerifyClient require', tlsVerified],
  optional: ['SSLVerifyClient optional', open('optional')],
  'optional, and 403 for all but the verified': [
    'SSLVerifyClient optional\n<Location "/hook">\nRequire expr "%{SSL_CLIENT_VERIFY} == \'SUCCESS\'"\n</Location>',
    applicationVerified,
  ],
  optional_no_ca: ['SSLVerifyClient optional_no_ca', open('admits-anyone')],
  'optional_no_ca, and the names are compared': [
    'SSLVerifyClient optional_no_ca\n<Location "/hook">\nRequire expr "%{SSL_CLIENT_I_DN_CN} == \'Client CA\'"\n</Location>',
    open('admits-anyone'),
  ],
  // TLS 1.2 enforces it; TLS 1.3 refuses everybody, so that P5 and P6 fail.
  'for one location': [
    '<Location "/hook">\nSSLVerifyClient require\n</Location>',
    ['enforced-tls', false, 'inconclusive', false],
  ],
  'for one location, TLS 1.3 alone': [
    'SSLProtocol -all +TLSv1.3\n<Location "/hook">\nSSLVerifyClient require\n</Location>',
    open('inconclusive'),
  ],
  'for one location, TLS 1.2 alone': [
    'SSLProtocol -all +TLSv1.2\n<Location "/hook">\nSSLVerifyClient require\n</Location>',
    ['enforced-tls', false, 'inconclusive', false],
  ],
} as const satisfies Record<string, readonly [string, Expected]>;

describe.skipIf(!hasApache)(titleOf('Apache', hasApache), () => {
  let apache: RunningServer<keyof typeof APACHE>;
  beforeAll(async () => {
    const sites = Object.entries(APACHE).map(([name, [directives]]) => [
      name,
      `SSLCACertificateFile ${cases.path('ca.pem')}\n${APACHE_ANSWER}\n${directives}`,
    ]);
    apache = await startApache(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      Object.fromEntries(sites) as Record<keyof typeof APACHE, string>,
    );
  });
  afterAll(() => apache?.stop());

  test.each(Object.entries(APACHE).map(([name, [, expected]]) => [name as keyof typeof APACHE, expected] as const))(
    '%s',
    async (name, expected) => {
      await expectVerdict(apache.url(name), expected);
    },
  );

  test('one location: TLS 1.3 fails for the good certificate, with the way out; a large body fails on TLS 1.2', async () => {
    const { findings } = await verify(apache.url('for one location'), 'good-ec');
    const failed = findings.filter(({ status }) => status === 'fail');
    expect(failed.map(({ id, title }) => `${id}${/ \(.*\)/.exec(title)?.[0] ?? ''}`)).toEqual([
      'N1 (TLS 1.3)',
      'P5 (TLS 1.3)',
      'P6',
      'P7 (TLS 1.2)',
    ]);
    expect(failed[2]?.serverFixes).toContainEqual({
      server: 'apache',
      change: expect.stringContaining('in <VirtualHost>') as unknown,
    });
    expect(failed[3]?.observed).toBe('HTTP 413');
    expect((await verify(apache.url('for one location'), 'good-ec')).conclusion).toBe(
      'a client certificate is enforced by TLS, but yours gets HTTP 403 on TLS 1.3',
    );
  });
});

const HAPROXY = {
  required: { words: 'verify required', expected: tlsVerified },
  optional: { words: 'verify optional', expected: open('optional') },
  'errors ignored': { words: 'verify optional crt-ignore-err all ca-ignore-err all', expected: open('admits-anyone') },
  'errors ignored, and 403 for all but the verified': {
    words: 'verify optional crt-ignore-err all ca-ignore-err all',
    rules: '  http-request deny deny_status 403 unless { ssl_c_used } { ssl_c_verify 0 }',
    expected: applicationVerified,
  },
  // A resumed session has no certificate that could be wrong.
  'errors counted': {
    words: 'verify optional crt-ignore-err all ca-ignore-err all',
    rules:
      '  http-request deny deny_status 403 if { ssl_c_err gt 0 } or { ssl_c_ca_err gt 0 }\n  http-request deny deny_status 403 unless { ssl_c_used }',
    expected: open('admits-anyone'),
  },
  none: { words: 'verify none', expected: open('never-asks') },
} as const satisfies Record<string, { words: string; rules?: string; expected: Expected }>;

describe.skipIf(!hasHaproxy)(titleOf('HAProxy', hasHaproxy), () => {
  let haproxy: RunningServer<keyof typeof HAPROXY>;
  const siteNames = Object.keys(HAPROXY) as (keyof typeof HAPROXY)[];
  beforeAll(async () => {
    const sites = Object.entries(HAPROXY).map(([name, { words, ...rest }]) => [
      name.replaceAll(/\W/g, '-'),
      { bind: `ca-file ${cases.path('ca.pem')} ${words}`, ...('rules' in rest ? { rules: rest.rules } : {}) },
    ]);
    haproxy = await startHaproxy(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      Object.fromEntries(sites) as Record<keyof typeof HAPROXY, { bind: string }>,
    );
  });
  afterAll(() => haproxy?.stop());

  test.each(siteNames)('%s', async (name) => {
    await expectVerdict(haproxy.url(name.replaceAll(/\W/g, '-') as typeof name), HAPROXY[name].expected);
  });
});

const CADDY = {
  require_and_verify: tlsVerified,
  require: open('admits-anyone'),
  request: open('admits-anyone'),
  verify_if_given: open('optional'),
} as const satisfies Record<string, Expected>;

describe.skipIf(!hasCaddy)(titleOf('Caddy', hasCaddy), () => {
  let caddy: RunningServer<keyof typeof CADDY>;
  beforeAll(async () => {
    const sites = Object.keys(CADDY).map((mode) => [
      mode,
      `client_auth {\nmode ${mode}\n${mode.includes('verify') ? `trusted_ca_cert_file ${cases.path('ca.pem')}` : ''}\n}`,
    ]);
    caddy = await startCaddy(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      Object.fromEntries(sites) as Record<keyof typeof CADDY, string>,
    );
  });
  afterAll(() => caddy?.stop());

  test.each(Object.keys(CADDY) as (keyof typeof CADDY)[])('%s', async (mode) => {
    // Caddy answers 421 to a Host that was not named in the handshake, and an address cannot be named there.
    await expectVerdict(caddy.url(mode).replace('127.0.0.1', 'localhost'), CADDY[mode]);
  });
});

test.each([
  [
    'the good certificate is refused by the application alone',
    403,
    'a client certificate is enforced by TLS, but yours gets HTTP 403',
  ],
  ['the application fails', 502, 'a client certificate is enforced by TLS, but yours gets HTTP 502'],
  [
    'all is well',
    200,
    'a client certificate is enforced by TLS; expired and server-only certificates were not tried (--client-ca, ' +
      '--client-ca-key)',
  ],
])('the conclusion tells how the given certificate fares: %s', async (_, status, conclusion) => {
  const server = createServer(
    {
      cert: cases.read('server.pem'),
      key: cases.read('server.key'),
      ca: cases.read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      request.resume().on('end', () => response.writeHead(status).end());
    },
  );
  expect((await verify(`https://127.0.0.1:${await openServer(server)}/hook`, 'good-ec')).conclusion).toBe(conclusion);
});

test('a Node server that lets everyone in is told what Node calls it', async () => {
  const files = { cert: cases.read('server.pem'), key: cases.read('server.key'), ca: cases.read('ca.pem') };
  const server = createServer({ ...files, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    request.resume().on('end', () => response.writeHead(200).end());
  });
  const { findings } = await verify(`https://127.0.0.1:${await openServer(server)}/hook`, 'good-ec');
  for (const id of ['P1', 'P2'])
    expect(findings.find((one) => one.id === id)?.serverFixes).toContainEqual({
      server: 'node',
      change: expect.stringContaining('rejectUnauthorized: true') as unknown,
    });
});

interface Visitor {
  shown: boolean;
  authorized: boolean;
  issuer: string;
  hosts: string;
}

const ASKED: TlsOptions = { requestCert: true, rejectUnauthorized: false };
const NODE: readonly (readonly [
  name: string,
  options: TlsOptions,
  answer: (visitor: Visitor) => number,
  expected: Expected,
])[] = [
  ['never asks', {}, () => 200, open('never-asks')],
  // Node refuses a certificate without a word: without a good one to compare, that proves nothing.
  [
    'rejects the unauthorized',
    { requestCert: true, rejectUnauthorized: true },
    () => 200,
    ['enforced-tls', true, 'inconclusive', false],
  ],
  ['asks, and looks at nothing', ASKED, () => 200, open('admits-anyone')],
  [
    'asks, and wants any certificate',
    ASKED,
    ({ shown }) => (shown ? 200 : 403),
    ['admits-anyone', false, 'admits-anyone', false],
  ],
  [
    'asks, and compares the name of the issuer',
    ASKED,
    ({ issuer }) => (issuer === 'Client CA' ? 200 : 401),
    ['admits-anyone', false, 'admits-anyone', false],
  ],
  [
    'asks, and compares the alternative names',
    ASKED,
    ({ hosts }) => (hosts === 'DNS:good-ec.test' ? 200 : 401),
    ['admits-anyone', false, 'inconclusive', false],
  ],
  [
    'asks, and looks whether it is authorized',
    ASKED,
    ({ authorized }) => (authorized ? 200 : 401),
    applicationVerified,
  ],
  [
    'refuses everybody',
    { requestCert: true, rejectUnauthorized: true },
    () => 403,
    ['enforced-tls', false, 'inconclusive', false],
  ],
];

describe('Node', () => {
  test.each(NODE)('%s', async (_, options, answer, expected) => {
    const server = createServer(
      { cert: cases.read('server.pem'), key: cases.read('server.key'), ca: cases.read('ca.pem'), ...options },
      (request, response) => {
        const socket = request.socket as TLSSocket;
        const { issuer, subjectaltname } = socket.getPeerCertificate();
        const visitor = {
          shown: issuer !== undefined,
          authorized: socket.authorized,
          issuer: String(issuer?.CN),
          hosts: String(subjectaltname),
        };
        request.resume().on('end', () => response.writeHead(answer(visitor)).end());
      },
    );
    await expectVerdict(`https://127.0.0.1:${await openServer(server)}/hook`, expected);
  });
});

/** Of each kind of certificate: what P5 says of it at nginx `on` and Apache `require`, both of depth 1. */
const GIVEN: Partial<Record<ClientCase, readonly [nginx: string, apache: string]>> = {
  'good-rsa': ['pass', 'pass'],
  'good-ed25519': ['pass', 'pass'],
  v1: ['pass', 'pass'],
  'wrong-ca': ['L4: ', 'L4: '],
  impostor: ['L4: ', 'L4: '],
  'missing-intermediate': ['L4: ', 'L4: '],
  'self-signed': ['L4: ', 'L4: '],
  expired: ['L5: ', 'L5: '],
  'not-yet-valid': ['L5: ', 'L5: '],
  'server-usage': ['L6: ', 'L6: '],
  'any-usage': ['L11: ', 'L11: '],
  'no-signature-usage': ['L6: ', 'L6: '],
  'one-intermediate': ['pass', 'SSLVerifyDepth'],
  'two-intermediates': ['L12: ', 'SSLVerifyDepth'],
  'name-of-ca': ['L7: ', 'L7: '],
};

describe.skipIf(!hasNginx || !hasApache)(
  `what P5 says of the given certificate${hasNginx && hasApache ? '' : ' (skipped: nginx or Apache is not installed)'}`,
  () => {
    let nginx: RunningServer<'on'>;
    let apache: RunningServer<'on'>;
    beforeAll(async () => {
      const files = { cert: cases.path('server.pem'), key: cases.path('server.key') };
      [nginx, apache] = await Promise.all([
        startNginx(files, {
          on: `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client on; location / { return 200; }`,
        }),
        startApache(files, {
          on: `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient require\n${APACHE_ANSWER}`,
        }),
      ]);
    });
    afterAll(() => Promise.all([nginx?.stop(), apache?.stop()]));

    test.each(Object.entries(GIVEN) as [ClientCase, readonly [string, string]][])('%s', async (name, expected) => {
      const reports = await Promise.all(
        [nginx, apache].map((server) =>
          verify(server.url('on'), name, { clientCa: cases.path('ca.pem'), skip: ['P7', 'P8', 'P9', 'P10'] }),
        ),
      );
      const told = reports.map(({ findings }) =>
        findings.filter(({ id }) => id === 'P5').map(({ status, detail }) => (status === 'pass' ? status : detail)),
      );
      for (const [at, words] of expected.entries())
        expect(told[at]).toEqual([expect.stringContaining(words), expect.stringContaining(words)]);
      expect(reports.map(({ facts }) => facts['verdict'])).toEqual([
        expected[0] === 'pass' ? 'enforced-server' : 'refuses-everybody',
        expected[1] === 'pass'
          ? 'enforced-tls'
          : expected[1] === 'SSLVerifyDepth'
            ? expect.any(String)
            : 'refuses-everybody',
      ]);
    });
  },
);
