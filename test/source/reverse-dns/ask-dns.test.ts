import { expect, onTestFinished, test } from 'vitest';
import { addressOf } from '../../../src/source/address.ts';
import { openDns, readResolver, type Dns } from '../../../src/source/reverse-dns/ask-dns.ts';
import { confirmReverseDns, type CallerJudgement } from '../../../src/source/reverse-dns/confirm-reverse-dns.ts';
import { NXDOMAIN, openFakeDns, REFUSED, SERVFAIL, type DnsBehaviour, type DnsReply } from '../../helpers/fake-dns.ts';

const PEER = addressOf(4, 0xc0_00_02_0an);
const ARPA = '10.2.0.192.in-addr.arpa';
const HOST = 'out1.mail-plus.com';
const NEVER = new AbortController().signal;
const LONG_MS = 20_000;

const PTR: DnsReply = { records: [{ type: 'PTR', data: HOST }] };
const A: DnsReply = { records: [{ type: 'A', data: PEER.text }] };

/** Everything is well, but for what `odd` says of a question. */
const vendor =
  (odd: (type: string, name: string, transport: string) => DnsReply | null | undefined): DnsBehaviour =>
  ({ type, name, transport }) => {
    const reply = odd(type, name, transport);
    return reply === undefined ? (type === 'PTR' ? PTR : A) : reply;
  };

function open(addresses: string[], timeoutMs = LONG_MS): Dns {
  const dns = openDns(addresses, timeoutMs);
  onTestFinished(() => dns.close());
  return dns;
}

/** One check with a deadline of its own, and how long it took. */
async function check(addresses: string[], timeoutMs = LONG_MS): Promise<CallerJudgement & { ms: number }> {
  const beganAt = performance.now();
  const judgement = await confirmReverseDns(
    PEER,
    'mail-plus.com',
    open(addresses, timeoutMs).ask,
    AbortSignal.timeout(timeoutMs),
  );
  return { ...judgement, ms: performance.now() - beganAt };
}

const lastOf = ({ steps }: CallerJudgement): unknown => {
  const { step, result, detail } = steps.at(-1) as CallerJudgement['steps'][number];
  return [step, result, detail];
};

test.each<[what: string, reply: DnsReply, verdict: string, detail: string]>([
  ['SERVFAIL', { rcode: SERVFAIL }, 'temperror', 'the DNS server failed (SERVFAIL)'],
  ['REFUSED', { rcode: REFUSED }, 'temperror', 'the DNS server refused to answer (REFUSED)'],
  ['FORMERR', { rcode: 1 }, 'temperror', 'the DNS server could not read the query (FORMERR)'],
  ['NOTIMP', { rcode: 4 }, 'temperror', 'the DNS server does not support the query (NOTIMP)'],
  ['garbage', { bytes: Buffer.from('hello') }, 'temperror', 'the DNS server sent an invalid answer'],
  ['NXDOMAIN', { rcode: NXDOMAIN }, 'permerror', 'no such name (NXDOMAIN)'],
  ['NODATA', {}, 'permerror', 'the name has no such record'],
])('%s for the PTR', async (_, reply, verdict, detail) => {
  const dns = await openFakeDns(vendor((type) => (type === 'PTR' ? reply : undefined)));
  const judgement = await check([dns.address]);
  expect([judgement.verdict, lastOf(judgement)]).toEqual([
    verdict,
    ['ptr', verdict === 'permerror' ? 'no' : 'unknown', detail],
  ]);
});

test.each<[what: string, reply: DnsReply, verdict: string, result: string]>([
  ['SERVFAIL', { rcode: SERVFAIL }, 'temperror', 'unknown'],
  ['REFUSED', { rcode: REFUSED }, 'temperror', 'unknown'],
  ['NXDOMAIN', { rcode: NXDOMAIN }, 'fail', 'no'],
  ['NODATA', {}, 'fail', 'no'],
])('%s for the name', async (_, reply, verdict, result) => {
  const dns = await openFakeDns(vendor((type) => (type === 'A' ? reply : undefined)));
  const judgement = await check([dns.address]);
  expect([judgement.verdict, judgement.steps.at(-1)?.result]).toEqual([verdict, result]);
});

test('a truncated answer is asked for again by TCP', async () => {
  const dns = await openFakeDns(vendor((_, __, transport) => (transport === 'udp' ? { truncated: true } : undefined)));
  expect((await check([dns.address])).verdict).toBe('pass');
  expect(dns.questions.map(({ type, transport }) => `${type} ${transport}`)).toEqual([
    'PTR udp',
    'PTR tcp',
    'A udp',
    'A tcp',
  ]);
});

