import { expect, test } from 'vitest';
import { readAuthenticationResults } from '../../src/mail/authentication-results.ts';

const none = { spf: null, dkim: null, dmarc: null };

// Most values follow the examples of RFC 8601, appendix B.
test.each([
  [undefined, none],
  ['example.org 1; none', none],
  ['example.com; spf=pass smtp.mailfrom=example.net', { ...none, spf: 'pass' }],
  ['example.com; dkim=pass (good signature) header.d=example.com', { ...none, dkim: 'pass' }],
  ['x; dkim=fail header.d=a.example; dkim=pass header.d=b.example', { ...none, dkim: 'pass' }],
  ['x; dkim=fail header.d=a.example; dkim=neutral', { ...none, dkim: 'fail' }],
  ['x; spf=none smtp.helo=a.example; spf=fail smtp.mailfrom=b.example', { ...none, spf: 'none' }],
  [
    "foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
    { ...none, dkim: 'fail' },
  ],
  ['x; dmarc=fail reason="spf=pass; dkim=pass" header.from=a.example', { ...none, dmarc: 'fail' }],
  ['x (a \\) ; spf=pass); DMARC=PASS', { ...none, dmarc: 'pass' }],
  [
    'spf=softfail smtp.mailfrom=a.example;dkim=none;dmarc=bestguesspass',
    { spf: 'softfail', dkim: 'none', dmarc: 'bestguesspass' },
  ],
  ['x; arc=pass; iprev=pass; x-spf=pass', none],
])('%s', (value, expected) => {
  expect(readAuthenticationResults(value)).toEqual(expected);
});
