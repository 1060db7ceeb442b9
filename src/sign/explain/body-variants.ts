import type { JsonValue } from '../../model/json.ts';
import type { VendorEvent } from '../../model/vendor.ts';
import type { BodyVariant } from './deviation.ts';
import { orderKeys, sortKeys, writeJson, type JsonWriting } from './write-json.ts';

const RAW_BYTES = 'verify the raw bytes as they came, before any JSON parser (Express: express.raw({ type: "application/json" }))';

const SPACINGS = [
  { name: 'compact', comma: ',', colon: ':', indent: 0 },
  { name: 'with blanks after commas and colons', comma: ', ', colon: ': ', indent: 0 },
  { name: 'indented by 2', comma: ',', colon: ': ', indent: 2 },
  { name: 'indented by 4', comma: ',', colon: ': ', indent: 4 },
];
const ESCAPES = [
  { escapes: 'none', says: '' },
  { escapes: 'ascii', says: ', non-ASCII as \\u escapes' },
  { escapes: 'html', says: ', < > & as \\u escapes' },
] as const;

/** Bodies that say the same in other bytes: line ends, marks, and the JSON as other programs write it, compact first. */
export function* listBodyVariants(body: Uint8Array, events: readonly VendorEvent[], maxJsonBytes: number): Generator<BodyVariant> {
  yield* listByteVariants(body);
  if (body.length <= maxJsonBytes) yield* listJsonVariants(body, events);
}

function* listByteVariants(body: Uint8Array): Generator<BodyVariant> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString('latin1');
  const bom = '\u00ef\u00bb\u00bf';
  // Made one by one: of a large body they are as large.
  const variants: [change: () => string, cause: string, fits: string, fix: string][] = [
    [() => withoutLineEnds(text), 'trailing-newline', 'the body without the line break at its end', 'take away the line break that an editor, echo or a log added; if the receiver added it, verify the bytes as they came'],
    [() => `${text}\n`, 'trailing-newline', 'the body with a line break at its end', 'keep the last line break of the body: do not trim it before verifying'],
    [() => `${text}\r\n`, 'trailing-newline', 'the body with a Windows line break at its end', 'keep the last line break of the body: do not trim it before verifying'],
    [() => text.replaceAll('\r\n', '\n'), 'line-endings', 'the body with LF line ends instead of CRLF', 'keep line ends as they came: no text mode, no editor, curl --data-binary'],
    [() => text.replace(/\r?\n/g, '\r\n'), 'line-endings', 'the body with CRLF line ends instead of LF', 'keep line ends as they came: curl -d drops them, curl --data-binary does not'],
    [() => text.replace(/[\r\n]+/g, ''), 'line-endings', 'the body without its line breaks', 'keep line ends as they came: curl -d drops them, curl --data-binary does not'],
    [() => text.startsWith(bom) ? text.slice(3) : `${bom}${text}`, 'byte-order-mark', `the body ${text.startsWith(bom) ? 'without' : 'with'} a byte order mark (EF BB BF)`, 'read and write the body as bytes: an editor or a text stream changed its first three'],
    [() => text.trim(), 'surrounding-white-space', 'the body without the white space around it', 'verify the bytes as they came: something padded the body'],
    [() => '', 'empty-body', 'an empty body', 'read the body before signing: it was signed before it was there'],
    [() => bytes.toString('utf8'), 'other-charset', 'the body read as UTF-8 and written as Latin-1', 'keep the body as bytes: do not decode and encode it'],
    [() => Buffer.from(text, 'utf8').toString('latin1'), 'other-charset', 'the body read as Latin-1 and written as UTF-8', 'keep the body as bytes: do not decode and encode it'],
  ];
  for (const [change, cause, fits, fix] of variants) {
    const changed = change();
    if (changed !== text) yield { body: Buffer.from(changed, 'latin1'), cause, fits, fix };
  }
}

/** Not by a pattern: of many line breaks that are not at the end it would try each as a beginning, minutes long. */
function withoutLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n' || text[end - 1] === '\r') end--;
  return text.slice(0, end);
}

/** Ways of writing that come to the same bytes are tried once, where the body is small enough to remember them. */
export function* listJsonVariants(body: Uint8Array, events: readonly VendorEvent[]): Generator<BodyVariant> {
  const value = parseJson(body);
  if (value === undefined) return;
  const seen = new Set<string>();
  for (const [ordered, order] of listOrders(value, events)) {
    for (const writing of listWritings()) {
      const written = write(ordered, writing);
      if (written === undefined) return;
      if (seen.has(written)) continue;
      if (body.length < MAX_REMEMBERED_BYTES) seen.add(written);
      for (const [text, end] of [[written, ''], [`${written}\n`, ', a line break at its end']] as const) {
        yield { body: Buffer.from(text, 'utf8'), cause: 'reserialised-body', fits: `the same JSON written ${writing.name}${order}${end}`, fix: RAW_BYTES };
      }
    }
  }
}

const MAX_REMEMBERED_BYTES = 64 * 1024;

function* listWritings(): Generator<JsonWriting> {
  for (const escapesSlash of [false, true]) {
    for (const { escapes, says } of ESCAPES) {
      for (const spacing of SPACINGS) {
        yield { ...spacing, escapes, escapesSlash, name: `${spacing.name}${says}${escapesSlash ? ', / as \\/' : ''}` };
      }
    }
  }
}

function* listOrders(value: JsonValue, events: readonly VendorEvent[]): Generator<readonly [JsonValue, string]> {
  yield [value, ''];
  try {
    yield [sortKeys(value), ', keys sorted'];
  } catch {
    return;
  }
  const orders = new Set(events.map(({ fields }) => JSON.stringify(fields.map(({ name }) => name))));
  for (const order of orders) yield [orderKeys(value, JSON.parse(order) as string[]), ", keys in the vendor's order"];
}

function parseJson(body: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Undefined when it is nested too deep to write. */
function write(value: JsonValue, writing: JsonWriting): string | undefined {
  try {
    return writeJson(value, writing);
  } catch {
    return undefined;
  }
}
