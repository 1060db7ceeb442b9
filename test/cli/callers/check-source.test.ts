import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NXDOMAIN, openFakeDns, SERVFAIL, type DnsBehaviour, type FakeDns } from '../../helpers/fake-dns.ts';
import { hasNamed, startDnsServer } from '../../helpers/dns-server.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { bin, runCommandLine, runProgram, type Ended } from '../../helpers/program.ts';

const TELL_PEAK = new URL('../../helpers/tell-peak.js', import.meta.url).href;

function place(): { folder: string; run: (args: readonly string[], input?: string) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  return {
    folder,
    run: (args, input) =>
      runProgram('webhook', ['check-source', ...args], { cwd: folder, env, ...(input === undefined ? {} : { input }) }),
  };
}

/** 192.0.2.10 is out1.mail-plus.com, .66 an impostor, .3 broken, and nothing else has a name. */
const behave: DnsBehaviour = ({ type, name }) => {
  if (type === 'PTR' && name.startsWith('10.2.0.192.'))
    return { records: [{ type: 'PTR', data: 'OUT1.Mail-Plus.com' }] };
  if (type === 'PTR' && name.startsWith('66.2.0.192.'))
    return { records: [{ type: 'PTR', data: 'evilmail-plus.com' }] };
  if (type === 'A' && name === 'out1.mail-plus.com')
    return {
      records: [
        { type: 'A', data: '192.0.2.9' },
        { type: 'A', data: '192.0.2.10' },
      ],
    };
  return { rcode: name.startsWith('3.') ? SERVFAIL : NXDOMAIN };
};
const openDns = (): Promise<FakeDns> => openFakeDns(behave);
const byMailPlus = (dns: FakeDns): string[] => ['--vendor', 'mail-plus', '--resolver', dns.address];

test('a host of the vendor: every step is shown, and the code is 0', async () => {
  const { run } = place();
  const { code, stdout, stderr } = await run(['192.0.2.10', ...byMailPlus(await openDns())]);
  expect(stdout).toBe(`pass  192.0.2.10  out1.mail-plus.com
  ok    PTR       10.2.0.192.in-addr.arpa → 1 name
  ok    names     out1.mail-plus.com
  ok    matching  out1.mail-plus.com: below mail-plus.com
  ok    A         out1.mail-plus.com → 192.0.2.9, 192.0.2.10
  ok    equal     an address of out1.mail-plus.com
`);
  expect([code, stderr]).toEqual([0, '']);
});

test.each<[what: string, address: string, code: number, verdict: string, line: RegExp]>([
  [
    'an impostor',
    '192.0.2.66',
    1,
    'fail',
    /no {4}matching {2}none is below mail-plus\.com:\s+evilmail-plus\.com\s+has\s+the\s+same\s+ending,\s+but\s+not\s+after\s+a\s+dot/,
  ],
  ['nobody', '192.0.2.77', 1, 'permerror', /no {4}PTR {7}77\.2\.0\.192\.in-addr\.arpa → no such name \(NXDOMAIN\)/],
  [
    'a DNS server that fails',
    '192.0.2.3',
    3,
    'temperror',
    /\? {5}PTR {7}3\.2\.0\.192\.in-addr\.arpa → the DNS server failed \(SERVFAIL\)/,
  ],
])('%s', async (_, address, code, verdict, line) => {
  const { run } = place();
  const ended = await run([address, ...byMailPlus(await openDns())]);
  expect(ended.stdout).toMatch(line);
  expect([ended.code, ended.stdout.split(' ')[0]]).toEqual([code, verdict]);
});

test.skipIf(!hasNamed)('BIND answers for both families', async () => {
  const server = await startDnsServer({
    'mail-plus.com': ['out A 192.0.2.10', 'out AAAA 2001:db8::10'],
    '2.0.192.in-addr.arpa': ['10 PTR out.mail-plus.com.'],
    '8.b.d.0.1.0.0.2.ip6.arpa': [`0.1${'.0'.repeat(22)} PTR out.mail-plus.com.`],
  });
  onTestFinished(() => server.stop());
  const { run } = place();
  const { code, stdout } = await run([
    '::ffff:192.0.2.10',
    '2001:0db8::10%eth0',
    '--suffix',
    '*.Mail-Plus.com',
    '--resolver',
    server.address,
    '--json',
  ]);
  const matched = { by: 'reverse-dns', name: 'out.mail-plus.com', suffix: 'mail-plus.com' };
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 2,
    results: [
      { address: '192.0.2.10', verdict: 'pass', matched },
      { address: '2001:db8::10', verdict: 'pass', matched },
    ],
  });
  expect(code).toBe(0);
});

