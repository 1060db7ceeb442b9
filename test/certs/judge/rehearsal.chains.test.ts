import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ownOfPem, ownWithoutKey } from '../../../src/certs/file/own-certificate.ts';
import { judgeIdentity } from '../../../src/certs/judge/identity.ts';
import type { Finding } from '../../../src/model/finding.ts';
import {
  authorityKeyId,
  basicConstraints,
  dnsNames,
  extendedKeyUsage,
  integer,
  keyUsage,
  makeCertificate,
  nameConstraints,
  sequence,
  subjectKeyId,
  tagged,
  type Made,
  type MadeExtension,
  type MadeSpec,
} from '../../helpers/chain-maker.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

const CA = [basicConstraints(true), keyUsage('keyCertSign')];
const LEAF = [basicConstraints(false), keyUsage('digitalSignature'), extendedKeyUsage('clientAuth')];
const EXPIRED: [number, number] = [-100, -1];

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const ca = (name: string, by?: Made, more: Partial<MadeSpec> = {}): Made =>
  makeCertificate({ name, extensions: CA, ...(by === undefined ? {} : { by }), ...more });
const leaf = (by: Made, extensions: readonly MadeExtension[] = LEAF, more: Partial<MadeSpec> = {}): Made =>
  makeCertificate({ name: 'Client', by, extensions, ...more });

interface Chain {
  /** As they go out. */
  sent: Made[];
  /** The server's CA file. */
  trusted: Made[];
}

/**
 * What OpenSSL refuses, and the checks that say why: those that fail, L11 left out (empty: L11 alone knows). What it
 * accepts, and what fails as long as the CA file is not known.
 */
type Expected = 'accepted' | { accepted: string[] } | { refused: string[] };

const root = ca('Root');
const other = ca('Other Root');
const sub = ca('Sub', root);
const subSub = ca('Sub Sub', sub);

const MANY_NAMES = Array.from({ length: 1200 }, (_, index) => `n${index}.test`);

const withKeyIds = (by: Made, key: KeyObject): MadeExtension[] => [authorityKeyId(by.key), subjectKeyId(key)];

