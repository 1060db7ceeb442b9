import { sign, verify } from 'node:crypto';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { chooseResponder } from '../../../src/flows/receive/responder.ts';
import { makePrivateKey } from '../../../src/sign/scheme/keys.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { expectedOf, openListen } from '../../helpers/open-listen.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { runSuiteAt } from '../../helpers/run-suite.ts';
import { findVendor } from '../../helpers/vendors.ts';

const SES = findVendor('amazon-ses');
/** One for all tests: to make it takes longer than most of them. */
const KEY = makePrivateKey('rsa-sha1');
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];

interface SnsMessage extends Record<string, string> {
  Type: string;
  SubscribeURL: string;
  SigningCertURL: string;
  TopicArn: string;
  Signature: string;
}

/** What a receiver of SNS looks at. */
interface Looks {
  /** Whether it calls an address of this kind. */
  mayCall: (url: URL) => boolean;
  verifies: boolean;
  /** Where it reads what kind of message it is. */
  typeFrom: 'body' | 'header' | 'both';
  /** It is subscribed to this one alone. */
  topic?: string;
  /** Called before or after it answers. */
  callsLate: boolean;
  /** It answers a confirmation so. */
  status: number;
}

/**
 * It knows of node:crypto alone, and verifies each kind of message by its own fields, as AWS documents it.
 * @param key Null: it is fetched, from where it may call
 */
async function openSns(key: string | null, changed: Partial<Looks> = {}): Promise<string> {
  const looks: Looks = {
    mayCall: () => true,
    verifies: true,
    typeFrom: 'both',
    callsLate: false,
    status: 200,
    ...changed,
  };
  const isGenuine = async (message: SnsMessage): Promise<boolean> => {
    const fields = message.Type === 'Notification' ? NOTIFICATION : CONFIRMATION;
    const text = fields.flatMap((name) => (message[name] === undefined ? [] : `${name}\n${message[name]}\n`)).join('');
    // An endpoint that is slow is asked with a body of no event, too.
    if (!URL.canParse(message.SigningCertURL)) return false;
    const keyUrl = new URL(message.SigningCertURL);
    if (key === null && !looks.mayCall(keyUrl)) return false;
    const pem = key ?? (await (await fetch(keyUrl)).text());
    return verify('sha1', Buffer.from(text), pem, Buffer.from(message.Signature, 'base64'));
  };
  const { url } = await openEndpoint(async (response, { headers, body }) => {
    const message = JSON.parse(body.toString()) as SnsMessage;
    const types = { body: message.Type, header: headers['x-amz-sns-message-type'] };
    const refuse = (status: number): void => void response.writeHead(status).end();
    if (looks.verifies && !(await isGenuine(message))) return refuse(403);
    if (looks.typeFrom === 'both' && types.body !== types.header) return refuse(400);
    if (types[looks.typeFrom === 'header' ? 'header' : 'body'] !== 'SubscriptionConfirmation') return refuse(200);
    if (!looks.mayCall(new URL(message.SubscribeURL))) return refuse(403);
    if (looks.topic !== undefined && message.TopicArn !== looks.topic) return refuse(403);
    const call = (): Promise<unknown> => fetch(message.SubscribeURL).catch(() => undefined);
    if (!looks.callsLate) return void call().then(() => refuse(looks.status));
    response.writeHead(looks.status).end(() => void call());
  });
  return url;
}

const isAws = ({ href }: URL): boolean => /^https:\/\/sns\.[\w-]+\.amazonaws\.com\//.test(href);

/**
 * What the cases that ask for a call come to, by their ids.
 * @param callsLate else the receiver calls before it answers, and nobody waits for a call after that
 */
async function ask(
  url: string,
  key: string,
  callbacksAt?: string,
  { only = ['handshake-*', 'callback-*'], callsLate = false } = {},
): Promise<Record<string, string>> {
  const { report } = await runSuiteAt(SES, url, { only, secret: key, callbacksAt, endsWithRun: !callsLate });
  return Object.fromEntries(report.findings.map(({ id, status }) => [id, status]));
}

test('an address is served where the user says that the endpoint trusts it, and must be called', async () => {
  const [port] = await freePorts(1);
  const at = `http://127.0.0.1:${port}`;
  const mayCall = ({ origin }: URL): boolean => origin === at;
  const confirms = async (url: string): Promise<string | undefined> =>
    (await ask(url, KEY, at, { only: ['handshake-*'], callsLate: true }))[CONFIRMS];
  expect(await confirms(await openSns(KEY, { mayCall }))).toBe('pass');
  expect(await confirms(await openSns(KEY, { mayCall, callsLate: true }))).toBe('pass');
  expect(await confirms(await openSns(KEY, { mayCall, status: 500 }))).toBe('fail');
  expect(await confirms(await openSns(KEY, { mayCall: () => false }))).toBe('fail');
  const { url } = await openReferenceServer(SES, { secret: KEY, callbackOrigin: at });
  expect(await confirms(url)).toBe('pass');
});

const CONFIRMS = 'handshake-subscription-confirmation';

