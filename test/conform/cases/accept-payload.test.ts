import { expect, test } from 'vitest';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { makeEventFactory } from '../../../src/flows/test/event-factory.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { readEventKey, readObject } from '../../../src/vendors/event-key.ts';
import { SUITE_VENDORS, VENDORS } from '../../helpers/vendors.ts';
import { SECRET, secretOf, settingOf } from '../../helpers/try-case.ts';

const MIB = 1024 * 1024;
const frozenClock = { ...systemClock, now: () => 1_764_400_000_000 };

// express.raw({ limit: '5mb' }) takes 5 * 1024 * 1024 bytes, and not one more; nginx's default is 1m, read alike.
test.each(
  SUITE_VENDORS.flatMap((vendor) => [
    [vendor.id, 'large-1mib', MIB, vendor] as const,
    [vendor.id, 'large-5mib', 5 * MIB, vendor] as const,
  ]),
)('%s: the body of %s is %i bytes, and still its event', (_, id, bytes, vendor) => {
  const secret = vendor.signature.value === null ? null : SECRET;
  const url = new URL('https://127.0.0.1/hook');
  const factory = makeEventFactory({ vendor, url, secret, clock: systemClock, ids: makeIds(systemRandom()) });
  const [request] =
    listCases(settingOf(vendor))
      .find((one) => one.id === id)
      ?.change(factory) ?? [];
  if (request === undefined) throw new Error('no request');
  expect(request.body.byteLength).toBe(bytes);
  expect(readEventKey(vendor, request.headers, readObject(request.body))).toBe(request.key);
  expect(request.key).not.toBeNull();
});

// A receiver may know a request again by its bytes, or by a signature that holds no time.
test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  'no two samples of %s that one run sends are the same bytes, ids in headers left aside',
  (_, vendor) => {
    const secret = vendor.signature.value === null ? null : secretOf(vendor);
    const url = new URL('https://127.0.0.1/hook');
    const factory = makeEventFactory({ vendor, url, secret, clock: frozenClock, ids: makeIds(systemRandom()) });
    const sent = listCases(settingOf(vendor))
      .filter(({ isSample }) => isSample)
      .flatMap(({ id, change }) => change(factory).map((one) => [id, `${one.url} ${String(one.body)}`] as const));
    const repeated = sent.filter(([, text], at) => sent.findIndex(([, other]) => other === text) !== at);
    expect(repeated.map(([id]) => id)).toEqual([]);
  },
);
