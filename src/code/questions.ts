import type { Handshake } from '../model/handshake.ts';
import { isObject, type JsonValue } from '../model/json.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf, methodOf } from '../vendors/body-facts.ts';
import type { CallQuestion, Framework, PlainQuestion, Told } from './receiver-parts.ts';

/** What the vendor asks beside its events. */
export interface Questions {
  questions: PlainQuestion[];
  calls: CallQuestion[];
  asksByHead: boolean;
  /** Their titles: nothing was written for them. */
  unanswered: string[];
}

export function questionsOf(vendor: Vendor, { callsBack }: Framework): Questions {
  const found: Questions = { questions: [], calls: [], asksByHead: false, unanswered: [] };
  for (const handshake of vendor.handshakes?.value ?? []) {
    const plain = plainQuestion(handshake, vendor);
    const call = callsBack === true ? callQuestion(handshake, vendor) : null;
    if (plain !== null) found.questions.push(plain);
    else if (call !== null) found.calls.push(call);
    else if (isBareHead(handshake)) found.asksByHead = true;
    else found.unanswered.push(handshake.title);
  }
  return found;
}

const isBareHead = ({ method, answer }: Handshake): boolean =>
  method === 'HEAD' && answer.header === undefined && answer.bodies === undefined;

/** One that comes as a JSON event does, and is told by texts in it. */
function plainQuestion(handshake: Handshake, vendor: Vendor): PlainQuestion | null {
  const { answer, callback, body } = handshake;
  const told = toldInEvent(handshake, vendor);
  if (told === null || callback !== undefined || answer.header !== undefined || answer.proof !== undefined) return null;
  const challenge = findChallenge(body ?? null);
  const [wanted] = answer.bodies ?? [];
  if (wanted === undefined) return { told, challenge, answer: null };
  if ('text' in wanted) return wanted.text === '{challenge}' ? { told, challenge, answer: 'text' } : null;
  const members = Object.entries(wanted.json);
  const [member] = members;
  return members.length === 1 && member?.[1] === '{challenge}'
    ? { told, challenge, answer: { member: member[0] } }
    : null;
}

/** One that comes so, too, with an address: it is called once the signature fits, and so it has to be signed. */
function callQuestion(handshake: Handshake, vendor: Vendor): CallQuestion | null {
  const { answer, callback, isSigned } = handshake;
  const told = toldInEvent(handshake, vendor);
  const isAnswered = answer.bodies !== undefined || answer.header !== undefined;
  if (told === null || callback === undefined || !isSigned || isAnswered) return null;
  return { told, address: callback.field, hosts: callback.hosts, repeats: repeatedHeaders(handshake, vendor) };
}

/** Headers that tell the question from an event, though no signature covers them: the body says the same. */
const repeatedHeaders = ({ headers: telling = {} }: Handshake, { headers }: Vendor): CallQuestion['repeats'] =>
  headers.flatMap(({ name, value }) =>
    typeof value === 'object' && 'field' in value && Object.hasOwn(telling, name) ? [[name, value.field] as const] : [],
  );

/** Null where it comes otherwise than events do, or nothing tells it from them. */
function toldInEvent({ method, body, toldBy = body }: Handshake, vendor: Vendor): Told | null {
  const isEventLike =
    method === methodOf(vendor) && bodyFormatOf(vendor).format === 'json' && vendor.batch === undefined;
  if (!isEventLike || !isObject(toldBy ?? null) || !isObject(body ?? null)) return null;
  const told = scalarsOf(toldBy ?? null).filter(([, value]) => typeof value !== 'string' || !value.includes('{'));
  return told.length === 0 ? null : told;
}

const findChallenge = (value: JsonValue): string | null =>
  scalarsOf(value).find(([, text]) => text === '{challenge}')?.[0] ?? null;

function scalarsOf(value: JsonValue, prefix = ''): [string, string | number | boolean][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]): [string, string | number | boolean][] => {
    if (typeof one === 'object') return scalarsOf(one, `${prefix}${name}.`);
    return [[prefix + name, one]];
  });
}
