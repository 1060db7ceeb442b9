import { expect, test } from 'vitest';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import type { BatchRule, BodyFormat } from '../../../src/model/body-format.ts';
import type { Vendor } from '../../../src/model/vendor.ts';
import type { ReceiverBehaviour } from '../../../src/receive/receiver-behaviour.ts';
import { MADE_UP_VENDORS } from '../../helpers/made-up-vendors.ts';
import { settingOf, tryCase } from '../../helpers/try-case.ts';

// What stands among good events, in each form of several.

const batched = (id: string, rule: Partial<BatchRule> = {}, format?: BodyFormat['format']): Vendor => {
  const vendor = MADE_UP_VENDORS.find((one) => one.id === id) as Vendor;
  const value: BatchRule = { shape: 'array', max: 100, mixesEvents: true, ...rule };
  const body = format === undefined ? vendor.body : ({ value: { format }, certainty: 'user' } as const);
  return { ...vendor, body, batch: { value, certainty: 'user' } };
};

/** Takes what stands before the first that is no event of the vendor's, and answers with success. */
const stopping = (correct: ReceiverBehaviour): Partial<ReceiverBehaviour> => ({
  read: (context) => {
    const events = correct.read(context) ?? [];
    const bad = events.findIndex((event) => 'hookproof' in event);
    return bad === -1 ? events : events.slice(0, bad);
  },
});

test.each<[what: string, vendor: Vendor]>([
  ['an array', batched('array')],
  ['an array with room for three', batched('array', { max: 3 })],
  ['events of one name', batched('array', { mixesEvents: false })],
  ['wrapped', batched('wrapped', { shape: { wrappedIn: 'events' } })],
  ['in a form', batched('form-of-json')],
  ['lines', batched('lines', {}, 'json-lines')],
  ['ids in a header', batched('named-hash')],
  ['the id signed', batched('rotating')],
])('a bad element (%s) is no reason to lose those behind it', async (_, vendor) => {
  const one = listCases(settingOf(vendor)).find(({ id }) => id === 'batch-bad-element');
  if (one === undefined) throw new Error('no such case');
  const bug = { id: 'batch-or-nothing', mistake: '', change: stopping } as const;
  expect(await tryCase(one, vendor, null)).toMatchObject({ status: 'pass', detail: expect.stringContaining('once') });
  expect(await tryCase(one, vendor, bug)).toMatchObject({ status: 'fail' });
  expect([one.severity, one.assumptions]).toEqual(['should', [expect.stringContaining('unreadable')]]);
});

test.each(['batch-bad-element', 'batch-odd-element'])('%s needs room beside two good events', async (id) => {
  const vendor = batched('array', { max: 2 });
  const one = listCases(settingOf(vendor)).find((listed) => listed.id === id);
  if (one === undefined) throw new Error('no such case');
  expect(await tryCase(one, vendor, null)).toMatchObject({
    status: 'skip',
    detail: 'nothing was sent: a request contains at most two events',
  });
});
