import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tmpdir } from 'node:os';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { createCertificates, type Created, type CreateOptions } from '../../../src/flows/certs/create-certificates.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

const OPTIONS: Omit<CreateOptions, 'directory'> = {
  name: 'webhook client',
  hosts: ['localhost', '127.0.0.1', '::1'],
  keyKind: { type: 'ec' },
  days: 365,
  passphrase: 'random',
  replace: false,
  lab: false,
};
const machine = {
  workingDirectory: process.cwd(),
  env: { PASS: 'open sesame', LONG: 'x'.repeat(1024) },
  stdin: process.stdin,
};
const create = (directory: string, more: Partial<CreateOptions> = {}): Promise<Created> =>
  createCertificates({ ...OPTIONS, directory, ...more }, builtInVendors, machine, systemClock);

let lab: string;
const inLab = (name: string): string => join(lab, name);
const read = (name: string): Buffer => readFileSync(inLab(name));
beforeAll(async () => {
  lab = mkdtempSync(join(tmpdir(), 'hookproof-lab-'));
  // The usual kind of key, once; elsewhere EC, which takes no time.
  await create(lab, { lab: true, keyKind: { type: 'rsa' }, hosts: ['hooks.example', '127.0.0.1', '::1', 'localhost'] });
});
afterAll(() => rmSync(lab, { recursive: true, force: true }));

const openssl = (...args: string[]): string => execFileSync('openssl', args, { cwd: lab, stdio: 'pipe' }).toString();

