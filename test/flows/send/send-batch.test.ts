import { expect, test } from 'vitest';
import { sendMany, type PlannedEvent } from '../../../src/flows/send/send-batch.ts';
import { UnrecordedError } from '../../../src/flows/send/send-event.ts';
import { AppError } from '../../../src/model/error.ts';
import { makeRecord, REFUSED } from '../../helpers/record.ts';

const RECORDED = { hasFailed: () => false, lost: async () => [] };
const LOCKED = new AppError('history', 'history h.db is locked', { hint: 'close the program', thenAgain: true });

/** `outcomes` are those of events in turn; `*` marks those whose record fails. */
async function sendAll(outcomes: readonly string[], connections: number): Promise<AppError> {
  let index = 0;
  const left = [...outcomes];
  const next = (): PlannedEvent | null => (left.shift() ?? null) as unknown as PlannedEvent | null;
  const sendOne = async (event: PlannedEvent): Promise<void> => {
    const what = event as unknown as string;
    const [delivery, attempt] = makeRecord(index++, what.startsWith('refused') ? { attempt: REFUSED } : {});
    await Promise.resolve();
    if (what.endsWith('*')) throw new UnrecordedError(delivery, attempt, LOCKED);
    if (what === 'bug') throw new TypeError('a bug');
  };
  return sendMany(next, connections, sendOne, RECORDED).then(
    () => expect.fail('nothing failed'),
    (error: unknown) => error as AppError,
  );
}

test.each<[outcomes: string[], connections: number, message: RegExp, thenAgain: boolean]>([
  [['delivered*'], 1, /was delivered \(200\) and was not recorded$/, false],
  [['refused*'], 1, /was refused \(500\) and was not recorded$/, true],
  [['delivered', 'delivered*', 'delivered'], 1, /was not recorded; 1 of 2 sent events$/, false],
  [
    ['delivered*', 'refused*', 'delivered*', 'delivered'],
    3,
    /locked; 3 of 3 sent events were not recorded \(2 delivered, 1 refused\)$/,
    false,
  ],
])('%j over %i connections: those not recorded are counted', async (outcomes, connections, message, thenAgain) => {
  const error = await sendAll(outcomes, connections);
  expect(error).toMatchObject({ kind: 'history', hint: 'close the program', thenAgain });
  expect(error.message).toMatch(message);
});

test('a bug is told before a record that is lost', async () => {
  expect(await sendAll(['delivered*', 'bug'], 2)).toBeInstanceOf(TypeError);
});