test.each<[what: string, reply: DnsReply | null]>([
  ['silence', null],
  ['an answer to another question (wrong id)', { ...PTR, id: 1 }],
])('%s ends at the deadline', async (_, reply) => {
  const dns = await openFakeDns(() => reply);
  const judgement = await check([dns.address], 600);
  expect([judgement.verdict, lastOf(judgement)]).toEqual([
    'temperror',
    ['ptr', 'unknown', 'the DNS server did not answer in time'],
  ]);
  expect(judgement.ms).toBeGreaterThan(500);
  expect(judgement.ms).toBeLessThan(LONG_MS / 2);
});

test('the deadline is one for all questions together', async () => {
  const dns = await openFakeDns(vendor((type) => (type === 'PTR' ? { ...PTR, delayMs: 1500 } : null)));
  const judgement = await check([dns.address], 3000);
  expect([judgement.verdict, judgement.steps.at(-1)?.step]).toEqual(['temperror', 'equal']);
  // A second one for the address of the name would end at 4500.
  expect(judgement.ms).toBeLessThan(4200);
});

test('a slow server is waited for', async () => {
  const dns = await openFakeDns(vendor((type) => (type === 'PTR' ? { ...PTR, delayMs: 900 } : undefined)));
  expect((await check([dns.address], 4000)).verdict).toBe('pass');
});

test('a lost question is asked again', async () => {
  let asked = 0;
  const dns = await openFakeDns(vendor(() => (asked++ === 0 ? null : undefined)));
  expect((await check([dns.address], 4000)).verdict).toBe('pass');
  expect(dns.questions.map(({ type }) => type)).toEqual(['PTR', 'PTR', 'A']);
});

test('that nothing listens', async () => {
  expect(lastOf(await check(['127.0.0.1:1']))).toEqual(['ptr', 'unknown', 'no DNS server is listening there']);
});

test.each<[what: string, first: DnsBehaviour]>([
  ['fails', () => ({ rcode: SERVFAIL })],
  ['refuses', () => ({ rcode: REFUSED })],
  ['is silent', () => null],
])('the second server is asked when the first one %s', async (_, first) => {
  const servers = [await openFakeDns(first), await openFakeDns(vendor(() => undefined))];
  expect(
    (
      await check(
        servers.map(({ address }) => address),
        2000,
      )
    ).verdict,
  ).toBe('pass');
});

test('a server that says no is believed, and the second one not asked', async () => {
  const [first, second] = [await openFakeDns(() => ({ rcode: NXDOMAIN })), await openFakeDns(vendor(() => undefined))];
  expect((await check([first.address, second.address])).verdict).toBe('permerror');
  expect(second.questions).toEqual([]);
});

test('a silent server is asked last the next time', async () => {
  const [silent, good] = [await openFakeDns(() => null), await openFakeDns(vendor(() => undefined))];
  const dns = open([silent.address, good.address], 4000);
  await dns.ask({ type: 'PTR', name: ARPA }, NEVER);
  const before = silent.questions.length;
  await dns.ask({ type: 'A', name: HOST }, NEVER);
  expect([before > 0, silent.questions.length]).toEqual([true, before]);
});

test('an answer is kept, and what is no answer asked for again', async () => {
  let fails = true;
  const server = await openFakeDns(vendor((type) => (type === 'A' && fails ? { rcode: SERVFAIL } : undefined)));
  const dns = open([server.address]);
  const ask = (type: 'PTR' | 'A', name: string): Promise<unknown> => dns.ask({ type, name }, NEVER);
  await Promise.all([ask('PTR', ARPA), ask('PTR', ARPA)]);
  await ask('PTR', ARPA);
  expect(await ask('A', HOST)).toMatchObject({ kind: 'unknown' });
  fails = false;
  expect(await ask('A', HOST)).toEqual({ kind: 'records', records: [PEER.text] });
  expect(server.questions.map(({ type }) => type)).toEqual(['PTR', 'A', 'A']);
});

test('who gives up does not take the answer from others', async () => {
  const server = await openFakeDns(() => ({ ...PTR, delayMs: 300 }));
  const dns = open([server.address]);
  const question = { type: 'PTR', name: ARPA } as const;
  const [hasty, patient] = await Promise.all([dns.ask(question, AbortSignal.timeout(10)), dns.ask(question, NEVER)]);
  expect([hasty.kind, patient.kind]).toEqual(['unknown', 'records']);
});

