import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyObject, X509Certificate } from 'node:crypto';
import {
  issueCertificate,
  keyIdOf,
  type CertificateSpec,
  type CertificateIssuer,
  commonName,
} from '../../src/certs/create/issue-certificate.ts';
import { keyPem, makeKey } from '../../src/certs/create/make-key.ts';

const DAY_MS = 86_400_000;

/**
 * What a server may show: the certificates it sends, leaf first. All are for localhost unless their name says
 * otherwise.
 */
export const SHOWN = {
  'the whole chain': ['leaf', 'intermediate', 'root'],
  'leaf and intermediate': ['leaf', 'intermediate'],
  'the leaf alone': ['leaf'],
  'leaf and an expired intermediate': ['leaf', 'intermediate-expired'],
  'an expired leaf': ['leaf-expired', 'intermediate'],
  'a wrong name': ['leaf-other-name', 'intermediate'],
  'CN alone': ['leaf-cn', 'intermediate'],
  'CN alone, of another host': ['leaf-other-cn', 'intermediate'],
  'a leaf for clients': ['leaf-client', 'intermediate'],
  'self-signed': ['self-signed'],
  'self-signed, expired': ['self-signed-expired'],
} as const;

export const PINS = [
  'leaf',
  'leaf-renewed',
  'leaf-other-subject',
  'leaf-expired',
  'leaf-other-name',
  'leaf-cn',
  'leaf-other-cn',
  'leaf-client',
  'intermediate',
  'intermediate-expired',
  'intermediate-cross',
  'root',
  'root-expired',
  'root-cross',
  'other-root',
  'self-signed',
  'self-signed-expired',
] as const;

export type Pin = (typeof PINS)[number];
export type Shown = keyof typeof SHOWN;

export interface PinnedCertificates {
  /** Of a PEM file with that certificate alone. */
  path(name: string): string;
  /** For a TLS server. */
  server(shown: Shown): { cert: string; key: string };
  remove(): void;
}

/**
 * Every certificate of `SHOWN` and `PINS`, made in a folder of its own. `…-cross`: the same name and key, issued by the
 * other root.
 */
export async function makePinnedCertificates(): Promise<PinnedCertificates> {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-pins-'));
  const now = Date.now();
  const made = new Map<string, { certificate: X509Certificate; key: KeyObject }>();
  const keys = Object.fromEntries(
    await Promise.all(
      ['root', 'other-root', 'intermediate', 'leaf', 'self-signed', 'other'].map(
        async (name) => [name, await makeKey({ type: 'ec' })] as const,
      ),
    ),
  ) as Record<string, KeyObject>;
  const authority = async (name: string): Promise<CertificateIssuer> => ({
    name: commonName(`Pinned ${name}`),
    key: keys[name] as KeyObject,
    keyId: await keyIdOf(keys[name] as KeyObject),
  });
  const [root, otherRoot, intermediate] = (await Promise.all(
    ['root', 'other-root', 'intermediate'].map(authority),
  )) as [CertificateIssuer, CertificateIssuer, CertificateIssuer];
  const valid = { notBeforeMs: now - 30 * DAY_MS, notAfterMs: now + 30 * DAY_MS };
  const expired = { notBeforeMs: now - 30 * DAY_MS, notAfterMs: now - DAY_MS };
  const add = async (name: string, spec: CertificateSpec): Promise<void> => {
    const certificate = await issueCertificate(spec);
    made.set(name, { certificate, key: spec.key });
    writeFileSync(join(folder, `${name}.pem`), certificate.toString());
  };
  const ca = (subject: CertificateIssuer, issuer: CertificateIssuer, dates = valid): CertificateSpec => ({
    ...dates,
    subject: subject.name,
    key: subject.key,
    issuer,
    ca: {},
    keyUsage: ['keyCertSign', 'cRLSign'],
  });
  const leaf = (more: Partial<CertificateSpec> = {}, name = 'localhost'): CertificateSpec => ({
    ...valid,
    subject: commonName(name),
    key: keys['leaf'] as KeyObject,
    issuer: intermediate,
    hosts: [name],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
    ...more,
  });
  const own = (dates = valid): CertificateSpec => {
    const key = keys['self-signed'] as KeyObject;
    return { ...leaf({ ...dates, key }), issuer: { name: commonName('localhost'), key, keyId: null } };
  };
  await Promise.all([
    add('root', ca(root, root)),
    add('root-expired', ca(root, root, expired)),
    add('root-cross', ca(root, otherRoot)),
    add('other-root', ca(otherRoot, otherRoot)),
    add('intermediate', ca(intermediate, root)),
    add('intermediate-expired', ca(intermediate, root, expired)),
    add('intermediate-cross', ca(intermediate, otherRoot)),
    add('leaf', leaf()),
    add('leaf-renewed', leaf({ notAfterMs: now + 60 * DAY_MS })),
    add('leaf-other-subject', leaf({ subject: commonName('somebody else') })),
    add('leaf-expired', leaf({ ...expired, key: keys['other'] as KeyObject })),
    add('leaf-other-name', leaf({ key: keys['other'] as KeyObject }, 'other.example')),
    add('leaf-cn', leaf({ hosts: [], key: keys['other'] as KeyObject })),
    add('leaf-other-cn', leaf({ hosts: [], key: keys['other'] as KeyObject }, 'other.example')),
    add(
      'leaf-client',
      leaf({ extendedKeyUsage: ['clientAuth'], subject: commonName('a client'), key: keys['other'] as KeyObject }),
    ),
    add('self-signed', own()),
    add('self-signed-expired', own(expired)),
  ]);
  return {
    path: (name) => join(folder, `${name}.pem`),
    server: (shown) => {
      const sent = SHOWN[shown].map((name) => made.get(name) as { certificate: X509Certificate; key: KeyObject });
      return {
        cert: sent.map(({ certificate }) => certificate.toString()).join('\n'),
        key: keyPem((sent[0] as { key: KeyObject }).key),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