test('a log: each address once in the order of the log, each line counted, and the unreadable told', async () => {
  const dns = await openDns();
  const { run } = place();
  const log = [
    '192.0.2.66 - - "POST /hook"',
    '192.0.2.10 - - "POST /hook"',
    '# a comment',
    '',
    '192.0.2.66 - - "POST /hook"',
    'host.example - -',
    '::ffff:192.0.2.10 - -',
    '192.0.2.10 - -',
  ].join('\n');
  const { code, stdout, stderr } = await run(byMailPlus(dns), log);
  expect(stdout)
    .toBe(`fail       192.0.2.66       none is below mail-plus.com: evilmail-plus.com has the same ending, but not after a dot
pass       192.0.2.10       out1.mail-plus.com

1 of 2 addresses allowed (3 of 5 lines); 1 line without an address
`);
  expect([code, stderr]).toEqual([1, 'warning: line 6: host.example is not an address\n']);
  expect(dns.questions.map(({ type, name }) => `${type} ${name}`).toSorted()).toEqual([
    'A out1.mail-plus.com',
    'PTR 10.2.0.192.in-addr.arpa',
    'PTR 66.2.0.192.in-addr.arpa',
  ]);
});

test.each<[what: string, input: string, code: number]>([
  ['all allowed', '192.0.2.10', 0],
  ['one is not, and for another DNS gave no answer', '192.0.2.66\n192.0.2.3\nx', 1],
  ['for one DNS gave no answer, and a line could not be read', '192.0.2.10\n192.0.2.3\nx', 3],
  ['a line could not be read', '192.0.2.10\nx', 5],
  ['nothing at all', '', 5],
])('the exit code of a log: %s', async (_, input, code) => {
  const { run } = place();
  const ended = await run([...byMailPlus(await openDns()), '--json', '-'], input);
  expect([ended.code, JSON.parse(ended.stdout)]).toEqual([
    code,
    expect.objectContaining({ schemaVersion: 2, results: expect.any(Array) }),
  ]);
});

test('a list and reverse DNS: one of them is enough, and both are shown', async () => {
  const { folder, run } = place();
  writeFileSync(join(folder, 'allow.txt'), '# own hosts\n192.0.2.64/26 # office\n192.0.2.66\n');
  const dns = await openDns();
  const { code, stdout } = await run([
    '192.0.2.66',
    '192.0.2.10',
    '192.0.2.3',
    '--allow-file',
    'allow.txt',
    ...byMailPlus(dns),
    '--json',
  ]);
  const { results } = JSON.parse(stdout) as {
    results: { verdict: string; matched: unknown; steps: { step: string }[] }[];
  };
  expect(results.map(({ verdict, matched }) => [verdict, matched])).toEqual([
    ['pass', { by: 'list', entry: '192.0.2.66', file: 'allow.txt', line: 3, comment: null }],
    ['pass', { by: 'reverse-dns', name: 'out1.mail-plus.com', suffix: 'mail-plus.com' }],
    ['temperror', null],
  ]);
  expect(results[0]?.steps.map(({ step }) => step)).toEqual(['list', 'ptr', 'names', 'matching']);
  expect(code).toBe(3);
});

test('the network of a vendor: by it, beside it, and that it is inferred', async () => {
  const { run } = place();
  const { code, stdout, stderr } = await run(['185.136.203.255', '185.136.204.0', '--vendor', 'mailkit']);
  expect(stdout).toContain('pass  185.136.203.255  185.136.200.0/22\n  ok    network   185.136.200.0/22 [inf]\n');
  expect(stdout).toContain('fail  185.136.204.0\n  no    network   not in 185.136.200.0/22 [inf]\n');
  expect([code, stderr]).toEqual([1, expect.stringContaining('is inferred, not documented [inf]')]);
});

test('an address of the domain itself passes, and the line says what to know of it', async () => {
  const { run } = place();
  const dns = await openFakeDns(({ type, name }) =>
    type === 'PTR'
      ? { records: [{ type, data: 'mail-plus.com' }] }
      : type === 'A' && name === 'mail-plus.com'
        ? { records: [{ type, data: '192.0.2.5' }] }
        : { rcode: NXDOMAIN },
  );
  const { code, stdout } = await run(byMailPlus(dns), '192.0.2.5:4711 -\n');
  expect([code, stdout.split('\n')[0]]).toEqual([
    0,
    'pass       192.0.2.5        mail-plus.com  warn: an address of mail-plus.com itself, but the rule requires a name below it',
  ]);
});

