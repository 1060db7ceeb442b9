import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../../src/model/error.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { VendorEvent } from '../../src/model/vendor.ts';
import { makeGenerate, prepareSample } from '../../src/plan/payload.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { applyOverrides, type Overrides } from '../../src/plan/overrides.ts';
import { findVendor } from '../helpers/vendors.ts';
import { findEvent } from '../../src/vendors/find-event.ts';
import { NOW_MS } from '../vendors/fixtures.ts';

const eventOf = (path: string): VendorEvent => {
  const [vendor = '', event = ''] = path.split(' ');
  return findEvent(findVendor(vendor), event);
};
const sampleOf = (event: VendorEvent, sample: 'full' | 'minimal' = 'full'): JsonObject =>
  prepareSample(event, { sample })(makeGenerate(event.name, NOW_MS, makeIds(seededRandom('overrides'))));
const apply = (path: string, overrides: Partial<Overrides>, sample: 'full' | 'minimal' = 'full'): JsonObject => {
  const event = eventOf(path);
  return applyOverrides(sampleOf(event, sample), event, { set: [], add: [], remove: [], ...overrides });
};
const readPath = (payload: JsonObject, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], payload);

test.each<[event: string, set: string, path: string, value: unknown]>([
  ['mailkit unsubscribe', 'TIMEOUT=7', 'TIMEOUT', '7'],
  ['mailkit unsubscribe', 'METHOD=something_new', 'METHOD', 'something_new'],
  ['mailkit unsubscribe', 'EXPIRE=', 'EXPIRE', ''],
  ['mailkit subscribe', 'CUSTOM25=a=b=c', 'CUSTOM25', 'a=b=c'],
  ['mailkit subscribe', 'EMAIL=null', 'EMAIL', 'null'],
  ['mail2many optin', 'channelIds=[1,3]', 'channelIds', [1, 3]],
  ['mail2many optin', 'channelIds.0=7', 'channelIds', [7, 2]],
  ['mail2many optin', 'channelIds[1]=7', 'channelIds', [1, 7]],
  ['mail2many optin', 'channelIds[2]=7', 'channelIds', [1, 2, 7]],
  ['mail2many optin', 'genderId=2', 'genderId', 2],
  ['mail2many optin', 'genderId=-9', 'genderId', -9],
  ['mail2many optin', 'newsletterSubject=null', 'newsletterSubject', null],
  ['mailkite email.received', 'subject=Grüße', 'subject', 'Grüße'],
  ['mailkite email.received', 'text=null', 'text', null],
  ['mailkite email.received', 'attachments[0].filename=a.pdf', 'attachments.0.filename', 'a.pdf'],
  ['mailkite email.received', 'attachments.0.size=0', 'attachments.0.size', 0],
  ['mailkite email.received', 'attachments=[]', 'attachments', []],
  ['mailkite email.received', 'from={"address":"me@example.com"}', 'from', { address: 'me@example.com' }],
  ['mailkite email.bounced', 'data.bounce.type=soft', 'data.bounce.type', 'soft'],
  ['mailkite email.opened', 'data.open.machine=true', 'data.open.machine', true],
  ['mail-plus inbound', 'spam_score=7.5', 'spam_score', 7.5],
  ['mail-plus inbound', 'header.Message-ID=<a@example.com>', 'header.Message-ID', '<a@example.com>'],
])('%s --set %s', (event, set, path, value) => {
  const payload = apply(event, { set: [set] });
  expect(readPath(payload, path)).toEqual(value);
  expect(Object.keys(payload)).toEqual(Object.keys(sampleOf(eventOf(event))));
});

test.each([
  ['mail2many optin', 'genderId=two', 'a whole number'],
  ['mail2many optin', 'genderId=', 'a whole number'],
  ['mail2many optin', 'genderId=1.5', 'a whole number'],
  ['mail2many optin', 'genderId="2"', 'a whole number'],
  ['mail2many optin', 'genderId=null', 'a whole number'],
  ['mail2many optin', 'newsletterId=one', 'a whole number or null'],
  ['mail2many optin', 'channelIds=1', 'a JSON array'],
  ['mail2many optin', 'channelIds=[1,"2"]', 'a whole number'],
  ['mail-plus inbound', 'spam_score=high', 'a number'],
  ['mailkite email.received', 'from=me@example.com', 'a JSON object'],
  ['mailkite email.received', 'from={"address":1}', 'text'],
  ['mailkite email.opened', 'data.open.machine=1', 'true or false'],
])('%s --set %s is refused: it must be %s', (event, set, expected) => {
  expect(() => apply(event, { set: [set] })).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(`must be ${expected},`) }),
  );
});

