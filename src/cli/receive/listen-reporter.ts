import type { AttachmentFetch } from '../../flows/receive/answer-fetch.ts';
import type { ListenEnd } from '../../flows/receive/listen.ts';
import type { ReceivedEvent } from '../../flows/receive/received-event.ts';
import type { PreparedListening } from '../../flows/receive/prepare-listening.ts';
import type { Rejection } from '../../receive/rejection.ts';
import { writeJsonText } from '../../model/json.ts';
import { answerBytes, say } from '../terminal/output.ts';
import { fetchedDocument, readyDocument, receivedLine, rejectedDocument, type LinePart } from './listen-documents.ts';
import { renderError } from '../terminal/error.ts';
import { renderFetched, renderListenEnd, renderReady, renderReceived, renderRejection } from './render-listening.ts';

export interface ListenReporter {
  ready(origin: string, prepared: PreparedListening): void;
  /** A promise when the reader of stdout is slow: nothing more should be received until then. */
  received(event: ReceivedEvent): Promise<void> | undefined;
  /** The same, for a fetched attachment. */
  fetched(fetch: AttachmentFetch): Promise<void> | undefined;
  rejected(rejection: Rejection): void;
  error(error: unknown): void;
  /** Resolves when everything is written. */
  end(end: ListenEnd): Promise<void>;
}

export interface ListenStyle {
  json: boolean;
  verbose: boolean;
  /** Nobody reads any more, or stdout cannot be written. */
  onLost(error: Error): void;
}

/** Reports requests as they come: a block each for people, a line each for programs. */
export function makeListenReporter({ json, verbose, onLost }: ListenStyle): ListenReporter {
  const output = new OutputQueue(onLost);
  const putDocument = (document: Record<string, unknown>): Promise<void> | undefined =>
    output.put(`${writeJsonText(document)}\n`);
  return {
    ready(origin, prepared) {
      if (json) void putDocument(readyDocument(origin, prepared));
      else say(renderReady(origin, prepared));
      void output.write();
    },
    received: (event) =>
      json ? output.put(...receivedLine(event)) : output.put(`${renderReceived(event, { verbose })}\n`),
    fetched: (fetch) => (json ? putDocument(fetchedDocument(fetch)) : output.put(`${renderFetched(fetch)}\n\n`)),
    rejected(rejection) {
      if (json) void putDocument(rejectedDocument(rejection));
      else say(renderRejection(rejection));
    },
    error: (error) => void reportError(error),
    async end(end) {
      await output.write();
      if (!json) say(renderListenEnd(end));
    },
  };
}

/** With more than this unwritten, senders wait. */
const MAX_UNWRITTEN = 4 * 1024 * 1024;
/** So much is handed over at once; bytes in threes, which are four letters of base64 each. */
const PIECE_BYTES = 3 * 64 * 1024;

/** Writes together to stdout what comes in the same turn of the event loop. */
class OutputQueue {
  readonly #onLost: (error: Error) => void;
  #parts: LinePart[] = [];
  #unwritten = 0;
  #isScheduled = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(onLost: (error: Error) => void) {
    this.#onLost = onLost;
  }

  /** Returns a promise when too much is unwritten. */
  put(...line: readonly LinePart[]): Promise<void> | undefined {
    this.#parts.push(...line);
    for (const { length } of line) this.#unwritten += length;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => void this.write());
    }
    return this.#unwritten > MAX_UNWRITTEN ? this.write() : undefined;
  }

  write(): Promise<void> {
    this.#isScheduled = false;
    const parts = this.#parts;
    this.#parts = [];
    if (parts.length > 0)
      this.#writing = this.#writing
        .then(() => writeParts(parts))
        .catch(this.#onLost)
        .then(() => {
          for (const { length } of parts) this.#unwritten -= length;
        });
    return this.#writing;
  }
}

/** Small parts go together, large ones in pieces. */
async function writeParts(parts: readonly LinePart[]): Promise<void> {
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else
      for (let at = 0; at < part.length; at += PIECE_BYTES) {
        text += toBase64(part.subarray(at, at + PIECE_BYTES));
        if (text.length < PIECE_BYTES) continue;
        await answerBytes(Buffer.from(text));
        text = '';
      }
  }
  if (text !== '') await answerBytes(Buffer.from(text));
}

const toBase64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

async function reportError(error: unknown): Promise<void> {
  say(await renderError(error));
}