test('JUnit: the names read as tests do, and a property is one line', async () => {
  const { run } = place();
  const { code, stdout } = await run(['192.0.2.1', '192.0.2.66', '--allow', '192.0.2.1', '--reporter', 'junit']);
  expect([...stdout.matchAll(/<testcase [^>]* name="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    'source 192.0.2.1 is allowed',
    'source 192.0.2.66 is allowed',
  ]);
  expect(stdout).toContain('<properties><property name="conclusion" value="1 of 2 allowed"/></properties>');
  expect(code).toBe(1);
});

test('several vendors: each is a way of its own, and one is enough', async () => {
  const { run } = place();
  const { code, stdout } = await run([
    '185.136.200.7',
    '192.0.2.10',
    '192.0.2.66',
    '--vendor',
    'mailkit',
    ...byMailPlus(await openDns()),
    '--vendor',
    'mailkit',
    '--json',
  ]);
  const { results } = JSON.parse(stdout) as {
    results: { verdict: string; matched: { by: string } | null; steps: { step: string }[] }[];
  };
  expect(results.map(({ verdict, matched }) => [verdict, matched?.by])).toEqual([
    ['pass', 'network'],
    ['pass', 'reverse-dns'],
    ['fail', undefined],
  ]);
  expect(results[2]?.steps.filter(({ step }) => step === 'network')).toHaveLength(1);
  expect(code).toBe(1);
});

const configured = (name: string, vendor: string, event: string, rest: object) => ({
  uuid: `0d5f2c8e-7a4b-4a5e-9d0e-3f6f4d1b2a0${name.length}`,
  name,
  vendor,
  url: 'http://127.0.0.1:1/',
  events: [event],
  ...rest,
});

test('a configured webhook: its vendor and its allow', async () => {
  const { folder, run } = place();
  const webhooks = [
    configured('shop', 'mail2many', 'optin', { allow: ['198.51.100.0/24', '2001:db8::1'] }),
    configured('inbox', 'mail-plus', 'inbound', {}),
    configured('b', 'mail2many', 'optin', {}),
    configured('broken', 'mail2many', 'optin', { allow: ['10.1'] }),
  ];
  writeFileSync(join(folder, 'webhook.config.json'), JSON.stringify({ webhooks }));
  expect(await run(['198.51.100.7', '--to', 'shop'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('198.51.100.0/24'),
  });
  expect(await run(['192.0.2.1', '--to', 'shop'])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('in none of 2 entries'),
  });
  expect(await run(['192.0.2.10', '--to', 'inbox', '--resolver', (await openDns()).address])).toMatchObject({
    code: 0,
  });
  expect(await run(['192.0.2.10', '--to', 'inbox', '--vendor', 'mailkit'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('belongs to mail-plus, not to mailkit'),
  });
  expect(await run(['185.136.200.7', '--to', 'shop', '--vendor', 'mail2many', '--vendor', 'mailkit'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('185.136.200.0/22'),
  });
  expect(await run(['192.0.2.10', '--to', 'b'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('X-Mail2Many-Signature'),
  });
  expect(await run(['192.0.2.10', '--to', 'broken'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the webhook "broken": 10.1'),
  });
});

test('an address that nobody has on the internet is noted', async () => {
  const { run } = place();
  const { stdout } = await run(['10.0.0.5', '--allow', '10.0.0.0/8']);
  expect(stdout).toMatch(/note {2}in 10\.0\.0\.0\/8, private use .* the peer is the proxy/s);
});

test('an open DNS question does not keep the program, and its silence ends at --timeout', async () => {
  const { run } = place();
  const dns = await openFakeDns(() => null);
  const beganAt = performance.now();
  const { code, stdout } = await run([
    '192.0.2.10',
    '192.0.2.11',
    '--suffix',
    'mail-plus.com',
    '--resolver',
    dns.address,
    '--timeout',
    '400ms',
  ]);
  expect(performance.now() - beganAt).toBeLessThan(10_000);
  expect([code, stdout.match(/^temperror/gm)?.length]).toEqual([3, 2]);
});

test('a DNS server that answers nothing is given up, and a list still tells', async () => {
  const { run } = place();
  const dns = await openFakeDns(() => null);
  const beganAt = performance.now();
  const { code, stdout } = await run(
    ['--suffix', 'mail-plus.com', '--allow', '10.0.19.135', '--resolver', dns.address, '--timeout', '300ms'],
    distinctAddresses(5000).join('\n'),
  );
  // Without an end 5000 / 32 × 0.3 s = 47 s.
  expect(performance.now() - beganAt).toBeLessThan(20_000);
  expect(new Set(dns.questions.map(({ name }) => name)).size).toBeLessThanOrEqual(64 + 31);
  expect(stdout).toMatch(/^temperror {2}10\.0\.0\.0 .*the DNS server did not answer in time$/m);
  expect(stdout).toMatch(
    /^temperror {2}10\.0\.19\.134 .*the DNS server did not answer for the last 64 addresses, so it is no longer asked$/m,
  );
  expect(stdout).toMatch(/^pass {7}10\.0\.19\.135 /m);
  expect([code, stdout.match(/^temperror/gm)?.length]).toEqual([3, 4999]);
});

test('many domains for one address, and not a word of the runtime about it', async () => {
  const { run } = place();
  const suffixes = Array.from({ length: 12 }, (_, index) => ['--suffix', `s${index}.example`]).flat();
  const { code, stderr } = await run(['192.0.2.10', ...suffixes, ...byMailPlus(await openDns())]);
  expect([code, stderr]).toEqual([0, '']);
});

test('no more than 32 addresses are asked for at once', async () => {
  let [open, most] = [0, 0];
  const dns = await openFakeDns(() => {
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
    }, 40);
    return { rcode: NXDOMAIN, delayMs: 50 };
  });
  const { run } = place();
  const { stdout } = await run(
    ['--suffix', 'mail-plus.com', '--resolver', dns.address],
    Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`).join('\n'),
  );
  expect(stdout.match(/^permerror/gm)).toHaveLength(200);
  expect(most).toBeLessThanOrEqual(32);
  expect(most).toBeGreaterThan(1);
});

test('a result comes while the next line is waited for', async () => {
  const dns = await openDns();
  const child = spawn(process.execPath, [bin('webhook'), 'check-source', ...byMailPlus(dns)], { cwd: testFolder() });
  onTestFinished(() => void child.kill('SIGKILL'));
  const came = makeGate();
  child.stdout.once('data', came.open);
  child.stdin.write('192.0.2.10\n');
  await came.opened;
  const ended = new Promise((done) => {
    child.once('close', done);
  });
  child.stdin.end('192.0.2.66\n');
  expect(await ended).toBe(1);
});

test('a reader who leaves ends the run without a word', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'log'), distinctAddresses(50_000).join('\n'));
  const { stdout, stderr } = await runCommandLine(
    'sh',
    ['-c', `"${process.execPath}" "${bin('webhook')}" check-source --allow 192.0.2.1 --addresses log | head -1`],
    { cwd: folder },
  );
  expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
});

const distinctAddresses = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`);

test('ten thousand addresses against a thousand entries, and memory that does not grow with the log', async () => {
  const folder = testFolder();
  writeFileSync(
    join(folder, 'allow.txt'),
    Array.from({ length: 1000 }, (_, index) => `10.0.${index % 250}.${index >> 2}/30 # ${index}`).join('\n'),
  );
  const peak = async (name: string, lines: readonly string[]): Promise<{ peakKiB: number; stdout: string }> => {
    writeFileSync(join(folder, name), lines.join('\n'));
    const { stdout, stderr } = await runCommandLine(
      process.execPath,
      ['--import', TELL_PEAK, bin('webhook'), 'check-source', '--allow-file', 'allow.txt', '--addresses', name],
      { cwd: folder, env: { PEAK_FILE: join(folder, 'peak') } },
    );
    expect(stderr).toBe('');
    return { stdout, peakKiB: Number(readFileSync(join(folder, 'peak'), 'utf8')) };
  };
  const addresses = distinctAddresses(10_000);
  const once = await peak('once', addresses);
  expect(once.stdout).toMatch(/of 10000 addresses allowed/);
  const often = await peak('often', Array.from({ length: 80 }, () => addresses).flat());
  expect(often.stdout).toMatch(/of 10000 addresses allowed \(\d+ of 800000 lines\)/);
  expect(often.peakKiB / once.peakKiB).toBeLessThan(2);
});

test.each<[what: string, args: string[], code: number, message: RegExp]>([
  ['no address', ['192.0.2', '--vendor', 'mail-plus'], 2, /192\.0\.2 is not an address/],
  [
    'an address that programs read differently',
    ['010.0.0.1', '--vendor', 'mail-plus'],
    2,
    /010\.0\.0\.1 is not an address/,
  ],
  ['nobody allowed', ['192.0.2.1'], 2, /no allowed addresses were given/],
  ['a mistyped vendor', ['192.0.2.1', '--vendor', 'mail-pls'], 2, /did you mean mail-plus/],
  [
    'a vendor that says nothing of addresses',
    ['192.0.2.1', '--vendor', 'mailkite'],
    2,
    /x-mailkite-signature.*\n.*--allow CIDR/,
  ],
  [
    'one of several that says nothing of addresses',
    ['192.0.2.1', '--vendor', 'mailkit', '--vendor', 'mailkite'],
    2,
    /x-mailkite-signature.*\n.*leave out --vendor mailkite/,
  ],
  [
    'several vendors for an endpoint',
    ['--url', 'http://127.0.0.1:1/', '--vendor', 'mailkit', '--vendor', 'mail-plus'],
    2,
    /--url is called as one vendor.*\n.*--vendor mailkit, then/,
  ],
  [
    'a list in the place of an address',
    ['192.0.2.1', '--allow', '192.0.2.0/24,own list.txt'],
    2,
    /--allow own list\.txt: this is a file.*\n.*--allow-file 'own list\.txt'/,
  ],
  ['neither a list nor an address', ['192.0.2.1', '--allow', 'own list.txt/24'], 2, /--allow: own/],
  ['another one, self-hosted', ['192.0.2.1', '--vendor', 'mail2many'], 2, /X-Mail2Many-Signature/],
  [
    'a DNS server by name',
    ['192.0.2.1', '--vendor', 'mail-plus', '--resolver', 'localhost:53'],
    2,
    /--resolver localhost:53 is not the address of a DNS server/,
  ],
  [
    'a port out of range',
    ['192.0.2.1', '--vendor', 'mail-plus', '--resolver', '127.0.0.1:99999'],
    2,
    /--resolver 127\.0\.0\.1:99999/,
  ],
  [
    'a DNS server that nobody asks',
    ['192.0.2.1', '--allow', '192.0.2.1', '--resolver', '127.0.0.1'],
    2,
    /--resolver has no effect/,
  ],
  ['a time for nobody', ['192.0.2.1', '--allow', '192.0.2.1', '--timeout', '1s'], 2, /--timeout has no effect/],
  ['a suffix that is not a domain', ['192.0.2.1', '--suffix', 'a b'], 2, /--suffix a b is not a domain/],
  ['an ambiguous entry', ['192.0.2.1', '--allow', '010.0.0.0/8'], 2, /--allow: 010\.0\.0\.0\/8/],
  ['no such list', ['192.0.2.1', '--allow-file', 'nowhere'], 5, /--allow-file nowhere: no such file/],
  ['a broken list', ['192.0.2.1', '--allow-file', 'broken.txt'], 5, /broken\.txt:2: 10\.1: .*\n.*nginx refuses it/],
  ['an empty list', ['192.0.2.1', '--allow-file', 'empty.txt'], 5, /contains no address/],
  ['no such log', ['--addresses', 'nowhere', '--allow', '192.0.2.1'], 5, /--addresses nowhere: no such file/],
  ['a folder', ['--addresses', '.', '--allow', '192.0.2.1'], 5, /--addresses \.: it is a folder/],
  ['addresses twice', ['192.0.2.1', '--addresses', 'log', '--allow', '192.0.2.1'], 2, /give only one of them/],
  ['standard input twice', ['-', '--allow-file', '-'], 2, /standard input can be read once/],
  ['a list on standard input, and no address', ['--allow-file', '-'], 2, /no address was given/],
  ['no such webhook', ['192.0.2.1', '--to', 'shop'], 2, /no webhook "shop" is configured/],
])('%s', async (_, args, code, message) => {
  const { folder, run } = place();
  writeFileSync(join(folder, 'broken.txt'), '192.0.2.1\n10.1\n');
  writeFileSync(join(folder, 'empty.txt'), '# nothing\n');
  writeFileSync(join(folder, 'own list.txt'), '192.0.2.1\n');
  const ended = await run(args, '');
  expect(ended.stderr).toMatch(message);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
});

test('input without an address is told: a broken pipe must not look like a check', async () => {
  const { run } = place();
  expect(await run(['--allow', '192.0.2.1'], '# nobody\n')).toMatchObject({
    code: 5,
    stderr: 'warning: the input contains no address, so nothing was checked\n',
  });
});

test('of many unreadable lines some are shown', async () => {
  const { run } = place();
  const { code, stderr, stdout } = await run(['--allow', '192.0.2.1'], `${'\u001b[31mx\n'.repeat(1000)}192.0.2.1\n`);
  expect(stderr.split('\n').length).toBeLessThan(15);
  expect(stderr).toContain('990 more lines without an address');
  expect(stderr).not.toContain('\u001b');
  expect([code, stdout]).toEqual([
    5,
    expect.stringContaining('1 of 1 address allowed (1 of 1 lines); 1000 lines without an address'),
  ]);
});