describe.skipIf(!hasOpenssl)('openssl', () => {
  test.each([
    ['client.pem', 'sslclient'],
    ['server.pem', 'sslserver'],
    ['wrong-eku.pem', 'sslserver'],
    ['intermediate-1.pem', 'any'],
  ])('verifies %s for %s', (name, purpose) => {
    expect(openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', name)).toContain(`${name}: OK`);
  });

  test('verifies the long chain, with its intermediates alone', () => {
    expect(
      openssl(
        'verify',
        '-x509_strict',
        '-purpose',
        'sslclient',
        '-CAfile',
        'ca.pem',
        '-untrusted',
        'two-intermediates.pem',
        'two-intermediates.pem',
      ),
    ).toContain('OK');
    expect(() => openssl('verify', '-CAfile', 'ca.pem', 'two-intermediates.pem')).toThrow(/unable to get local issuer/);
  });

  test('verifies what the impostor issued by the impostor alone, which has the name of the CA', () => {
    expect(openssl('verify', '-purpose', 'sslclient', '-CAfile', 'impostor-ca.pem', 'impostor.pem')).toContain('OK');
    expect(new X509Certificate(read('impostor-ca.pem')).subject).toBe(new X509Certificate(read('ca.pem')).subject);
  });

  test("verifies the request, whose key and name are the client's", () => {
    expect(openssl('req', '-in', 'client.csr', '-verify', '-noout', '-pubkey')).toBe(
      openssl('x509', '-in', 'client.pem', '-noout', '-pubkey'),
    );
    expect(openssl('req', '-in', 'client.csr', '-noout', '-subject')).toBe(
      openssl('x509', '-in', 'client.pem', '-noout', '-subject'),
    );
  });

  test('opens the key with the file of the passphrase, and not without', () => {
    expect(openssl('pkey', '-in', 'client.key', '-passin', 'file:client.passphrase', '-pubout')).toBe(
      openssl('x509', '-in', 'client.pem', '-noout', '-pubkey'),
    );
    expect(() => openssl('pkey', '-in', 'client.key', '-passin', 'pass:', '-noout')).toThrow();
  });
});

test('every certificate has its key', () => {
  const passphrase = read('client.passphrase').toString().trimEnd();
  for (const name of [
    'ca',
    'client',
    'server',
    'expired',
    'not-yet-valid',
    'wrong-eku',
    'impostor',
    'two-intermediates',
  ]) {
    expect(
      new X509Certificate(read(`${name}.pem`)).checkPrivateKey(
        createPrivateKey({ key: read(`${name}.key`), passphrase }),
      ),
      name,
    ).toBe(true);
  }
});

test('the CA has another name than the client, and is valid longer', async () => {
  const folder = join(testFolder(), 'new');
  await create(folder, { name: 'webhook client CA', days: 36_500 });
  const [ca, client] = ['ca.pem', 'client.pem'].map(
    (name) => new X509Certificate(readFileSync(join(folder, name))),
  ) as [X509Certificate, X509Certificate];
  expect(ca.subject).not.toBe(client.subject);
  expect(client.issuer).toBe(ca.subject);
  expect(Date.parse(ca.validTo)).toBeGreaterThan(Date.parse(client.validTo));
});

/** What a server that demands a certificate of the new CA answers to this one, and why. */
async function verdictOn(cert: Buffer, key: Buffer, passphrase?: string): Promise<unknown> {
  const server = createServer(
    {
      cert: read('server.pem'),
      key: read('server.key'),
      ca: read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (asked, response) => {
      const { authorizationError } = asked.socket as TLSSocket;
      response.end(String(authorizationError ?? 'accepted'));
    },
  );
  const port = await openServer(server);
  return new Promise((done, fail) => {
    // The server's own certificate is checked by its name and its address.
    request(
      {
        host: '127.0.0.1',
        port,
        servername: 'hooks.example',
        ca: read('ca.pem'),
        cert,
        key,
        agent: false,
        ...(passphrase === undefined ? {} : { passphrase }),
      },
      (response) => {
        let text = '';
        response
          .setEncoding('utf8')
          .on('data', (part: string) => {
            text += part;
          })
          .on('end', () => done(text));
      },
    )
      .on('error', fail)
      .end();
  });
}

test('a server accepts the client, under its passphrase', async () => {
  expect(await verdictOn(read('client.pem'), read('client.key'), read('client.passphrase').toString().trimEnd())).toBe(
    'accepted',
  );
});

test.each([
  ['expired', 'CERT_HAS_EXPIRED'],
  ['not-yet-valid', 'CERT_NOT_YET_VALID'],
  ['wrong-eku', 'INVALID_PURPOSE'],
  ['impostor', 'CERT_SIGNATURE_FAILURE'],
  ['two-intermediates', 'accepted'],
])('a server says of %s: %s', async (name, code) => {
  expect(await verdictOn(read(`${name}.pem`), read(`${name}.key`))).toBe(code);
});

test('a server refuses the leaf of the long chain alone', async () => {
  const leaf = new X509Certificate(read('two-intermediates.pem')).toString();
  expect(await verdictOn(Buffer.from(leaf), read('two-intermediates.key'))).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe.skipIf(process.platform === 'win32')('modes', () => {
  test('secrets are for their owner alone, certificates for all, a new folder for its owner', async () => {
    const folder = join(testFolder(), 'new');
    const { files } = await create(folder);
    expect(modeOf(folder)).toBe('700');
    for (const { path, kind, mode } of files) {
      expect(modeOf(path), path).toBe(['private-key', 'passphrase'].includes(kind) ? '600' : '644');
      expect(mode.toString(8)).toBe(modeOf(path));
    }
  });

  test('an existing folder keeps its mode; what is replaced takes the right one, and no link is followed', async () => {
    const folder = testFolder();
    chmodSync(folder, 0o755);
    await create(folder);
    const elsewhere = join(testFolder(), 'elsewhere');
    writeFileSync(elsewhere, 'mine');
    chmodSync(join(folder, 'client.key'), 0o644);
    rmSync(join(folder, 'ca.key'));
    symlinkSync(elsewhere, join(folder, 'ca.key'));
    const before = readFileSync(join(folder, 'ca.pem'), 'utf8');
    await create(folder, { replace: true });
    expect([modeOf(folder), modeOf(join(folder, 'client.key')), modeOf(join(folder, 'ca.key'))]).toEqual([
      '755',
      '600',
      '600',
    ]);
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine');
    expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).not.toBe(before);
  });
});

test.each(['ca.pem', 'client.passphrase', 'impostor.key'])('where %s is, nothing is written', async (name) => {
  const folder = testFolder();
  writeFileSync(join(folder, name), 'mine');
  await expect(create(folder)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(name),
    hint: expect.stringContaining('--force'),
  });
  expect(readdirSync(folder)).toEqual([name]);
});

test('a folder in the place of a file is not replaced, and nothing else either', async () => {
  const folder = testFolder();
  mkdirSync(join(folder, 'client.key'));
  await expect(create(folder, { replace: true })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining('client.key'),
  });
  expect(readdirSync(folder)).toEqual(['client.key']);
});

test('of two at once in one folder one wins, and its files belong together', async () => {
  const folder = join(testFolder(), 'new');
  const ended = await Promise.allSettled(Array.from({ length: 4 }, () => create(folder)));
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const [ca, client] = ['ca.pem', 'client.pem'].map(
    (name) => new X509Certificate(readFileSync(join(folder, name))),
  ) as [X509Certificate, X509Certificate];
  expect(client.verify(ca.publicKey)).toBe(true);
  expect(readdirSync(folder)).toHaveLength(8);
});

test.each([
  ['below a device', '/dev/null/certs'],
  ['below a system folder', '/proc/certs'],
  ['with a name too long', join(tmpdir(), 'x'.repeat(300))],
])('a folder that cannot be made is told: %s', async (_, folder) => {
  await expect(create(folder)).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining(folder) });
  expect(existsSync(folder)).toBe(false);
});

