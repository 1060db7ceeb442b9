import type { CallbackAddress, ConformanceCase, Setting, WireRequest } from '../../src/conform/conformance-case.ts';
import type { CaseVerdict } from '../../src/conform/case-verdict.ts';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import { judgeCase } from '../../src/conform/judge-case.ts';
import { makeSigning } from '../../src/flows/session/make-signing.ts';
import { makeEventFactory } from '../../src/flows/test/event-factory.ts';
import { runCase } from '../../src/flows/test/try-cases.ts';
import { systemClock } from '../../src/cli/terminal/environment.ts';
import { judgeAnswer } from '../../src/deliver/judge-answer.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { isObject } from '../../src/model/json.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import type { PublicKeyAlgorithm } from '../../src/model/signature.ts';
import { isPublicKey } from '../../src/sign/scheme/sign-bytes.ts';
import { makePrivateKey, otherPrivateKey } from '../../src/sign/scheme/keys.ts';
import { readScalar } from '../../src/vendors/event-key.ts';
import { secretPrefixOf, wantsCall } from '../../src/vendors/facts.ts';
import { makeIds, systemRandom } from '../../src/plan/ids.ts';
import type { Bug } from '../../src/receive/bugs/list-bugs.ts';
import type { ReceiverSetup, StepRequest } from '../../src/receive/receiver-behaviour.ts';
import { makeMemory, receiveRequest } from '../../src/receive/reference-receiver.ts';

export const SECRET = 'whsec_dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQ';
const CALLER = '127.0.0.1';

/** A secret of the form that the vendor's have. */
export function secretOf({ signature: { value: spec } }: Vendor): string {
  if (spec === null) return SECRET;
  const { algorithm, key } = spec;
  if (isPublicKey(algorithm)) return privateKeyFor(algorithm);
  if (algorithm === 'token') return spec.format.startsWith('Basic') ? 'user:Passw0rd-of-tests' : 'Plain-words-of-tests';
  if (key === undefined || key.encoding === 'utf8')
    return key?.prefix === undefined ? SECRET : `${key.prefix}${SECRET}`;
  return `${key.prefix ?? ''}${Buffer.from(SECRET).toString(key.encoding)}`;
}

const privateKeys = new Map<PublicKeyAlgorithm, string>();

function privateKeyFor(algorithm: PublicKeyAlgorithm): string {
  const key = privateKeys.get(algorithm) ?? makePrivateKey(algorithm);
  privateKeys.set(algorithm, key);
  return key;
}

/** Everything that can be tried is: TLS, a client certificate. */
export const settingOf = (vendor: Vendor): Setting => ({
  vendor,
  isSecure: true,
  hasClientCertificate: true,
  hasSecretPrefix: secretPrefixOf(vendor) !== undefined,
  servesForeignKey: vendor.signature.value?.keyUrl !== undefined,
  servesCallback: wantsCall(vendor),
});

export interface Circumstances {
  withEffects?: boolean;
  /** The addresses that the receiver lets in; default: the suite's own. */
  allow?: readonly string[];
  /** Of the endpoint. */
  url?: string;
}

