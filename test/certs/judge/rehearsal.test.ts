import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CHECKS, type CheckId } from '../../../src/certs/checks.ts';
import { agreeWithEndpoint } from '../../../src/certs/judge/rehearsal.ts';
import { ownOfPem, ownWithoutKey } from '../../../src/certs/file/own-certificate.ts';
import { judgeIdentity } from '../../../src/certs/judge/identity.ts';
import { makeFinding, type Finding } from '../../../src/model/finding.ts';
import { whyUnusable } from '../../../src/flows/certs/read-client-certificate.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  makeCertificate,
  pemOf,
  type Made,
} from '../../helpers/chain-maker.ts';

const RULES = { ownKeyRule: null, vendorTitle: null, nowMs: Date.now(), daysWarning: 30 };
const root = makeCertificate({ name: 'Root', extensions: [basicConstraints(true), keyUsage('keyCertSign')] });

async function judge(made: Made, withKey: boolean, withCa = true): Promise<Record<string, Finding>> {
  const cert = { path: 'client.pem', bytes: Buffer.from(String(made.certificate)) };
  const key = { path: 'client.key', bytes: Buffer.from(pemOf(made)) };
  const unusable = await whyUnusable({ cert, key, passphrase: undefined });
  const own = withKey
    ? ownOfPem({
        certificates: [made.certificate],
        cert,
        key: { ...key, opened: made.key },
        passphrase: undefined,
        unusable,
      })
    : ownWithoutKey([made.certificate], 'client.pem');
  const findings = await judgeIdentity(own, { ...RULES, clientCa: withCa ? [root.certificate] : null });
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}

const shown = (key: KeyObject): Made =>
  makeCertificate({
    name: 'client',
    by: root,
    key,
    extensions: [basicConstraints(false), extendedKeyUsage('clientAuth'), keyUsage('digitalSignature')],
  });

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa = (modulusLength: number): KeyObject => generateKeyPairSync('rsa', { modulusLength }).privateKey;
/** A salt length is a number, whatever its type says. */
const pss = (hashAlgorithm: string, saltLength: unknown): KeyObject =>
  generateKeyPairSync('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm,
    mgf1HashAlgorithm: hashAlgorithm,
    saltLength: saltLength as string,
  }).privateKey;

/** DSA 2048 of parameters made by openssl: to make them anew takes seconds. The private key is the number 3. */
function dsa(): KeyObject {
  const parameters = Buffer.from(DSA_PARAMETERS, 'base64');
  const algorithm = Buffer.concat([Buffer.from('06072a8648ce380401', 'hex'), parameters]);
  const head = Buffer.from([0x30, 0x82, algorithm.length >> 8, algorithm.length & 0xff]);
  const body = Buffer.concat([Buffer.from('020100', 'hex'), head, algorithm, Buffer.from('0403020103', 'hex')]);
  const whole = Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 0xff]), body]);
  return createPrivateKey({ key: whole, format: 'der', type: 'pkcs8' });
}

const DSA_PARAMETERS = `
MIICKAKCAQEAk0jE6WAllOfo+14yEunNJpDo5+fQaOCFZQNYDuooq2rWJTah9azR
iw7NRK49ufavd7DzE8JFZvfoTVA0rmZzxMZJ/unFfPKr/ecyz61RiZQ6fvNe4Bzo
ZfAOVxsbbZKySbrxREzQFZ9rf/168Ryd4D4bNFM5DgRuMylFQf8gK4LnaODuV2xM
+rZUEwOOIWxpN312tAfmJ7WMpB2PWL1Uy3L7QD/pQZIU4xM3O8o6VLhvSi5I/fZ5
TJjGypNL+WVncmtLdQ2OVZ2b71tQCRCVATR1/fEXEQw42mSayWG99PyWB+SNc9WM
uquv15wN0Tw1AE8myOxctH9hXTpy/XzoHwIdALaFgL9f7abZ5ri5GDlVD7LWugnU
n84wCeSEFWUCggEARUGYD1RblPO1Bdn6RDv3iM6HnKTOZ5D/wk+G7YGLXdDup7dg
JhXGuvgdQ7BSTzgcha7UdwA1SZNcK2S4dtTu370dswwmDtwVWanppjjCWDXp1Rwx
uVLlKanctYWYVv0XUp2ZyzoeYF1p9hra9Tu1SOqo6Cn/pDMXlH/GYF566HTynjE8
6yhtUTBV0FZV0uekeb5gnnsAVCx2ekp/7HP9yYxwxCYCu2w1FOqwjX4+xjlftIrI
8Ek9LRtj/5gEV+yjX6IsTbMdmlZ7BX/aDhLjfyw3evQgMB5P8xD5YBNg6RECHo5k
5r0ArjjKpTRpfMRoGk+1hn4I4RSK6gfGNG6YaA==`;

