import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import { ALGORITHM_CASES } from '../../src/conform/cases/refuse-algorithm.ts';
import { BYPASS_CASES, SIGNATURE_CASES } from '../../src/conform/cases/refuse-signature.ts';
import type { Remark, Vendor } from '../../src/model/vendor.ts';
import { isSigned, isTimed } from '../../src/vendors/facts.ts';
import { SUITE_VENDORS } from '../helpers/vendors.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';
import { settingOf } from '../helpers/try-case.ts';

const casesOf = (vendor: Vendor): ReturnType<typeof listCases> => listCases(settingOf(vendor));

test('the severities of every case for every vendor', async () => {
  const rows = new Map<string, string[]>();
  for (const [at, vendor] of SUITE_VENDORS.entries())
    for (const { id, severity } of casesOf(vendor))
      rows.set(id, (rows.get(id) ?? SUITE_VENDORS.map(() => '')).with(at, severity));
  const width = Math.max(...[...rows.keys()].map(({ length }) => length)) + 2;
  const line = (id: string, cells: readonly string[]): string =>
    `${id.padEnd(width)}${cells.map((cell) => cell.padEnd(19)).join('')}`.trimEnd();
  const table = [
    line(
      '',
      SUITE_VENDORS.map(({ id }) => id),
    ),
    ...[...rows].map(([id, cells]) => line(id, cells)),
  ];
  await expect(`${table.join('\n')}\n`).toMatchFileSnapshot(join(import.meta.dirname, 'severities.txt'));
});

describe.each(SUITE_VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
  test('no must rests on what nobody documents', () => {
    const unsure = casesOf(vendor).filter(({ severity, assumptions }) => severity === 'must' && assumptions.length > 0);
    expect(unsure).toEqual([]);
  });

  test('every forgery is a must where the vendor signs', () => {
    const forgeries = [...SIGNATURE_CASES, ...BYPASS_CASES].filter(({ isAdvice }) => !isAdvice).map(({ id }) => id);
    const found = casesOf(vendor).filter(({ id }) => forgeries.includes(id));
    expect(found.map(({ id, severity }) => [id, severity])).toEqual(
      isSigned(vendor) ? forgeries.map((id) => [id, 'must']) : [],
    );
  });

  test('a captured request is a forgery wherever the signature carries a time, and two bad signatures are one', () => {
    const ids = [...(isTimed(vendor) ? ['replay'] : []), ...(isSigned(vendor) ? ['two-headers-both-bad'] : [])];
    const found = casesOf(vendor).filter(({ id }) => [...ids, 'two-times'].includes(id));
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    expect(found.filter(({ severity }) => severity !== 'must')).toEqual([]);
  });

  test('what only who can sign could send is no must where the vendor signs', () => {
    const ids = ['malformed-json', 'json-not-object', 'empty-body', 'deep-nesting'];
    const algorithms = ALGORITHM_CASES.map(({ id }) => id);
    const found = casesOf(vendor).filter(({ id }) => [...ids, ...algorithms].includes(id));
    expect(new Set(found.map(({ severity }) => severity))).toEqual(new Set([isSigned(vendor) ? 'should' : 'must']));
  });
});

/** MailKite without opt-in events, as if its documentation said all of it. */
const sure = documented({ ...mailkite, events: mailkite.events.slice(0, 1) }) as Vendor;

/** With every fact, or those behind one key, of this certainty. */
function documented(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(documented);
  if (typeof part !== 'object' || part === null) return part;
  const below = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, documented(value)]));
  return 'certainty' in below ? { ...below, certainty: 'doc' } : below;
}

/** With the fact at this path documented nowhere; a list's element is meant by its name. */
function unsureAt(part: unknown, [step, ...steps]: readonly string[]): unknown {
  if (step === undefined) return { ...(part as object), certainty: 'us' };
  if (Array.isArray(part)) return part.map((one: { name: string }) => (one.name === step ? unsureAt(one, steps) : one));
  return { ...(part as object), [step]: unsureAt((part as Record<string, unknown>)[step], steps) };
}