test.each([
  ['set', 'accountId=12345678901234567890', '12345678901234567890'],
  ['set', 'accountId=9007199254740993', '9007199254740993'],
  ['set', 'channelIds=[1,-12345678901234567890]', '-12345678901234567890'],
  ['set', 'channelIds.0=9007199254740993e0', '9007199254740993e0'],
  ['add', 'novelty={"text":"1e400 \\" 2","n":1e400}', '1e400'],
  ['add', 'novelty=0.12345678901234567890', '0.12345678901234567890'],
  ['add', 'novelty=1e-400', '1e-400'],
] as const)('--%s %s is refused: JavaScript would send another number than %s', (flag, text, number) => {
  expect(() => apply('mail2many optin', { [flag]: [text] })).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: expect.stringContaining(`has the number ${number}, which JavaScript cannot hold exactly`),
    }),
  );
});

test('a text of 16 MiB, such as an attachment, can be added', () => {
  const text = 'x'.repeat(16 * 1024 * 1024);
  expect(() => apply('mail2many optin', { add: [`novelty={"text":"${text}"}`] })).not.toThrow();
});

test.each<[number: string, value: unknown]>([
  ['9007199254740991', 9_007_199_254_740_991],
  ['12345678901234567000', 12_345_678_901_234_567_000],
  ['1e21', 1e21],
  ['1.50E+2', 150],
  ['0.1', 0.1],
  ['-0.0', -0],
  ['"12345678901234567890"', '12345678901234567890'],
  ['[1e2,0]', [100, 0]],
])('--add novelty=%s keeps its value', (text, value) => {
  expect(apply('mail2many optin', { add: [`novelty=${text}`] })['novelty']).toEqual(value);
});

test.each([
  ['set', 'emial=x', 'emial'],
  ['set', 'channelIds.x=1', 'channelIds.x'],
  ['set', 'email.address=x', 'email.address'],
  ['set', 'toString=x', 'toString'],
  ['remove', 'emial', 'emial'],
  ['remove', 'channelIds.5', 'channelIds.5'],
  ['remove', 'email.length', 'email.length'],
] as const)('--%s %s leads nowhere, and says what there is', (flag, text, given) => {
  expect(() => apply('mail2many optin', { [flag]: [text] })).toThrow(
    expect.objectContaining({
      kind: 'usage',
      unknown: { given, among: expect.arrayContaining(['email', 'channelIds', 'channelIds.0']) },
    }),
  );
});

test.each([
  ['set', 'email'],
  ['set', '=x'],
  ['set', 'a..b=x'],
  ['add', 'novelty'],
  ['add', 'email=x'],
  ['add', 'channelIds.0=9'],
  ['add', 'channelIds.9=9'],
  ['add', 'email.part=9'],
  ['set', 'channelIds.9=9'],
  ['set', '__proto__.polluted=1'],
  ['add', '__proto__.polluted=1'],
  ['add', 'constructor.prototype.polluted=1'],
  ['add', 'channelIds.__proto__.polluted=1'],
  ['remove', '__proto__'],
] as const)('--%s %s is refused', (flag, text) => {
  expect(() => apply('mail2many optin', { [flag]: [text] })).toThrow(expect.objectContaining({ kind: 'usage' }));
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a key of an object that the vendor does not have is refused by name', () => {
  expect(() => apply('mailkite email.received', { set: ['from={"adress":"x"}'] })).toThrow(
    expect.objectContaining({ unknown: { given: 'adress', among: ['address', 'name'] } }),
  );
});

test.each<[add: string, path: string, value: unknown]>([
  ['novelty=1', 'novelty', 1],
  ['novelty=null', 'novelty', null],
  ['novelty=plain text', 'novelty', 'plain text'],
  ['novelty={"a":[true]}', 'novelty', { a: [true] }],
  ['novelty.deep.er=1', 'novelty', { deep: { er: 1 } }],
  ['data.novelty=x', 'data.novelty', 'x'],
])('--add %s', (add, path, value) => {
  const payload = apply('mailkite email.opened', { add: [add] });
  expect(readPath(payload, path)).toEqual(value);
});

