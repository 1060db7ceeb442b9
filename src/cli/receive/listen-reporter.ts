import type { AttachmentFetch } from '../../flows/receive/answer-fetch.ts';
import type { ListenEnd, ReceivedEvent } from '../../flows/receive/listen.ts';
import type { PreparedListening } from '../../flows/receive/prepare-listening.ts';
import type { Rejection } from '../../receive/rejection.ts';
import type { HideHeader } from '../../model/header.ts';
import { writeJsonText } from '../../model/json.ts';
import { answerBytes, say, SCHEMA_VERSION } from '../terminal/output.ts';
import { fetchedDocument, receivedDocument, rejectedDocument } from './received.ts';
import { renderError } from '../terminal/error.ts';
import { plainLine } from '../terminal/text.ts';
import { renderFetched, renderReceived, renderRejection } from './render-received.ts';

export interface ListenReporter {
  ready(origin: string, prepared: PreparedListening): void;
  /** A promise when the reader of stdout is slow: nothing more should be received until then. */
  received(event: ReceivedEvent): Promise<void> | undefined;
  /** The same, of an attachment that was asked for. */
  fetched(fetch: AttachmentFetch): Promise<void> | undefined;
  rejected(rejection: Rejection): void;
  error(error: unknown): void;
  /** Everything is written. */
  end(end: ListenEnd): Promise<void>;
}

export interface ListenStyle {
  json: boolean;
  verbose: boolean;
  /** What of a header may be shown. */
  hide: HideHeader;
  /** Nobody reads any more, or stdout cannot be written. */
  onLost(error: Error): void;
}

/** More than this unwritten, and senders wait. */
const MAX_UNWRITTEN_CHARACTERS = 4 * 1024 * 1024;

/**
 * Tells of requests as they come: a block each for people, a line each for programs. What comes at the same moment is
 * written at once.
 */
export function makeListenReporter({ json, verbose, hide, onLost }: ListenStyle): ListenReporter {
  let lines: string[] = [];
  let characters = 0;
  let scheduled = false;
  let writing: Promise<void> = Promise.resolve();
  const write = (): Promise<void> => {
    scheduled = false;
    const text = lines.join('');
    const written = text.length;
    lines = [];
    if (text === '') return writing;
    writing = answerBytes(Buffer.from(text))
      .catch(onLost)
      .then(() => {
        characters -= written;
      });
    return writing;
  };
  const put = (line: string): Promise<void> | undefined => {
    lines.push(line);
    characters += line.length;
    if (!scheduled) {
      scheduled = true;
      setImmediate(() => void write());
    }
    return characters > MAX_UNWRITTEN_CHARACTERS ? write() : undefined;
  };
  const putDocument = (document: Record<string, unknown>): Promise<void> | undefined =>
    put(`${writeJsonText(document)}\n`);

  return {
    ready(origin, prepared) {
      if (json) void putDocument(readyDocument(origin, prepared));
      else say(readyText(origin, prepared));
      void write();
    },
    received: (event) =>
      json ? putDocument(receivedDocument(event, hide)) : put(`${renderReceived(event, { verbose, hide })}\n`),
    fetched: (fetch) => (json ? putDocument(fetchedDocument(fetch)) : put(`${renderFetched(fetch)}\n\n`)),
    rejected(rejection) {
      if (json) void putDocument(rejectedDocument(rejection));
      else say(renderRejection(rejection));
    },
    error: (error) => void tellError(error),
    async end({ endedBy, requests, suspicious }) {
      await write();
      if (!json)
        say(
          `${requests} request${requests === 1 ? '' : 's'}${suspicious === 0 ? '' : `, ${suspicious} not genuine`}${endedBy === 'time' ? '; time is up' : ''}`,
        );
    },
  };
}

function readyDocument(origin: string, { options, tls }: PreparedListening): Record<string, unknown> {
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

function readyText(origin: string, { options: { expected, forward }, tls }: PreparedListening): string {
  const whose = expected.vendor === null ? 'any vendor, recognised by each request' : expected.vendor.title;
  return [
    `listening on ${origin}  (${whose})${forward === null ? '' : `  → ${plainLine(forward.target.host)}`}`,
    ...(tls === null
      ? []
      : [
          `  certificate ${tls.made === null ? '' : 'made for this run, '}SHA-256 ${tls.sha256}${tls.receiver.clientCa === undefined ? '' : '; callers must show one, too'}`,
        ]),
    ...(tls === null || tls.made === null
      ? []
      : ['  to call it: -k, or --cacert with "tls.certificate" of the ready line that --json prints']),
  ].join('\n');
}

async function tellError(error: unknown): Promise<void> {
  say(await renderError(error));
}
