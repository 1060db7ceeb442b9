import { lookup } from 'node:dns/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { ServerOptions } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePost } from '../../../src/certs/probe/http-post.ts';
import { surveyEndpoint } from '../../../src/certs/survey/survey-endpoint.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, findingsOf, openEndpoint, statusesOf, verdictOf, type Visitor } from '../../helpers/diagnose.ts';
import { openServer } from '../../helpers/raw-server.ts';

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

/** Linux has all of 127.0.0.0/8; other systems have 127.0.0.1 alone. */
const has = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(0, address, () => server.close(() => resolve(true)));
  });
const [hasMany, hasIpv6] = [await has('127.0.0.2'), await has('::1')];

const REQUIRED: ServerOptions = { requestCert: true, rejectUnauthorized: true };
const OPTIONAL: ServerOptions = { requestCert: true, rejectUnauthorized: false };
const tls = (): ServerOptions => ({
  cert: cases.read('server.pem'),
  key: cases.read('server.key'),
  ca: cases.read('ca.pem'),
});
const own = () => ({
  cacert: cases.path('server-ca.pem'),
  cert: cases.path('good-ec.pem'),
  key: cases.path('good-ec.key'),
});
const verifiedOrNone = ({ shown, error }: Visitor): number => (shown && error !== null ? 403 : 200);

interface Admission {
  address: string;
  options: ServerOptions;
  answer?: (visitor: Visitor) => number;
}

/**
 * Servers on the same port of several addresses. A port that is free on one address may be taken on the next: then
 * another is tried.
 */
async function openEndpoints(admissions: readonly Admission[]): Promise<number> {
  const [first, ...others] = admissions;
  if (first === undefined) throw new Error('no admissions');
  for (;;) {
    const port = await openEndpoint({ ...tls(), ...first.options }, first.answer, first.address);
    const taken = await Promise.all(
      others.map((one) =>
        openEndpoint({ ...tls(), ...one.options }, one.answer, one.address, port).then(
          () => false,
          () => true,
        ),
      ),
    );
    if (!taken.includes(true)) return port;
  }
}

const at = (port: number, ...addresses: string[]): string[] => [`localhost:${port}:${addresses.join(',')}`];

describe.skipIf(!hasMany)(`several addresses${hasMany ? '' : ' (skipped: there is 127.0.0.1 alone)'}`, () => {
  test('S3 passes where both do the same', async () => {
    const port = await openEndpoints([
      { address: '127.0.0.1', options: REQUIRED },
      { address: '127.0.0.2', options: REQUIRED },
    ]);
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, '127.0.0.1', '127.0.0.2'),
    });
    const [finding] = findingsOf(diagnosis, 'S3');
    expect([verdictOf(diagnosis), finding?.status, finding?.detail]).toEqual([
      'enforced-tls',
      'pass',
      '2 addresses behave the same',
    ]);
    expect(diagnosis.report.isGood).toBe(true);
  });

  test.each([
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.1'],
  ])(
    'S3 fails where one lets callers in without a certificate, and the verdict is the weaker one: %s first',
    async (...addresses) => {
      const port = await openEndpoints([
        { address: '127.0.0.1', options: REQUIRED },
        { address: '127.0.0.2', options: OPTIONAL, answer: verifiedOrNone },
      ]);
      const diagnosis = await diagnose(`https://localhost:${port}/`, { ...own(), resolve: at(port, ...addresses) });
      const [finding] = findingsOf(diagnosis, 'S3');
      expect([verdictOf(diagnosis), diagnosis.report.isGood, finding?.status]).toEqual(['optional', false, 'fail']);
      expect(finding?.observed).toContain('127.0.0.1: a client certificate is enforced by TLS');
      expect(finding?.observed).toContain('127.0.0.2: a client certificate is optional');
      expect(finding?.serverFixes.map(({ server }) => server)).toEqual(['nginx', 'apache', 'haproxy', 'node']);
    },
  );

  test('S3 fails where the given certificate is good for one alone', async () => {
    const port = await openEndpoints([
      { address: '127.0.0.1', options: REQUIRED },
      { address: '127.0.0.2', options: REQUIRED, answer: () => 503 },
    ]);
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, '127.0.0.1', '127.0.0.2'),
    });
    expect([verdictOf(diagnosis), statusesOf(diagnosis)]).toEqual(['enforced-tls', ['S3 fail']]);
    expect(findingsOf(diagnosis, 'S3')[0]?.observed).toContain(
      '127.0.0.2: a client certificate is enforced by TLS, and yours gets HTTP 503',
    );
  });

  test('S3 fails where one trusts another CA', async () => {
    const port = await openEndpoints([
      { address: '127.0.0.1', options: REQUIRED },
      { address: '127.0.0.2', options: { ...REQUIRED, ca: cases.read('other-ca.pem') } },
    ]);
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, '127.0.0.1', '127.0.0.2'),
    });
    // There nobody gets in, which opens nothing; but whoever is led there is refused.
    expect([statusesOf(diagnosis), diagnosis.report.isGood]).toEqual([['S3 fail'], false]);
  });

  test.each([true, false])(
    'an address of localhost where nobody listens does not count, one of another name does: %s',
    async (isLocalhost) => {
      const port = await openEndpoints([{ address: '127.0.0.1', options: {} }]);
      const post = writePost({ path: '/', host: 'localhost', headers: [], body: Buffer.from('{}') });
      const survey = await surveyEndpoint({
        name: 'localhost',
        port,
        addresses: ['127.0.0.2', '127.0.0.1'],
        isLocalhost,
        otherHosts: [],
        postTo: () => post,
        plainPorts: [],
        post,
        large: post,
        identity: null,
        certificates: [],
        ca: undefined,
        pin: null,
        clientCa: [],
        clientCaKey: null,
        steps: new Set(),
        nowMs: Date.now(),
        maxTimeMs: 60_000,
        isSuccess: () => true,
        showProgress: () => undefined,
      });
      expect([survey.main.address, survey.addresses.map(({ address }) => address)]).toEqual([
        '127.0.0.1',
        isLocalhost ? ['127.0.0.1'] : ['127.0.0.2', '127.0.0.1'],
      ]);
    },
  );

  test('S3 warns of a dead one; the verdict is that of the other', async () => {
    const port = await openEndpoints([{ address: '127.0.0.1', options: REQUIRED }]);
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, '127.0.0.2', '127.0.0.1'),
    });
    const [finding] = findingsOf(diagnosis, 'S3');
    expect([verdictOf(diagnosis), diagnosis.answered, finding?.status]).toEqual(['enforced-tls', true, 'warn']);
    expect(finding?.observed).toContain('127.0.0.2: no connection: connection refused (ECONNREFUSED)');
  });

  test.each([
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.1'],
  ])(
    'an address that answers, but no TLS, leaves the verdict open, and P9 finds it: %s first',
    async (...addresses) => {
      const port = await openEndpoints([{ address: '127.0.0.1', options: REQUIRED }]);
      await openServer(
        createHttpServer((request, response) => void request.resume().on('end', () => response.end())),
        '127.0.0.2',
        port,
      );
      const diagnosis = await diagnose(`https://localhost:${port}/`, { ...own(), resolve: at(port, ...addresses) });
      expect([verdictOf(diagnosis), statusesOf(diagnosis, 'S3', 'P5', 'P9')]).toEqual([
        'inconclusive',
        ['S3 warn', 'P5 pass', 'P5 pass', 'P9 fail'],
      ]);
    },
  );

  test('S3 looks at no more than 8 addresses, and says so', async () => {
    const addresses = Array.from({ length: 10 }, (_, index) => `127.0.0.${index + 1}`);
    const port = await openEndpoints(addresses.map((address) => ({ address, options: REQUIRED })));
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, ...addresses),
      only: ['S3'],
    });
    const [finding] = findingsOf(diagnosis, 'S3');
    expect([finding?.status, finding?.detail]).toEqual(['warn', '8 addresses behave the same; 2 more not tried']);
  });
});

