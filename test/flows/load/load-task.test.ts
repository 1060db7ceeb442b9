import { expect, test } from 'vitest';
import { packError, unpackError } from '../../../src/flows/load/load-task.ts';
import { AppError } from '../../../src/model/error.ts';
import { withDistinctEvents } from '../../../src/plan/distinct-event.ts';
import { VENDORS } from '../../helpers/vendors.ts';

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s crosses to a thread as it is', (_, vendor) => {
  const distinct = withDistinctEvents(vendor);
  expect(structuredClone(distinct)).toEqual(distinct);
});

test('an error crosses with what its reader needs', () => {
  const told = new AppError('history', 'the disk is full', { hint: 'make room', withoutIt: '--no-history' });
  expect(unpackError(structuredClone(packError(told)))).toMatchObject({
    kind: 'history',
    message: 'the disk is full',
    hint: 'make room',
    withoutIt: '--no-history',
    thenAgain: false,
  });
  const bug = new TypeError('x is not a function');
  expect(unpackError(structuredClone(packError(bug)))).toMatchObject({ message: bug.message, stack: bug.stack });
  expect(unpackError(packError('thrown text')).message).toBe('thrown text');
});
