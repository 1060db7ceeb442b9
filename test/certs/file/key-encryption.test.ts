import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDerivation, countDerivationRounds } from '../../../src/certs/file/key-encryption.ts';
import { openFile } from '../../../src/flows/certs/open-file.ts';
import { readPemPair, readPfx } from '../../../src/flows/certs/read-client-certificate.ts';
import { hasOpenssl, makeTestCertificates, type TestCertificates } from '../../helpers/openssl-certificates.ts';
import { runProgram } from '../../helpers/program.ts';

const MAX_INT = 0x7fffffff;
const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });

describe.skipIf(!hasOpenssl)('key derivation rounds', () => {
  let files: TestCertificates;
  let folder: string;
  beforeAll(() => {
    files = makeTestCertificates();
    folder = mkdtempSync(join(tmpdir(), 'hookproof-rounds-'));
  });
  afterAll(() => {
    files?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const pfx = (...args: string[]): Buffer =>
    openssl(
      'pkcs12',
      '-export',
      '-in',
      files.path('client.pem'),
      '-inkey',
      files.path('client.key'),
      '-passout',
      'pass:x',
      ...args,
    );
  const key = (...args: string[]): Buffer =>
    openssl('pkcs8', '-topk8', '-in', files.path('client.key'), '-passout', 'pass:x', ...args);
  /** A file that claims `MAX_INT` rounds of MAC. */
  const endless = (): Buffer => {
    const good = pfx('-maciter', '-iter', '70000');
    return grow(good, good.length - 5);
  };
  const save = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test.each<[string, () => Buffer, number]>([
    ['PKCS#12', () => pfx(), 3 * 2048],
    ['PKCS#12, two parts of 5000', () => pfx('-iter', '5000', '-nomaciter'), 2 * 5000],
    [
      'PKCS#12, older schemes',
      () => pfx('-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-iter', '7000', '-nomaciter'),
      2 * 7000,
    ],
    ['a key in PEM', () => key('-iter', '1234'), 1234],
    ['a key in DER', () => key('-iter', '1234', '-outform', 'der'), 1234],
    ['two keys in PEM', () => Buffer.concat([key('-iter', '1000'), key('-iter', '20')]), 1020],
    ['a key under scrypt', () => key('-scrypt', '-scrypt_N', '1024', '-scrypt_r', '8', '-scrypt_p', '2'), 1024 * 8 * 2],
    ['a key in clear', () => files.read('client.key'), 0],
    ['a certificate', () => files.read('client.pem'), 0],
    ['nothing', () => Buffer.alloc(0), 0],
    ['bytes after the end', () => Buffer.concat([pfx(), Buffer.from('more')]), 3 * 2048],
    ['a length that is left open', () => opened(pfx()), 3 * 2048],
    [
      'a length in many bytes',
      () => {
        const der = pfx();
        return Buffer.concat([Buffer.from('308600000000', 'hex'), der.subarray(2, 4), der.subarray(4)]);
      },
      3 * 2048,
    ],
  ])('%s', (_, make, rounds) => {
    expect(countDerivationRounds(make())).toBe(rounds);
  });

  test('a file that asks for days is not opened, whoever names it', async () => {
    const [path, bytes] = ['x.pfx', endless()];
    expect(countDerivationRounds(bytes)).toBeGreaterThan(MAX_INT);
    const refused = {
      kind: 'input',
      message: expect.stringMatching(/^x\.pfx asks for 214\d{7} key derivation rounds/) as string,
    };
    await expect(openFile({ path, bytes }, undefined)).rejects.toMatchObject(refused);
    await expect(readPfx({ path, bytes }, 'x')).rejects.toMatchObject(refused);
    const der = key('-iter', '70000');
    const text = Buffer.from(der.toString().replaceAll(/-----.*-----|\s/g, ''), 'base64');
    const slow = pemOf(grow(text, text.indexOf(Buffer.from('0203011170', 'hex'))));
    await expect(
      readPemPair({ path: 'c.pem', bytes: files.read('client.pem') }, { path: 'x.pfx', bytes: slow }, 'x'),
    ).rejects.toMatchObject(refused);
    // Without its passphrase it stays closed anyway.
    expect((await openFile({ path, bytes: slow }, undefined)).keys[0]?.key).toBeNull();
    await expect(openFile({ path, bytes: slow }, 'x')).rejects.toMatchObject(refused);
  });

  test.each(['send', 'verify-cert'])('%s refuses it before anything is sent', async (command) => {
    const target =
      command === 'send'
        ? ['--url', 'https://127.0.0.1:1/', '--vendor', 'mailkit', '--event', 'subscribe']
        : ['https://127.0.0.1:1/'];
    const { code, stderr } = await runProgram(
      'webhook',
      [command, ...target, '--pfx', save('endless.pfx', endless()), '--passphrase-env', 'PASS'],
      { cwd: folder, env: { PASS: 'x', XDG_DATA_HOME: folder } },
    );
    expect([code, stderr]).toEqual([5, expect.stringContaining('key derivation rounds, but the limit is 10000000')]);
  });

  test('what OpenSSL reads in spite of an open length opens, and is counted', async () => {
    expect((await readPfx({ path: 'x.pfx', bytes: opened(pfx()) }, 'x')).certificates).toHaveLength(1);
    expect(() => checkDerivation({ path: 'x.pfx', bytes: pfx() })).not.toThrow();
  });
});

test.each<[string, Buffer]>([
  [
    'values without end',
    Buffer.concat([Buffer.from('3083200000', 'hex'), Buffer.alloc(0x200000, Buffer.from('0500', 'hex'))]),
  ],
  ['as deep as it gets', Buffer.alloc(100_000, Buffer.from('3080', 'hex'))],
  ['pieces of pieces', Buffer.alloc(100_000, Buffer.from('2480', 'hex'))],
])('hostile bytes come to an end: %s', (_, bytes) => {
  expect(countDerivationRounds(bytes)).not.toBe(1);
});

const pemOf = (der: Buffer): Buffer =>
  Buffer.from(
    `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n` +
      '-----END ENCRYPTED PRIVATE KEY-----\n',
  );

/** The same with the INTEGER of three bytes at `at` made `MAX_INT`, and one byte longer all that it is in. */
function grow(der: Buffer, at: number): Buffer {
  const copy = Buffer.concat([der.subarray(0, at), Buffer.from('02047fffffff', 'hex'), der.subarray(at + 5)]);
  for (let offset = 0; offset < at;) {
    const head = headAt(der, offset);
    if (head.end <= at) offset = head.end;
    else {
      const lengthAt = head.begin - 1;
      copy.writeUInt8((copy[lengthAt] ?? 0) + 1, lengthAt);
      offset = head.begin;
    }
  }
  return copy;
}

function headAt(der: Buffer, at: number): { begin: number; end: number } {
  const first = der[at + 1] ?? 0;
  const size = first < 0x80 ? 0 : first - 0x80;
  const begin = at + 2 + size;
  return { begin, end: begin + (size === 0 ? first : der.readUIntBE(at + 2, size)) };
}

/** The same with the outermost length left open. */
function opened(der: Buffer): Buffer {
  return Buffer.concat([Buffer.from('3080', 'hex'), der.subarray(headAt(der, 0).begin), Buffer.alloc(2)]);
}
