import { fillJson, fillText, type Handshake, type HandshakeAnswer } from '../../model/handshake.ts';
import type { Header } from '../../model/plan.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { FactReader } from '../../vendors/decisive-facts.ts';
import { requestOf, setHeader } from '../change-request.ts';
import type { CaseTemplate, EventFactory, ExpectedAnswer, GoodEvent, WireRequest } from '../conformance-case.ts';

const handshakes: FactReader = ({ title, handshakes: known }) =>
  known === undefined ? [] : [{ words: `how ${title} asks an endpoint before it sends`, certainty: known.certainty }];

const CHALLENGE_LENGTH = 13;

/** What the vendor asks beside its events, each a case. */
export function handshakeCases({ handshakes: known }: Vendor): CaseTemplate[] {
  return (known?.value ?? []).map((handshake) => ({
    id: `handshake-${handshake.id}`,
    title: handshake.title,
    sender: 'vendor',
    restsOn: [handshakes],
    change: (factory) => makeRequests(handshake, factory),
    mistake: 'only events are expected: the question is refused, or taken for an event',
    fix: 'answer the question before anything else, and do no work of an event for it',
  }));
}

/** The question, and where the vendor wants a forged one refused that, too. */
function makeRequests(handshake: Handshake, factory: EventFactory): WireRequest[] {
  const asked = askWith(handshake, factory);
  const answer = answerTo(handshake.answer, asked.challenge, factory);
  const good = handshake.isSigned ? (factory.sign(asked.event)?.whole ?? asked.event) : asked.event;
  const question = { ...requestOf(good, 'answered'), answer };
  if (handshake.forgedStatuses === undefined) return [question];
  const forged = factory.sign(askWith(handshake, factory).event, { secret: 'another' })?.whole ?? asked.event;
  return [
    question,
    {
      ...requestOf(forged, 'answered'),
      method: handshake.method,
      answer: { statuses: handshake.forgedStatuses, bodies: null, header: null },
      label: 'with a signature that does not fit',
    },
  ];
}

function askWith(
  { id, method, query = {}, headers = {}, body }: Handshake,
  factory: EventFactory,
): { event: GoodEvent; challenge: string } {
  // Longer ones look like secrets, and are taken out of what is kept of an answer.
  const challenge = factory.newId().slice(0, CHALLENGE_LENGTH);
  const fill = (text: string): string => fillText(text, { challenge });
  const { url: called, headers: usual } = factory.event();
  const url = new URL(called);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, fill(value));
  const hasBody = method === 'POST' && body !== undefined;
  const own = usual.filter(([name]) => hasBody || name.toLowerCase() !== 'content-type');
  const all = Object.entries(headers).reduce<readonly Header[]>(
    (list, [name, value]) => setHeader(list, name, fill(value)),
    own,
  );
  const bytes = hasBody ? Buffer.from(JSON.stringify(fillJson(body, { challenge })), 'utf8') : new Uint8Array();
  return { challenge, event: { event: id, url, method, headers: all, body: bytes, key: null } };
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
