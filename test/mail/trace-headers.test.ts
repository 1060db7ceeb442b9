import { expect, test } from 'vitest';
import { readAuthenticationResults, readSenderIp } from '../../src/mail/trace-headers.ts';

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
    'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail ' +
      "policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn't expecting it) 1362471462",
    { ...none, dkim: 'fail' },
  ],
  ['x; dmarc=fail reason="spf=pass; dkim=pass" header.from=a.example', { ...none, dmarc: 'fail' }],
  ['x (a \\) ; spf=pass); DMARC=PASS', { ...none, dmarc: 'pass' }],
  [
    'spf=softfail smtp.mailfrom=a.example;dkim=none;dmarc=bestguesspass',
    { spf: 'softfail', dkim: 'none', dmarc: 'bestguesspass' },
  ],
  ['x; arc=pass; iprev=pass; x-spf=pass', none],
])('Authentication-Results: %s', (value, expected) => {
  expect(readAuthenticationResults(value)).toEqual(expected);
});

test.each([
  ['Postfix', 'from mail.example.com (mail.example.com [192.0.2.1]) by mx.example.org', '192.0.2.1'],
  ['Exim', 'from [192.0.2.9] (port=5000 helo=[198.51.100.9]) by mx', '192.0.2.9'],
  ['Exim with port', 'from mail.example.com ([192.0.2.1]:40222 helo=mail) by mx', '192.0.2.1'],
  ['Google', 'from mail.example.com (mail.example.com. [2001:db8::1]) by mx.example.org', '2001:db8::1'],
  ['an IPv6 literal', 'from mail (unknown [IPv6:2001:DB8::1]) by mx', '2001:DB8::1'],
  ['qmail', 'from unknown (HELO 203.0.113.1) (192.0.2.1) by mx', '192.0.2.1'],
  ['Microsoft', 'from A.example.net (2001:db8::15) by B.example.net', '2001:db8::15'],
  ['a literal in the greeting, overruled', 'from [203.0.113.1] (host.example.com [192.0.2.1]) by mx', '192.0.2.1'],
  ['a literal in the greeting, alone', 'from [203.0.113.1] by mx', '203.0.113.1'],
  ['the receiving server is not the sender', 'from mail.example.com by mx ([192.0.2.1])', null],
  ['no such address', 'from mail (mail [192.0.2.999]) by mx', null],
  ['handed over locally', 'by mx.example.org (Postfix, from userid 1000)', null],
  ['no header', undefined, null],
])('the sender in Received: %s', (_name, received, expected) => {
  expect(readSenderIp(received)).toBe(expected);
});