test.each<[string, Partial<CreateOptions>, string]>([
  ['an impossible size', { keyKind: { type: 'rsa', bits: 1024 } }, '1024 bits'],
  ['a name too long', { name: 'x'.repeat(62) }, '1 to 61'],
  ['a name of two lines', { name: 'a\nb' }, '1 to 61'],
  ['no host', { hosts: [] }, 'a host'],
  ['a host that is none', { hosts: ['https://localhost'] }, 'not a host name'],
  ['more than a century', { days: 36_501 }, 'century'],
  ['a variable that is not set', { passphrase: { env: 'NOT_SET_HERE' } }, 'NOT_SET_HERE'],
  ['a passphrase that nobody could use', { passphrase: { env: 'LONG' } }, '1023 bytes'],
  ['two passphrases', { passphrase: { env: 'PASS', file: 'f' } }, 'more than once'],
])('%s is refused before anything is written', async (_, more, message) => {
  const folder = join(testFolder(), 'new');
  await expect(create(folder, more)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringContaining(message),
  });
  expect(existsSync(folder)).toBe(false);
});

test('a passphrase of the user opens the key and is written nowhere', async () => {
  const folder = join(testFolder(), 'new');
  await create(folder, { passphrase: { env: 'PASS' } });
  expect(
    createPrivateKey({ key: readFileSync(join(folder, 'client.key')), passphrase: 'open sesame' }).asymmetricKeyType,
  ).toBe('ec');
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name), 'utf8')).not.toContain('open sesame');
  expect(existsSync(join(folder, 'client.passphrase'))).toBe(false);
});

test.each<[string, Partial<CreateOptions>, RegExp | null]>([
  ['RSA, encrypted', { keyKind: { type: 'rsa' } }, null],
  [
    'RSA, not encrypted',
    { keyKind: { type: 'rsa' }, passphrase: 'none' },
    /^Mailkit asks for a password-protected RSA key; client\.key is RSA 2048, not encrypted$/,
  ],
  ['Ed25519', { keyKind: { type: 'ed25519' } }, /client\.key is Ed25519, encrypted$/],
])('the vendor who demands another key is named: %s', async (_, more, warning) => {
  const { warnings } = await create(join(testFolder(), 'new'), more);
  expect(warnings).toEqual(warning === null ? [] : [expect.stringMatching(warning)]);
});

test('what an earlier run left and this one does not replace is told', async () => {
  const folder = join(testFolder(), 'new');
  await create(folder);
  const { warnings } = await create(folder, { replace: true, passphrase: { env: 'PASS' } });
  expect(warnings.find((text) => text.includes(join(folder, 'client.passphrase')))).toMatch(
    /^left from an earlier run/,
  );
});
