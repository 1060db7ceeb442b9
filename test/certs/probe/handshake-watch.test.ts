import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { X509Certificate, createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, type TlsOptions, connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { subjectNameOf, describeName } from '../../../src/certs/der.ts';
import { type HandshakeSeen, tapSocket, watchHandshake } from '../../../src/certs/probe/handshake-watch.ts';
import type { Identity, ProbeResult } from '../../../src/certs/probe/probe.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import { MESSAGE, RECORD, type TlsVersion, cutMessages, cutRecords } from '../../../src/certs/probe/tls-messages.ts';
import { type Nginx, hasNginx, startNginx } from '../../helpers/nginx.ts';
import { type TestCertificates, makeTestCertificates } from '../../helpers/openssl-certificates.ts';
import { openServer } from '../../helpers/raw-server.ts';
import * as fc from 'fast-check';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
/** OpenSSL's server answers nothing but GET. */
const REQUEST = Buffer.from('GET /hook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

let files: TestCertificates;
let identities: Record<'rsa' | 'ec' | 'ed25519' | 'chain', Identity>;
let manyCas: string[];

const run = (...args: string[]): void =>
  void execFileSync('openssl', args, { cwd: files.path('.'), stdio: ['ignore', 'ignore', 'pipe'] });

/** A certificate under `issuer`, which may issue others when it is a CA. */
function issue(
  name: string,
  issuer: string,
  extensions: string,
  key: readonly string[] = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
): void {
  writeFileSync(files.path(`${name}.ext`), extensions);
  run('genpkey', '-algorithm', ...key, '-out', `${name}.key`);
  run('req', '-new', '-key', `${name}.key`, '-subj', `/C=XX/O=Example, Inc./CN=${name}`, '-out', `${name}.csr`);
  run(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${issuer}.pem`,
    '-CAkey',
    `${issuer}.key`,
    '-CAcreateserial',
    '-days',
    '30',
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  );
}

/** The certificate of `CA 000` under a hundred names. Nobody verifies the signature of a CA that is only listed. */
function makeManyCas(): string[] {
  run(
    'req',
    '-x509',
    '-key',
    'ca.key',
    '-subj',
    '/C=XX/O=Example, Inc./CN=CA 000',
    '-days',
    '30',
    '-outform',
    'DER',
    '-out',
    'many.der',
  );
  const one = files.read('many.der').toString('latin1');
  return Array.from({ length: 100 }, (_, number) => {
    const der = Buffer.from(one.replaceAll('CA 000', `CA ${String(number).padStart(3, '0')}`), 'latin1');
    return (
      `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n` +
      '-----END CERTIFICATE-----\n'
    );
  });
}

beforeAll(() => {
  files = makeTestCertificates();
  const forCas = 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n';
  issue('upper', 'ca', forCas);
  issue('lower', 'upper', forCas);
  issue('deep', 'lower', 'extendedKeyUsage=clientAuth\n');
  issue('ed', 'ca', 'extendedKeyUsage=clientAuth\n', ['ED25519']);
  manyCas = makeManyCas();
  writeFileSync(files.path('many.pem'), manyCas.join(''));
  identities = {
    rsa: { cert: files.read('client-rsa.pem'), key: files.read('client-rsa.key'), passphrase: 'open sesame' },
    ec: { cert: files.read('client.pem'), key: files.read('client.key') },
    ed25519: { cert: files.read('ed.pem'), key: files.read('ed.key') },
    chain: {
      cert: Buffer.concat(['deep', 'lower', 'upper'].map((name) => files.read(`${name}.pem`))),
      key: files.read('deep.key'),
    },
  };
});
afterAll(() => files.remove());

const probe = (port: number, version: TlsVersion, identity: Identity | null = null): Promise<ProbeResult> =>
  probeEndpoint(
    { host: '127.0.0.1', port, name: 'localhost' },
    { version, identity, request: REQUEST, timeoutMs: 60_000 },
  );

function openNode(options: TlsOptions): Promise<number> {
  return openServer(
    createServer(
      {
        cert: files.read('server.pem'),
        key: files.read('server.key'),
        ca: files.read('ca.pem'),
        rejectUnauthorized: false,
        ...options,
      },
      (request, response) => {
        request.resume().on('end', () => response.end());
      },
    ),
  );
}

/** OpenSSL's own server, which can do what Node's cannot. Ends with the test. */
async function openOpenssl(
  args: readonly string[],
): Promise<{ port: number; child: ChildProcess; untilSaid(pattern: RegExp): Promise<string> }> {
  const child = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-cert',
      files.path('server.pem'),
      '-key',
      files.path('server.key'),
      ...args,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  onTestFinished(() => void child.kill());
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const untilSaid = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(said);
        if (found !== null) resolve(found[1] ?? '');
      };
      child.stdout?.on('data', look);
      child.once('exit', () => reject(new Error(`openssl s_server ended: ${said}`)));
      look();
    });
  return { port: Number(await untilSaid(/ACCEPT 127\.0\.0\.1:(\d+)/)), child, untilSaid };
}

/** Short, and quick to compare. */
const digests = (all: readonly Buffer[] | null): string[] | null =>
  all?.map((bytes) => createHash('sha256').update(bytes).digest('base64')) ?? null;
const inPem = (pem: Uint8Array | undefined): string[] | null =>
  digests(
    (
      Buffer.from(pem ?? '')
        .toString('latin1')
        .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    ).map((text) => new X509Certificate(text).raw),
  );
/** OpenSSL completes the server's chain with the CA that it has for clients. */
const serverSends = (): string[] | null => inPem(Buffer.concat([files.read('server.pem'), files.read('ca.pem')]));
const namesIn = ({ request }: ProbeResult): string[] => (request?.authorities ?? []).map(describeName);

describe.each(VERSIONS)('%s', (version) => {
  test('without a CertificateRequest', async () => {
    const seen = await probe(await openNode({}), version, identities.ec);
    expect(seen).toMatchObject({
      speaksTls: true,
      serverHello: true,
      requested: false,
      request: null,
      certificateSent: false,
      certificatesSent: [],
      renegotiated: false,
      status: 200,
    });
    expect(digests(seen.serverCertificates)).toEqual(serverSends());
  });

  test.each(['rsa', 'ec', 'ed25519', 'chain'] as const)('asked, and %s goes out', async (name) => {
    const seen = await probe(await openNode({ requestCert: true }), version, identities[name]);
    expect(seen).toMatchObject({ requested: true, certificateSent: true, renegotiated: false, status: 200 });
    expect(digests(seen.certificatesSent)).toEqual(inPem(identities[name].cert));
    expect(seen.certificatesSent).toHaveLength(name === 'chain' ? 3 : 1);
    expect(digests(seen.serverCertificates)).toEqual(serverSends());
    expect(digests(seen.request?.authorities ?? null)).toEqual(
      digests([subjectNameOf(new X509Certificate(files.read('ca.pem')))]),
    );
  });

  test('asked, and nothing to send', async () => {
    expect(await probe(await openNode({ requestCert: true }), version)).toMatchObject({
      requested: true,
      certificateSent: false,
      certificatesSent: [],
    });
  });

  test('asked with an empty list', async () => {
    const seen = await probe((await openOpenssl(['-Verify', '1', '-www'])).port, version, identities.ec);
    expect(seen).toMatchObject({ requested: true, request: { authorities: [] }, certificateSent: true });
  });

  test('signature schemes and certificate types', async () => {
    const { port } = await openOpenssl(['-Verify', '1', '-www', '-client_sigalgs', 'rsa_pss_rsae_sha256:ECDSA+SHA384']);
    const seen = await probe(port, version, identities.rsa);
    expect(seen.request).toMatchObject({
      signatureSchemes: [0x0804, 0x0503],
      certificateTypes: version === 'TLSv1.2' ? [1, 64] : null,
    });
  });

  test('a hundred CAs, also when the server sends them in small pieces: as openssl s_client reads them', async () => {
    const { port } = await openOpenssl([
      '-Verify',
      '1',
      '-www',
      '-CAfile',
      files.path('many.pem'),
      '-max_send_frag',
      '512',
    ]);
    const names = namesIn(await probe(port, version, identities.ec));
    expect(names).toEqual(await namesByOpenssl(port, version));
    expect(names).toHaveLength(100);
    expect(names).toContain(String.raw`CN=CA 099, O=Example\, Inc., C=XX`);
  });

  test('a key that the server does not take sends an empty message', async () => {
    const { port } = await openOpenssl(['-verify', '1', '-www', '-client_sigalgs', 'rsa_pss_rsae_sha256']);
    expect(await probe(port, version, identities.ec)).toMatchObject({
      requested: true,
      certificateSent: false,
      certificatesSent: [],
    });
  });
});

/** What OpenSSL's client prints of the list, in our spelling. */
async function namesByOpenssl(port: number, version: TlsVersion): Promise<string[]> {
  const child = spawn(
    'openssl',
    [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      version === 'TLSv1.2' ? '-tls1_2' : '-tls1_3',
      '-nameopt',
      'RFC2253,sep_comma_plus_space',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await new Promise((closed) => {
    child.once('close', closed);
  });
  const END = /^(?:Client Certificate Types|Requested Signature Algorithms)/m;
  const list = said.split(/^Acceptable client certificate CA names\n/m)[1]?.split(END)[0] ?? '';
  return list.trim().split('\n');
}

describe('TLS 1.3', () => {
  test.each([
    ['TLS_AES_128_GCM_SHA256', 0x1301],
    ['TLS_AES_256_GCM_SHA384', 0x1302],
    ['TLS_CHACHA20_POLY1305_SHA256', 0x1303],
  ])('is opened with %s', async (suite) => {
    const seen = await probe(
      (await openOpenssl(['-Verify', '1', '-www', '-CAfile', files.path('ca.pem'), '-ciphersuites', suite])).port,
      'TLSv1.3',
      identities.chain,
    );
    expect(seen).toMatchObject({ requested: true, certificateSent: true });
    expect([namesIn(seen), seen.certificatesSent?.length]).toEqual([['CN=Test CA'], 3]);
  });

  test('is opened when records are padded', async () => {
    const seen = await probe(
      (await openOpenssl(['-Verify', '1', '-www', '-CAfile', files.path('ca.pem'), '-record_padding', '1000'])).port,
      'TLSv1.3',
      identities.ec,
    );
    expect([seen.requested, namesIn(seen), seen.serverCertificates.length]).toEqual([true, ['CN=Test CA'], 2]);
  });

  test('is opened after a HelloRetryRequest', async () => {
    const { port } = await openOpenssl(['-Verify', '1', '-www', '-CAfile', files.path('ca.pem'), '-groups', 'P-521']);
    const { received } = await recordHandshake(port, 'TLSv1.3', identityOptions());
    const hellos = cutMessages(
      cutRecords(received)
        .filter(({ type }) => type === RECORD.handshake)
        .map(({ content }) => content),
    );
    expect(hellos.map(({ type }) => type)).toEqual([MESSAGE.serverHello, MESSAGE.serverHello]);
    const seen = await probe(port, 'TLSv1.3', identities.chain);
    expect([namesIn(seen), seen.certificatesSent?.length]).toEqual([['CN=Test CA'], 3]);
  });

  test('tells nothing without the secrets', async () => {
    const { seenOf } = await recordHandshake(await openNode({ requestCert: true }), 'TLSv1.3', identityOptions());
    expect(seenOf({ keys: false })).toEqual({
      speaksTls: true,
      serverHello: true,
      requested: null,
      request: null,
      certificateSent: null,
      certificatesSent: null,
      serverCertificates: [],
      renegotiated: false,
    });
  });
});

describe('TLS 1.2', () => {
  test('a second handshake is seen, and that nothing of it can be told', async () => {
    const { port, child, untilSaid } = await openOpenssl(['-tls1_2', '-CAfile', files.path('ca.pem')]);
    const result = probe(port, 'TLSv1.2', identities.ec);
    await untilSaid(/GET \/hook/);
    child.stdin?.write('R\n');
    await untilSaid(/SSL_do_handshake -> 1/);
    child.stdin?.write('HTTP/1.1 204 No Content\r\n\r\n');
    expect(await result).toMatchObject({
      requested: false,
      request: null,
      certificateSent: null,
      certificatesSent: null,
      renegotiated: true,
      status: 204,
    });
  });

  test.each([
    [1, false],
    [2, true],
  ])('%i sealed handshake records from the server: renegotiated %s', (count, renegotiated) => {
    const watch = watchHandshake('TLSv1.2');
    watch.received(
      Buffer.concat([
        Buffer.from([20, 3, 3, 0, 1, 1]),
        ...Array.from({ length: count }, () => Buffer.from([22, 3, 3, 0, 2, 9, 9])),
      ]),
    );
    expect(watch.seen().renegotiated).toBe(renegotiated);
  });

  test('a request behind more than any handshake needs is not looked for', () => {
    const asked = Buffer.from([22, 3, 3, 0, 9, 13, 0, 0, 5, 0, 0, 0, 0, 0]);
    const noise = Buffer.concat([Buffer.from([21, 3, 3, 0x40, 0]), Buffer.alloc(0x4000)]);
    const seenAfter = (records: number): HandshakeSeen => {
      const watch = watchHandshake('TLSv1.2');
      for (let i = 0; i < records; i += 1) watch.received(noise);
      watch.received(asked);
      return watch.seen();
    };
    expect(seenAfter(10)).toMatchObject({ requested: true, request: { authorities: [] } });
    expect(seenAfter(20)).toMatchObject({ requested: null, request: null });
  });

  test('a resumed session asks for nothing', async () => {
    const port = await openNode({ requestCert: true });
    const options = { host: '127.0.0.1', port, name: 'localhost' };
    const first = await probeEndpoint(options, {
      version: 'TLSv1.2',
      identity: identities.ec,
      request: REQUEST,
      timeoutMs: 60_000,
    });
    const second = await probeEndpoint(options, {
      version: 'TLSv1.2',
      identity: identities.ec,
      request: REQUEST,
      timeoutMs: 60_000,
      session: first.session,
    });
    expect([
      first.requested,
      second.requested,
      second.request,
      second.certificatesSent,
      second.serverCertificates,
    ]).toEqual([true, false, null, [], []]);
  });
});

interface Recording {
  received: Buffer;
  sent: Buffer;
  /** What a watch makes of it, when it comes cut short, damaged, or in pieces of some size. */
  seenOf(how: {
    keys?: boolean;
    receivedBytes?: number;
    sentBytes?: number;
    pieceBytes?: number;
    damageAt?: number;
  }): HandshakeSeen;
}

const identityOptions = (): ConnectionOptions => ({
  cert: Buffer.from(identities.chain.cert ?? ''),
  key: Buffer.from(identities.chain.key ?? ''),
});

/** The bytes of a real handshake, to be read again in other shapes. */
async function recordHandshake(port: number, version: TlsVersion, options: ConnectionOptions): Promise<Recording> {
  const [theirs, ours, keys]: [Buffer[], Buffer[], Buffer[]] = [[], [], []];
  const tcp = connectTcp(port, '127.0.0.1');
  const tap = tapSocket(tcp, {
    received: (bytes) => theirs.push(Buffer.from(bytes)),
    sent: (bytes) => ours.push(Buffer.from(bytes)),
  });
  const socket = connectTls({
    socket: tap,
    minVersion: version,
    maxVersion: version,
    rejectUnauthorized: false,
    ...options,
  });
  socket.on('keylog', (line) => keys.push(line));
  await new Promise((resolve, reject) => {
    socket
      .once('error', reject)
      .once('secureConnect', () => socket.end(REQUEST))
      .once('close', resolve)
      .resume();
  });
  const [received, sent] = [Buffer.concat(theirs), Buffer.concat(ours)];
  return {
    received,
    sent,
    seenOf({
      keys: withKeys = true,
      receivedBytes = received.length,
      sentBytes = sent.length,
      pieceBytes = 65_536,
      damageAt,
    }) {
      const watch = watchHandshake(version);
      const copy = Buffer.from(received);
      if (damageAt !== undefined) copy.writeUInt8(copy.readUInt8(damageAt) ^ 0x55, damageAt);
      for (let at = 0; at < receivedBytes; at += pieceBytes)
        watch.received(copy.subarray(at, Math.min(at + pieceBytes, receivedBytes)));
      for (let at = 0; at < sentBytes; at += pieceBytes)
        watch.sent(sent.subarray(at, Math.min(at + pieceBytes, sentBytes)));
      if (withKeys) keys.forEach(watch.keylog);
      return watch.seen();
    },
  };
}

const inWords = (value: unknown): string => JSON.stringify(value);

describe.each(VERSIONS)('%s, read again', (version) => {
  test('byte by byte it is the same', async () => {
    const { seenOf } = await recordHandshake(await openNode({ requestCert: true }), version, identityOptions());
    const whole = seenOf({});
    expect(whole).toMatchObject({ requested: true, certificateSent: true });
    expect(inWords(seenOf({ pieceBytes: 1 }))).toBe(inWords(whole));
  });

  test('cut short anywhere, it tells the same or that it is unknown', async () => {
    const { seenOf, received, sent } = await recordHandshake(
      await openNode({ requestCert: true }),
      version,
      identityOptions(),
    );
    const whole = seenOf({});
    fc.assert(
      fc.property(fc.nat(received.length), fc.nat(sent.length), (receivedBytes, sentBytes) => {
        const seen = seenOf({ receivedBytes, sentBytes });
        for (const key of ['requested', 'request', 'certificateSent', 'certificatesSent'] as const) {
          if (seen[key] !== null) expect(inWords(seen[key])).toBe(inWords(whole[key]));
        }
        if (seen.serverCertificates.length > 0)
          expect(inWords(seen.serverCertificates)).toBe(inWords(whole.serverCertificates));
      }),
    );
  });

  test('damaged anywhere, it does not throw; TLS 1.3 tells nothing wrong', async () => {
    const { seenOf, received } = await recordHandshake(
      await openNode({ requestCert: true }),
      version,
      identityOptions(),
    );
    const whole = seenOf({});
    fc.assert(
      fc.property(fc.nat(received.length - 1), (damageAt) => {
        const seen = seenOf({ damageAt });
        if (version === 'TLSv1.3' && seen.request !== null) expect(inWords(seen.request)).toBe(inWords(whole.request));
      }),
    );
  });
});

test.each(VERSIONS)('%s: any bytes and any key log are read without a complaint', (version) => {
  const record = fc
    .tuple(fc.constantFrom(20, 21, 22, 23, 99), fc.uint8Array({ maxLength: 300 }))
    .map(([type, content]) => Buffer.from([type, 3, 3, content.length >> 8, content.length & 255, ...content]));
  const stream = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc.array(record, { maxLength: 8 }).map((records) => Buffer.concat(records)),
  );
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('SERVER', 'CLIENT'), fc.constantFrom('', 'zz', 'ab'.repeat(32), 'ab'.repeat(48)))
      .map(([side, secret]) => `${side}_HANDSHAKE_TRAFFIC_SECRET 00 ${secret}`),
  );
  fc.assert(
    fc.property(stream, stream, fc.array(line), (received, sent, lines) => {
      const watch = watchHandshake(version);
      watch.received(received);
      watch.sent(sent);
      lines.forEach((text) => watch.keylog(Buffer.from(text)));
      expect(watch.seen().serverHello).toBeTypeOf('boolean');
    }),
  );
});

test('what we send after the handshake is not part of it', () => {
  const certificate = Buffer.from([22, 3, 3, 0, 7, 11, 0, 0, 3, 0, 0, 0]);
  const watch = watchHandshake('TLSv1.2');
  watch.handshakeIsOver();
  watch.sent(certificate);
  expect(watch.seen().certificatesSent).toBeNull();
  const other = watchHandshake('TLSv1.2');
  other.sent(certificate);
  expect(other.seen().certificatesSent).toEqual([]);
});

describe.skipIf(!hasNginx)(`nginx${hasNginx ? '' : ' (skipped: it is not installed)'}`, () => {
  let nginx: Nginx<'client' | 'trusted'>;
  beforeAll(async () => {
    const both = 'ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on; location / { return 200; }';
    nginx = await startNginx(
      { cert: files.path('server.pem'), key: files.path('server.key') },
      {
        client: `ssl_client_certificate ${files.path('ca.pem')}; ${both}`,
        trusted:
          `ssl_client_certificate ${files.path('many.pem')}; ssl_trusted_certificate ${files.path('ca.pem')}; ` +
          `${both}`,
      },
    );
  });
  afterAll(() => nginx?.stop());

  test.each(VERSIONS)('announces ssl_client_certificate and not ssl_trusted_certificate, on %s', async (version) => {
    const [client, trusted] = await Promise.all(
      (['client', 'trusted'] as const).map((name) =>
        probe(Number(new URL(nginx.url(name)).port), version, identities.ec),
      ),
    );
    expect([client?.status, trusted?.status]).toEqual([200, 200]);
    expect(namesIn(client as ProbeResult)).toEqual(['CN=Test CA']);
    expect(namesIn(trusted as ProbeResult)).toHaveLength(100);
    expect(namesIn(trusted as ProbeResult)).not.toContain('CN=Test CA');
  });
});
