import { expect, test } from 'vitest';
import { CHECKS, type CheckId, narrowFixes, selectFindings } from '../../../src/certs/checks.ts';
import { judgeOtherHost, judgePlainHttp, judgeSessionReuse } from '../../../src/certs/judge/bypass.ts';
import { judgeAddresses } from '../../../src/certs/judge/addresses.ts';
import { findAddresses } from '../../../src/certs/probe/find-addresses.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import { type PlainResult, probePlain } from '../../../src/certs/probe/http-post.ts';
import { chooseUnauthorised } from '../../../src/certs/survey/choose-unauthorised.ts';
import type { AddressVisits, OtherHostVisit, Visits } from '../../../src/certs/survey/visits.ts';
import { makeFinding } from '../../../src/model/finding.ts';
import { makeProbeResult as seen } from '../../helpers/probe-result.ts';

const answered = (status: number, more: Partial<ProbeResult> = {}): ProbeResult =>
  seen({ ending: 'answered', status, ...more });
const guarded: Visits = {
  without: seen({ certificateSent: false, alert: 116 }),
  selfSigned: seen({ alert: 48 }),
  impostors: [],
  resumed: null,
  good: null,
};
const open: Visits = {
  ...guarded,
  without: answered(200, { requested: false, certificateSent: false }),
  selfSigned: null,
};
const dead: Visits = {
  without: seen({
    connected: false,
    speaksTls: null,
    serverHello: false,
    requested: null,
    secured: false,
    errorCode: 'ECONNREFUSED',
  }),
  selfSigned: null,
  impostors: [],
  resumed: null,
  good: null,
};
const at = (address: string, visits: Visits): AddressVisits => ({ address, visits: [visits] });

test.each<[string, AddressVisits[], leftOut: number, string, string]>([
  ['one', [at('192.0.2.1', guarded)], 0, 'pass', 'the only address is 192.0.2.1'],
  ['two alike', [at('192.0.2.1', guarded), at('192.0.2.2', guarded)], 0, 'pass', '2 addresses behave the same'],
  ['one open', [at('192.0.2.1', guarded), at('192.0.2.2', open)], 0, 'fail', 'treat callers differently'],
  [
    'one open, one dead: the graver',
    [at('192.0.2.1', guarded), at('192.0.2.2', open), at('192.0.2.3', dead)],
    2,
    'fail',
    'treat callers differently',
  ],
  ['one dead', [at('192.0.2.1', dead), at('192.0.2.2', guarded)], 0, 'warn', 'not every address'],
  ['more than are tried', [at('192.0.2.1', guarded)], 3, 'warn', '3 more not tried'],
  ['all dead', [at('192.0.2.1', dead)], 0, 'skip', 'no address answered TLS'],
  [
    'one busy',
    [at('192.0.2.1', guarded), at('192.0.2.2', { ...guarded, good: answered(429) })],
    0,
    'warn',
    '192.0.2.2: the server is busy',
  ],
  [
    'one busy, and one open',
    [at('192.0.2.1', guarded), at('192.0.2.2', { ...guarded, good: answered(503) }), at('192.0.2.3', open)],
    0,
    'fail',
    'treat callers differently',
  ],
])('S3: %s', (_, addresses, leftOut, status, words) => {
  const finding = judgeAddresses(addresses, leftOut);
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});

test.each<[string, readonly string[] | null, { addresses: readonly string[]; leftOut: number }]>([
  ['127.0.0.1', null, { addresses: ['127.0.0.1'], leftOut: 0 }],
  ['::1', null, { addresses: ['::1'], leftOut: 0 }],
  ['shop.test', ['192.0.2.1', '192.0.2.1'], { addresses: ['192.0.2.1'], leftOut: 0 }],
  [
    'shop.test',
    Array.from({ length: 10 }, (_, index) => `192.0.2.${index}`),
    { addresses: Array.from({ length: 8 }, (_, index) => `192.0.2.${index}`), leftOut: 2 },
  ],
])('addresses of %s, pinned to %j', async (host, pinned, expected) => {
  expect(await findAddresses(host, pinned, 10_000)).toEqual({ ...expected, lookupError: null });
});