test('the hosts file of the machine does not count, in either direction', async () => {
  const loopback = addressOf(4, 0x7f_00_00_01n);
  const nobody = await openFakeDns(() => ({ rcode: NXDOMAIN }));
  expect(await confirmReverseDns(loopback, 'localhost', open([nobody.address]).ask, NEVER)).toMatchObject({
    verdict: 'permerror',
  });
  const halfway = await openFakeDns(({ type }) =>
    type === 'PTR' ? { records: [{ type: 'PTR', data: 'localhost' }] } : { rcode: NXDOMAIN },
  );
  expect(await confirmReverseDns(loopback, 'localhost', open([halfway.address]).ask, NEVER)).toMatchObject({
    verdict: 'fail',
  });
  expect(halfway.questions.map(({ type, name }) => `${type} ${name}`)).toEqual([
    'PTR 1.0.0.127.in-addr.arpa',
    'A localhost',
  ]);
});

test('what is asked behind the deadline is not asked at all', async () => {
  const server = await openFakeDns(vendor(() => undefined));
  expect(await open([server.address]).ask({ type: 'PTR', name: ARPA }, AbortSignal.abort())).toMatchObject({
    kind: 'unknown',
  });
  expect(server.questions).toEqual([]);
});

test('closing ends what is under way', async () => {
  const server = await openFakeDns(() => null);
  const dns = open([server.address]);
  const beganAt = performance.now();
  const answer = dns.ask({ type: 'PTR', name: ARPA }, NEVER);
  dns.close();
  expect(await answer).toMatchObject({ kind: 'unknown' });
  expect(performance.now() - beganAt).toBeLessThan(LONG_MS / 2);
});

test('one name that leads back is enough: a slow one is not waited for', async () => {
  const names = ['slow.mail-plus.com', HOST];
  const server = await openFakeDns(
    vendor((type, name) =>
      type === 'PTR' ? { records: names.map((data) => ({ type: 'PTR', data })) } : name === HOST ? A : null,
    ),
  );
  const { verdict, name, ms, steps } = await check([server.address]);
  expect([verdict, name, steps.filter(({ step }) => step === 'a').map(({ subject }) => subject)]).toEqual([
    'pass',
    HOST,
    [HOST],
  ]);
  expect(ms).toBeLessThan(LONG_MS / 2);
});

test('as long as one name gave no answer, others that lead elsewhere do not refuse for good', async () => {
  const names = ['broken.mail-plus.com', HOST];
  const server = await openFakeDns(
    vendor((type, name) =>
      type === 'PTR'
        ? { records: names.map((data) => ({ type: 'PTR', data })) }
        : name === HOST
          ? { records: [{ type: 'A', data: '192.0.2.99' }] }
          : { rcode: SERVFAIL },
    ),
  );
  expect((await check([server.address])).verdict).toBe('temperror');
});

test('of more than ten names the first ten are looked up', async () => {
  const records = Array.from({ length: 12 }, (_, index) => ({ type: 'PTR', data: `h${index}.mail-plus.com` }) as const);
  const server = await openFakeDns(
    vendor((type, name) => (type === 'PTR' ? { records } : name === 'h11.mail-plus.com' ? A : { rcode: NXDOMAIN })),
  );
  const { verdict, steps } = await check([server.address]);
  expect([verdict, steps[1]?.result, steps[1]?.detail]).toEqual([
    'fail',
    'warn',
    expect.stringContaining('2 not checked'),
  ]);
  expect(server.questions.filter(({ type }) => type === 'A')).toHaveLength(10);
});

test.each<[what: string, data: string]>([
  ['a dot within a label', String.raw`x\.mail-plus.com`],
  ['a space', 'a b.mail-plus.com'],
  ['an escape sequence', '\u001b[31m.mail-plus.com'],
])('a PTR with %s is no name of a host, and never looked up', async (_, data) => {
  const server = await openFakeDns(
    vendor((type) => (type === 'PTR' ? { records: [{ type: 'PTR', data }] } : undefined)),
  );
  const judgement = await check([server.address]);
  expect([judgement.verdict, judgement.steps.at(-1)?.step]).toEqual(['permerror', 'names']);
  expect(server.questions.map(({ type }) => type)).toEqual(['PTR']);
});

test.each<[text: string, address: string | null]>([
  ['192.0.2.53', '192.0.2.53:53'],
  ['127.0.0.1:5353', '127.0.0.1:5353'],
  ['2001:db8::53', '[2001:db8::53]:53'],
  ['[::1]:5353', '[::1]:5353'],
  ['[::1]', '[::1]:53'],
  ['192.0.2.53:99999', null],
  ['192.0.2.53:0', null],
  ['192.0.2.53:', null],
  ['[192.0.2.53]:53', null],
  ['localhost:5353', null],
  ['dns.example', null],
  ['', null],
])('the DNS server %j is %j', (text, address) => {
  expect(readResolver(text)).toBe(address);
});