/** What the suite says of one case against a receiver in this process: the same steps as over the wire, without the wire. */
export async function tryCase(
  one: ConformanceCase,
  vendor: Vendor,
  bug: Bug | null,
  { withEffects = true, allow = [CALLER], url: endpoint = 'https://127.0.0.1/hook' }: Circumstances = {},
): Promise<CaseVerdict> {
  const spec = vendor.signature.value;
  const secret = secretOf(vendor);
  const setup: ReceiverSetup = {
    vendor,
    signing: spec === null ? null : makeSigning(vendor, spec, secret),
    requiresTls: true,
    requiresClientCertificate: true,
    allow,
    callbackOrigin: 'https://trusted.example',
    account: accountOf(vendor),
    bug: bug ?? undefined,
  };
  const memory = makeMemory();
  const effects = new Map<string, number>();
  const called = new Set<string>();
  const ids = makeIds(systemRandom());
  const callback = (host: 'trusted' | 'foreign'): CallbackAddress => {
    const address = `https://${host}.example/${ids.uuidV4()}`;
    const isCalled = (): boolean => called.has(address);
    return { url: address, isTrusted: host === 'trusted', isCalled, settle: () => Promise.resolve() };
  };
  let reused = 0;
  const send = async (request: WireRequest): Promise<Attempt> => {
    const { route, method, headers, body, url } = request;
    if (route === 'reused-connection') reused += 1;
    const step: StepRequest = {
      method,
      path: `${url.pathname}${url.search}`,
      headers: [
        ...(headers.some(([name]) => name === 'Host') ? [] : [['host', url.host] as const]),
        ...headers,
        ...(headers.some(([name]) => name.toLowerCase() === 'transfer-encoding')
          ? []
          : [['content-length', String(body.byteLength)] as const]),
        ...(route === 'expect-continue' ? [['Expect', '100-continue'] as const] : []),
      ],
      body,
      remoteAddress: CALLER,
      receivedAtMs: Date.now(),
      isSecure: route !== 'plain-http',
      hasClientCertificate: route !== 'without-certificate' && route !== 'plain-http',
      nthOnConnection: route === 'reused-connection' ? reused : 1,
    };
    const asked = receiveRequest(step, setup, memory);
    const { answer, effects: processed } =
      asked.answer.fetchesKey === undefined
        ? asked
        : receiveRequest({ ...step, fetchedKey: foreignKeyOf(vendor) }, setup, memory);
    if (answer.calls !== undefined) called.add(answer.calls);
    for (const effect of processed) effects.set(effect, (effects.get(effect) ?? 0) + 1);
    const durationMs = answer.delayMs ?? 1;
    if (durationMs > vendor.timeoutMs.value)
      return attemptOf({ status: null, outcome: 'unreachable', error: 'timed out' }, vendor.timeoutMs.value);
    const { outcome, error } = judgeAnswer(
      { status: answer.status, headers: [], body: Buffer.from(answer.body ?? '') },
      vendor.success.value,
    );
    return {
      ...attemptOf({ status: answer.status, outcome, error }, durationMs),
      responseHeaders: answer.headers ?? [],
      responseBody: Buffer.from(answer.body ?? ''),
    };
  };
  const factory = makeEventFactory({
    vendor,
    url: new URL(endpoint),
    secret: spec === null ? null : secret,
    clock: systemClock,
    ids,
    callback,
    foreignKeyUrl: 'http://127.0.0.1:9',
  });
  if (one.ofRun !== undefined) {
    const samples = listCases(settingOf(vendor)).filter(({ isSample }) => isSample);
    const tried = await Promise.all(samples.map((sample) => runCase(sample, factory, send)));
    const sent = tried.flatMap(({ one: { id }, requests, attempts }) =>
      attempts.map((attempt, index) => ({ of: id, request: requests[index] as WireRequest, attempt })),
    );
    return one.ofRun(sent, vendor);
  }
  const { requests, attempts } = await runCase(one, factory, send);
  return judgeCase(one, requests, attempts, withEffects ? effects : null, vendor);
}

/** What lies at every address that is not the vendor's. */
function foreignKeyOf({ signature: { value: spec } }: Vendor): string | null {
  return spec !== null && isPublicKey(spec.algorithm) ? otherPrivateKey(spec.algorithm) : null;
}

/** The one that the vendor's own questions come from. */
function accountOf({ handshakes }: Vendor): string | undefined {
  const asking = handshakes?.value.find(({ callback }) => callback?.account !== undefined);
  const body = asking?.body;
  return isObject(body) ? (readScalar(body, asking?.callback?.account ?? '') ?? undefined) : undefined;
}

/** What came of a request, with nothing of the wire. */
function attemptOf(answer: Pick<Attempt, 'status' | 'outcome' | 'error'>, totalMs: number): Attempt {
  return {
    ...answer,
    id: '',
    deliveryId: '',
    number: 1,
    startedAt: 0,
    requestHeaders: [],
    errorCode: null,
    hint: null,
    responseHeaders: [],
    responseBody: new Uint8Array(),
    responseBytes: 0,
    responseTruncated: false,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs },
    remoteAddress: CALLER,
    tls: null,
    control: [],
  };
}