test('a name that has no address is its own address, with the reason', async () => {
  expect(await findAddresses('nowhere.invalid', null, 20_000)).toEqual({
    addresses: ['nowhere.invalid'],
    leftOut: 0,
    lookupError: expect.stringMatching(/^E/) as string,
  });
});

test('localhost leads to loopback addresses', async () => {
  const { addresses, lookupError } = await findAddresses('localhost', null, 20_000);
  expect([lookupError, addresses.every((one) => one === '::1' || one.startsWith('127.'))]).toEqual([null, true]);
});

test('a name that is not found in time is not waited for', async () => {
  // No process starts within a millisecond.
  expect(await findAddresses('localhost', null, 1)).toEqual({
    addresses: ['localhost'],
    leftOut: 0,
    lookupError: 'TIMEOUT',
  });
});

test.each([
  ['TIMEOUT', 'timeout', null],
  ['EAI_AGAIN', 'failed', 'EAI_AGAIN'],
  [undefined, 'failed', 'ENOTFOUND'],
])('a name that led nowhere (%s) is not looked up again', async (lookupError, ending, errorCode) => {
  const result = await probeEndpoint(
    { host: 'localhost', port: 1, name: 'localhost', ...(lookupError === undefined ? {} : { lookupError }) },
    { version: 'TLSv1.3', identity: null, request: null, timeoutMs: 3000 },
  );
  expect(result).toMatchObject({ ending, errorCode, connected: false, timeoutMs: 3000 });
  expect(await probePlain({ host: 'localhost', port: 1 }, Buffer.alloc(0), 3000)).toMatchObject({
    connected: false,
    status: null,
  });
});

const misdirected = answered(421);
const visit = (
  name: string | null,
  direct: ProbeResult[],
  resumed: ProbeResult | null = null,
  itself: ProbeResult | null = null,
): OtherHostVisit => ({ name, direct, resumed, itself });
/** A server that asks, and takes any certificate. */
const anyone: Visits = { ...guarded, selfSigned: answered(200) };

test.each<[string, OtherHostVisit[], Visits, string, string]>([
  [
    'refused',
    [visit(null, [misdirected]), visit('a.test', [seen({ alert: 112 })])],
    guarded,
    'pass',
    'HTTP 421; TLS alert 112',
  ],
  [
    'let in without a certificate',
    [visit(null, [misdirected]), visit('a.test', [answered(204)])],
    guarded,
    'fail',
    'a request with a.test in the handshake is accepted: HTTP 204',
  ],
  [
    'let in with a self-signed one',
    [visit(null, [seen({ alert: 116 }), answered(200)])],
    guarded,
    'fail',
    'with no name',
  ],
  [
    'let in with a self-signed one, as under the right name',
    [visit(null, [seen({ alert: 116 }), answered(200)])],
    anyone,
    'skip',
    'self-signed certificates under the right name',
  ],
  [
    'the other host serves the path itself',
    [visit('x.invalid', [misdirected], null, answered(200)), visit('a.test', [misdirected], null, answered(200))],
    guarded,
    'warn',
    'a.test answers this path with HTTP 200',
  ],
  [
    'another host refuses the path, too',
    [visit('a.test', [misdirected], null, seen({ alert: 116 }))],
    guarded,
    'pass',
    'HTTP 421',
  ],
  [
    'held back',
    [visit(null, [misdirected]), visit('a.test', [answered(429)])],
    guarded,
    'warn',
    'a.test: HTTP 429: the',
  ],
  ['let in anyway', [visit(null, [answered(200)])], open, 'skip', 'under the right name'],
  ['silence', [visit(null, [seen({ requested: null, ending: 'timeout' })])], guarded, 'skip', 'no answer within'],
])('P8: %s', (_, tries, right, status, words) => {
  const finding = judgeOtherHost(tries, [right]);
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});

