import { expect, test } from 'vitest';
import type { CheckedAddress } from '../../../src/flows/callers/check-address.ts';
import { checkAddresses, doInOrder } from '../../../src/flows/callers/check-addresses.ts';
import { makeAddressCounter } from '../../../src/flows/callers/tally.ts';
import { addressOf } from '../../../src/source/address.ts';
import { openFakeDns } from '../../helpers/fake-dns.ts';
import { makeGate } from '../../helpers/gate.ts';

test('one deadline holds for all questions about an address', async () => {
  const dns = await openFakeDns(({ type }) =>
    type === 'PTR' ? { records: [{ type: 'PTR', data: 'out1.mail-plus.com' }], delayMs: 1500 } : null,
  );
  const lines = (async function* () {
    yield [{ line: null, text: '192.0.2.10' }];
  })();
  const beganAt = performance.now();
  const checked: CheckedAddress[] = [];
  for await (const one of checkAddresses(lines, {
    sources: { networks: [], hosts: [], suffixes: ['mail-plus.com'] },
    resolvers: [dns.address],
    timeoutMs: 3000,
    onUnreadable: () => undefined,
  }).results)
    checked.push(one);
  const ms = performance.now() - beganAt;
  expect(checked).toMatchObject([{ verdict: 'temperror', matched: null }]);
  // A second 3000 ms for the address of the name would end at 4500.
  expect(ms).toBeGreaterThan(2900);
  expect(ms).toBeLessThan(4200);
});

test('results come in the order of the items, whatever ends first', async () => {
  const first = makeGate();
  const started: number[] = [];
  const items = (async function* () {
    yield* [1, 2, 3, 4];
  })();
  const results: number[] = [];
  const work = async (item: number): Promise<number> => {
    started.push(item);
    if (item === 1) await first.opened;
    if (item === 2) first.open();
    return item * 10;
  };
  for await (const result of doInOrder(items, work, 2)) results.push(result);
  expect(results).toEqual([10, 20, 30, 40]);
  expect(started).toEqual([1, 2, 3, 4]);
});

test('no more than so many are under way', async () => {
  const { opened, open } = makeGate();
  const started: number[] = [];
  const items = (async function* () {
    yield* [1, 2, 3, 4];
  })();
  const results = doInOrder(
    items,
    (item) => {
      started.push(item);
      return opened;
    },
    2,
  );
  const first = results.next();
  // Everything that could be started by now has been: nothing but promises stands between.
  await new Promise(setImmediate);
  expect(started).toEqual([1, 2]);
  open();
  await first;
  for await (const _ of results);
  expect(started).toEqual([1, 2, 3, 4]);
});

test('work that fails ends the run with its error', async () => {
  const items = (async function* () {
    yield* [1, 2];
  })();
  const run = async (): Promise<void> => {
    for await (const _ of doInOrder(
      items,
      async (item) => {
        if (item === 2) throw new Error('second');
      },
      2,
    ));
  };
  await expect(run()).rejects.toThrow('second');
});

test('an address counts as often as it came, also while its verdict is waited for', () => {
  const { tally, isNew, note } = makeAddressCounter();
  const address = addressOf(4, 0xc0_00_02_0an);
  const see = (text: string): unknown => isNew(text, () => (text === 'x' ? null : address));
  expect([see('192.0.2.10'), see('192.0.2.10'), see('::ffff:192.0.2.10'), see('x'), see('x')]).toEqual([
    address,
    'known',
    'known',
    null,
    null,
  ]);
  note('192.0.2.10', 'pass');
  expect(see('::ffff:192.0.2.10')).toBe('known');
  expect(tally).toMatchObject({ addresses: { pass: 1 }, lines: { pass: 4 } });
});

test('an address behind very many others is forgotten, and checked again', () => {
  const { tally, isNew, note } = makeAddressCounter();
  const see = (value: number): unknown => {
    const address = addressOf(4, BigInt(value));
    const seen = isNew(address.text, () => address);
    if (seen !== 'known') note(address.text, 'fail');
    return seen === 'known';
  };
  for (let value = 0; value < 60_000; value += 1) see(value);
  expect([see(59_999), see(0)]).toEqual([true, false]);
  expect(tally.addresses.fail).toBe(60_001);
  expect(tally.lines.fail).toBe(60_002);
});
