import { expect, test } from 'vitest';
import type { Generated } from '../../src/model/generated.ts';
import type { Field } from '../../src/model/vendor.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { makeGenerate, prepareSample } from '../../src/plan/payload.ts';
import { describeGenerated, formOf, problemOfGenerated } from '../../src/vendors/generated-forms.ts';
import { idHeaderOf } from '../../src/vendors/facts.ts';
import { mail2many } from '../../src/vendors/mail2many.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';

const NOON = Date.UTC(2025, 10, 27, 12);
const PLAIN = { events: [], attachments: undefined };

const fill = (fields: readonly Field[]): Record<string, unknown> =>
  prepareSample(
    { name: 'order.created', summary: '', certainty: 'user', fields },
    { sample: 'full' },
  )(makeGenerate('order.created', NOON, makeIds(seededRandom('generated'))));

const IDS: [string, RegExp][] = [
  ['msg_[a-zA-Z0-9]{27}', /^msg_[a-zA-Z0-9]{27}$/],
  ['[0-9a-f]{50}', /^[0-9a-f]{50}$/],
  ['[A-Z]{2}-[0-9]{4}.[*]x(y)', /^[A-Z]{2}-\d{4}\.\*x\(y\)$/],
  ['a[[]{2}[b-]{5}', /^a\[\[[b-]{5}$/],
  ['uuid', /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/],
  ['uuid-v7', /^019ac52f-4200-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/],
  ['ulid', /^01KB2JYGG0[0-9A-HJKMNP-TV-Z]{16}$/],
];

test.each(IDS)('an id by %j', (id, expected) => {
  const filled = fill([
    { name: 'one', type: 'string', certainty: 'user', generated: { id } },
    { name: 'two', type: 'string', certainty: 'user', generated: { id } },
    { name: 'three', type: 'string', certainty: 'user', generated: { id, shared: true } },
    { name: 'four', type: 'string', certainty: 'user', generated: { id, shared: true } },
  ]);
  for (const value of Object.values(filled)) expect(value).toMatch(expected);
  expect(filled['one']).not.toBe(filled['two']);
  expect(filled['three']).toBe(filled['four']);
  expect(problemOfGenerated({ id }, PLAIN)).toBeNull();
});

const made = (type: Field['type'], generated: Generated): unknown =>
  fill([{ name: 'x', type, certainty: 'user', generated }])['x'];

test('the type of the field decides whether it gets a text or a number', () => {
  expect(made('integer', { time: 's' })).toBe(NOON / 1000);
  expect(made('string', { time: 's' })).toBe(String(NOON / 1000));
  expect(made('string', { digits: 4 })).toMatch(/^[1-9]\d{0,3}$/);
  expect(made('integer', { digits: 15 })).toSatisfy(Number.isSafeInteger);
  expect(made('string', 'event-name')).toBe('order.created');
});

test.each<[Generated, string]>([
  [{ id: 'order' }, '"order" is not an id'],
  [{ id: '' }, '"" is not an id'],
  [{ id: '[x]{5}' }, 'is not an id'],
  [{ id: '[z-a]{5}' }, 'is not an id'],
  [{ id: '(a+)+[a-z' }, 'is not an id'],
  [{ id: '[a-z]{999}' }, 'is not an id'],
  [{ id: 'ž[a-z]{9}' }, 'is not an id'],
  [{ digits: 0 }, 'a number has 1 to 15 digits'],
  [{ digits: 19 }, 'a number has 1 to 15 digits'],
  [{ time: 'soon' }, 'is not a time format'],
  ['attachment-url', 'is made by code for vendors of mails'],
  ['uid', 'is made by code for vendors of mails'],
])('%j cannot be made', (generated, problem) => {
  expect(problemOfGenerated(generated, PLAIN)).toContain(problem);
});

test('what code makes is for vendors that have it', () => {
  expect(problemOfGenerated('attachment-url', mailkite)).toBeNull();
  expect(problemOfGenerated('uid', mail2many)).not.toBeNull();
});

test.each<[Field['generated'], string]>([
  [{ id: 'uuid' }, 'X-Mail2Many-Event-Id'],
  [{ id: 'msg_[a-z]{9}' }, 'X-Mail2Many-Event-Id'],
  [{ digits: 9 }, 'X-Mail2Many-Event-Id'],
])('a header with %j carries the id', (generated, name) => {
  if (generated === undefined) throw new Error('a row without a value');
  const headers = mail2many.headers.map((header) =>
    header.name === name ? { ...header, value: { generated } } : header,
  );
  expect(idHeaderOf({ ...mail2many, headers })).toBe(name);
});

test.each<[Generated, string, string | undefined]>([
  [{ time: 'ms' }, 'time-ms', String.raw`^-?\d+$`],
  [{ time: 'iso' }, 'time-iso', String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$`],
  [
    { time: 'YYYY-MM-DD HH:mm:ss', zone: 'Europe/Prague' },
    'YYYY-MM-DD HH:mm:ss Europe/Prague',
    String.raw`^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$`,
  ],
  [{ time: 'rfc5322', of: 'mail' }, 'time-rfc5322', undefined],
  [{ digits: 9 }, '9 digits', '^[0-9]+$'],
  [{ id: 'evt_[a-z]{9}' }, 'evt_[a-z]{9}', '^evt_.'],
  [{ id: '<[a-z]{9}@example.com>' }, '<[a-z]{9}@example.com>', undefined],
  ['event-name', 'event-name', undefined],
])('%j in words and as an expression', (generated, words, source) => {
  expect(describeGenerated(generated)).toBe(words);
  expect(formOf({ generated, type: 'string' })?.source).toBe(source);
});
