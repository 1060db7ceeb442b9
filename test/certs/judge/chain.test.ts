import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildClientChain } from '../../../src/certs/judge/client-chain.ts';
import { forecastDepth, judgeDepth } from '../../../src/certs/judge/chain.ts';
import { readCertificates } from '../../../src/deliver/client-certificate.ts';
import { APACHE_ANSWER, hasApache, startApache } from '../../helpers/apache.ts';
import { makeClientCases, type ClientCase, type ClientCases } from '../../helpers/client-cases.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { readReaction } from '../../helpers/reaction.ts';
import type { RunningServer } from '../../helpers/server-process.ts';

const CHAINS = [
  ['good-ec', 0],
  ['one-intermediate', 1],
  ['two-intermediates', 2],
] as const satisfies readonly (readonly [ClientCase, number])[];
const SITES = { 1: 'one', 2: 'two', 3: 'three' } as const;
type Site = (typeof SITES)[keyof typeof SITES];

const onEach = (directives: (depth: number) => string): Record<Site, string> => ({
  one: directives(1),
  two: directives(2),
  three: directives(3),
});

describe.skipIf(!hasOpenssl)('the forecast of what a depth does to a chain', () => {
  let cases: ClientCases;
  beforeAll(async () => {
    cases = await makeClientCases();
  });
  afterAll(() => cases?.remove());

  const serverFiles = (): { cert: string; key: string } => ({
    cert: cases.path('server.pem'),
    key: cases.path('server.key'),
  });

  async function expectForecast(
    server: 'nginx' | 'apache',
    port: (name: Site) => number,
    name: ClientCase,
    intermediates: number,
  ): Promise<void> {
    for (const forecast of forecastDepth(intermediates)) {
      const site = SITES[forecast.depth as keyof typeof SITES];
      expect([server, forecast.depth, (await readReaction(cases, port(site), name)) === '200']).toEqual([
        server,
        forecast.depth,
        forecast[server],
      ]);
    }
  }

  describe.skipIf(!hasNginx)('holds on nginx', () => {
    let nginx: RunningServer<Site>;
    beforeAll(async () => {
      nginx = await startNginx(
        serverFiles(),
        onEach(
          (depth) =>
            `ssl_verify_client on; ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_depth ${depth}; ` +
            'location / { return 200; }',
        ),
      );
    });
    afterAll(() => nginx?.stop());
    test.each(CHAINS)('%s', (name, intermediates) => expectForecast('nginx', nginx.port, name, intermediates));
  });

  describe.skipIf(!hasApache)('holds on Apache', () => {
    let apache: RunningServer<Site>;
    beforeAll(async () => {
      apache = await startApache(
        serverFiles(),
        onEach(
          (depth) =>
            `SSLVerifyClient require\nSSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyDepth ${depth}\n` +
            `${APACHE_ANSWER}`,
        ),
      );
    });
    afterAll(() => apache?.stop());
    test.each(CHAINS)('%s', (name, intermediates) => expectForecast('apache', apache.port, name, intermediates));
  });

  const judge = async (name: string, ca: string | null) => {
    const sent = await readCertificates({ path: name, bytes: cases.read(`${name}.pem`) });
    const clientCa = ca === null ? [] : [new X509Certificate(readFileSync(cases.path(ca)))];
    const chain = buildClientChain(sent, 0, clientCa, Date.now());
    return chain && judgeDepth(chain);
  };

  test.each([
    ['good-ec', 'pass', []],
    ['one-intermediate', 'warn', [{ server: 'apache', change: 'SSLVerifyDepth 2' }]],
    [
      'two-intermediates',
      'warn',
      [
        { server: 'nginx', change: 'ssl_verify_depth 2;' },
        { server: 'apache', change: 'SSLVerifyDepth 3' },
      ],
    ],
  ])(
    '%s: the serverFixes have the least depth that will do, with the CA at hand or without',
    async (name, status, serverFixes) => {
      expect(await judge(name, 'ca.pem')).toMatchObject({ status, serverFixes });
      expect(await judge(name, null)).toMatchObject({ status, serverFixes });
    },
  );

  test('both are told side by side', async () => {
    expect((await judge('one-intermediate', 'ca.pem'))?.detail).toBe(
      '1 intermediate: nginx ssl_verify_depth 1 accepts, 2 accepts, 3 accepts; Apache SSLVerifyDepth 1 ' +
        'refuses, 2 accepts, 3 accepts',
    );
  });

  test('a self-signed certificate fits every depth', async () => {
    expect(await judge('self-signed', null)).toMatchObject({ status: 'pass' });
  });
});
