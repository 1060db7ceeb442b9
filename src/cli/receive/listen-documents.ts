import { hideSecretHeader } from '../../model/header.ts';
import type { AttachmentFetch } from '../../flows/receive/answer-fetch.ts';
import type { PreparedListening } from '../../flows/receive/prepare-listening.ts';
import type { Forwarded } from '../../flows/receive/forward-request.ts';
import { disagreementOf, refusalOf, type ReceivedEvent } from '../../flows/receive/received-event.ts';
import { describeUpgrade } from '../../receive/received-request.ts';
import type { Rejection } from '../../receive/rejection.ts';
import { writeJsonText } from '../../model/json.ts';
import { SCHEMA_VERSION } from '../terminal/output.ts';
import { hideQuerySecrets } from '../../model/http-url.ts';
import { roundMs } from '../terminal/text.ts';

/** The line that `listen --json` prints once it listens. */
export function readyDocument(origin: string, { options, tls }: PreparedListening): Record<string, unknown> {
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'ready',
    url: origin,
    vendor: options.expected.vendor?.id ?? null,
    ...(tls === null
      ? {}
      : {
          tls: {
            sha256: tls.sha256,
            certificate: tls.made,
            clientCertificate: tls.receiver.clientCa === undefined ? 'not-asked' : 'required',
          },
        }),
  };
}

/** A line of output, in parts: a text as it is, and bytes that become base64 when they are written. */
export type LinePart = string | Uint8Array;

/**
 * One request as `listen --json` prints it. Credentials are masked; the body is base64, because it is bytes. It is told
 * apart from the rest: of a large one the base64, and each text that holds it, would take more memory than all else.
 */
export function receivedLine(event: ReceivedEvent): readonly LinePart[] {
  const line = `${writeJsonText(receivedDocument(event))}\n`;
  const bodyAt = line.indexOf(BODY_KEY) + BODY_KEY.length;
  return [line.slice(0, bodyAt), event.request.body, line.slice(bodyAt)];
}

/** In a value its quotes would be escaped. */
const BODY_KEY = '"bodyBase64":"';

function receivedDocument(event: ReceivedEvent): Record<string, unknown> {
  const { request, judged, tls, forwarded } = event;
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'request',
    id: event.id,
    receivedAt: new Date(event.receivedAtMs).toISOString(),
    method: request.method,
    path: hideQuerySecrets(request.path),
    headers: request.headers.map(hideSecretHeader),
    bodyBase64: '',
    remoteAddress: request.remoteAddress,
    note: describeUpgrade(request.headers),
    client: tls?.client ?? null,
    vendor: judged.vendor?.id ?? null,
    vendorEvent: judged.event,
    verdict: judged.verdict,
    byMs: judged.byMs,
    cause: judged.cause,
    explanation: judged.explanation,
    fix: judged.fix,
    secretFrom: judged.secretFrom ?? undefined,
    eventId: judged.eventId,
    ...(judged.batch === null
      ? {}
      : { events: judged.batch.map(({ event: name, eventId }) => ({ vendorEvent: name, eventId })) }),
    duplicate: event.isDuplicate,
    drift: judged.drift,
    forwarded:
      forwarded === null ? null : { ...forwardedDocument(forwarded), note: disagreementOf(event) ?? undefined },
    ...(event.called === null ? {} : { calledBack: event.called }),
    answer:
      event.reply === null
        ? { status: null, ...event.noAnswer }
        : { status: event.reply.status, reason: refusalOf(event.reply) ?? undefined },
    durationMs: roundMs(event.durationMs),
  };
}

const forwardedDocument = ({
  url,
  status,
  errorCode,
  error,
  durationMs,
  isCut,
}: Forwarded): Record<string, unknown> => ({
  url,
  status,
  errorCode,
  error,
  durationMs: roundMs(durationMs),
  truncated: isCut || undefined,
});

/** A fetched attachment. The signature of its link is masked: it works for whoever holds it. */
export function fetchedDocument({
  receivedAtMs,
  method,
  path,
  remoteAddress,
  filename,
  status,
}: AttachmentFetch): Record<string, unknown> {
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'attachment',
    receivedAt: new Date(receivedAtMs).toISOString(),
    method,
    path: hideQuerySecrets(path),
    remoteAddress,
    filename,
    answer: { status },
  };
}

/** A caller who was rejected before there was a request. */
export function rejectedDocument({ remoteAddress, status, cause, reason }: Rejection): Record<string, unknown> {
  return {
    schemaVersion: SCHEMA_VERSION,
    event: 'rejected',
    receivedAt: new Date().toISOString(),
    remoteAddress,
    status,
    cause,
    reason,
  };
}
