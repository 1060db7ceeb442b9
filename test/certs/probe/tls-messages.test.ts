import { X509Certificate } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  openFlight,
  readCertificateRequest,
  readCertificateMessage,
  readCipherSuite,
  cutMessages,
  cutRecords,
  keepBeginning,
} from '../../../src/certs/probe/tls-messages.ts';
import {
  issuerNameOf,
  readCertificateNames,
  subjectNameOf,
  describeName,
  nameTheSame,
} from '../../../src/certs/der.ts';
import { makeTestCertificates, type TestCertificates } from '../../helpers/openssl-certificates.ts';

let files: TestCertificates;
beforeAll(() => {
  files = makeTestCertificates();
});
afterAll(() => files.remove());

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

const PLAIN = '01 40  0004 0403 0804  0006 0002 3000 0000';
const SEALED = '00 0018  000d 0006 0004 0403 0804  002f 0006 0004 0002 3000  9999 0000';

test.each([
  [
    'TLSv1.2',
    PLAIN,
    { certificateTypes: [64], signatureSchemes: [0x0403, 0x0804], authorities: [hex('3000'), hex('')] },
  ],
  ['TLSv1.2', '00 0000 0000', { certificateTypes: [], signatureSchemes: [], authorities: [] }],
  ['TLSv1.3', SEALED, { certificateTypes: null, signatureSchemes: [0x0403, 0x0804], authorities: [hex('3000')] }],
  ['TLSv1.3', '00 0000', { certificateTypes: null, signatureSchemes: [], authorities: [] }],
  // Lengths that lie: of everything, of the list, of a name, of a scheme that is half there.
  ['TLSv1.2', '01 40  0004 0403 0804  0007 0002 3000 0000', null],
  ['TLSv1.2', '01 40  0004 0403 0804  0006 0009 3000 0000', null],
  ['TLSv1.2', '01 40  0003 0403 08  0000', null],
  ['TLSv1.2', `${PLAIN} 00`, null],
  ['TLSv1.3', '00 ffff  000d 0006 0004 0403 0804', null],
  ['TLSv1.3', '00 000a  002f 0006 0009 0002 3000', null],
  ['TLSv1.3', '00 000a  002f 0006 0003 0002 3000', null],
  ['TLSv1.3', '', null],
] as const)('a CertificateRequest on %s: %s', (version, body, expected) => {
  expect(readCertificateRequest(hex(body), version)).toEqual(expected);
});

test.each([
  ['TLSv1.2', '000000', []],
  ['TLSv1.2', '000009 000002 aabb 000001 cc', [hex('aabb'), hex('cc')]],
  ['TLSv1.2', '00000a 000002 aabb 000001 cc', null],
  ['TLSv1.3', '00 000000', []],
  ['TLSv1.3', '02 0102 00000a 000002 aabb 0003 010203', [hex('aabb')]],
  ['TLSv1.3', '00 000005 000002 aabb', null],
] as const)('a Certificate message on %s: %s', (version, body, expected) => {
  expect(readCertificateMessage(hex(body), version)).toEqual(expected);
});

const RANDOM = '00'.repeat(32);
test.each([
  [`0303 ${RANDOM} 00 1302 00 0000`, 0x1302],
  [`0303 ${RANDOM} 20 ${RANDOM} 1303 00 0004 002b 0000`, 0x1303],
  [`0303 ${RANDOM} 00 c02f 00`, 0xc02f],
  [`0303 ${RANDOM} ff 1302 00`, null],
  [`0303 ${RANDOM} 00 13`, null],
])('the cipher suite of a ServerHello %s', (body, expected) => {
  expect(readCipherSuite(hex(body))).toBe(expected);
});

test('records and messages: a rest that is incomplete is left out', () => {
  const records = cutRecords(hex('16 0303 0003 010000  16 0303 0003 0201ff  17 0303 00ff 00'));
  expect(records.map(({ type, content }) => [type, content.toString('hex')])).toEqual([
    [22, '010000'],
    [22, '0201ff'],
  ]);
  const messages = cutMessages(records.map(({ content }) => content).concat(hex('0d000001')));
  expect(messages).toEqual([{ type: 1, body: hex('01ff') }]);
  expect(cutMessages([hex('0b00'), hex('0001ee0d'), hex('0000000e0000')])).toEqual([
    { type: 11, body: hex('ee') },
    { type: 13, body: hex('') },
  ]);
});

test('of a stream only the beginning is kept, in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), fc.nat(200), (parts, maxBytes) => {
      const kept = keepBeginning(maxBytes);
      for (const part of parts) kept.add(Buffer.from(part));
      expect(kept.bytes().equals(Buffer.concat(parts).subarray(0, maxBytes))).toBe(true);
    }),
  );
  const kept = keepBeginning(200_000);
  for (let i = 0; i < 1000; i += 1) kept.add(Buffer.alloc(65_536));
  expect(kept.bytes().buffer.byteLength).toBeLessThanOrEqual(200_000);
});

