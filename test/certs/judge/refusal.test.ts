import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createServer } from 'node:tls';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from '../../../src/certs/checks.ts';
import { explainRefusal } from '../../../src/certs/judge/refusal.ts';
import { judgeServerChain } from '../../../src/certs/judge/server-certificate.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import { ALERT_NAME, type ProbeResult } from '../../../src/certs/probe/probe.ts';
import type { TlsVersion } from '../../../src/certs/probe/tls-messages.ts';
import { makeFinding, type Finding } from '../../../src/model/finding.ts';
import {
  basicConstraints,
  dnsNames,
  extendedKeyUsage,
  keyUsage,
  makeCertificate,
  nameConstraints,
  pemOf,
  tagged,
  type Made,
  type MadeExtension,
} from '../../helpers/chain-maker.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { makeProbeResult } from '../../helpers/probe-result.ts';

const ANY = { statuses: [200], text: 'any HTTP 2xx' } as const;
const CA = [basicConstraints(true), keyUsage('keyCertSign')];
const LEAF = [basicConstraints(false), keyUsage('digitalSignature'), extendedKeyUsage('clientAuth')];

const root = makeCertificate({ name: 'Root', extensions: CA });
const other = makeCertificate({ name: 'Other', extensions: CA });
const sub = makeCertificate({ name: 'Sub', by: root, extensions: CA });
const bound = makeCertificate({
  name: 'Bound',
  by: root,
  extensions: [...CA, nameConstraints('permitted', ['example.com'])],
});
const critical: MadeExtension = { oid: '1.2.3.4', critical: true, value: tagged(0x05) };
const leaf = (by: Made, extensions = LEAF, days?: [number, number]): Made =>
  makeCertificate({ name: 'Client', by, extensions, ...(days === undefined ? {} : { days }) });

/** A port of a server that says why it refuses, as Apache and HAProxy do. */
async function startOpenssl(folder: string, children: ChildProcess[]): Promise<number> {
  const server = makeCertificate({ name: 'localhost' });
  writeFileSync(join(folder, 'server.pem'), `${server.certificate}${pemOf(server)}`);
  writeFileSync(join(folder, 'ca.pem'), String(root.certificate));
  const files = ['-cert', 'server.pem', '-key', 'server.pem', '-CAfile', 'ca.pem'];
  const strict = ['-Verify', '5', '-verify_return_error', '-no-CApath', '-no-CAstore'];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...files, ...strict], { cwd: folder });
  children.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes;
      const port = /ACCEPT [^\n]*:(\d+)\n/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

describe.skipIf(!hasOpenssl)('why OpenSSL refuses a certificate, by its alert and its list of CAs', () => {
  const children: ChildProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-refusal-'));
  let port: number;
  beforeAll(async () => {
    port = await startOpenssl(folder, children);
  });
  afterAll(() => {
    children.forEach((child) => child.kill());
    rmSync(folder, { recursive: true, force: true });
  });

  const show = (sent: readonly Made[], version: TlsVersion): Promise<ProbeResult> => {
    const [cert, key] = [sent.map(({ certificate }) => String(certificate)).join(''), pemOf(sent[0] as Made)];
    const identity = { cert: Buffer.from(cert), key: Buffer.from(key) };
    const request = Buffer.from('POST / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return probeEndpoint(
      { host: '127.0.0.1', port, name: 'localhost' },
      { version, identity, request, timeoutMs: 60_000 },
    );
  };

  test.each<[string, alert: number, Made[], words: string]>([
    ['another CA', 48, [leaf(other)], 'names "CN=Root", none of which issued the certificate (N2)'],
    ['an intermediate missing', 48, [leaf(sub)], 'names "CN=Root", none of which issued the certificate (N2)'],
    [
      'the CA of that name has another key',
      51,
      [leaf(makeCertificate({ name: 'Root', extensions: CA }))],
      'a CA with the same name as',
    ],
    ['expired', 45, [leaf(root, LEAF, [-9, -1])], 'has expired'],
    ['not yet valid', 42, [leaf(root, LEAF, [5, 9])], 'not valid yet'],
    ['for servers', 43, [leaf(root, [extendedKeyUsage('serverAuth')])], 'another purpose'],
    ['a name that is not permitted', 46, [leaf(bound, [...LEAF, dnsNames('a.test')]), bound], 'name constraints'],
    ['a critical extension', 46, [leaf(root, [...LEAF, critical])], 'critical extensions'],
  ])('%s', async (_, alert, sent, words) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const result = await show(sent, version);
      const why = explainRefusal(result, [], ANY);
      expect([result.alert, why?.text]).toEqual([alert, expect.stringContaining(words)]);
      expect(why?.fix).toBeTruthy();
    }
  });
});

