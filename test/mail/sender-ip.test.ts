import { expect, test } from 'vitest';
import { readSenderIp } from '../../src/mail/sender-ip.ts';

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
])('%s', (_name, received, expected) => {
  expect(readSenderIp(received)).toBe(expected);
});
