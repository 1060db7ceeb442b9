import { createHash } from 'node:crypto';
import { writeBody } from '../model/handshake.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyWords, methodOf } from '../vendors/body-facts.ts';
import { readEventMark, readHeader, readScalar } from '../vendors/event-key.ts';
import { readEventTime } from '../vendors/event-time.ts';
import { ladderMs, mediaTypeOf, mediaTypesOf, repeatsOf } from '../vendors/facts.ts';
import { isReusable, protectsContent } from '../vendors/signing-facts.ts';
import { readEvents } from '../vendors/read-body.ts';
import { answerHandshake } from './handshake.ts';
import type { ReceiverBehaviour, StepAnswer, StepContext } from './receiver-behaviour.ts';

const DAY_MS = 86_400_000;

/** What a correct receiver does. */
export const CORRECT_BEHAVIOUR: ReceiverBehaviour = {
  caller: ({ request, setup }) => {
    if (setup.requiresTls && !request.isSecure) return { status: 403, body: 'https only' };
    if (setup.requiresClientCertificate && !request.hasClientCertificate)
      return { status: 403, body: 'a client certificate is required' };
    if (setup.allow !== undefined && !setup.allow.includes(request.remoteAddress))
      return { status: 403, body: 'this address may not call' };
    return null;
  },
  handshake: (context) => answerHandshake(context),
  form: ({ request, setup: { vendor } }) => {
    const method = methodOf(vendor);
    if (request.method !== method)
      return {
        status: 405,
        headers: [['Allow', method]],
        body: `${vendor.title} only sends ${method}`,
      };
    const [type, types] = [readHeader(request.headers, 'content-type'), mediaTypesOf(vendor)];
    if (types.length === 0 || types.includes(mediaTypeOf(type ?? ''))) return null;
    const given = type === null ? 'the content type is missing' : `the content type is ${type.slice(0, 100)}`;
    return { status: 415, body: `${given}, but ${vendor.title} sends ${types.join(' or ')}` };
  },
  signature: ({ request, setup }) => {
    if (setup.signing === null) return null;
    const verdict = setup.signing.verify(request, request.receivedAtMs);
    return verdict === 'valid' ? null : { status: 401, body: `the signature is ${verdict}` };
  },
  processesRefused: false,
  read: ({ request, setup }) => readEvents(setup.vendor, request),
  content: (context) => {
    if (context.payload === null) return { status: 400, body: `the body is not ${bodyWords(context.setup.vendor)}` };
    if (!headersFit(context)) return { status: 400, body: 'the headers name a different event than the body' };
    return isTooOld(context) ? { status: 400, body: 'the event is too old' } : null;
  },
  marks: ({ request, setup, payload, position }) => {
    const id = readEventMark(setup.vendor, request.headers, payload, position);
    // What never ages must count once.
    const used = isReusable(setup.vendor) ? setup.signing?.textOf(request) : undefined;
    // Without an id only its bytes show that a request is a retry.
    const own = id === null ? `body ${digestOf(request)}${position === 0 ? '' : ` ${position}`}` : `id ${id}`;
    return [own, ...(used === undefined ? [] : [`signature ${used.trim()}`])];
  },
  repeated: ({ setup }) => ({ ...success(), ...bodyOf(setup.vendor) }),
  handle: () => undefined,
  success: ({ setup }) => ({ ...success(), ...bodyOf(setup.vendor) }),
  afterError: () => undefined,
};

/** Of what the event stands in: the body, or else the URL. */
const digestOf = ({ path, body }: Pick<StepContext['request'], 'path' | 'body'>): string =>
  createHash('sha256')
    .update(body.length === 0 ? path : body)
    .digest('hex');

/** 200 counts for every vendor, and the body for MailKite's acknowledgement, too. */
function success(): StepAnswer {
  return { status: 200, headers: [['content-type', 'application/json']], body: '{"status":"ok"}' };
}

/** What the vendor wants to read in a success. */
function bodyOf({ success: { value } }: Vendor): Pick<StepAnswer, 'body' | 'keepsBody'> {
  return value.body === undefined ? {} : { body: writeBody(value.body), keepsBody: true };
}

/** Headers are not signed: where one repeats what the body says, the body is right. */
function headersFit({ request, setup, payload }: StepContext): boolean {
  return repeatsOf(setup.vendor).every(({ name, path }) => {
    const [given, signed] = [readHeader(request.headers, name), readScalar(payload, path)];
    return given === null || signed === null || given === signed;
  });
}

/**
 * Where the signature carries no time, the event's own signed date bounds how long a captured request can be used: an
 * honest retry comes until the end of the vendor's ladder, and a day is left for clocks and queues.
 */
function isTooOld({ request, setup, payload }: StepContext): boolean {
  if (!isReusable(setup.vendor) || !protectsContent(setup.vendor)) return false;
  const date = readEventTime(setup.vendor, payload);
  return date !== null && request.receivedAtMs - date > ladderMs(setup.vendor) + DAY_MS;
}
