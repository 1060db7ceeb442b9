import { expect, test } from 'vitest';
import { LINT_CHECKS } from '../../../src/source/list/lint-checks.ts';
import { lintList } from '../../../src/source/list/lint-list.ts';
import { readList } from '../../../src/source/list/read-list.ts';
import { warnOfEntries } from '../../../src/source/list/convert-list.ts';
import { cpuMsOf } from '../../helpers/cpu-time.ts';

const lint = (text: string): ReturnType<typeof lintList> => lintList(readList(text, 'allow.txt'));
const found = (text: string): string[] =>
  lint(text)
    .filter(({ status }) => status !== 'pass' && status !== 'skip')
    .map(({ id, status, detail }) => `${status} ${id}: ${detail}`);

test.each([
  ['185.136.200.0/22', []],
  ['185.136.200.0/22\n2a01:4f8::/32 # theirs', []],
  ['185.136.200.0/255.255.252.0', []],
  ['', ['fail not-empty: it has no entries: every call would be refused']],
  ['# nobody', ['fail not-empty: it has no entries: every call would be refused']],
  [
    '10.1',
    ['fail readable: line 1: 10.1: an IPv4 address has four numbers, and programs read other forms differently'],
  ],
  ['0.0.0.0/0', ['fail not-open: 0.0.0.0/0 (line 1) covers every IPv4 address']],
  ['5.5.5.5\n::/0', ['fail not-open: ::/0 (line 2) covers every IPv6 address']],
  [
    '128.0.0.0/1\n0.0.0.0/1',
    [
      'fail not-open: the entries together cover every IPv4 address',
      'warn not-wide: 128.0.0.0/1 (line 1) allows 2,147,483,648 addresses',
      'warn not-wide: 0.0.0.0/1 (line 2) allows 2,147,483,648 addresses',
    ],
  ],
  ['192.0.2.10', ['fail no-documentation: 192.0.2.10 (line 1) is in 192.0.2.0/24: documentation (TEST-NET-1)']],
  ['2001:db8:1::/48', ['fail no-documentation: 2001:db8:1::/48 (line 1) is in 2001:db8::/32: documentation']],
  ['10.8.0.0/16', ['warn no-private: 10.8.0.0/16 (line 1) is in 10.0.0.0/8: private use']],
  [
    '100.64.1.1',
    ["warn no-private: 100.64.1.1 (line 1) is in 100.64.0.0/10: shared by a provider's customers (CGNAT)"],
  ],
  [
    '127.0.0.1\nff02::1',
    [
      'warn no-unroutable: 127.0.0.1 (line 1) is in 127.0.0.0/8: loopback',
      'warn no-unroutable: ff02::1 (line 2) is in ff00::/8: multicast',
    ],
  ],
  [
    '5.0.0.0/7',
    [
      'warn not-wide: 5.0.0.0/7 (line 1) allows 33,554,432 addresses',
      'warn no-host-bits: 5.0.0.0/7 (line 1) is the network 4.0.0.0/7',
    ],
  ],
  ['185.136.200.9/22', ['warn no-host-bits: 185.136.200.9/22 (line 1) is the network 185.136.200.0/22']],
  ['5.5.5.5\n6.6.6.6\n5.5.5.5/32', ['warn no-duplicates: 5.5.5.5/32 (line 3) repeats 5.5.5.5 (line 1)']],
  [
    '5.5.5.5\n5.5.5.0/24\n5.5.0.0/16',
    [
      'warn no-overlaps: 5.5.5.5 (line 1) is part of 5.5.5.0/24 (line 2)',
      'warn no-overlaps: 5.5.5.0/24 (line 2) is part of 5.5.0.0/16 (line 3)',
    ],
  ],
])('%j', (text, expected) => {
  expect(found(text)).toEqual(expected);
});

test('a check that finds nothing passes, in the order of the list of checks', () => {
  expect(lint('185.136.200.0/22').map(({ id, status }) => [id, status])).toEqual(
    LINT_CHECKS.map(({ id }) => [id, 'pass']),
  );
});

test('a refused entry is told with what each program makes of it', () => {
  expect(lint('010.0.0.1')[0]).toMatchObject({
    id: 'readable',
    observed:
      'nginx reads 10.0.0.1; Apache reads 10.0.0.1; Node BlockList refuses it; ipaddr.js reads 8.0.0.1; netmask reads 8.0.0.1',
  });
});

test.each([
  [
    '185.136.200.0/255.255.252.0\n5.5.5.5/255.255.255.255',
    'note: 2 entries, the first of them 185.136.200.0/255.255.252.0 (line 1): valid in a list, but needs another form for nginx, Node BlockList, ipaddr.js; allowlist convert writes the right form for each',
  ],
  [
    '1:2:3:4:5:6:7::',
    'note: 1:2:3:4:5:6:7:: (line 1): valid in a list, but needs another form for nginx; allowlist convert writes the right form for each',
  ],
])('%j is good, and who would refuse it is told', (text, detail) => {
  expect(lint(text).find(({ id }) => id === 'portable')).toMatchObject({ status: 'pass', detail });
});

