import { expect, test } from 'vitest';
import { withDistinctEvents } from '../../src/plan/distinct-event.ts';
import { makeIds, seededRandom } from '../../src/plan/ids.ts';
import { makePlan } from '../../src/plan/make-plan.ts';
import { readEventKeys } from '../../src/vendors/read-body.ts';
import { VENDORS } from '../helpers/vendors.ts';

const cases = VENDORS.flatMap((vendor) => vendor.events.map(({ name }) => ({ id: vendor.id, name, vendor })));

test('all vendors are asked', () => expect(cases.length).toBeGreaterThan(50));

test.each(cases)('$id $name: a second event of the same moment is another one', ({ vendor, name }) => {
  const ids = makeIds(seededRandom('distinct'));
  const clock = { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() };
  const own = withDistinctEvents(vendor);
  const makeOne = (): { key: unknown; bytes: string } => {
    const options = { event: name, url: new URL('http://127.0.0.1/hook'), webhookUuid: 'w', deliveryId: 'd' };
    const { url, headers, body } = makePlan(options, own, clock, ids);
    const bytes = `${url.href} ${JSON.stringify(headers)} ${Buffer.from(body).toString()}`;
    return { key: readEventKeys(vendor, { url, headers, body })[0], bytes };
  };
  const [first, second] = [makeOne(), makeOne()];
  expect(second.bytes).not.toBe(first.bytes);
  if (first.key !== null) expect(second.key).not.toBe(first.key);
});
