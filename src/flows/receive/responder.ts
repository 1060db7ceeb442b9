import { findBug } from '../../receive/bugs/list-bugs.ts';
import { makeSigning } from '../session/make-signing.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { ReceivedOver, ReceivedRequest } from '../../receive/received-request.ts';
import type { ReceiverMemory, ReceiverSetup, Signing, StepAnswer } from '../../receive/receiver-behaviour.ts';
import { makeMemory, receiveRequest, toStep } from '../../receive/reference-receiver.ts';
import type { Expected, Judged } from './judge-received.ts';

/** What is answered, whatever the request. */
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

/** The answer that a scripted status gives. */
export function scriptedAnswer(status: number, { acks }: AnswerScript): StepAnswer {
  return { status, ...(acks ? ACKNOWLEDGED : {}) };
}

/** Answers as a correct receiver does, or with one bug. */
export type Responder = (
  request: ReceivedRequest,
  over: ReceivedOver,
  judged: Judged,
  nowMs: number,
  /** What an answer asked to have fetched. */
  fetchedKey?: string | null,
) => StepAnswer;

/**
 * Answers as the reference receiver does. Accepts requests of no known vendor, and those that could not be verified.
 * @param bug the one thing to get wrong, on purpose
 * @param signingOf for bugs that compute signatures, and for handshakes; null where the vendor signs nothing
 * @param callbackOrigin where addresses are called, too, beside the vendor's hosts
 */
export function makeResponder(
  bug: ReceiverSetup['bug'],
  signingOf: (vendor: Vendor) => Signing | null,
  callbackOrigin?: string,
): Responder {
  const known = new Map<Vendor, (judged: Judged) => { setup: ReceiverSetup; memory: ReceiverMemory }>();
  return (request, over, judged, nowMs, fetchedKey) => {
    const { vendor } = judged;
    if (vendor === null) return { status: 200 };
    let receiverOf = known.get(vendor);
    if (receiverOf === undefined)
      known.set(vendor, (receiverOf = makeVendorReceiver(vendor, bug, signingOf(vendor), callbackOrigin)));
    const { setup, memory } = receiverOf(judged);
    return receiveRequest(toStep(request, over, nowMs, fetchedKey), setup, memory).answer;
  };
}

/** The receiver of one vendor, made once; only the verdict changes from request to request. */
function makeVendorReceiver(
  vendor: Vendor,
  bug: ReceiverSetup['bug'],
  own: Signing | null,
  callbackOrigin: string | undefined,
): (judged: Judged) => { setup: ReceiverSetup; memory: ReceiverMemory } {
  let current: Judged;
  const memory = makeMemory();
  // The verdict is known and rests on all secrets; without a bug, the body that was read already is used again.
  const signing: Signing | null = own === null ? null : { ...own, verify: () => current.verdict as 'valid' };
  const asRead: ReceiverSetup['bug'] = { change: () => ({ read: () => current.payloads }) };
  const verified = { setup: { vendor, signing, bug: bug ?? asRead, callbackOrigin }, memory };
  const unverified = { setup: { vendor, signing: null, bug: bug ?? asRead }, memory };
  return (judged) => {
    current = judged;
    return judged.verdict === null || judged.verdict === 'unsigned' ? unverified : verified;
  };
}

/** Adds the acknowledgement to a success, or takes it out, as the script says. */
export function withAcknowledgement(answer: StepAnswer, { acks }: AnswerScript): StepAnswer {
  if (answer.status < 200 || answer.status > 299 || answer.keepsBody) return answer;
  if (acks) return { ...answer, ...ACKNOWLEDGED };
  const { status, headers = [], delayMs = 0 } = answer;
  const kept = headers.filter(([name]) => name.toLowerCase() !== 'content-type');
  return { status, delayMs, headers: kept };
}

/**
 * Answers correctly, or with the named bug. Throws AppError `usage` for an unknown bug, or one that a receiver of this
 * vendor cannot have.
 */
export function chooseResponder(bugName: string | undefined, expected: Expected, callbackOrigin?: string): Responder {
  const bug = bugName === undefined ? undefined : findBug(bugName, expected.vendor);
  const signingOf = (vendor: Vendor): Signing | null => {
    const { value: spec } = vendor.signature;
    return spec === null ? null : makeSigning(vendor, spec, expected.secretsOf(vendor)[0] ?? '', expected.publicUrl);
  };
  return makeResponder(bug, signingOf, callbackOrigin);
}