test('where no entry can be read, no other check has passed', () => {
  const [readable, ...others] = lint('10.1');
  expect(readable?.status).toBe('fail');
  expect(others.map(({ status, detail }) => `${status} ${detail}`)).toEqual(
    LINT_CHECKS.slice(1).map(() => 'skip cannot read any entry'),
  );
  expect(lint('10.1\n5.5.5.5').map(({ status }) => status)).not.toContain('skip');
});

test.each([
  ['allow 5.5.5.5;', 'nginx', '--from nginx'],
  ['allow 5.5.5.0/24;  # office', 'nginx', '--from nginx'],
  ['deny all;', 'nginx', '--from nginx'],
  ['allow all;', 'nginx', '--from nginx'],
  ['deny 5.5.5.5;', 'nginx', null],
  ['  Require ip 5.5.5.5', 'Apache 2.4', '--from apache'],
  ['Require ip 5.5.5.5 6.6.6.0/24', 'Apache 2.4', '--from apache'],
  ['<RequireAny>', 'Apache 2.4', '--from apache'],
  ['Require all granted', 'Apache 2.4', null],
])('%j is told for what it is', (text, server, flag) => {
  expect(lint(text)[0]).toMatchObject({
    status: 'fail',
    detail: `line 1: ${text.split('#')[0]?.trim()}: a rule for ${server}, not a list entry`,
    fix: flag === null ? expect.stringMatching(/^write an address/) : `read it with ${flag}`,
  });
});

test.each([
  ['5.5.5.5\n2a01:4f8::/32', []],
  ['# all\n\n0.0.0.0/0', ['line 3: 0.0.0.0/0 allows every address']],
  ['::/0\n5.5.5.5', ['line 1: ::/0 allows every IPv6 address']],
  ['0.0.0.0/1\n128.0.0.0/1', ['together the entries allow every IPv4 address']],
  ['5.5.5.5\n192.0.2.1', ['line 2: 192.0.2.1 is a placeholder: documentation (TEST-NET-1), RFC 5737']],
])('what must not go into a server without a word: %j', (text, warnings) => {
  expect(warnOfEntries(readList(text, null).entries)).toEqual(warnings);
});

test('of many placeholders some are told', () => {
  const warnings = warnOfEntries(
    readList(Array.from({ length: 50 }, (_, index) => `192.0.2.${index}`).join('\n'), null).entries,
  );
  expect([warnings.length, warnings.at(-1)]).toEqual([11, '40 more placeholders']);
});

test('of many places alike the first twenty are told', () => {
  const told = found(Array.from({ length: 50 }, (_, index) => `10.0.0.${index}`).join('\n'));
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toBe('warn no-private: and 30 more');
});

test('what was found stands beside its line', () => {
  const wrong = lint('185.136.200.0/22\n10.0.0.5\n10.1\n').filter(({ status }) => status !== 'pass');
  expect(wrong.map(({ id, place }) => [id, place])).toEqual([
    ['readable', { file: 'allow.txt', line: 3 }],
    ['no-private', { file: 'allow.txt', line: 2 }],
  ]);
});

const MANY: Record<string, (index: number) => string> = {
  'networks of IPv6': (index) => `2a00:${(index >> 8).toString(16)}:${((index & 255) << 8).toString(16)}::/48`,
  'IPv6 with host bits, in capitals': (index) => `2A00:0DB8:${(index % 65_536).toString(16)}::1/64`,
  'addresses of IPv6': (index) => `2a00:1::${(index % 65_536).toString(16)}`,
};

test.each(Object.keys(MANY))('ten times as many %s take about ten times as long', (kind) => {
  const timeOf = (count: number): number => {
    const text = Array.from({ length: count }, (_, index) => (MANY[kind] as (index: number) => string)(index)).join(
      '\n',
    );
    return cpuMsOf(() =>
      expect(lintList(readList(text, 'list.txt')).filter(({ id }) => id === 'readable')).toMatchObject([
        { status: 'pass' },
      ]),
    );
  };
  const fewMs = Math.max(...[0, 1, 2].map(() => timeOf(1000)));
  expect(timeOf(10_000) / fewMs).toBeLessThan(30);
});

test('each IPv6 entry that nginx refuses is noted, and no other', () => {
  const refused = ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7::/112'];
  const plain = ['::2:3:4:5:6:7:8', '2001:0DB8::/32', '2a00:1::1', '2a00:1::1/48', '1:2:3:4:5:6::8/128'];
  const noted = [...refused, ...plain].filter((text) =>
    lintList(readList(text, null)).some(({ id, detail }) => id === 'portable' && detail.includes('nginx')),
  );
  expect(noted).toEqual(refused);
});