describe('what its key can sign', () => {
  test.each<[string, () => KeyObject, l9: string, l11: string]>([
    ['EC P-256', () => ec('P-256'), 'pass', 'pass'],
    ['EC P-384', () => ec('P-384'), 'pass', 'pass'],
    ['EC P-521', () => ec('P-521'), 'pass', 'pass'],
    ['EC secp224r1', () => ec('secp224r1'), 'fail', 'fail'],
    ['EC secp256k1', () => ec('secp256k1'), 'fail', 'fail'],
    ['EC brainpoolP256r1', () => ec('brainpoolP256r1'), 'fail', 'fail'],
    ['EC prime192v1', () => ec('prime192v1'), 'fail', 'fail'],
    ['Ed25519', () => generateKeyPairSync('ed25519').privateKey, 'pass', 'pass'],
    ['Ed448, which Go does not take', () => generateKeyPairSync('ed448').privateKey, 'warn', 'pass'],
    ['X25519', () => generateKeyPairSync('x25519').privateKey, 'fail', 'skip'],
    ['RSA 512', () => rsa(512), 'fail', 'fail'],
    ['RSA 1024', () => rsa(1024), 'fail', 'fail'],
    ['RSA 2047, which OpenSSL takes', () => rsa(2047), 'warn', 'pass'],
    ['RSA 2048', () => rsa(2048), 'pass', 'pass'],
    ['RSA-PSS for SHA-256', () => pss('sha256', 32), 'pass', 'pass'],
    ['RSA-PSS for SHA-1', () => pss('sha1', 20), 'fail', 'fail'],
    ['RSA-PSS for SHA-224', () => pss('sha224', 28), 'fail', 'fail'],
    ['RSA-PSS with a salt that TLS does not have', () => pss('sha256', 64), 'fail', 'fail'],
    ['DSA', dsa, 'fail', 'fail'],
  ])('%s', async (_, makeKey, l9, l11) => {
    const made = shown(makeKey());
    const { L1, L9, L11 } = await judge(made, true);
    expect([L9?.status, L11?.status]).toEqual([l9, l11]);
    expect(`${L9?.detail} ${L11?.detail}`).not.toContain('UNSPECIFIED');
    expect(L1?.status).toBe(l11 === 'skip' ? 'fail' : 'pass');
    // Without its key or the CA file the check of the key alone says so.
    const [bare, alone] = [await judge(made, false), await judge(made, true, false)];
    if (l9 === 'fail') expect([bare['L9']?.status, alone['L9']?.status]).toEqual(['fail', 'fail']);
  });

  test('a chain larger than OpenSSL reads is no success', async () => {
    const { certificate } = shown(ec('P-256'));
    const own = ownWithoutKey([certificate, ...Array.from({ length: 400 }, () => root.certificate)], 'client.pem');
    const findings = await judgeIdentity(own, { ...RULES, clientCa: [root.certificate] });
    expect(findings.find(({ id }) => id === 'L11')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('larger than 100 KiB'),
    });
  });

  test('a key at hand is tried on both versions, and without it the verdict is on the chain alone', async () => {
    const made = shown(ec('P-256'));
    expect((await judge(made, true))['L11']?.detail).toContain('on TLS 1.2 and 1.3');
    expect((await judge(made, false))['L11']?.detail).toContain(
      'the private key was not given, so its signature was not tested',
    );
  });
});

const foretold = (id: CheckId, status: Finding['status']): Finding => makeFinding(CHECKS[id], { status, detail: id });

describe('an endpoint that accepts it knows best', () => {
  const offline = (['L3', 'L4', 'L5', 'L6', 'L7', 'L9', 'L10', 'L11'] as const).map((id) => foretold(id, 'fail'));
  const agreed = (verdict: 'enforced-tls' | 'optional', p5: Finding['status'], leaf: Made): string[] =>
    agreeWithEndpoint(
      { verdict, findings: [foretold('P5', p5)] },
      { offline, certificates: [leaf.certificate], nowMs: Date.now() },
    )
      .filter(({ status, id }) => status === 'fail' && id !== 'P5')
      .map(({ id }) => id);
  const ALL = offline.map(({ id }) => id);
  const current = shown(ec('P-256'));
  const expired = makeCertificate({ name: 'client', by: root, days: [-9, -1] });

  test.each([
    ['it enforces a certificate, and took this one', 'enforced-tls', 'pass', current, ['L3']],
    ['it took one that has expired', 'enforced-tls', 'pass', expired, ['L3', 'L5']],
    ['it accepts anything', 'optional', 'pass', current, ALL],
    ['it refused this one', 'enforced-tls', 'fail', current, ALL],
  ] as const)('%s', (_, verdict, p5, leaf, left) => {
    expect(agreed(verdict, p5, leaf)).toEqual(left);
  });
});
