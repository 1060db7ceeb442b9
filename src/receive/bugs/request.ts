import { methodOf } from '../../vendors/body-facts.ts';
import { readHeader } from '../../vendors/event-key.ts';
import type { REQUEST_MISTAKES } from '../../vendors/mistakes/request.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import type { BehaviourChange, StepAnswer, StepContext, StepRequest } from '../receiver-behaviour.ts';

const KIB = 1024;
const BURST_MS = 1000;
const BURST = 15;

/** Mistakes with the request as HTTP, and with the answer. */
export const REQUEST_BUGS: Record<ShownMistakeId<typeof REQUEST_MISTAKES>, BehaviourChange> = {
  'not-found': refuses(() => ({ status: 404 })),
  'answers-201': () => ({ success: () => ({ status: 201 }), repeated: () => ({ status: 201 }) }),
  redirects: () => ({ success: () => ({ status: 302, headers: [['Location', '/thanks']] }) }),
  'works-before-answering': answersAfter(({ setup }) => setup.vendor.timeoutMs.value + 1000),
  slow: answersAfter(() => 2500),
  'any-method': (correct) => ({
    form: (context) =>
      correct.form({ ...context, request: { ...context.request, method: methodOf(context.setup.vendor) } }),
  }),
  'any-content-type': () => ({ form: ({ request }) => (request.method === 'POST' ? null : { status: 405 }) }),
  'strict-content-type': refuses(({ headers }) =>
    readHeader(headers, 'content-type') === 'application/json' ? null : { status: 415 },
  ),
  'case-sensitive-content-type': insistsOnSpelling('Content-Type'),
  'lower-case-content-type': insistsOnSpelling('content-type'),
  'no-chunked': refuses(({ headers }) => (readHeader(headers, 'content-length') === null ? { status: 411 } : null)),
  'no-expect': refuses(({ headers }) => (readHeader(headers, 'expect') === null ? null : { status: 417 })),
  'one-request-per-connection': refuses(({ nthOnConnection }) => (nthOnConnection > 1 ? { status: 400 } : null)),
  'body-limit-100kb': limitsBody(100 * KIB),
  'body-limit-1mb': limitsBody(KIB * KIB + 512 * KIB),
  'rate-limited': refuses(({ receivedAtMs }, { memory }) =>
    memory.arrivals.filter((at) => receivedAtMs - at < BURST_MS).length > BURST ? { status: 429 } : null,
  ),
  'crashes-on-large-header': refuses(({ headers }) =>
    headers.some(([, value]) => value.length > 8 * KIB) ? { status: 500 } : null,
  ),
  'broken-by-bad-input': (correct) => ({
    caller: (context) => (context.memory.isBroken ? { status: 503 } : correct.caller(context)),
    read: (body) => correct.read(body) ?? fail('not JSON'),
    afterError: ({ memory }) => {
      memory.isBroken = true;
    },
  }),
};

/** Refuses some requests before anything else is looked at. */
function refuses(refuse: (request: StepRequest, context: StepContext) => StepAnswer | null): BehaviourChange {
  return (correct) => ({ form: (context) => refuse(context.request, context) ?? correct.form(context) });
}

function insistsOnSpelling(spelling: string): BehaviourChange {
  return refuses(({ headers }) => (headers.some(([name]) => name === spelling) ? null : { status: 415 }));
}

function limitsBody(bytes: number): BehaviourChange {
  return refuses(({ body }) => (body.byteLength > bytes ? { status: 413 } : null));
}

function answersAfter(delayMs: (context: StepContext) => number): BehaviourChange {
  return (correct) => ({ success: (context) => ({ ...correct.success(context), delayMs: delayMs(context) }) });
}

function fail(message: string): never {
  throw new Error(message);
}
