import type { Vendor } from '../../model/vendor.ts';
import type { ReceivedOver, ReceivedRequest } from '../../receive/received-request.ts';
import type {
  ReceiverMemory,
  ReceiverSetup,
  Signing,
  StepAnswer,
  StepRequest,
} from '../../receive/receiver-behaviour.ts';
import { makeMemory, receiveRequest } from '../../receive/reference-receiver.ts';
import type { Judged } from './judge-received.ts';

/** What is answered, whatever the request deserves. */
export interface AnswerScript {
  /** In turn; the last one repeats. Empty: as a correct receiver would. */
  statuses: readonly number[];
  /** Before each answer, in milliseconds. */
  delayMs: number;
  /** Close the connection instead. */
  drops: boolean;
  /** Add the body that MailKite's ack mode asks for. */
  acks: boolean;
}

const ACKNOWLEDGED: Pick<StepAnswer, 'headers' | 'body'> = {
  headers: [['content-type', 'application/json']],
  body: '{"status":"ok"}',
};

/** The statuses of a script, request by request. */
export function makeScriptedStatus({ statuses }: AnswerScript): () => number | null {
  let at = 0;
  return () => (statuses.length === 0 ? null : (statuses[Math.min(at++, statuses.length - 1)] as number));
}

/** What the script answers of its own. */
export function scriptedAnswer(status: number, { acks }: AnswerScript): StepAnswer {
  return { status, ...(acks ? ACKNOWLEDGED : {}) };
}

/** How a receiver answers that goes by the rules, or by one bug. */
export type Conduct = (request: ReceivedRequest, over: ReceivedOver, judged: Judged, nowMs: number) => StepAnswer;

/**
 * Answers as the reference receiver does; a request that is nobody's, or that could not be verified, is let in.
 * @param bug wrong in this one thing, on purpose
 * @param digestOf for bugs that compute digests of their own
 */
export function makeConduct(bug: ReceiverSetup['bug'], digestOf: (vendor: Vendor) => Signing['digest']): Conduct {
  const known = new Map<Vendor, (judged: Judged) => { setup: ReceiverSetup; memory: ReceiverMemory }>();
  return (request, over, judged, nowMs) => {
    const { vendor } = judged;
    if (vendor === null) return { status: 200 };
    let placeOf = known.get(vendor);
    if (placeOf === undefined) known.set(vendor, (placeOf = makePlace(vendor, bug, digestOf(vendor))));
    const step: StepRequest = {
      method: request.method,
      path: request.path,
      headers: request.headers,
      body: request.body,
      remoteAddress: request.remoteAddress,
      receivedAtMs: nowMs,
      isSecure: over.tls !== null,
      hasClientCertificate: over.tls !== null && over.tls.client !== null,
      nthOnConnection: over.nthOnConnection,
    };
    const { setup, memory } = placeOf(judged);
    return receiveRequest(step, setup, memory).answer;
  };
}

/** The receiver of one vendor, made once: only what was judged of the request at hand changes. */
function makePlace(
  vendor: Vendor,
  bug: ReceiverSetup['bug'],
  digest: Signing['digest'],
): (judged: Judged) => { setup: ReceiverSetup; memory: ReceiverMemory } {
  let current: Judged;
  const memory = makeMemory();
  // The verdict is known, and rests on all secrets; without a bug the body is read as it was read already.
  const signing: Signing = { digest, verify: () => current.verdict as 'valid' };
  const asRead: ReceiverSetup['bug'] = { change: () => ({ read: () => current.payload }) };
  const verified = { setup: { vendor, signing, bug: bug ?? asRead }, memory };
  const unverified = { setup: { vendor, signing: null, bug: bug ?? asRead }, memory };
  return (judged) => {
    current = judged;
    return judged.verdict === null || judged.verdict === 'unsigned' ? unverified : verified;
  };
}

/** The acknowledgement stands in an answer only when it was asked for. */
export function withAcknowledgement(answer: StepAnswer, { acks }: AnswerScript): StepAnswer {
  if (answer.status < 200 || answer.status > 299) return answer;
  if (acks) return { ...answer, ...ACKNOWLEDGED };
  const { status, headers = [], delayMs = 0 } = answer;
  const kept = headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  // No list of its own for each answer: records with the same one are kept in fewer bytes.
  return kept.length === 0 ? { status, delayMs } : { status, delayMs, headers: kept };
}