test("whoever calls the vendor's hosts alone neither fails nor proves anything", async () => {
  expect(
    await ask(await openSns(KEY, { mayCall: isAws }), KEY, undefined, { only: ['handshake-*'], callsLate: true }),
  ).toMatchObject({
    [CONFIRMS]: 'skip',
  });
  const { url } = await openReferenceServer(SES, { secret: KEY });
  expect(await ask(url, KEY, undefined, { only: ['handshake-*'], callsLate: true })).toMatchObject({
    [CONFIRMS]: 'skip',
  });
});

/** Each is found by its case, and the confirmation itself is in order. */
test.each<[what: string, changed: Partial<Looks>, verdicts: Record<string, string>]>([
  ['looks at everything', {}, {}],
  ['calls what anybody wrote', { verifies: false }, { 'callback-forged': 'fail', 'callback-unsigned': 'pass' }],
  ['reads the kind in the header', { typeFrom: 'header' }, { 'callback-unsigned': 'fail' }],
  ['reads the kind in the body', { typeFrom: 'body' }, { 'callback-contradicted': 'warn' }],
  ['calls any host', { mayCall: () => true }, { 'callback-foreign-host': 'warn' }],
  ['looks for the host anywhere', { mayCall: isAnywhere }, { 'callback-foreign-host': 'warn' }],
  ['knows no topic of its own', { topic: undefined }, { 'callback-other-account': 'warn' }],
])('a receiver that %s', async (_, changed, verdicts) => {
  const [port] = await freePorts(1);
  const at = `http://127.0.0.1:${port}`;
  const url = await openSns(KEY, { mayCall: ({ origin }) => origin === at, topic: TOPIC, ...changed });
  expect(await ask(url, KEY, at)).toEqual({ ...RIGHT, ...verdicts });
});

const TOPIC = 'arn:aws:sns:eu-central-1:000000000017:mail';
const RIGHT = {
  [CONFIRMS]: 'pass',
  'callback-forged': 'pass',
  'callback-unsigned': 'pass',
  'callback-foreign-host': 'pass',
  'callback-other-account': 'pass',
  'callback-contradicted': 'pass',
};

function isAnywhere({ href, hostname }: URL): boolean {
  return hostname === '127.0.0.1' || href.includes('.amazonaws.com');
}

test('whoever calls not an address of ours is found guilty of nothing, and cleared of calling foreign ones alone', async () => {
  const verdicts = await ask(await openSns(KEY, { mayCall: isAws, verifies: false }), KEY);
  const unknown = Object.fromEntries(Object.keys(RIGHT).map((id) => [id, 'skip']));
  expect(verdicts).toEqual({ ...unknown, 'callback-foreign-host': 'pass' });
});

test('without an address that it trusts, whoever calls any is found, too', async () => {
  expect(await ask(await openSns(KEY, { verifies: false }), KEY)).toMatchObject({
    [CONFIRMS]: 'pass',
    'callback-forged': 'fail',
    'callback-foreign-host': 'warn',
  });
});

test('the certificate of the key lies where an endpoint fetches it that trusts this address alone', async () => {
  const [port] = await freePorts(1);
  const at = `http://127.0.0.1:${port}`;
  const mayCall = ({ origin }: URL): boolean => origin === at;
  const only = ['event-*', 'handshake-*', 'foreign-key-url', 'wrong-secret'];
  const { report } = await runSuiteAt(SES, await openSns(null, { mayCall }), {
    only,
    secret: KEY,
    callbacksAt: at,
  });
  expect(report.findings.filter(({ status }) => status !== 'pass')).toEqual([]);
});

test.each([401, 503])(
  'where nothing is served, a refusal of everything by %i may be for want of the certificate',
  async (status) => {
    const { url } = await openEndpoint((response) => void response.writeHead(status).end());
    const fixOf = async (callbacksAt?: string): Promise<string | undefined> => {
      const { report } = await runSuiteAt(SES, url, { only: ['event-*'], secret: KEY, callbacksAt });
      return report.causes?.[0]?.fix;
    };
    const [port] = await freePorts(1);
    const wanted = 'no certificate lies at SigningCertURL: if the endpoint fetches it, serve one with --callbacks-at';
    expect(await fixOf()).toContain(wanted);
    expect(await fixOf(`http://127.0.0.1:${port}`)).not.toContain('--callbacks-at');
  },
);

test('a port that is taken is told by the flag that names it', async () => {
  const server = createServer();
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port } = server.address() as { port: number };
  await expect(ask('http://127.0.0.1:9/hook', KEY, `http://127.0.0.1:${port}`))
    .rejects.toThrow(/--callbacks-at http:\/\/127\.0\.0\.1:\d+: .* another program/)
    .finally(() => server.close());
});

test.each(['no address', 'file:///etc/passwd', 'http://'])(
  'listen --bug calls-any-host does not call %s',
  async (address) => {
    const expected = expectedOf(SES, KEY);
    const { url } = await openListen(expected, { responder: chooseResponder('calls-any-host', expected) });
    const message: Record<string, string> = { SubscribeURL: address, Type: 'SubscriptionConfirmation' };
    const text = Object.entries(message).map(([name, value]) => `${name}\n${value}\n`);
    const Signature = sign('sha1', Buffer.from(text.join('')), KEY).toString('base64');
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { 'x-amz-sns-message-type': 'SubscriptionConfirmation' },
      body: JSON.stringify({ ...message, Signature }),
    });
    expect(status).toBe(403);
  },
);