const CHAINS: Record<string, [Expected, () => Chain]> = {
  'root alone': ['accepted', () => ({ sent: [leaf(root)], trusted: [root] })],
  'one intermediate': ['accepted', () => ({ sent: [leaf(sub), sub], trusted: [root] })],
  'two, in the wrong order': ['accepted', () => ({ sent: [leaf(subSub), sub, subSub], trusted: [root] })],
  'the same certificate three times': ['accepted', () => ({ sent: [leaf(sub), sub, sub, sub], trusted: [root, root] })],
  'something unrelated in it': ['accepted', () => ({ sent: [leaf(root), other], trusted: [root] })],
  'something unrelated and expired in it': [
    'accepted',
    () => ({ sent: [leaf(root), ca('Old', other, { days: EXPIRED })], trusted: [root] }),
  ],
  'the root in it': ['accepted', () => ({ sent: [leaf(sub), sub, root], trusted: [root] })],
  'the intermediate in the CA file': ['accepted', () => ({ sent: [leaf(sub)], trusted: [sub, root] })],
  'an intermediate missing': [{ refused: ['L4'] }, () => ({ sent: [leaf(sub)], trusted: [root] })],
  'the CA file ends in the intermediate': [
    { refused: ['L4'] },
    () => ({ sent: [leaf(sub), sub, root], trusted: [sub] }),
  ],
  'another CA': [{ refused: ['L4'] }, () => ({ sent: [leaf(sub), sub], trusted: [other] })],
  'a self-signed certificate': [
    { refused: ['L4'] },
    () => ({ sent: [makeCertificate({ name: 'Client', extensions: LEAF })], trusted: [root] }),
  ],
  'a self-signed certificate in the CA file': [
    'accepted',
    () => {
      const own = makeCertificate({ name: 'Client', extensions: LEAF });
      return { sent: [own], trusted: [own] };
    },
  ],
  'cross-signed, the cross certificate unneeded and expired': [
    'accepted',
    () => {
      const cross = ca('Root', other, { key: root.key, days: EXPIRED });
      return { sent: [leaf(sub), sub, cross], trusted: [root] };
    },
  ],
  'cross-signed, the cross certificate needed': [
    'accepted',
    () => ({ sent: [leaf(sub), sub, ca('Root', other, { key: root.key })], trusted: [other] }),
  ],
  'cross-signed, the cross certificate needed and expired': [
    { refused: ['L5'] },
    () => ({ sent: [leaf(sub), sub, ca('Root', other, { key: root.key, days: EXPIRED })], trusted: [other] }),
  ],
  'an expired intermediate beside its renewal': [
    'accepted',
    () => ({ sent: [leaf(sub), ca('Sub', root, { key: sub.key, days: EXPIRED }), sub], trusted: [root] }),
  ],
  'an expired intermediate, renewed in the CA file': [
    { accepted: ['L5'] },
    () => ({ sent: [leaf(sub), ca('Sub', root, { key: sub.key, days: EXPIRED })], trusted: [sub, root] }),
  ],
  'an expired root beside its renewal, in the CA file': [
    'accepted',
    () => ({ sent: [leaf(root)], trusted: [ca('Root', undefined, { key: root.key, days: EXPIRED }), root] }),
  ],
  'an expired root in the file, renewed in the CA file': [
    'accepted',
    () => ({ sent: [leaf(root), ca('Root', undefined, { key: root.key, days: EXPIRED })], trusted: [root] }),
  ],
  'an expired root': [
    { refused: ['L5'] },
    () => {
      const old = ca('Old Root', undefined, { days: EXPIRED });
      return { sent: [leaf(old)], trusted: [old] };
    },
  ],
  'an expired leaf': [{ refused: ['L5'] }, () => ({ sent: [leaf(root, LEAF, { days: EXPIRED })], trusted: [root] })],
  'an expired intermediate': [
    { refused: ['L5'] },
    () => {
      const old = ca('Old Sub', root, { days: EXPIRED });
      return { sent: [leaf(old), old], trusted: [root] };
    },
  ],
  'not yet valid': [{ refused: ['L5'] }, () => ({ sent: [leaf(root, LEAF, { days: [5, 9] })], trusted: [root] })],
  'self-issued: a new key of the root, with key identifiers': [
    'accepted',
    () => {
      const key = newKey();
      const rooted = ca('Root', undefined, { key: root.key, extensions: [...CA, subjectKeyId(root.key)] });
      const rolled = ca('Root', rooted, { key, extensions: [...CA, ...withKeyIds(rooted, key)] });
      return { sent: [leaf(rolled, [...LEAF, authorityKeyId(key)]), rolled], trusted: [rooted] };
    },
  ],
  'self-issued: a new key of the root, without key identifiers': [
    { refused: ['L7'] },
    () => {
      const rolled = ca('Root', root, { key: newKey() });
      return { sent: [leaf(rolled), rolled], trusted: [root] };
    },
  ],
  'the leaf has the name of its CA, without key identifiers': [
    { refused: ['L7'] },
    () => ({ sent: [leaf(root, LEAF, { name: 'Root' })], trusted: [root] }),
  ],
  'the leaf has the name of its CA, with key identifiers': [
    'accepted',
    () => {
      const key = newKey();
      const rooted = ca('Root', undefined, { key: root.key, extensions: [...CA, subjectKeyId(root.key)] });
      return { sent: [leaf(rooted, [...LEAF, ...withKeyIds(rooted, key)], { name: 'Root', key })], trusted: [rooted] };
    },
  ],
  'the name of its CA in other letters': [
    { refused: ['L7'] },
    () => ({ sent: [leaf(root, LEAF, { name: 'ROOT' })], trusted: [root] }),
  ],
  'same name, another key: it comes first in the CA file': [
    { refused: [] },
    () => ({ sent: [leaf(root)], trusted: [ca('Root'), root] }),
  ],
  'same name, another key: it comes second in the CA file': [
    'accepted',
    () => ({ sent: [leaf(root)], trusted: [root, ca('Root')] }),
  ],
  'same name, another key: key identifiers tell them apart': [
    'accepted',
    () => {
      const [one, two] = [newKey(), newKey()].map((key) =>
        ca('Twin', undefined, { key, extensions: [...CA, subjectKeyId(key)] }),
      ) as [Made, Made];
      return { sent: [leaf(two, [...LEAF, authorityKeyId(two.key)])], trusted: [one, two] };
    },
  ],
  'same name, another key alone': [{ refused: ['L4'] }, () => ({ sent: [leaf(ca('Root'))], trusted: [root] })],
  'issued anew with another key identifier': [
    { refused: ['L10'] },
    () => {
      const rooted = ca('Root', undefined, { key: root.key, extensions: [...CA, subjectKeyId(newKey())] });
      return { sent: [leaf(rooted, [...LEAF, authorityKeyId(root.key)])], trusted: [rooted] };
    },
  ],
  'a root of version 1': [
    'accepted',
    () => {
      const old = ca('Root 1', undefined, { version: 1 });
      return { sent: [leaf(old)], trusted: [old] };
    },
  ],
  'an intermediate of version 1': [
    { refused: ['L10'] },
    () => {
      const old = ca('Sub 1', root, { version: 1 });
      return { sent: [leaf(old), old], trusted: [root] };
    },
  ],
  'a leaf of version 1': ['accepted', () => ({ sent: [leaf(root, [], { version: 1 })], trusted: [root] })],
  'a root without basicConstraints, with keyCertSign': [
    'accepted',
    () => {
      const odd = ca('Root KU', undefined, { extensions: [keyUsage('keyCertSign')] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'a root of version 3 without extensions': [
    { refused: ['L10'] },
    () => {
      const odd = ca('Root Bare', undefined, { extensions: [] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'an intermediate without basicConstraints, with keyCertSign': [
    { refused: ['L10'] },
    () => {
      const odd = ca('Sub KU', root, { extensions: [keyUsage('keyCertSign')] });
      return { sent: [leaf(odd), odd], trusted: [root] };
    },
  ],
  'a root with CA:FALSE': [
    { refused: ['L10'] },
    () => {
      const odd = ca('Root False', undefined, { extensions: [basicConstraints(false)] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'a root without keyUsage': [
    'accepted',
    () => {
      const odd = ca('Root Free', undefined, { extensions: [basicConstraints(true)] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'a root that may not sign': [
    { refused: ['L10'] },
    () => {
      const odd = ca('Root CRL', undefined, { extensions: [basicConstraints(true), keyUsage('cRLSign')] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'a root for servers alone': [
    { refused: ['L6'] },
    () => {
      const odd = ca('Root Server', undefined, { extensions: [...CA, extendedKeyUsage('serverAuth')] });
      return { sent: [leaf(odd)], trusted: [odd] };
    },
  ],
  'an intermediate for servers and clients': [
    'accepted',
    () => {
      const both = ca('Sub Both', root, { extensions: [...CA, extendedKeyUsage('serverAuth', 'clientAuth')] });
      return { sent: [leaf(both), both], trusted: [root] };
    },
  ],
  'a leaf without any extension': ['accepted', () => ({ sent: [leaf(root, [])], trusted: [root] })],
  'a leaf for any usage': [{ refused: [] }, () => ({ sent: [leaf(root, [extendedKeyUsage('any')])], trusted: [root] })],
  'a leaf for servers': [
    { refused: ['L6'] },
    () => ({ sent: [leaf(root, [extendedKeyUsage('serverAuth')])], trusted: [root] }),
  ],
  'a leaf that may only sign certificates': [
    { refused: ['L6'] },
    () => ({ sent: [leaf(root, [keyUsage('keyCertSign')])], trusted: [root] }),
  ],
  'a leaf for agreement': ['accepted', () => ({ sent: [leaf(root, [keyUsage('keyAgreement')])], trusted: [root] })],
  'a leaf that is a CA': ['accepted', () => ({ sent: [leaf(root, [basicConstraints(true)])], trusted: [root] })],
  'path length 0, and nothing below': [
    'accepted',
    () => {
      const short = ca('Short', root, { extensions: [basicConstraints(true, 0)] });
      return { sent: [leaf(short), short], trusted: [root] };
    },
  ],
  'path length 0, and an intermediate below': [
    { refused: ['L10'] },
    () => {
      const short = ca('Short', root, { extensions: [basicConstraints(true, 0)] });
      const below = ca('Below', short);
      return { sent: [leaf(below), below, short], trusted: [root] };
    },
  ],
  'path length of the root': [
    { refused: ['L10'] },
    () => {
      const short = ca('Short Root', undefined, { extensions: [basicConstraints(true, 0)] });
      const below = ca('Below', short);
      return { sent: [leaf(below), below], trusted: [short] };
    },
  ],
  'a name that is permitted': [
    'accepted',
    () => {
      const bound = ca('Bound', root, { extensions: [...CA, nameConstraints('permitted', ['example.com'])] });
      return { sent: [leaf(bound, [...LEAF, dnsNames('a.example.com')]), bound], trusted: [root] };
    },
  ],
  'a name that is not permitted': [
    { refused: [] },
    () => {
      const bound = ca('Bound', root, { extensions: [...CA, nameConstraints('permitted', ['example.com'])] });
      return { sent: [leaf(bound, [...LEAF, dnsNames('a.example.net')]), bound], trusted: [root] };
    },
  ],
  'a name that is excluded': [
    { refused: [] },
    () => {
      const bound = ca('Bound', root, { extensions: [...CA, nameConstraints('excluded', ['example.com'])] });
      return { sent: [leaf(bound, [...LEAF, dnsNames('a.example.com')]), bound], trusted: [root] };
    },
  ],
  'more names and constraints than OpenSSL compares': [
    { refused: [] },
    () => {
      const bound = ca('Bound', root, { extensions: [...CA, nameConstraints('excluded', MANY_NAMES)] });
      return {
        sent: [leaf(bound, [...LEAF, dnsNames(...MANY_NAMES.map((name) => `x${name}`))]), bound],
        trusted: [root],
      };
    },
  ],
  'a critical extension of its own': [
    { refused: [] },
    () => ({ sent: [leaf(root, [...LEAF, { oid: '1.2.3.4', critical: true, value: tagged(0x05) }])], trusted: [root] }),
  ],
  'a critical extension of an intermediate': [
    { refused: [] },
    () => {
      const odd = ca('Sub Critical', root, {
        extensions: [...CA, { oid: '1.2.3.4', critical: true, value: tagged(0x05) }],
      });
      return { sent: [leaf(odd), odd], trusted: [root] };
    },
  ],
  'an extension of its own that is not critical': [
    'accepted',
    () => ({ sent: [leaf(root, [...LEAF, { oid: '1.2.3.4', value: tagged(0x05) }])], trusted: [root] }),
  ],
  'an intermediate that requires a policy, which no server asks for': [
    'accepted',
    () => {
      const strict = ca('Strict', root, {
        extensions: [
          ...CA,
          {
            oid: '2.5.29.36',
            critical: true,
            value: sequence(tagged(0x80, Buffer.from([0])), integer(Buffer.from([0]))),
          },
        ],
      });
      return { sent: [leaf(strict), strict], trusted: [root] };
    },
  ],
  'an RSA key that is too short, of an intermediate': [
    { refused: ['L9'] },
    () => {
      const weak = ca('Weak', root, { key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey });
      return { sent: [leaf(weak), weak], trusted: [root] };
    },
  ],
  'a signature by another key': [
    { refused: ['L4'] },
    () => ({ sent: [leaf(root, LEAF, { signedWith: newKey() })], trusted: [root] }),
  ],
};

const FORETELLING = new Set(['L4', 'L5', 'L6', 'L7', 'L9', 'L10']);

async function judge({ sent, trusted }: Chain, known: { key: boolean; ca: boolean }): Promise<Finding[]> {
  const certificates = sent.map(({ certificate }) => certificate);
  const cert = { path: 'client.pem', bytes: Buffer.from(certificates.join('')) };
  const key = sent[0]?.key as KeyObject;
  const bytes = Buffer.from(key.export({ type: 'pkcs8', format: 'pem' }));
  const opened = { path: 'client.key', bytes, opened: key };
  const own = known.key
    ? ownOfPem({ certificates, cert, key: opened, passphrase: undefined, unusable: null })
    : ownWithoutKey(certificates, 'client.pem');
  return judgeIdentity(own, {
    clientCa: known.ca ? trusted.map(({ certificate }) => certificate) : null,
    ownKeyRule: null,
    vendorTitle: null,
    nowMs: Date.now(),
    daysWarning: 30,
  });
}

/** What the program says; security level 2 is that of Debian's servers. */
function askOpenssl({ sent, trusted }: Chain): boolean {
  const folder = testFolder();
  const write = (name: string, certificates: readonly Made[]): string => {
    writeFileSync(join(folder, name), certificates.map(({ certificate }) => String(certificate)).join('\n'));
    return join(folder, name);
  };
  const untrusted = sent.length > 1 ? ['-untrusted', write('rest.pem', sent.slice(1))] : [];
  const trust = ['-no-CApath', '-no-CAstore', '-CAfile', write('ca.pem', trusted)];
  const args = ['verify', '-purpose', 'sslclient', '-auth_level', '2', ...trust, ...untrusted];
  return spawnSync('openssl', [...args, write('leaf.pem', sent.slice(0, 1))]).status === 0;
}

const failing = (findings: readonly Finding[]): string[] =>
  findings.filter(({ id, status }) => FORETELLING.has(id) && status === 'fail').map(({ id }) => id);

describe.skipIf(!hasOpenssl)('OpenSSL is right about every chain, and the other checks know it', () => {
  test.each(Object.entries(CHAINS))('%s', async (_, [expected, make]) => {
    const chain = make();
    const findings = await judge(chain, { key: true, ca: true });
    const rehearsal = findings.find(({ id }) => id === 'L11');
    const isAccepted = rehearsal?.status === 'pass';
    expect(isAccepted).toBe(expected === 'accepted' || 'accepted' in expected);
    expect(askOpenssl(chain)).toBe(isAccepted);
    const bare = await judge(chain, { key: false, ca: true });
    expect(bare.find(({ id }) => id === 'L11')?.status).toBe(rehearsal?.status);
    if (expected === 'accepted' || 'accepted' in expected) {
      // Not by grace of the rehearsal, but of themselves.
      expect(findings.filter(({ detail }) => detail.includes('(L11)'))).toEqual([]);
      const withoutCa = expected === 'accepted' ? [] : expected.accepted;
      expect([failing(findings), failing(await judge(chain, { key: true, ca: false }))]).toEqual([[], withoutCa]);
    } else {
      expect(failing(findings)).toEqual(expected.refused);
      expect(rehearsal?.detail).not.toMatch(/UNSPECIFIED|OpenSSL says/);
    }
  });

  test('a chain that OpenSSL leaves for another: what the checks say of the first is no failure', async () => {
    const later = ca('Root', undefined, { days: [5, 90] });
    const rolled = ca('Root', later, { extensions: [keyUsage('keyCertSign')] });
    const chain = { sent: [leaf(rolled), rolled], trusted: [later, rolled] };
    const findings = await judge(chain, { key: true, ca: true });
    expect([askOpenssl(chain), findings.find(({ id }) => id === 'L11')?.status]).toEqual([true, 'pass']);
    expect(failing(findings)).toEqual([]);
  });
});
