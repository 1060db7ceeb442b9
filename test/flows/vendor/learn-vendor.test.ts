import { expect, test } from 'vitest';
import { readVendorText } from '../../../src/config/read-vendor-file.ts';
import { learnVendor, type LearnedVendor } from '../../../src/flows/vendor/learn-vendor.ts';
import { UNSAID, type CapturedRequest } from '../../../src/receive/capture/captured-request.ts';
import { readPlace, writePlace } from '../../../src/sign/scheme/place.ts';
import { subjectOf } from '../../../src/sign/scheme/message.ts';
import { verifyRequest, type Verification } from '../../../src/sign/verify.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import { FURTHER_SCHEMES } from '../../sign/learn/further-schemes.ts';
import { hmac, SCHEMES, type MadeRequest } from '../../sign/learn/schemes.ts';

const NOW = Date.parse('2026-11-29T10:00:00Z');

function captureOf({ method, url, headers, body }: MadeRequest): CapturedRequest {
  const { pathname, search } = new URL(url);
  return { ...UNSAID, source: 'http', method, path: pathname + search, url, headers, body: Buffer.from(body) };
}

type Sent = Pick<CapturedRequest, 'method' | 'headers' | 'body'> & { url: URL };
const sentOf = (made: MadeRequest): Sent => ({ ...captureOf(made), url: new URL(made.url) });

function judge(vendor: Vendor, secret: string, request: Sent): Verification['verdict'] {
  const signature = vendor.signature.value;
  if (signature === null) throw new Error('nothing is signed');
  return verifyRequest(signature, secret, subjectOf(vendor, request), NOW, 0).verdict;
}

function changed(value: string): string {
  const middle = value.length >> 1;
  return value.slice(0, middle) + (value[middle] === '4' ? '5' : '4') + value.slice(middle + 1);
}

/** The same request with another letter in the middle of every value of its signature. */
function withOtherSignature(vendor: Vendor, request: Sent): Sent {
  const at = vendor.signature.value?.at ?? { header: '' };
  const [text = ''] = readPlace(at, request);
  const runs = text.replaceAll(/[\w+/%-]{20,}/g, changed);
  const other = runs === text ? changed(text) : runs;
  return writePlace(at, request, other) as Sent;
}

/** It verifies a third request, and neither one with another signature nor one with another body. */
function checkFile(file: LearnedVendor['file'], secret: string, make: (n: number) => MadeRequest): void {
  const vendor = readVendorText('acme.vendor.json', file?.text ?? '', '2026-11-29');
  expect(judge(vendor, secret, sentOf(make(3)))).toBe('valid');
  expect(judge(vendor, secret, withOtherSignature(vendor, sentOf(make(3))))).toBe('forged');
  const signsBody = file?.learned.signature.message.includes('body');
  if (signsBody) expect(judge(vendor, secret, { ...sentOf(make(3)), body: sentOf(make(4)).body })).toBe('forged');
  expect(file?.text).not.toContain(secret);
}

test.each(SCHEMES)('$name', ({ secret, make, message, algorithm }) => {
  const { file } = learnVendor([make(1), make(2)].map(captureOf), secret, { id: 'acme' }, NOW);
  expect(file?.learned.signature.algorithm).toBe(algorithm);
  expect(file?.learned.alternatives).toEqual([]);
  if (message !== null) expect(file?.learned.signature.message).toEqual(message);
  checkFile(file, secret, make);
});

test.each(FURTHER_SCHEMES)('%s', (_, secret, make) => {
  const { file } = learnVendor([make(1), make(2)].map(captureOf), secret, { id: 'acme' }, NOW);
  checkFile(file, secret, make);
});

const learnFrom = (content: object, method = 'POST'): LearnedVendor => {
  const body = JSON.stringify({ type: 'a.b', ...content });
  const headers: [string, string][] = [['X-Sig', hmac('sha256', 'a secret of acme', 'hex', body)]];
  const made = { method, url: 'https://hooks.example.com/in', headers, body };
  return learnVendor([captureOf(made)], 'a secret of acme', { id: 'acme' }, NOW);
};

test('a vendor file is read again: long lists are cut in the sample, and what is too long all the same is refused', () => {
  const { file } = learnFrom({ list: Array.from({ length: 60_000 }, (_, n) => n) });
  expect(JSON.parse(file?.text ?? '')).toMatchObject({
    events: [{ sample: { list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] } }],
  });
  const names = Object.fromEntries(Array.from({ length: 60_000 }, (_, n) => [`field_${n}`, n]));
  expect(() => learnFrom(names)).toThrow('larger than 1 MiB');
});

test('a request that no vendor file describes is refused by name', () => {
  const refused = { kind: 'input', message: expect.stringMatching(/^no vendor file .* found "QOST"$/) };
  expect(() => learnFrom({}, 'QOST')).toThrow(expect.objectContaining(refused));
});
