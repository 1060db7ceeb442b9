import type { Attempt } from '../model/attempt.ts';
import { makeEchoHider } from '../model/echo.ts';
import { matchesBody, writeBody } from '../model/handshake.ts';
import { isSuccessStatus, successText } from '../vendors/facts.ts';
import { answered, statusOf, verdict, type CaseVerdict } from './case-verdict.ts';
import type { ExpectedAnswer, WireRequest } from './conformance-case.ts';

/** Whether the answer to a vendor's question is the one that it waits for. */
export function judgeHandshake(request: WireRequest, attempt: Attempt): CaseVerdict {
  const expected = asKept(request.answer ?? ANYTHING, request);
  const status = statusOf(attempt);
  const compared = { expected: describeAnswer(expected), observed: status === null ? 'no answer' : observe(attempt) };
  if (status === null) return verdict('fail', attempt.error ?? 'no answer', compared);
  if (!isSuccessStatus(status, expected)) return verdict('fail', answered(attempt), compared);
  if (expected.header !== null && headerOf(attempt, expected.header.name) !== expected.header.value)
    return verdict(
      'fail',
      `${answered(attempt)}, without the ${expected.header.name} header that it must have`,
      compared,
    );
  const { bodies } = expected;
  if (bodies !== null && !bodies.some((body) => matchesBody(body, textOf(attempt))))
    return verdict('fail', `${answered(attempt)}, and the body is not the one that the vendor expects`, compared);
  return verdict('pass', bodies === null ? answered(attempt) : `${answered(attempt)}, and returned the challenge`);
}

/** Whoever rightly calls the vendor's hosts alone never calls ours: that fails nobody, and proves nothing. */
export function judgeCalledBack(request: WireRequest, attempt: Attempt): CaseVerdict {
  const { callback } = request;
  if (callback?.isCalled()) {
    const judged = judgeHandshake(request, attempt);
    return judged.status === 'pass' ? { ...judged, detail: `${judged.detail}, and called the address in it` } : judged;
  }
  if (!callback?.isTrusted)
    return verdict(
      'skip',
      `not tried: ${answered(attempt)}, and did not call hookproof's address, as if it only calls ` +
        "the vendor's hosts (--callbacks-at takes one that it trusts)",
    );
  const compared = { expected: 'a call of the address in it', observed: `${answered(attempt)}, and no call` };
  return verdict('fail', `${answered(attempt)}, and never called the address in it`, compared);
}

export function judgeNotCalled({ callback }: WireRequest, attempt: Attempt): CaseVerdict {
  const expected = 'no call of the address in it';
  if (callback?.isCalled())
    return verdict('fail', `${answered(attempt)}, and called ${callback.url}`, { expected, observed: 'a call of it' });
  const status = statusOf(attempt);
  if (status === null || status >= 500)
    return verdict('warn', `${answered(attempt)}, and did not call the address in it`, {
      expected: 'a refusal',
      observed: answered(attempt),
    });
  return verdict('pass', `${answered(attempt)}, and did not call the address in it`);
}

const ANYTHING: ExpectedAnswer = { statuses: '2xx', bodies: null, header: null };

/** An answer is kept without the secrets that the request carried, and Asana's header is one by its name. */
function asKept({ statuses, bodies, header }: ExpectedAnswer, request: WireRequest): ExpectedAnswer {
  const echo = makeEchoHider([request]);
  const hide = (text: string): string => echo?.text(text) ?? text;
  return {
    statuses,
    bodies:
      bodies?.map((one) =>
        'text' in one
          ? { text: hide(one.text) }
          : { json: Object.fromEntries(Object.entries(one.json).map(([name, text]) => [name, hide(text)])) },
      ) ?? null,
    header: header === null ? null : { name: header.name, value: hide(header.value) },
  };
}

const textOf = ({ responseBody }: Attempt): string => Buffer.from(responseBody).toString('utf8');

function headerOf({ responseHeaders }: Attempt, name: string): string | undefined {
  return responseHeaders.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1].trim();
}

function describeAnswer({ statuses, bodies, header }: ExpectedAnswer): string {
  const wanted = [
    successText({ statuses }),
    ...(header === null ? [] : [`${header.name}: ${header.value}`]),
    ...(bodies === null ? [] : [bodies.map(writeBody).join(' or ')]),
  ];
  return wanted.join(', ');
}

const SHOWN = 200;

function observe(attempt: Attempt): string {
  const text = textOf(attempt);
  return `${statusOf(attempt)}${text === '' ? ', no body' : `, ${text.slice(0, SHOWN)}`}`;
}
