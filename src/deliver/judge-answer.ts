import { matchesBody, writeBody } from '../model/handshake.ts';
import type { Outcome } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import type { AckMode, SuccessRule } from '../model/vendor.ts';
import { plural } from '../model/wording.ts';
import { isSuccessStatus, successText } from '../vendors/facts.ts';
import { hideQuerySecrets } from '../model/http-url.ts';
import { refusalHint, type RefusedSender } from './refusal-hint.ts';

export interface EndpointAnswer {
  status: number;
  headers: readonly Header[];
  /** What was kept of the body. */
  body: Uint8Array;
}

export interface AnswerVerdict {
  outcome: Extract<Outcome, 'delivered' | 'refused'>;
  /** `HTTP_<status>` or `ACK_MISSING`; null when delivered. */
  errorCode: string | null;
  error: string | null;
  hint: string | null;
  /** MailKite's control mode: `spam`, `drop`, and the types of the actions. */
  control: readonly string[];
}

/**
 * Whether the vendor would count this answer as success. In `control` mode the body steers but does not decide:
 * a 2xx with an unreadable body is success without instructions, since MailKite documents only what the known
 * bodies do, and refusing one would retry a mail that the endpoint has accepted.
 * @param sender for the hint; null: not known
 */
export function judgeAnswer(
  answer: EndpointAnswer,
  success: SuccessRule,
  ackMode: AckMode = 'lenient',
  sender: RefusedSender | null = null,
): AnswerVerdict {
  if (!isSuccessStatus(answer.status, success))
    return refuse(`HTTP_${answer.status}`, ...statusWords(answer, success, sender));
  if (success.body !== undefined && !matchesBody(success.body, Buffer.from(answer.body).toString('utf8'))) {
    return refuse(
      'BODY_MISMATCH',
      `answered ${answer.status}, but without the body that counts as success: ${writeBody(success.body)}`,
      `make the endpoint answer with the body ${writeBody(success.body)}`,
    );
  }
  if (ackMode === 'ack' && !isAcknowledged(answer)) {
    return refuse(
      'ACK_MISSING',
      `answered ${answer.status}, but without the acknowledgement that ack mode requires`,
      'make the endpoint answer with the body {"status":"ok"} or the header x-mailkite-ack: ok',
    );
  }
  if (ackMode !== 'control') return deliver([], null);
  const control = readControl(answer.body);
  return deliver(
    control ?? [],
    control === null ? 'the body has no control reply ({"status":"ok"}, "spam" or "drop"): it controls nothing' : null,
  );
}

const deliver = (control: readonly string[], hint: string | null): AnswerVerdict => ({
  outcome: 'delivered',
  errorCode: null,
  error: null,
  hint,
  control,
});

const refuse = (errorCode: string, error: string, hint: string | null): AnswerVerdict => ({
  outcome: 'refused',
  errorCode,
  error,
  hint,
  control: [],
});

function isAcknowledged({ headers, body }: EndpointAnswer): boolean {
  return headerOf(headers, 'x-mailkite-ack')?.trim().toLowerCase() === 'ok' || objectIn(body)?.['status'] === 'ok';
}

/** The instructions of a control reply, none for plain `ok`; null when the body is no control reply. */
function readControl(body: Uint8Array): string[] | null {
  const reply = objectIn(body);
  const status = reply?.['status'];
  if (typeof status !== 'string' || !['ok', 'spam', 'drop'].includes(status)) return null;
  const steered = status === 'ok' ? [] : [status];
  const actions: unknown[] = Array.isArray(reply?.['actions']) ? reply['actions'] : [];
  const types = actions
    .map((action) => (action as { type?: unknown } | null)?.type)
    .filter((type) => typeof type === 'string');
  return [...steered, ...types];
}

function objectIn(body: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function statusWords(
  answer: EndpointAnswer,
  success: SuccessRule,
  sender: RefusedSender | null,
): [error: string, hint: string | null] {
  const [{ status }, { statuses }] = [answer, success];
  const known = knownPage(answer);
  if (known !== null) return known;
  if (status >= 300 && status <= 399) {
    const target = headerOf(answer.headers, 'location');
    const to = target === undefined ? '' : ` to ${shorten(hideQuerySecrets(target))}`;
    const { redirects } = success;
    return [
      redirects === undefined
        ? `answered ${status}${to}: redirects are not followed`
        : `answered ${status}${to}: only followed up to ${plural(redirects.follow, 'redirect')}`,
      'configure the URL that it redirects to (http → https? a missing or extra slash?)',
    ];
  }
  if (status >= 200 && status <= 299 && statuses !== '2xx') {
    return [
      `answered ${status}, but only ${successText({ statuses })} counts as success`,
      `make the endpoint answer ${statuses[0]}`,
    ];
  }
  return [`answered ${status}`, refusalHint(answer, sender)];
}

/** Answers that web servers give before the application is asked; measured on nginx, Apache and Node. */
function knownPage({ status, body }: EndpointAnswer): [error: string, hint: string | null] | null {
  const text = Buffer.from(body.subarray(0, 2048)).toString('latin1');
  if (
    /plain HTTP (request was sent )?to (HTTPS|an SSL-enabled server) port|speaking plain HTTP to an SSL-enabled/i.test(
      text,
    )
  ) {
    return [`answered ${status}: this port speaks TLS, not plain HTTP`, 'use https://'];
  }
  if (/No required SSL certificate was sent/i.test(text)) {
    return [`answered ${status}: the server requires a client certificate but got none`, 'add --cert FILE --key FILE'];
  }
  if (/The SSL certificate error/i.test(text)) {
    return [`answered ${status}: the server did not accept the client certificate`, 'webhook verify-cert shows why'];
  }
  if (/Missing ALPN Protocol, expected `h2`|HTTP\/2 only/i.test(text)) {
    return [
      `answered ${status}: the server only speaks HTTP/2, but webhooks are sent over HTTP/1.1`,
      'make the server accept HTTP/1.1 too',
    ];
  }
  return null;
}

function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1];
}

/** Text of a stranger, short, on one line and without credentials. */
function shorten(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '').replace(/\/\/[^/?#@]*@/, '//');
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
