import { expect, test } from 'vitest';
import { checkAttachmentUrl, signAttachmentUrl, toAttachmentMid } from '../../src/sign/attachment-url.ts';

const EXPIRES_AT_S = 1_754_265_600;
const EXPIRES_AT_MS = EXPIRES_AT_S * 1000;
const SECRET = 'whsec_mailkite_test';
const LINK = '/att/2Hk9QpVn4tLd/0?exp=1754265600&sig=d5a0291db9b3190cb764740016c02268e6f605e432e495ddf1100d85a0485694';

test('the link is the documented one', () => {
  expect(signAttachmentUrl('https://api.mailkite.dev', SECRET, 'msg_2Hk9QpVn4tLd', 0, EXPIRES_AT_S)).toBe(
    `https://api.mailkite.dev${LINK}`,
  );
});

test.each([
  ['long before', 0, 'ok'],
  ['at the last instant', EXPIRES_AT_MS, 'ok'],
  ['one millisecond later', EXPIRES_AT_MS + 1, 'expired'],
])('%s it is %s', (_, nowMs, verdict) => {
  expect(checkAttachmentUrl(LINK, SECRET, nowMs)).toEqual({ verdict, mid: '2Hk9QpVn4tLd', index: 0 });
});

const [PATH = '', QUERY = ''] = LINK.split('?');
const SIG = QUERY.slice(QUERY.indexOf('sig='));
test.each([
  ['another message', LINK.replace('2Hk9', '2Hk8')],
  ['another index', LINK.replace('/0?', '/1?')],
  ['the index written otherwise', LINK.replace('/0?', '/00?')],
  ['a later end', LINK.replace('1754265600', '9754265600')],
  ['another signature', LINK.replace('d5a0', 'd5a1')],
  ['the signature in upper case', LINK.replace(SIG, SIG.toUpperCase().replace('SIG', 'sig'))],
  ['no signature', `${PATH}?exp=1754265600`],
  ['no end', `${PATH}?${SIG}`],
  ['no query', PATH],
  ['a second end', `${LINK}&exp=9754265600`],
  ['a second signature', `${LINK}&sig=${'0'.repeat(64)}`],
  ['another path', LINK.replace('/att/', '/other/')],
  ['a broken escape', LINK.replace('2Hk9', '%E0%A4%A')],
  ['nothing', ''],
])('with %s it is tampered', (_, link) => {
  expect(checkAttachmentUrl(link, SECRET, 0)).toEqual({ verdict: 'tampered' });
});

test("another secret's link is tampered, also when it is old", () => {
  expect(checkAttachmentUrl(LINK, 'other', EXPIRES_AT_MS + 1)).toEqual({ verdict: 'tampered' });
});

test('a message id of any form gets a link that works', () => {
  const url = signAttachmentUrl('http://127.0.0.1:1/base', SECRET, 'my id/ü?', 12, EXPIRES_AT_S);
  expect(checkAttachmentUrl(url.slice('http://127.0.0.1:1'.length), SECRET, 0)).toEqual({
    verdict: 'ok',
    mid: 'my id/ü?',
    index: 12,
  });
  expect(toAttachmentMid('my id/ü?')).toBe('my id/ü?');
});

test('without a secret there is no link', () => {
  expect(() => signAttachmentUrl('http://127.0.0.1', '', 'msg_1', 0, 1)).toThrow(
    expect.objectContaining({ kind: 'usage' }),
  );
});
