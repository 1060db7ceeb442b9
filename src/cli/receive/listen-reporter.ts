import type { AttachmentFetch } from '../../flows/receive/answer-fetch.ts';
import type { ListenEnd } from '../../flows/receive/listen.ts';
import type { ReceivedEvent } from '../../flows/receive/received-event.ts';
import type { PreparedListening } from '../../flows/receive/prepare-listening.ts';
import type { Rejection } from '../../receive/rejection.ts';
import { writeJsonText } from '../../model/json.ts';
import { answerBytes, say } from '../terminal/output.ts';
import { fetchedDocument, readyDocument, receivedDocument, rejectedDocument } from './listen-documents.ts';
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
      json ? putDocument(receivedDocument(event)) : output.put(`${renderReceived(event, { verbose })}\n`),
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
const MAX_UNWRITTEN_CHARACTERS = 4 * 1024 * 1024;

/** Writes together to stdout what comes in the same turn of the event loop. */
class OutputQueue {
  readonly #onLost: (error: Error) => void;
  #lines: string[] = [];
  #unwritten = 0;
  #isScheduled = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(onLost: (error: Error) => void) {
    this.#onLost = onLost;
  }

  /** Returns a promise when too much is unwritten. */
  put(line: string): Promise<void> | undefined {
    this.#lines.push(line);
    this.#unwritten += line.length;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => void this.write());
    }
    return this.#unwritten > MAX_UNWRITTEN_CHARACTERS ? this.write() : undefined;
  }

  write(): Promise<void> {
    this.#isScheduled = false;
    const text = this.#lines.join('');
    this.#lines = [];
    if (text !== '')
      this.#writing = answerBytes(Buffer.from(text))
        .catch(this.#onLost)
        .then(() => {
          this.#unwritten -= text.length;
        });
    return this.#writing;
  }
}

async function reportError(error: unknown): Promise<void> {
  say(await renderError(error));
}