test.each<[event: string, remove: string, path: string]>([
  ['mail2many optin', 'email', 'email'],
  ['mailkite email.bounced', 'data.bounce.type', 'data.bounce.type'],
  ['mailkite email.received', 'attachments.0.url', 'attachments.0.url'],
])('%s --remove %s', (event, remove, path) => {
  expect(readPath(apply(event, { remove: [remove] }), path)).toBeUndefined();
});

test('--remove of an element closes the gap; of a field that is not there it is done already', () => {
  expect(apply('mail2many optin', { remove: ['channelIds.0'] })['channelIds']).toEqual([2]);
  expect(apply('mailkit subscribe', { remove: ['EMAIL'] }, 'minimal')).toEqual(
    sampleOf(eventOf('mailkit subscribe'), 'minimal'),
  );
});

test('a field that was absent comes to its documented place', () => {
  const payload = apply('mailkit unsubscribe', { set: ['IP=203.0.113.9', 'EMAIL=me@example.com'] }, 'minimal');
  expect(Object.keys(payload).slice(0, 4)).toEqual(['EMAIL', 'DATE', 'IP', 'IP_ORIG']);
  expect(Object.keys(apply('mail2many optin', { add: ['novelty=1'] })).at(-1)).toBe('novelty');
});

test('a header that only the mail has can be set and removed', () => {
  const event = eventOf('mail-plus inbound');
  const payload = { header: { 'X-Mailer': 'Demo' } };
  const change = (overrides: Partial<Overrides>) =>
    applyOverrides(payload, event, { set: [], add: [], remove: [], ...overrides });
  expect(change({ set: ['header.X-Mailer=Other'] })).toEqual({ header: { 'X-Mailer': 'Other' } });
  expect(change({ remove: ['header.X-Mailer'] })).toEqual({ header: {} });
});

test('the payload that was given is left alone', () => {
  const event = eventOf('mailkite email.received');
  const payload = sampleOf(event);
  const before = structuredClone(payload);
  applyOverrides(payload, event, {
    set: ['from.name=X', 'attachments.0.size=1'],
    add: ['from.novelty=1'],
    remove: ['to.0.name'],
  });
  expect(payload).toEqual(before);
});

test('whatever is typed, only errors on purpose come out and no prototype changes', () => {
  const segment = fc.constantFrom('email', 'channelIds', '0', '[0]', '__proto__', 'constructor', 'prototype', 'x', '');
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => parts.join('.'));
  const value = fc.constantFrom('', 'x', '1', '[1]', '{"__proto__":{"polluted":1}}', 'null');
  const assignment = fc.tuple(path, value).map((parts) => parts.join('='));
  fc.assert(
    fc.property(
      fc.array(assignment, { maxLength: 2 }),
      fc.array(assignment, { maxLength: 2 }),
      fc.array(path, { maxLength: 2 }),
      (set, add, remove) => {
        try {
          apply('mail2many optin', { set, add, remove });
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      },
    ),
    { numRuns: 500 },
  );
});

test.each<[flag: 'set' | 'add', text: string, key: string]>([
  ['add', 'novelty={"a":1,"a":2}', 'a'],
  ['add', 'novelty=[{"b":{}},{"b":{"c":1,"d":{"c":1},"\\u0063":2}}]', 'c'],
  ['set', 'from={"address":"x@example.org","name":"x","address":"y@example.org"}', 'address'],
])('--%s %s would lose one of two, and is refused', (flag, text, key) => {
  expect(() => apply('mailkite email.received', { [flag]: [text] })).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringContaining(`the key "${key}" twice`) }),
  );
});

test('keys of two objects, and what only looks like a key, are not taken for two of one', () => {
  const value = [{ a: 'a', b: ['a', 'a', '{"a":1,"a":2}'] }, { a: 1 }];
  expect(apply('mail2many optin', { add: [`novelty=${JSON.stringify(value)}`] })).toMatchObject({ novelty: value });
});

test('a field that is set twice is refused', () => {
  expect(() => apply('mail2many optin', { set: ['firstname=Mia', 'firstname=Mona'] })).toThrow(
    expect.objectContaining({ kind: 'usage', message: '--set firstname is given twice' }),
  );
});
