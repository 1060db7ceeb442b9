import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPeer } from '../../../src/source/address.ts';
import { openDns } from '../../../src/source/reverse-dns/ask-dns.ts';
import { confirmReverseDns, type CallerJudgement } from '../../../src/source/reverse-dns/confirm-reverse-dns.ts';
import { hasNamed, startDnsServer, type DnsServer } from '../../helpers/dns-server.ts';

const V6 = '2.b.d.0.1.0.0.2.ip6.arpa';
/** The owner of a PTR below it, from the last hexadecimal digit of the address to the first behind the prefix. */
const owner = (digits: string): string => [...digits.padEnd(24, '0')].join('.');

const ZONES: Record<string, string[]> = {
  'mail-plus.com': [
    '@ A 192.0.2.1',
    'out1 A 192.0.2.10',
    'many A 192.0.2.21',
    'many A 192.0.2.20',
    'many A 192.0.2.22',
    'both A 192.0.2.30',
    'both AAAA 2001:db2::30',
    'alias CNAME out2',
    'out2 A 192.0.2.40',
    'elsewhere A 192.0.2.99',
    'v6only AAAA 2001:db2::1',
    'upper A 192.0.2.50',
    'large A 192.0.2.60',
    'out120 A 192.0.2.120',
  ],
  'evilmail-plus.com': ['@ A 198.51.100.1', 'x A 198.51.100.2'],
  'tempmail-plus.com': ['@ A 198.51.100.3'],
  'attacker.example': ['host A 198.51.100.4'],
  '2.0.192.in-addr.arpa': [
    '1 PTR mail-plus.com.',
    '10 PTR out1.mail-plus.com.',
    '20 PTR many.mail-plus.com.',
    '30 PTR both.mail-plus.com.',
    '40 PTR alias.mail-plus.com.',
    '50 PTR UPPER.MAIL-PLUS.COM.',
    ...Array.from(
      { length: 9 },
      (_, index) => `60 PTR ${'filler'.repeat(9)}${index}.${'filler'.repeat(9)}.attacker.example.`,
    ),
    '60 PTR large.mail-plus.com.',
    '70 PTR out1.mail-plus.com.',
    '80 PTR gone.mail-plus.com.',
    '90 PTR v6only.mail-plus.com.',
    '100 PTR .',
    '110 TXT "no PTR here"',
    // RFC 2317: the reverse zone of a part of a network is delegated by CNAMEs.
    '120 CNAME 120.120-127',
    '120.120-127 PTR out120.mail-plus.com.',
    '130 PTR out1.mail-plus.com.nowhere.example.',
  ],
  '100.51.198.in-addr.arpa': [
    '1 PTR evilmail-plus.com.',
    '2 PTR x.evilmail-plus.com.',
    '3 PTR tempmail-plus.com.',
    '4 PTR elsewhere.mail-plus.com.',
    '4 PTR host.attacker.example.',
    '5 PTR mail-plus.com.attacker.example.',
  ],
  [V6]: [`${owner('1')} PTR v6only.mail-plus.com.`, `${owner('03')} PTR both.mail-plus.com.`],
};

const brief = ({ verdict, name, steps }: CallerJudgement): unknown => ({
  verdict,
  name,
  last: steps.at(-1)?.step,
  result: steps.at(-1)?.result,
});

describe.skipIf(!hasNamed)('forward-confirmed reverse DNS with BIND', () => {
  let server: DnsServer;
  beforeAll(async () => {
    server = await startDnsServer(ZONES);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const judge = async (text: string): Promise<CallerJudgement> => {
    const address = readPeer(text);
    if (address === null) throw new Error(`${text} is not an address`);
    const dns = openDns([server.address], 5000);
    return confirmReverseDns(address, 'mail-plus.com', dns.ask, new AbortController().signal).finally(() =>
      dns.close(),
    );
  };

  test.each<[what: string, address: string, expected: unknown]>([
    [
      'a host of the vendor',
      '192.0.2.10',
      { verdict: 'pass', name: 'out1.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'the same as IPv4 within IPv6',
      '::ffff:192.0.2.10',
      { verdict: 'pass', name: 'out1.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a host of several addresses',
      '192.0.2.20',
      { verdict: 'pass', name: 'many.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a host of both families, by IPv4',
      '192.0.2.30',
      { verdict: 'pass', name: 'both.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a host of both families, by IPv6',
      '2001:db2::30',
      { verdict: 'pass', name: 'both.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a host of IPv6 alone, with a zone',
      '2001:DB2:0::1%eth0',
      { verdict: 'pass', name: 'v6only.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a name that is an alias',
      '192.0.2.40',
      { verdict: 'pass', name: 'alias.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a PTR behind a CNAME (RFC 2317)',
      '192.0.2.120',
      { verdict: 'pass', name: 'out120.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'a PTR in upper case with a last dot',
      '192.0.2.50',
      { verdict: 'pass', name: 'upper.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    [
      'an answer too large for UDP',
      '192.0.2.60',
      { verdict: 'pass', name: 'large.mail-plus.com', last: 'equal', result: 'ok' },
    ],
    ['the domain itself', '192.0.2.1', { verdict: 'pass', name: 'mail-plus.com', last: 'equal', result: 'warn' }],
    ['evilmail-plus.com', '198.51.100.1', { verdict: 'fail', name: null, last: 'matching', result: 'no' }],
    ['a name below evilmail-plus.com', '198.51.100.2', { verdict: 'fail', name: null, last: 'matching', result: 'no' }],
    ['tempmail-plus.com', '198.51.100.3', { verdict: 'fail', name: null, last: 'matching', result: 'no' }],
    [
      'one name that fits, and another that leads back',
      '198.51.100.4',
      { verdict: 'fail', name: null, last: 'equal', result: 'no' },
    ],
    ['the suffix in the middle', '198.51.100.5', { verdict: 'fail', name: null, last: 'matching', result: 'no' }],
    [
      'a name that leads to another address',
      '192.0.2.70',
      { verdict: 'fail', name: null, last: 'equal', result: 'no' },
    ],
    ['a name that does not exist', '192.0.2.80', { verdict: 'fail', name: null, last: 'equal', result: 'no' }],
    [
      'a name without an address of this family',
      '192.0.2.90',
      { verdict: 'fail', name: null, last: 'equal', result: 'no' },
    ],
    ['an empty PTR', '192.0.2.100', { verdict: 'permerror', name: null, last: 'names', result: 'no' }],
    ['a name without a PTR (NODATA)', '192.0.2.110', { verdict: 'permerror', name: null, last: 'ptr', result: 'no' }],
    ['no such name (NXDOMAIN)', '192.0.2.200', { verdict: 'permerror', name: null, last: 'ptr', result: 'no' }],
    [
      'a zone that the server does not have (REFUSED)',
      '203.0.113.1',
      { verdict: 'temperror', name: null, last: 'ptr', result: 'unknown' },
    ],
  ])('%s', async (_, address, expected) => {
    const judgement = await judge(address);
    expect(brief(judgement), JSON.stringify(judgement.steps, null, 2)).toEqual(expected);
  });

  test('the steps tell the way', async () => {
    const { steps } = await judge('198.51.100.4');
    expect(steps.map(({ step, result, subject }) => [step, result, subject])).toEqual([
      ['ptr', 'ok', '4.100.51.198.in-addr.arpa'],
      ['names', 'ok', ''],
      ['matching', 'ok', 'mail-plus.com'],
      ['a', 'ok', 'elsewhere.mail-plus.com'],
      ['equal', 'no', '198.51.100.4'],
    ]);
    expect(steps[3]?.found).toEqual(['192.0.2.99']);
  });
});