test('garbage with keys of the right length opens nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 })),
      fc.constantFrom(0x1301, 0x1302, 0x1303, 0x1304),
      (contents, suite) => {
        const records = contents.map((content) => ({
          type: 23,
          header: hex('17030300ff'),
          content: Buffer.from(content),
        }));
        expect(openFlight(records, Buffer.alloc(suite === 0x1302 ? 48 : 32), suite)).toBeNull();
        expect(openFlight(records, Buffer.alloc(7), suite)).toBeNull();
      },
    ),
  );
});

/** Whole, cut short and with a byte changed; and no shape at all. */
const damaged = (good: Buffer): fc.Arbitrary<Buffer> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array)),
    fc.nat(good.length).map((end) => good.subarray(0, end)),
    fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, value]) => Buffer.concat([good.subarray(0, at), Buffer.from([value]), good.subarray(at + 1)])),
  );

test('parsers of messages never throw', () => {
  fc.assert(
    fc.property(fc.oneof(damaged(hex(PLAIN)), damaged(hex(SEALED))), fc.constantFrom(...VERSIONS), (body, version) => {
      for (const found of [
        readCertificateRequest(body, version),
        readCertificateMessage(body, version),
        readCipherSuite(body),
      ])
        expect(found).not.toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

test('parsers of certificates and names never throw, and what they say is short', () => {
  const certificate = new X509Certificate(files.read('client.pem')).raw;
  const name = hex('3024 310b 3009 0603 550406 1302 5858 3115 3013 0603 55040a 0c0c 4578616d706c652c20496e63');
  expect(describeName(name)).toBe(String.raw`O=Example\, Inc, C=XX`);
  fc.assert(
    fc.property(damaged(certificate), damaged(name), (one, other) => {
      const names = readCertificateNames(one);
      for (const found of [other, one, names?.issuer, names?.subject])
        expect(describeName(found ?? Buffer.alloc(0)).length).toBeLessThan(600);
      expect(nameTheSame(other, one)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test('issuer and subject are those that Node reads', () => {
  for (const file of ['client.pem', 'ca.pem', 'server.pem', 'selfsigned.pem', 'client-rsa.pem']) {
    const certificate = new X509Certificate(files.read(file));
    expect([describeName(issuerNameOf(certificate)), describeName(subjectNameOf(certificate))]).toEqual([
      certificate.issuer,
      certificate.subject,
    ]);
  }
  const [ca, client] = [new X509Certificate(files.read('ca.pem')), new X509Certificate(files.read('client.pem'))];
  expect(issuerNameOf(client)).toEqual(subjectNameOf(ca));
});

const cn = (tag: string, text: Buffer): Buffer => {
  const value = Buffer.concat([hex(tag), Buffer.from([text.length]), text]);
  const nest = (head: string, content: Buffer): Buffer =>
    Buffer.concat([hex(head), Buffer.from([content.length]), content]);
  return nest('30', nest('31', nest('30', Buffer.concat([hex('0603 550403'), value]))));
};
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

test.each([
  [cn('0c', Buffer.from('Tëst')), 'CN=Tëst'],
  [cn('13', Buffer.from('Test CA')), 'CN=Test CA'],
  [cn('1e', utf16('Tëst')), 'CN=Tëst'],
  [cn('1e', hex('00')), 'CN=#1e0100'],
  [cn('02', hex('05')), 'CN=#020105'],
  [cn('0c', Buffer.from('x'.repeat(110))), `CN=${'x'.repeat(100)}…`],
  [hex('3000'), '(empty name)'],
  [hex('300e 310c 300a 0605 2a864886f7 0c01 61'), '(unreadable name of 16 bytes)'],
  [hex('300d 310b 3009 0604 2a864886 0c01 61'), '(unreadable name of 15 bytes)'],
  [hex('300d 310b 3009 0604 2a864806 0c01 61'), '1.2.840.6=a'],
  [hex('300d 310b 3009 0204 2a864806 0c01 61'), '(unreadable name of 15 bytes)'],
  [hex(''), '(unreadable name of 0 bytes)'],
  [hex('3080 0000'), '(unreadable name of 4 bytes)'],
  [hex('3084 ffffffff'), '(unreadable name of 6 bytes)'],
])('a name for people: %s', (name, expected) => {
  expect(describeName(name)).toBe(expected);
});

test('a name of ten thousand parts is told in a few words', () => {
  const part = cn('0c', Buffer.from('Test CA')).subarray(2);
  const name = Buffer.concat([hex('3083 02bf20'), ...Array.from({ length: 10_000 }, () => part)]);
  expect(part.length * 10_000).toBe(0x02bf20);
  expect(describeName(name)).toMatch(/^CN=Test CA, CN=.{1,500}…$/);
});

test.each([
  [cn('0c', Buffer.from('Test CA')), cn('13', Buffer.from('Test CA')), true],
  [cn('0c', Buffer.from('Test CA')), cn('0c', Buffer.from(' test  ca')), true],
  [cn('0c', Buffer.from('Test CA')), cn('0c', Buffer.from('Test CB')), false],
  [hex('99'), hex('99'), false],
])('names that say the same: %s and %s', (one, other, expected) => {
  expect(nameTheSame(one, other)).toBe(expected);
});