const issuerOnly = { certificatesSent: [leaf(root).certificate.raw] };
const listing = (...cas: Made[]): ProbeResult['request'] => ({
  authorities: cas.map(({ certificate }) => subjectOf(certificate)),
  signatureSchemes: [],
  certificateTypes: null,
});
const subjectOf = ({ subject }: Made['certificate']): Buffer =>
  tagged(
    0x30,
    tagged(0x31, tagged(0x30, Buffer.from('0603550403', 'hex'), tagged(0x0c, Buffer.from(subject.slice(3))))),
  );
const NGINX = { ending: 'answered', status: 400, body: '<h1>The SSL certificate error</h1>' } as const;
const finding = (id: 'L4' | 'L5' | 'L12', status: 'fail' | 'warn'): Finding =>
  makeFinding(CHECKS[id], { status, detail: `${id} as told`, fix: 'so' });

describe('the list of CAs is asked before anything is guessed', () => {
  test.each<[string, Partial<ProbeResult>, Finding[], words: string]>([
    ['another CA file, and a long chain', { ...NGINX, request: listing(other) }, [finding('L12', 'warn')], '(N2)'],
    [
      'a chain that --client-ca explains',
      { alert: 48, request: listing(other) },
      [finding('L4', 'fail')],
      'L4 as told',
    ],
    ['an expired one, of another CA', { alert: 48, request: listing(other) }, [finding('L5', 'fail')], 'L5 as told'],
    ['the right CA file, and a long chain', { ...NGINX, request: listing(root) }, [finding('L12', 'warn')], 'L12 as'],
    ['the right CA file', { ...NGINX, request: listing(root) }, [], 'names an issuer of the certificate (N2), so'],
    ['one of several', { alert: 48, request: listing(other, root) }, [], 'names an issuer of the certificate (N2), so'],
    ['Apache, too long a chain', { alert: 80, request: listing(root) }, [], 'SSLVerifyDepth'],
    ['an empty list', { ...NGINX, request: listing() }, [], 'most likely'],
  ])('%s', (_, seen, offline, words) => {
    expect(explainRefusal(makeProbeResult({ ...issuerOnly, ...seen }), offline, ANY)?.text).toContain(words);
  });

  test('a connection that is closed after TLS is no 400', () => {
    const closed = makeProbeResult({ version: 'TLSv1.2', ending: 'closed', requestSent: true });
    expect(explainRefusal(closed, [], ANY)?.text).toBe(
      'the connection was closed without an answer, after TLS had accepted the certificate',
    );
  });
});

test.each(Object.entries(ALERT_NAME))('alert %s (%s) has words, and what to do', (alert) => {
  const result = makeProbeResult({ alert: Number(alert) });
  expect(result.reaction.text).toContain(`TLS alert ${alert} `);
  const why = explainRefusal(result, [], ANY);
  expect(why?.text).not.toMatch(/most often|undefined/);
  expect(why?.fix).toBeTruthy();
});

test("a fault of the server's own chain is named, too", async () => {
  const made = makeCertificate({ name: 'localhost', by: root, extensions: [dnsNames('localhost'), critical] });
  const server = createServer({ cert: String(made.certificate), key: pemOf(made) });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  const result = await probeEndpoint(
    { host: '127.0.0.1', port, name: 'localhost' },
    { version: 'TLSv1.3', identity: null, ca: Buffer.from(String(root.certificate)), request: null, timeoutMs: 60_000 },
  );
  server.close();
  const judged = judgeServerChain([result], { name: 'localhost', nowMs: Date.now(), insecure: false, daysWarning: 1 });
  expect([judged.status, judged.observed]).toEqual(['fail', 'unhandled critical extension']);
  expect(judged.detail).toContain('a critical extension that OpenSSL does not know');
});
