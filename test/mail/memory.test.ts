import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIL_BYTES = 25 * 1024 * 1024;
const LIMIT_KIB = (8 * MAIL_BYTES) / 1024;

let folder = '';
let program = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookproof-memory-'));
  program = join(folder, 'measure-memory.mjs');
  // Node 20 runs no TypeScript, and only a process of its own has a peak of its own.
  const bundle = await rolldown({ input: fileURLToPath(new URL('measure-memory.ts', import.meta.url)), platform: 'node' });
  await bundle.write({ file: program, format: 'esm' });
  await bundle.close();
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function measure(head: string, line: string): Promise<Record<string, unknown>> {
  const path = join(folder, 'large.eml');
  const start = `From: alice@example.com\r\nTo: bob@example.org\r\nSubject: large\r\nMIME-Version: 1.0\r\n${head}\r\n\r\n`;
  await writeFile(path, Buffer.concat([Buffer.from(start), Buffer.alloc(MAIL_BYTES, line)]));
  const { stdout } = await promisify(execFile)(process.execPath, [program, path]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test.each([
  {
    kind: 'one attachment',
    head: 'Content-Type: application/zip\r\nContent-Transfer-Encoding: base64',
    line: `${'QUJD'.repeat(19)}\r\n`,
    expected: { subject: 'large', attachmentBytes: expect.toSatisfy((bytes: number) => bytes > 0.7 * MAIL_BYTES) },
  },
  {
    kind: 'nothing but text',
    head: 'Content-Type: text/plain; charset=utf-8',
    line: 'The quick brown fox jumps over the lazy dog.\r\n',
    expected: { subject: 'large', textLength: expect.toSatisfy((length: number) => length > 0.9 * MAIL_BYTES) },
  },
])('a mail of 25 MiB, $kind, takes less than 8 times its size', async ({ head, line, expected }) => {
  const measured = await measure(head, line);
  expect(measured).toMatchObject(expected);
  expect(measured['peakKiB']).toBeLessThan(LIMIT_KIB);
});
