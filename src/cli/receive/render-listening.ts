import { isUtf8 } from 'node:buffer';
import { hideSecretHeader } from '../../model/header.ts';
import type { AttachmentFetch } from '../../flows/receive/answer-fetch.ts';
import type { ListenEnd } from '../../flows/receive/listen.ts';
import type { PreparedListening } from '../../flows/receive/prepare-listening.ts';
import { disagreementOf, refusalOf, type ReceivedEvent } from '../../flows/receive/received-event.ts';
import { hideQuerySecrets } from '../../model/http-url.ts';
import { describeUpgrade } from '../../receive/received-request.ts';
import type { Rejection } from '../../receive/rejection.ts';
import { bodyFormatOf } from '../../vendors/body-facts.ts';
import { driftText, type Drift } from '../../vendors/drift.ts';
import { painter } from '../terminal/color.ts';
import { fitLines, indentJson, plainLine, plainText, formatDuration } from '../terminal/text.ts';
import { plural } from '../../model/wording.ts';
import { screenOf } from '../terminal/stdio.ts';

export interface ReceivedStyle {
  /** All headers, and more of the body. */
  verbose: boolean;
}

const BODY_LINES = 30;
const MANY_BODY_LINES = 500;
/** How much of a body is laid out: the lines shown come from its beginning. */
const BODY_BYTES = 64 * 1024;
const LINE_LENGTH = 200;
const SHOWN_DRIFTS = 8;
const SHOWN_EVENTS = 8;
const MAX_PATH_LENGTH = 200;

/** Where it listens, for whom, and how to call it. */
export function renderReady(origin: string, { options: { expected, forward }, tls }: PreparedListening): string {
  const whose = expected.vendor === null ? 'any vendor, recognised by each request' : expected.vendor.title;
  const onward = forward === null ? '' : `  → ${plainLine(forward.target.host)}`;
  return [`listening on ${origin}  (${whose})${onward}`, ...certificateLines(tls)].join('\n');
}

function certificateLines(tls: PreparedListening['tls']): string[] {
  if (tls === null) return [];
  const made = tls.made === null ? '' : 'made for this run, ';
  const mutual = tls.receiver.clientCa === undefined ? '' : '; callers must send one too';
  const line = `  certificate ${made}SHA-256 ${tls.sha256}${mutual}`;
  return tls.made === null
    ? [line]
    : [line, '  to call it, use -k, or --cacert with "tls.certificate" from the ready line that --json prints'];
}

/** How many requests came, and how many were not genuine. */
export function renderListenEnd({ endedBy, requests, suspicious }: ListenEnd): string {
  const bad = suspicious === 0 ? '' : `, ${suspicious} not genuine`;
  return `${plural(requests, 'request')}${bad}${endedBy === 'time' ? '; time is up' : ''}`;
}

/** One request in a block: the verdict first, then why, who called, what differs, and the body. */
export function renderReceived(event: ReceivedEvent, { verbose }: ReceivedStyle): string {
  const { request, judged, tls } = event;
  const { dim, bold } = painter(screenOf(1));
  const upgrade = describeUpgrade(request.headers);
  const caller = tls?.client ?? null;
  const client =
    caller === null ? '' : `, client certificate ${plainLine(caller.subject)} of ${plainLine(caller.issuer)}`;
  const lines = [
    [
      dim(clockTime(event.receivedAtMs)),
      bold(targetText(request)),
      whatText(event),
      verdictText(event),
      answerText(event),
    ].join('  '),
    fact('from', `${plainLine(request.remoteAddress)}${client}`),
    ...(upgrade === null ? [] : [fact('note', plainLine(upgrade).slice(0, LINE_LENGTH))]),
    ...eventLines(event),
    ...(judged.secretFrom === null ? [] : [fact('secret', `of ${plainLine(judged.secretFrom)}`)]),
    ...reasonLines(event),
    ...driftLines(judged.drift),
    ...forwardLines(event),
    ...callLines(event),
    ...(verbose
      ? request.headers
          .map(hideSecretHeader)
          .map(([name, value]) => `  ${dim(`${plainLine(name)}: ${plainLine(value)}`)}`)
      : []),
    ...bodyLines(readableBody(event), verbose ? MANY_BODY_LINES : BODY_LINES),
  ];
  return `${fitLines(lines.join('\n'), screenOf(1))}\n`;
}

/** A fetched attachment, on one line: it is not a webhook event. */
export function renderFetched(fetch: AttachmentFetch): string {
  const { dim, bold, green, red } = painter(screenOf(1));
  const what = fetch.filename === null ? WHY_NOT_GIVEN[fetch.status] : plainLine(fetch.filename);
  const status = (fetch.status < 300 ? green : red)(`→ ${fetch.status}`);
  const line = `${dim(clockTime(fetch.receivedAtMs))}  ${bold(targetText(fetch))}  attachment: ${what}  ${status}`;
  return fitLines(line, screenOf(1));
}

const WHY_NOT_GIVEN: Readonly<Record<number, string>> = {
  403: 'the link is not signed with a known secret',
  404: 'no attachment has this index',
  410: 'the link has expired',
};

/** A caller who was rejected before there was a request, on one line. */
export function renderRejection({ remoteAddress, status, reason }: Rejection): string {
  const { yellow } = painter(screenOf(2));
  const answered = status === null ? '' : ` (answered ${status})`;
  return `${yellow('turned away')}  ${plainLine(remoteAddress ?? 'a caller')}: ${plainLine(reason)}${answered}`;
}

const targetText = ({ method, path }: { method: string; path: string }): string =>
  `${plainLine(method)} ${shorten(plainLine(hideQuerySecrets(path)), MAX_PATH_LENGTH)}`;
