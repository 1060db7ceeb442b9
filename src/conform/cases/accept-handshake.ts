import { fillJson, fillText, type Handshake, type HandshakeAnswer } from '../../model/handshake.ts';
import type { FactReader } from '../../vendors/decisive-facts.ts';
import { askHandshake } from '../ask-handshake.ts';
import { requestOf } from '../change-request.ts';
import type { CaseTemplate, EventFactory, ExpectedAnswer, Setting, WireRequest } from '../conformance-case.ts';

export const handshakes: FactReader = ({ title, handshakes: known }) =>
  known === undefined ? [] : [{ words: `how ${title} checks an endpoint before it sends`, certainty: known.certainty }];

/** What the vendor asks beside its events, each a case. */
export function handshakeCases({ vendor, servesCallback }: Setting): CaseTemplate[] {
  return (vendor.handshakes?.value ?? []).map((handshake) => ({
    id: `handshake-${handshake.id}`,
    title: handshake.title,
    sender: 'vendor',
    restsOn: [handshakes],
    ...(handshake.callback === undefined
      ? { change: (factory) => makeRequests(handshake, factory), ...ANSWER }
      : { change: (factory) => [wantCall(handshake, factory)], ...CALL }),
    told: handshake.callback === undefined || servesCallback ? undefined : OUT_OF_REACH,
  }));
}

const ANSWER = {
  mistake: 'only events are expected: the handshake request is refused, or treated as an event',
  fix: 'answer the handshake request first, and do not process it as an event',
};
const CALL = {
  mistake: 'only events are expected: the address is never called, so the vendor never starts to send',
  fix: "verify its signature, check that the host of its address is the vendor's, then call the address with GET",
};
const OUT_OF_REACH =
  'not tried: it has to call an address that hookproof serves, which only an endpoint on this machine can reach';

/** The question with an address that must be called. */
export function wantCall(handshake: Handshake, factory: EventFactory): WireRequest {
  const callback = factory.callback('trusted') ?? undefined;
  const { event, challenge } = askHandshake(handshake, factory, { callback: callback?.url });
  const good = handshake.isSigned ? (factory.sign(event)?.whole ?? event) : event;
  return { ...requestOf(good, 'called-back'), answer: answerTo(handshake.answer, challenge, factory), callback };
}

/** The question, and where the vendor wants a forged one refused that, too. */
function makeRequests(handshake: Handshake, factory: EventFactory): WireRequest[] {
  const asked = askHandshake(handshake, factory);
  const answer = answerTo(handshake.answer, asked.challenge, factory);
  const good = handshake.isSigned ? (factory.sign(asked.event)?.whole ?? asked.event) : asked.event;
  const question = { ...requestOf(good, 'answered'), answer };
  if (handshake.forgedStatuses === undefined) return [question];
  const forged = factory.sign(askHandshake(handshake, factory).event, { secret: 'another' })?.whole ?? asked.event;
  return [
    question,
    {
      ...requestOf(forged, 'answered'),
      method: handshake.method,
      answer: { statuses: handshake.forgedStatuses, bodies: null, header: null },
      label: 'with a signature that does not match',
    },
  ];
}

/** What is to come back for this challenge. */
function answerTo(
  { statuses, bodies, header, proof }: HandshakeAnswer,
  challenge: string,
  factory: EventFactory,
): ExpectedAnswer {
  const values = { challenge, ...(proof === undefined ? {} : { v: factory.prove(proof, challenge) ?? '' }) };
  return {
    statuses,
    bodies: bodies?.map((one) => fillJson(one, values) as typeof one) ?? null,
    header: header === undefined ? null : { name: header.name, value: fillText(header.value, values) },
  };
}
