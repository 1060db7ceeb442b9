import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitFile } from '../../src/certs/file/split-file.ts';
import { makeSecureContext, openPrivateKey, readCertificates } from '../../src/deliver/client-certificate.ts';
import { AppError } from '../../src/model/error.ts';
import { readPem } from '../../src/model/pem.ts';
import { hasOpenssl } from '../helpers/openssl-certificates.ts';

const linesOf = (pem: string): string[] => pem.trimEnd().split('\n');
/** The text with its `at`th line (from the end where negative) written anew. */
const withLine = (pem: string, at: number, write: (line: string) => string): string => {
  const lines = linesOf(pem);
  const index = at < 0 ? lines.length + at : at;
  return `${lines.map((line, one) => (one === index ? write(line) : line)).join('\n')}\n`;
};
const first = (pem: string, write: (line: string) => string): string => withLine(pem, 0, write);
const last = (pem: string, write: (line: string) => string): string => withLine(pem, -1, write);
const glued = (...pems: string[]): string => pems.map((pem) => pem.trimEnd()).join('');

/**
 * Odd texts of one thing in PEM: a certificate, a request or a private key. Where OpenSSL reads it, `taken` says
 * whether hookproof does: it refuses more than OpenSSL where the rest of a file would be lost without a word.
 */
const ODD: Record<string, { odd: (pem: string) => string; taken?: boolean; fault?: RegExp }> = {
  'as openssl writes it': { odd: (pem) => pem, taken: true },
  'no newline at the end': { odd: (pem) => pem.trimEnd(), taken: true },
  CRLF: { odd: (pem) => pem.replaceAll('\n', '\r\n'), taken: true },
  'CR alone': { odd: (pem) => pem.replaceAll('\n', '\r') },
  'spaces and tabs behind every line': { odd: (pem) => pem.replaceAll('\n', ' \t\n'), taken: true },
  'text before it': { odd: (pem) => `subject: somebody\n\n${pem}`, taken: true },
  'text after it': { odd: (pem) => `${pem}\nthe end of it\n`, taken: true },
  'text about marks before it': { odd: (pem) => `what begins with -----BEGIN X----- is PEM\n${pem}`, taken: true },
  'a BOM of UTF-8': { odd: (pem) => `\u00ef\u00bb\u00bf${pem}`, taken: true },
  'a BOM of UTF-16': { odd: (pem) => `\u00ff\u00fe${Buffer.from(pem, 'utf16le').toString('latin1')}` },
  'indented as a whole': { odd: (pem) => pem.replace(/^/gm, '  '), fault: /indented or quoted/ },
  'its first line indented': { odd: (pem) => first(pem, (line) => `  ${line}`), fault: /indented or quoted/ },
  'its last line indented': { odd: (pem) => last(pem, (line) => `  ${line}`), fault: /misspelled/ },
  'its body indented': { odd: (pem) => pem.replace(/^(?!-)(?=.)/gm, '  '), taken: true },
  'text in front on the first line': { odd: (pem) => first(pem, (line) => `cert: ${line}`), fault: /line 1/ },
  'text behind on the first line': { odd: (pem) => first(pem, (line) => `${line} of me`), fault: /line 1/ },
  'text behind on the last line': { odd: (pem) => last(pem, (line) => `${line} of me`), fault: /shares line/ },
  'all in one line': { odd: (pem) => linesOf(pem).join('') },
  'spaces for newlines': { odd: (pem) => linesOf(pem).join(' ') },
  '\\n in words': { odd: (pem) => linesOf(pem).join('\\n') },
  'its body in one line': {
    odd: (pem) => [linesOf(pem)[0], linesOf(pem).slice(1, -1).join(''), linesOf(pem).at(-1)].join('\n'),
    taken: true,
  },
  'its last line of base64 and its end on one': {
    odd: (pem) => pem.replace('\n-----END', '-----END'),
    fault: /shares line/,
  },
  'four dashes at the beginning': { odd: (pem) => first(pem, (line) => line.slice(1)), fault: /five hyphens/ },
  'four dashes behind the first mark': { odd: (pem) => first(pem, (line) => line.slice(0, -1)), fault: /five hyphens/ },
  'four dashes at the end': { odd: (pem) => last(pem, (line) => line.slice(1)), fault: /misspelled/ },
  'four dashes behind the last mark': { odd: (pem) => last(pem, (line) => line.slice(0, -1)), fault: /misspelled/ },
  'six dashes': { odd: (pem) => pem.replaceAll('-----', '------') },
  'en dashes': { odd: (pem) => pem.replaceAll('-----', '\u00e2\u0080\u0093'.repeat(5)) },
  'small letters': { odd: (pem) => first(pem, (line) => line.toLowerCase()) },
  'a wrong label': { odd: (pem) => pem.replaceAll(/(BEGIN|END) [A-Z ]+/g, '$1 SOMETHING') },
  'another label at its end': {
    odd: (pem) => last(pem, () => '-----END SOMETHING-----'),
    fault: /has a different label/,
  },
  'no END': { odd: (pem) => linesOf(pem).slice(0, -1).join('\n'), fault: /no -----END/ },
  'no BEGIN': { odd: (pem) => linesOf(pem).slice(1).join('\n') },
  'cut off in the middle': { odd: (pem) => pem.slice(0, pem.length / 2), fault: /no -----END/ },
  'a cut one before it': { odd: (pem) => `${linesOf(pem).slice(0, 2).join('\n')}\n${pem}`, taken: false },
  'an empty body': { odd: (pem) => `${linesOf(pem)[0]}\n${linesOf(pem).at(-1)}\n` },
  'a body of blanks': { odd: (pem) => `${linesOf(pem)[0]}\n\n${linesOf(pem).at(-1)}\n` },
  'a character that is no base64': { odd: (pem) => withLine(pem, 2, (line) => `*${line.slice(1)}`), fault: /base64/ },
  base64url: { odd: (pem) => withLine(pem, 2, (line) => `_${line.slice(1)}`), fault: /base64/ },
  'a character too few': { odd: (pem) => withLine(pem, 2, (line) => line.slice(1)), fault: /base64/ },
  'padding in the middle': { odd: (pem) => withLine(pem, 1, (line) => `${line.slice(0, -1)}=`) },
  'a line missing': { odd: (pem) => linesOf(pem).toSpliced(1, 1).join('\n') },
  'an empty line behind the first mark': { odd: (pem) => first(pem, (line) => `${line}\n`), taken: true },
  'two empty lines behind the first mark': { odd: (pem) => first(pem, (line) => `${line}\n\n`), fault: /empty line/ },
  'an empty line in the body': { odd: (pem) => withLine(pem, 1, (line) => `${line}\n`), fault: /empty line/ },
  'an empty line before its end': { odd: (pem) => last(pem, (line) => `\n${line}`), fault: /empty line/ },
  'an unknown header': { odd: (pem) => first(pem, (line) => `${line}\nComment: mine\n`), fault: /header/ },
  'a header without an empty line': { odd: (pem) => first(pem, (line) => `${line}\nComment: mine`), fault: /base64/ },
  'a NUL in the body': { odd: (pem) => withLine(pem, 2, (line) => `\0${line.slice(1)}`) },
  'quoted in an e-mail': { odd: (pem) => pem.replace(/^(?=.)/gm, '> '), fault: /indented or quoted/ },
};

