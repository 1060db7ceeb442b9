import { expect, test } from 'vitest';
import { draftVendor, type DraftedVendor } from '../../../src/config/vendor-draft/draft-vendor.ts';
import type { JsonObject, JsonValue } from '../../../src/model/json.ts';

const AT = Date.parse('2026-11-29T10:00:00Z');

/** Of a vendor that signs its bodies; one capture a body. */
function draft(bodies: readonly JsonValue[], headers: readonly (readonly [string, string])[] = []): DraftedVendor {
  return draftVendor({
    id: 'acme',
    title: 'Acme',
    asOf: '2026-11-29',
    schemaPath: 'vendor.schema.json',
    requests: bodies.map((body, n) => ({
      method: 'POST',
      path: '/in',
      headers: [['X-Sig', 'x'], ...(headers[n] === undefined ? [] : [headers[n]])],
      body: Buffer.from(JSON.stringify(body)),
      madeAtMs: AT,
    })),
    signature: { algorithm: 'hmac-sha256', message: ['body'], at: { header: 'X-Sig' }, format: '{v}' },
    further: [],
    proof: 'learned',
    jsonStyle: null,
    keepsValues: true,
    holdsSecret: () => false,
  });
}

const eventsOf = ({ content }: DraftedVendor): JsonObject[] => content['events'] as JsonObject[];
const generatedOf = (bodies: readonly JsonValue[]): JsonValue => eventsOf(draft(bodies))[0]?.['generated'] ?? {};

test.each<[what: string, bodies: JsonValue[], events: [name: string, captures: number[], sample: JsonValue][]]>([
  [
    'one of each name, the first of it',
    [
      { type: 'a.made', n: 1 },
      { type: 'a.gone', n: 2 },
      { type: 'a.made', n: 3 },
    ],
    [
      ['a.made', [0, 2], { type: 'a.made', n: 1 }],
      ['a.gone', [1], { type: 'a.gone', n: 2 }],
    ],
  ],
  [
    'those of a list',
    [[{ event: 'sent' }, { event: 'seen', n: 2 }], [{ event: 'sent', n: 3 }]],
    [
      ['sent', [0, 1], { event: 'sent' }],
      ['seen', [0], { event: 'seen', n: 2 }],
    ],
  ],
  [
    'none after people',
    [{ name: 'Anna Schmidt' }, { data: { name: 'Jan' } }, { name: 'Anna-Lena' }],
    [['event', [0, 1, 2], { name: 'Anna Schmidt' }]],
  ],
])('events: %s', (_, bodies, events) => {
  const drafted = draft(bodies);
  expect(drafted.events).toEqual(events.map(([name, captures]) => ({ name, captures })));
  expect(eventsOf(drafted)).toMatchObject(events.map(([name, , sample]) => ({ name, sample })));
});

test('a list that was seen to mix events says so', () => {
  const batch = { value: { shape: 'array', max: 2, mixesEvents: true } };
  expect(draft([[{ event: 'sent' }, { event: 'seen' }]]).content).toMatchObject({ batch });
});

test.each<[what: string, bodies: JsonValue[], generated: JsonObject]>([
  [
    'ids and times within objects',
    [
      { data: { order: { id: 'ord_1aB', number: 1001, placed_at: 1_763_000_000 }, account_id: 'acc_1' } },
      { data: { order: { id: 'ord_2aB', number: 1002, placed_at: 1_763_000_050 }, account_id: 'acc_1' } },
    ],
    {
      'data.order.id': { id: 'ord_[a-zA-Z0-9]{8}' },
      'data.order.number': { digits: 8 },
      'data.order.placed_at': { time: 's' },
    },
  ],
  [
    'of one capture its own id and time alone',
    [{ id: 'evt_1', order: { id: 'ord_1' }, sent_at: '2026-11-29T10:00:00Z', placed_at: '2026-01-01T10:00:00Z' }],
    { id: { id: 'evt_[0-9]{8}' }, sent_at: { time: 'iso' } },
  ],
  [
    'what differs between events of several names, and nothing that does not',
    [
      { type: 'a.made', order_id: 'ord_1', run: 'k3J9x2Lm8QpZ' },
      { type: 'a.gone', order_id: 'ord_1', run: 'q1W8e7R6t5Yu' },
    ],
    { run: { id: '[a-zA-Z0-9]{12}' }, type: 'event-name' },
  ],
  ['a short id is drawn from enough', [{ id: 'z1' }], { id: { id: '[a-z0-9]{8}' } }],
  ['a short number, too', [{ id: 7 }], { id: { digits: 8 } }],
  [
    'an event that was sent twice is no other',
    [
      { id: 'evt_1', account_id: 'acc_1' },
      { id: 'evt_1', account_id: 'acc_1' },
    ],
    { id: { id: 'evt_[0-9]{8}' } },
  ],
  [
    'the same value twice stays the same',
    [{ data: { order_id: 'ord_1', order: { id: 'ord_1' } } }, { data: { order_id: 'ord_2', order: { id: 'ord_2' } } }],
    {
      'data.order_id': { id: 'ord_[0-9]{8}', shared: true },
      'data.order.id': { id: 'ord_[0-9]{8}', shared: true },
    },
  ],
  [
    'no amounts, counts, words, and times of something else',
    [
      { total: 1999, attempt_number: 1, status: 'open', due_at: 1_790_000_000 },
      { total: 2999, attempt_number: 2, status: 'open', due_at: 1_790_000_100 },
    ],
    { status: 'event-name' },
  ],
])('made anew: %s', (_, bodies, generated) => {
  expect(generatedOf(bodies)).toEqual(generated);
});

test('an id that several events share is not theirs', () => {
  const bodies = ['ord_1', 'ord_1', 'ord_2'].map((id, n) => ({ id, event_id: `e-${n}`, n }));
  expect(eventsOf(draft(bodies))[0]).toMatchObject({ generated: { id: {}, event_id: {} }, idField: 'event_id' });
});

test.each(['X-Event-Id', 'X-Acme-Id'])('a header that repeats an id has it in every event: %s', (name) => {
  const ids = ['evt_12', 'evt_a3'];
  const drafted = draft(
    ids.map((id, n) => ({ id, type: `a.${n}` })),
    ids.map((id) => [name, id] as const),
  );
  const shared = { id: 'evt_[0-9]{8}', shared: true };
  expect(drafted.content['headers']).toEqual([{ name, value: { generated: shared } }]);
  expect(eventsOf(drafted).map(({ generated }) => (generated as JsonObject)['id'])).toEqual([shared, shared]);
});
