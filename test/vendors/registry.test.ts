import { expect, test } from 'vitest';
import type { VendorEntry } from '../../src/model/vendor-registry.ts';
import { builtInVendors, findEntry, findSender, makeRegistry } from '../../src/vendors/registry.ts';
import { BUILT_IN } from '../../src/vendors/vendor-index.ts';
import { findVendor } from '../helpers/vendors.ts';

const entry = (id: string, events: readonly string[], isOriginal = false): VendorEntry => {
  return { id, title: id, events, selectable: [], isSigned: true, showsCertificate: false, isOriginal };
};

const FIRST = [entry('old', ['optin', 'inbound'], true), entry('older', ['inbound'], true)];
const LATER = [entry('new', ['optin', 'inbound', 'paid', 'refunded']), entry('newer', ['paid', 'shipped', 'optin'])];
const OWN = { ...entry('mine', ['shipped', 'own', 'optin']), file: '/mine.json' };
const ALL = [...FIRST, OWN, ...LATER];

test.each<[event: string, subscribed: string[], sender: string]>([
  ['optin', [], 'old'],
  ['refunded', [], 'new'],
  ['inbound', ['older'], 'older'],
  // Of several webhooks the original vendor's is meant, as before the others came.
  ['inbound', ['older', 'new'], 'older'],
  ['optin', ['new'], 'new'],
  ['optin', ['new', 'newer'], 'old'],
  ['paid', ['newer'], 'newer'],
  // A file that somebody adds takes nothing from a vendor that is built in.
  ['shipped', [], 'newer'],
  ['own', [], 'mine'],
])('%s with webhooks of %j is sent by %s', (event, subscribed, sender) => {
  expect(findSender(ALL, event, subscribed)).toBe(sender);
});

test.each([
  ['optin', []],
  ['optin', ['old']],
  ['inbound', ['old']],
  ['inbound', ['older']],
])('%s with webhooks of %j means the same when further vendors come', (event, subscribed) => {
  expect(findSender(ALL, event, subscribed)).toBe(findSender(FIRST, event, subscribed));
});

test.each<[event: string, subscribed: string[], message: string]>([
  ['inbound', [], 'several vendors have an event "inbound": old, older'],
  ['inbound', ['old', 'older', 'new'], 'several vendors have an event "inbound": old, older, new'],
  ['paid', [], 'several vendors have an event "paid": new, newer'],
  ['lost', [], 'no vendor has an event "lost"'],
])('%s with webhooks of %j is refused: %s', (event, subscribed, message) => {
  expect(() => findSender(ALL, event, subscribed)).toThrow(expect.objectContaining({ kind: 'usage', message }));
});

test('an unknown id is told with those that there are', async () => {
  const hint = `known: ${BUILT_IN.map(({ id }) => id).join(', ')}; or give a vendor file: --vendor ./acme.vendor.json`;
  await expect(builtInVendors.load('mailkitt')).rejects.toThrow(
    expect.objectContaining({ kind: 'usage', message: 'unknown vendor "mailkitt"', hint }),
  );
  expect(() => findEntry(FIRST, 'toString')).toThrow('unknown vendor "toString"');
});

test('only the vendor that is asked for is read', async () => {
  const read: string[] = [];
  const vendors = BUILT_IN.map((one) => ({ ...one, load: () => (read.push(one.id), one.load()) }));
  expect(await makeRegistry(vendors).load('mail2many')).toEqual(findVendor('mail2many'));
  expect(read).toEqual(['mail2many']);
});
