import { plainText } from './render/plain-text.ts';

/** stdout: the answer. Text ends with a newline of its own. */
export function answer(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** stdout: the answer as one JSON document on one line; every document says its `schemaVersion`. */
export function answerJson(document: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...document })}\n`);
}

/** stdout as bytes, for exports: resolves when the reader has taken them (back-pressure). */
export function answerBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(bytes)) resolve();
    else process.stdout.once('drain', resolve);
  });
}

/** stderr: the conversation. Never part of the answer. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function warn(text: string): void {
  say(`warning: ${plainText(text)}`);
}

/** Version of the shape of every `--json` document. */
export const SCHEMA_VERSION = 1;