test('one address alone: S3 passes and names it', async () => {
  const port = await openEndpoints([{ address: '127.0.0.1', options: REQUIRED }]);
  const [finding] = findingsOf(await diagnose(`https://127.0.0.1:${port}/`, { ...own(), only: ['S3'] }), 'S3');
  expect([finding?.status, finding?.detail]).toEqual(['pass', 'the only address is 127.0.0.1']);
});

test('a name that has no address answers nothing', async () => {
  const diagnosis = await diagnose('https://nowhere.invalid/', { only: ['S3', 'N1'], maxTime: 3000 });
  expect([diagnosis.answered, diagnosis.report.isGood, statusesOf(diagnosis, 'S3', 'N1')]).toEqual([
    false,
    false,
    ['S3 skip', 'N1 skip', 'N1 skip'],
  ]);
});

describe.skipIf(!hasIpv6)(`IPv6${hasIpv6 ? '' : ' (skipped: there is no ::1)'}`, () => {
  test('an IPv6 host is judged like any other', async () => {
    const port = await openEndpoints([{ address: '::1', options: REQUIRED }]);
    const diagnosis = await diagnose(`https://[::1]:${port}/`, own());
    expect([verdictOf(diagnosis), statusesOf(diagnosis), findingsOf(diagnosis, 'S3')[0]?.detail]).toEqual([
      'enforced-tls',
      [],
      'the only address is ::1',
    ]);
  });

  test('IPv4 and IPv6 that differ: S3 fails', async () => {
    const port = await openEndpoints([
      { address: '127.0.0.1', options: REQUIRED },
      { address: '::1', options: {} },
    ]);
    const diagnosis = await diagnose(`https://localhost:${port}/`, {
      ...own(),
      resolve: at(port, '127.0.0.1', '[::1]'),
    });
    expect([verdictOf(diagnosis), statusesOf(diagnosis, 'S3')]).toEqual(['never-asks', ['S3 fail']]);
  });
});

/** On some machines it is ::1, too. */
const localhost = (await lookup('localhost', { all: true })).map(({ address }) => address);

test.each(localhost)('localhost with a server on %s alone: the other address does not count', async (address) => {
  const port = await openEndpoints([{ address, options: REQUIRED }]);
  const diagnosis = await diagnose(`https://localhost:${port}/`, own());
  expect([verdictOf(diagnosis), statusesOf(diagnosis)]).toEqual(['enforced-tls', []]);
  expect(findingsOf(diagnosis, 'S3')[0]?.detail).toBe(`the only address is ${address}`);
});
