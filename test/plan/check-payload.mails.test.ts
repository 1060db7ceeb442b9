import { Validator, type Schema } from '@cfworker/json-schema';
import * as fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/mail/parse-mail.ts';
import { AppError } from '../../src/model/error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { Message } from '../../src/model/message.ts';
import { payloadFromMail } from '../../src/plan/from-mail.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { VENDORS } from '../helpers/vendors.ts';
import { eventSchema } from '../../src/vendors/schema.ts';
import { clockAt, FIXTURES, NOW_MS, planAt } from '../vendors/fixtures.ts';

const FROM_MAIL = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) => {
    const schema = closed(eventSchema(event)) as Schema;
    return event.fromMail === undefined
      ? []
      : [{ vendor, event, kind: event.fromMail, validator: new Validator(schema, '2020-12', false) }];
  }),
);

/** A receiver must take keys that the vendor adds later; we add none. */
function closed(schema: JsonObject): JsonObject {
  const inner = Object.entries(schema).map(([key, value]) => [key, closeInner(key, value as JsonObject)] as const);
  const isOpen = schema['properties'] === undefined;
  return { ...Object.fromEntries(inner), ...(isOpen ? {} : { additionalProperties: false }) };
}

function closeInner(key: string, value: JsonObject): JsonObject {
  if (key === 'items') return closed(value);
  if (key !== 'properties') return value;
  return Object.fromEntries(
    // Mail-Plus names the headers of the mail there.
    Object.entries(value).map(([name, one]) => [
      name,
      name === 'header' ? (one as JsonObject) : closed(one as JsonObject),
    ]),
  );
}

const linkAttachment = (id: string, index: number): string => `http://127.0.0.1/${id}/${index}`;

/** What the planned body of this mail holds that the vendor's schema does not; null for a mail that cannot be read. */
async function misfits(bytes: Uint8Array): Promise<unknown[] | null> {
  const message = await parseMail(bytes).catch((error: unknown) => {
    if (error instanceof AppError && error.kind === 'input') return null;
    throw error;
  });
  return message === null
    ? null
    : FROM_MAIL.flatMap((one) => [false, true].flatMap((inline) => judge(one, message, inline)));
}

function judge(
  { vendor, event, kind, validator }: (typeof FROM_MAIL)[number],
  message: Message,
  inlineAttachments: boolean,
): unknown[] {
  const ids = makeIds(seededRandom('mail'));
  const made = payloadFromMail(kind, message, { linkAttachment, inlineAttachments }, clockAt(NOW_MS), ids);
  const { body } = planAt(vendor, { event: event.name, payload: made.payload, attachments: made.attachments });
  const sent = JSON.parse(Buffer.from(body).toString()) as JsonObject;
  expect(sent).toEqual(made.payload);
  return [...validator.validate(sent).errors, ...listEmptyNames(sent)];
}

/** A name that is there says something. */
function listEmptyNames(payload: JsonObject): string[] {
  const named = [payload['from'], ...[payload['to'], payload['attachments']].flat()];
  return named.flatMap((one) =>
    Object.entries(typeof one === 'object' ? (one ?? {}) : {}).flatMap(([key, value]) =>
      key.endsWith('name') && typeof value === 'string' && value.trim() === ''
        ? [`${key} is ${JSON.stringify(value)}`]
        : [],
    ),
  );
}

const CORPUS = readdirSync(join(FIXTURES, 'mail'))
  .filter((file) => file.endsWith('.eml'))
  .map((file) => [file, readFileSync(join(FIXTURES, 'mail', file))] as const);

test.each(CORPUS)('%s gives bodies that fit', async (_, bytes) => {
  expect(await misfits(bytes)).toEqual([]);
});

const VALUES = [
  '',
  ' ',
  '""',
  '" "',
  '<>',
  '<a@b>',
  'a@b',
  '=?utf-8?q??=',
  '=?utf-8?q?_?=',
  '=?utf-8?b?/w==?=',
  '"" <a@b.org>',
  '=?utf-8?q?=20?= <a@b.org>',
  'x:;',
  'a@b, c@d',
  ';',
  'text',
  'text/',
  '/plain',
  'text/html; charset=',
  'text/plain; name=" "',
  'attachment; filename=',
  'attachment; filename=" "',
  "attachment; filename*=utf-8''%20",
  'inline; filename="=?utf-8?q??="',
  'multipart/mixed',
  'multipart/digest; boundary=b',
  'message/rfc822',
  'application/ms-tnef; name=winmail.dat',
  'text/calendar; method=REQUEST',
  'base64',
  'quoted-printable',
  '8bit',
  'yes',
  '0x10',
  '1e400',
  'NaN',
  '-',
  '7.1 (++)',
  'spf=pass; dkim=',
  'from x ([192.0.2.1]) by y',
  '\u0000',
  '\uD83D\uDE00',
  'é',
];
const NAMES = [
  'From',
  'To',
  'Cc',
  'Bcc',
  'Subject',
  'Message-ID',
  'In-Reply-To',
  'Return-Path',
  'Received',
  'Date',
  'Authentication-Results',
  'X-Spam-Score',
  'X-Spam-Flag',
  'X-Spam-Status',
  'Content-Type',
  'Content-Disposition',
  'Content-Transfer-Encoding',
  '__proto__',
  'constructor',
  'toString',
  'Subject ',
  'X',
];
const line = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...VALUES) }, fc.string({ unit: 'binary', maxLength: 12 })),
  )
  .map(([name, value]) => `${name}: ${value}`);
const head = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => lines.join('\r\n'));
const part = fc.tuple(head, fc.string({ unit: 'binary', maxLength: 40 })).map(([top, text]) => `${top}\r\n\r\n${text}`);
const whole = fc
  .tuple(head, fc.array(part, { maxLength: 4 }))
  .map(([top, parts]) =>
    Buffer.from(
      `${top}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.map((one) => `--b\r\n${one}\r\n`).join('')}--b--\r\n`,
    ),
  );
/** A mail of the corpus with bytes changed. */
const broken = fc
  .tuple(
    fc.constantFrom(...CORPUS),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...'\0\r\n:;="<>?-@ \xff')), { minLength: 1, maxLength: 12 }),
  )
  .map(([[, bytes], changes]) => {
    const copy = Buffer.from(bytes);
    for (const [at, char] of changes) copy[at % copy.length] = char.charCodeAt(0);
    return copy;
  });

test('so does any mail, however odd or broken', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        part.map((text) => Buffer.from(text)),
        whole,
        broken,
      ),
      async (bytes) => {
        expect((await misfits(bytes)) ?? []).toEqual([]);
      },
    ),
    { numRuns: 600, seed: 20_261_129 },
  );
});
