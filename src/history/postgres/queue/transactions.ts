import type { PostgresConnection } from '../connection.ts';
import { codeOf } from '../server-error.ts';

/** Runs statements in one transaction, with none of another in between. What deadlocks is done again. */
export type Transact = <Result>(work: (connection: PostgresConnection) => Promise<Result>) => Promise<Result>;

/** SQLSTATE of a transaction that the server gave up for another one. */
const DEADLOCK = '40P01';
const TRIES = 5;

/** Of a connection that several use at the same time: nothing else may go over it. */
export function makeTransact(connection: PostgresConnection): Transact {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(() => transactIn(connection, work, TRIES));
    last = result.catch(() => undefined);
    return result;
  };
}

async function transactIn<Result>(
  connection: PostgresConnection,
  work: (connection: PostgresConnection) => Promise<Result>,
  tries: number,
): Promise<Result> {
  try {
    await connection.script('begin');
    const done = await work(connection);
    await connection.script('commit');
    return done;
  } catch (error) {
    await connection.script('rollback').catch(() => undefined);
    if (codeOf(error) !== DEADLOCK || tries <= 1) throw error;
    return transactIn(connection, work, tries - 1);
  }
}