const EVENT = ['event-full-email.received', 'event-minimal-email.received', 'event-spam-email.received'];
const SAMPLES = [...EVENT, 'event-inline-attachments-email.received'];
const FIELDS = 'events email.received fields';

test.each([
  ['timeoutMs', ['quick-answer']],
  ['retries delaysMs', ['late-retry']],
  ['signature value timestamp toleranceMs', ['within-window', 'stale']],
  ['headers content-type', ['content-type-charset']],
  ['jsonStyle', ['json-escaped', 'json-spaced']],
  ['events email.received', [...SAMPLES, 'event-documented-email.received']],
  [`${FIELDS} id`, [...SAMPLES, 'same-id-again']],
  [`${FIELDS} receivedAt`, [...SAMPLES, 'late-retry']],
  [`${FIELDS} subject`, [...SAMPLES, 'unicode']],
  [`${FIELDS} text`, [...SAMPLES, 'unicode', 'large-1mib', 'large-5mib']],
  [`${FIELDS} auth fields spf`, SAMPLES],
  // A forgery is one whatever is known of the rest, and what every request shares decides in cases about it alone.
  ['signature', []],
  ['success', []],
  ['headers User-Agent', []],
  [`${FIELDS} auth fields spam values`, []],
])('with %s documented nowhere, these are no longer a must: %j', (path, ids) => {
  const before = casesOf(sure);
  const after = new Map(casesOf(unsureAt(sure, path.split(' ')) as Vendor).map((one) => [one.id, one]));
  const changed = before.filter(({ id, severity }) => after.get(id)?.severity !== severity).map(({ id }) => id);
  expect(changed.toSorted()).toEqual(ids.toSorted());
  for (const id of ids)
    expect(after.get(id)).toMatchObject({
      severity: 'should',
      assumptions: expect.arrayContaining([expect.stringMatching(/: our choice, not documented$/)]),
    });
});

test.each<['us' | 'user', number]>([
  ['us', 0],
  ['user', 4],
])(
  'of a vendor that signs nothing, as %s say, so many cases of bodies that only it could sign are a must: %i',
  (certainty, musts) => {
    const bodies = casesOf({ ...sure, signature: { value: null, certainty } }).filter(({ id }) =>
      ['malformed-json', 'json-not-object', 'empty-body', 'deep-nesting'].includes(id),
    );
    expect(bodies.filter(({ severity }) => severity === 'must')).toHaveLength(musts);
    const assumed = bodies.filter(({ assumptions }) =>
      assumptions.join().includes('that MailKite signs nothing: our choice'),
    );
    expect(assumed).toHaveLength(4 - musts);
  },
);

/** With a remark of ours about a part of the field `name` of the event. */
function remarked(name: string, about: Remark['about']): Vendor {
  const remarks = [{ text: 'as we think', certainty: 'us', about }] as const;
  const [event] = sure.events;
  const fields = event?.fields.map((field) => (field.name === name ? { ...field, remarks } : field)) ?? [];
  return { ...sure, events: event === undefined ? [] : [{ ...event, fields }] };
}

test.each<[name: string, about: Remark['about'], ids: string[]]>([
  ['receivedAt', 'meaning', ['late-retry']],
  ['receivedAt', 'null', []],
  ['receivedAt', 'absence', ['event-minimal-email.received']],
  ['id', 'meaning', ['same-id-again']],
  ['text', 'meaning', []],
  ['subject', 'null', []],
])('with a remark of ours on %s about its %s, these are no longer a must: %j', (name, about, ids) => {
  const after = new Map(casesOf(remarked(name, about)).map((one) => [one.id, one.severity]));
  const changed = casesOf(sure).filter(({ id, severity }) => after.has(id) && after.get(id) !== severity);
  expect(changed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
});

test.each([
  ['doc', 'must'],
  ['pub', 'must'],
  ['user', 'must'],
  ['inf', 'should'],
  ['us', 'should'],
] as const)('a fact that is %s makes %s', (certainty, severity) => {
  const vendor: Vendor = { ...sure, timeoutMs: { ...sure.timeoutMs, certainty } };
  expect(casesOf(vendor).find(({ id }) => id === 'quick-answer')?.severity).toBe(severity);
});
