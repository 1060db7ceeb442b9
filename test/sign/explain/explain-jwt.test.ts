import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Signature } from '../../../src/model/signature.ts';
import { explainJwt } from '../../../src/sign/explain/explain-jwt.ts';

const SECRET = 'a secret for the tests alone';
const BODY = '{"event":"order.paid"}';
const URL_TEXT = 'https://shop.example.com/hooks';
const SPEC: Signature = {
  algorithm: 'hmac-sha256',
  message: [
    {
      jwt: {
        claims: {
          iss: 'acme',
          body: { text: [{ hash: 'sha256', of: ['body'] }] },
          url: { text: ['url'] },
        },
      },
    },
  ],
  at: { header: 'X-Token' },
  format: 'Bearer {v}',
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function makeToken(claims: object, secret = SECRET, alg = 'HS256'): string {
  const hash = createHash('sha256').update(BODY).digest('hex');
  const input = `${encode({ alg })}.${encode({ iss: 'acme', body: hash, url: URL_TEXT, ...claims })}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

test.each<[what: string, text: string, cause: string, fits: string]>([
  ['without its scheme', makeToken({}), 'malformed-signature', 'not written as Bearer {v}'],
  [
    'signed by a quoted secret',
    `Bearer ${makeToken({}, `"${SECRET}"`)}`,
    'other-secret',
    'the secret is a different one',
  ],
  ['a line break in the secret', `Bearer ${makeToken({}, `${SECRET}\n`)}`, 'secret-with-newline', 'line break'],
  ['another secret', `Bearer ${makeToken({}, 'another')}`, 'other-secret', 'the secret is a different one'],
  ['unsigned', `Bearer ${makeToken({}, SECRET, 'none')}`, 'unsigned-token', 'anyone can write such a token'],
  ['another algorithm', `Bearer ${makeToken({}, SECRET, 'RS256')}`, 'other-algorithm', 'signs with HS256'],
  ['of another body', `Bearer ${makeToken({ body: 'x' })}`, 'other-claim', 'its claim body does not match'],
  ['of another issuer', `Bearer ${makeToken({ iss: 'x' })}`, 'other-claim', 'its claim iss is not "acme"'],
  ['of another URL', `Bearer ${makeToken({ url: 'http://shop.example.com/hooks' })}`, 'other-url', 'http://shop'],
  ['no token', 'Bearer abc', 'malformed-signature', 'not a JWT'],
])('a token %s', (_, text, cause, fits) => {
  const request = { method: 'POST', url: new URL(URL_TEXT), urlText: URL_TEXT, headers: [], body: Buffer.from(BODY) };
  const urls = [URL_TEXT, 'http://shop.example.com/hooks'];
  const found = explainJwt({ spec: SPEC, secrets: ['wrong', SECRET], request, text, urls });
  expect(found).toMatchObject({ cause, fits: expect.stringContaining(fits) });
  expect(JSON.stringify(found)).not.toContain(SECRET);
});