function openssl(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

let folder: string | undefined;
const pems = { certificate: '', request: '', key: '' };
type Thing = keyof typeof pems;
let other: string;
beforeAll(() => {
  if (!hasOpenssl) return;
  folder = mkdtempSync(join(tmpdir(), 'hookproof-pem-'));
  const key = join(folder, 'key.pem');
  pems.key = openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048');
  writeFileSync(key, pems.key);
  pems.certificate = openssl('req', '-x509', '-key', key, '-subj', '/CN=odd', '-days', '30');
  pems.request = openssl('req', '-new', '-key', key, '-subj', '/CN=odd');
  other = openssl('req', '-x509', '-key', key, '-subj', '/CN=other', '-days', '30');
});

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Whether the openssl command line reads it, as it is used to look at such a file. */
function isReadByOpenssl(thing: Thing, text: string): boolean {
  const path = join(folder ?? '', 'odd.pem');
  writeFileSync(path, text, 'latin1');
  const command = { certificate: ['x509', '-noout'], request: ['req', '-noout'], key: ['pkey', '-noout'] }[thing];
  return spawnSync('openssl', [...command, '-in', path], { stdio: 'ignore' }).status === 0;
}

function isReadByNode(thing: Thing, text: string): boolean {
  if (thing === 'request') return true;
  const bytes = Buffer.from(text, 'latin1');
  try {
    createSecureContext(thing === 'key' ? { key: bytes } : { cert: bytes });
    return true;
  } catch {
    return false;
  }
}

const refusalOf = async (read: () => unknown): Promise<AppError | null> => {
  try {
    await read();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
};

/** What `certs inspect` says of it, and what a connection with it: null when it is read as what it is. */
async function refusalsOf(thing: Thing, text: string): Promise<(AppError | null)[]> {
  const file = { path: 'odd.pem', bytes: Buffer.from(text, 'latin1') };
  const kinds = { certificate: 'certificate', request: 'request', key: 'private-key' } as const;
  const inspected = await refusalOf(async () => {
    const { parts } = splitFile(file);
    if (!parts.some(({ kind }) => kind === kinds[thing])) throw new AppError('input', 'it is something else');
    // As `certs inspect` opens them: each by itself.
    for (const part of parts)
      if (part.kind === 'private-key') await openPrivateKey({ ...file, bytes: Buffer.from(part.pem) }, undefined);
  });
  if (thing === 'request') return [inspected];
  const used = await refusalOf(() => {
    if (thing === 'key') return openPrivateKey(file, undefined);
    return readCertificates(file, 'own');
  });
  return [inspected, used];
}

// Whoever searches it again from each of its places is not done within hours.
test.each(['-', ' ', '- ', '-----BEGIN ', '-----BEGIN X----- ', '=', 'BEGIN A'])(
  '4 MiB of "%s" are read in one pass',
  (part) => {
    const line = part.repeat((4 * 1024 * 1024) / part.length);
    const texts = [line, `-----BEGIN X-----\n${line}`, `-----BEGIN X-----\n${line}\n-----END X-----`];
    // Blanks and letters are base64.
    expect(texts.map((text) => readPem(text).blocks.length)).toEqual([0, 0, /^[ A-Z]+$/.test(part) ? 1 : 0]);
  },
);

describe.skipIf(!hasOpenssl)('PEM is read as OpenSSL reads it, and never laxer', () => {
  test.each(
    (['certificate', 'request', 'key'] as const).flatMap((thing) =>
      Object.entries(ODD).map(([name, row]) => [thing, name, row] as const),
    ),
  )('%s: %s', async (thing, _, { odd, taken, fault }) => {
    const text = odd(pems[thing]);
    const isRead = isReadByOpenssl(thing, text) && isReadByNode(thing, text);
    const refusals = await refusalsOf(thing, text);
    if (!isRead) {
      for (const refusal of refusals) expect(refusal).toMatchObject({ kind: 'input' });
    } else expect(refusals.every((one) => one === null)).toBe(taken ?? false);
    const [inspected] = refusals;
    if (fault !== undefined && thing !== 'key') expect(`${inspected?.message} ${inspected?.hint}`).toMatch(fault);
  });

  test.each<[string, () => string]>([
    ['cat without a last newline', () => glued(pems.certificate, other)],
    ['the same, then a third', () => `${glued(pems.certificate, other)}\n${pems.certificate}`],
    ['a good one, then cat without a last newline', () => `${other}${glued(pems.certificate, other)}\n`],
    ['certificate and key on one line', () => glued(pems.certificate, pems.key)],
    ['key and certificate on one line', () => glued(pems.key, pems.certificate)],
    ['the second cut off', () => `${pems.certificate}${other.slice(0, 200)}`],
    ['the second damaged', () => `${pems.certificate}${withLine(other, 2, (line) => `*${line.slice(1)}`)}`],
    ['something damaged before it', () => `${withLine(pems.key, 2, (line) => `*${line.slice(1)}`)}${other}`],
  ])('several in one file: %s', async (_, make) => {
    const text = make();
    const file = { path: 'several.pem', bytes: Buffer.from(text, 'latin1') };
    expect(isReadByNode('certificate', text)).toBe(false);
    for (const read of [
      () => readCertificates(file, 'own'),
      () => readCertificates(file),
      () => makeSecureContext({ ca: file }),
      () => splitFile(file),
    ]) {
      const refusal = await refusalOf(read);
      expect(refusal).toMatchObject({ kind: 'input', hint: expect.any(String) });
      // What stands on the line may be a key.
      expect(`${refusal?.message} ${refusal?.hint}`).not.toMatch(/[A-Za-z0-9+/]{40}/);
    }
  });

  /** Small changes at places where they matter, the same in every run. */
  test('whatever a few characters more or less make of a file: what Node refuses is refused', () => {
    const tokens = ['\n', '\r\n', '\r', ' ', '-', '=', '-----', '\n\n', ':', '\0', '-----BEGIN CERTIFICATE-----'];
    const text = `${pems.certificate}${other}`;
    const marks = [...text.matchAll(/-----(?:BEGIN|END)[^-]*-----/g)];
    const places = marks.flatMap(({ index, 0: mark }) => [
      index,
      index + 7,
      index + mark.length,
      index + mark.length + 1,
    ]);
    const changed = places.flatMap((at) => [
      ...tokens.map((token) => text.slice(0, at) + token + text.slice(at)),
      ...[1, 2, 6].map((count) => text.slice(0, at) + text.slice(at + count)),
    ]);
    const laxer = changed.filter((one) => {
      const { blocks, fault } = readPem(one);
      const isOurs = fault === null && blocks.some(({ label }) => label === 'CERTIFICATE');
      return isOurs && !isReadByNode('certificate', one);
    });
    expect(changed.length).toBeGreaterThan(200);
    expect(laxer).toEqual([]);
  });
});