test.each<[string, ProbeResult | null, string, string]>([
  ['no session', null, 'skip', 'no session'],
  ['taken up, and refused', answered(400, { resumed: true }), 'pass', 'HTTP 400 (session resumed)'],
  ['not taken up', seen({ alert: 116 }), 'pass', 'certificate_required (session not resumed)'],
  [
    'taken up, and let in',
    answered(200, { resumed: true }),
    'fail',
    'a session started with a.test in the handshake is accepted: HTTP 200',
  ],
])('P10: %s', (_, resumed, status, words) => {
  const finding = judgeSessionReuse([visit('a.test', [misdirected], resumed)], [guarded]);
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});

const plain = (port: number, status: number | null, connected = status !== null, timedOut = false): PlainResult => ({
  port,
  status,
  connected,
  timedOut,
  durationMs: 1,
});

test.each<[PlainResult[], string, string]>([
  [[plain(80, 200)], 'fail', 'port 80 accepts the POST without TLS: HTTP 200'],
  [[plain(80, 301)], 'pass', 'port 80: HTTP 301'],
  [[plain(80, 199)], 'pass', 'port 80: HTTP 199'],
  [[plain(80, 404), plain(81, 429)], 'warn', 'port 81: HTTP 429: the server is busy'],
  [[plain(80, 503), plain(81, 200)], 'fail', 'port 81 accepts'],
  [[plain(80, null)], 'pass', 'port 80: no connection'],
  [[plain(80, null, true)], 'pass', 'port 80: no HTTP answer'],
  [[plain(80, null, false, true)], 'pass', 'port 80: no connection'],
  [[plain(80, 404), plain(81, null, true, true)], 'warn', 'port 81: no answer in time'],
  [[plain(80, 404), plain(8080, 299)], 'fail', 'port 8080 accepts'],
  [[plain(80, null), plain(80, null), plain(81, 404)], 'pass', 'port 80: no connection; port 81: HTTP 404'],
])('P9: %j', (results, status, words) => {
  const finding = judgePlainHttp(results);
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});

const found = (id: CheckId): ReturnType<typeof makeFinding> =>
  makeFinding(CHECKS[id], {
    status: 'fail',
    detail: id,
    serverFixes: [
      { server: 'nginx', change: 'a;' },
      { server: 'apache', change: 'b' },
    ],
  });

test('findings are given in the order of the checks, with a skip for each that is missing', () => {
  const selected = selectFindings(
    [found('P10'), found('P2'), found('L1')],
    { only: ['P2', 'P10', 'L1', 'S2'], skip: ['L1'] },
    (id) => `no ${id}`,
  );
  expect(selected.map(({ id, status, detail }) => [id, status, detail])).toEqual([
    ['S2', 'skip', 'no S2'],
    ['P2', 'fail', 'P2'],
    ['P10', 'fail', 'P10'],
  ]);
});

test('changes can be narrowed to one server', () => {
  expect(narrowFixes([found('P1')], 'apache')[0]?.serverFixes).toEqual([{ server: 'apache', change: 'b' }]);
  expect(narrowFixes([found('P1')], undefined)[0]?.serverFixes).toHaveLength(2);
});

test.each([
  ['garbage', Buffer.from('no name at all')],
  ['empty', Buffer.alloc(0)],
  ['cut short', Buffer.from([0x30, 0x20, 0x31])],
])("a name on the server's list that is %s makes no impostor, and ends nothing", async (_, name) => {
  const listed: Visits = {
    ...guarded,
    without: { ...guarded.without, request: { authorities: [name], signatureSchemes: [], certificateTypes: null } },
  };
  const { selfSigned, impostors } = await chooseUnauthorised(Date.now(), [], [], [at('192.0.2.1', listed)]);
  expect([selfSigned.cert?.length ?? 0, impostors]).toEqual([expect.any(Number), []]);
});