const fact = (label: string, text: string): string => `  ${label.padEnd(9)} ${text}`;
const clockTime = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
const shorten = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

function whatText({ judged: { vendor, event } }: ReceivedEvent): string {
  return vendor === null ? 'from no known vendor' : `${vendor.id} ${plainLine(event ?? 'unknown event')}`;
}

/** By what the event is known again; of a batch each with its name. */
function eventLines({ judged: { eventId, batch }, isDuplicate }: ReceivedEvent): string[] {
  const { yellow } = painter(screenOf(1));
  const again = (what: string): string => (isDuplicate ? yellow(`  duplicate: ${what} before`) : '');
  if (batch === null) return eventId === null ? [] : [fact('event', plainLine(eventId) + again('it was accepted'))];
  const shown = batch.slice(0, SHOWN_EVENTS).map(({ event, eventId: id }, index) => {
    const text = [event ?? 'unknown event', ...(id === null ? [] : [id])].map(plainLine).join('  ');
    return fact(index === 0 ? 'events' : '', text);
  });
  const rest = batch.length - shown.length;
  const more = rest > 0 ? [fact('', `… and ${rest} more (--json has them)`)] : [];
  return isDuplicate ? [...shown, ...more, fact('', again('all were accepted').trim())] : [...shown, ...more];
}

/** Of a form or a query what was read from it, as JSON; any other body as it came. */
function readableBody({ request, judged: { vendor, payloads } }: ReceivedEvent): Uint8Array {
  if (vendor === null || payloads === null || !FORMS.has(bodyFormatOf(vendor).format)) return request.body;
  const [first] = payloads;
  return Buffer.from(JSON.stringify(payloads.length === 1 ? first : payloads), 'utf8');
}

const FORMS: ReadonlySet<string> = new Set(['form', 'multipart', 'form-json', 'query']);

function verdictText({ judged: { verdict, byMs } }: ReceivedEvent): string {
  const { green, red, yellow } = painter(screenOf(1));
  if (verdict === 'valid') return green('✓ valid');
  if (verdict === 'unsigned') return yellow('unsigned');
  if (verdict === null) return yellow('not verified');
  return red(`✗ ${verdict}${byMs === null ? '' : ` by ${formatDuration(Math.abs(byMs))}`}`);
}

function answerText({ reply, noAnswer, durationMs }: ReceivedEvent): string {
  const { green, red } = painter(screenOf(1));
  if (reply === null) return red(`→ no answer (${noAnswer?.reason ?? 'closed'})`);
  return `${(reply.status < 300 ? green : red)(`→ ${reply.status}`)} in ${formatDuration(durationMs)}`;
}

function reasonLines(event: ReceivedEvent): string[] {
  const { verdict, cause, explanation, fix } = event.judged;
  const disagreement = disagreementOf(event);
  const atOdds = disagreement === null ? [] : [fact('but', plainLine(disagreement))];
  // Nothing is wrong with who sent it: only the answer knows why it was refused.
  if (verdict === 'valid' || (verdict === 'unsigned' && cause === null)) {
    const refusal = disagreement ?? refusalOf(event.reply);
    return refusal === null ? [] : [fact('why', plainLine(refusal))];
  }
  return [
    fact('why', plainLine(`${explanation}${cause === null ? '' : ` (${cause})`}`)),
    ...(fix === null ? [] : [fact('fix', plainLine(fix))]),
    ...atOdds,
  ];
}

function driftLines(drift: readonly Drift[]): string[] {
  const { yellow } = painter(screenOf(1));
  const shown = drift.slice(0, SHOWN_DRIFTS).map((one) => fact('drift', yellow(plainLine(driftText(one)))));
  return drift.length > SHOWN_DRIFTS
    ? [...shown, fact('', `… and ${drift.length - SHOWN_DRIFTS} more differences (--json has them)`)]
    : shown;
}

function forwardLines({ forwarded }: ReceivedEvent): string[] {
  if (forwarded === null) return [];
  const { green, red } = painter(screenOf(1));
  const { url, status, error, errorCode, durationMs, isCut } = forwarded;
  const cut = isCut ? '; its answer is longer than what is returned' : '';
  return [
    fact(
      'forwarded',
      status === null
        ? red(`${plainLine(url)}  ${errorCode}: ${plainLine(error ?? '')}`)
        : `${plainLine(url)}  ${(status < 300 ? green : red)(String(status))} in ${formatDuration(durationMs)}${cut}`,
    ),
  ];
}

function callLines({ called }: ReceivedEvent): string[] {
  if (called === null) return [];
  const { green, red } = painter(screenOf(1));
  const { origin, status, errorCode } = called;
  const result = status === null ? red(errorCode ?? 'no answer') : (status < 300 ? green : red)(String(status));
  return [fact('called', `${plainLine(origin)}  ${result}`)];
}

function bodyLines(body: Uint8Array, maxLines: number): string[] {
  if (body.length === 0) return ['  (no body)'];
  const head = body.subarray(0, BODY_BYTES);
  if (!isUtf8(body)) return [`  (${body.length} bytes that are not text)`];
  const text = Buffer.from(head).toString('utf8');
  const { lines, isWhole } = /^\s*[[{]/.test(text) ? indentJson(text, maxLines) : firstLines(text, maxLines);
  const shown = lines.map((line) => `  ${shorten(plainText(line).replaceAll('\n', '⏎'), LINE_LENGTH)}`);
  return isWhole && head.length === body.length ? shown : [...shown, `  … (${body.length} bytes in total)`];
}

function firstLines(text: string, maxLines: number): { lines: string[]; isWhole: boolean } {
  const lines = text.trimEnd().split(/\r?\n/);
  return { lines: lines.slice(0, maxLines), isWhole: lines.length <= maxLines };
}
