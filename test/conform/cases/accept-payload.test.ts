import { expect, test } from 'vitest';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { makeEventFactory } from '../../../src/flows/test/event-factory.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { readEventKey, readObject } from '../../../src/vendors/event-key.ts';
import { SUITE_VENDORS } from '../../helpers/vendors.ts';
import { SECRET, settingOf } from '../../helpers/try-case.ts';

const MIB = 1024 * 1024;

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
