import type { PostgresConnection } from '../connection.ts';

/** Runs statements in one transaction, with none of another in between. */
export type Transact = <Result>(work: (connection: PostgresConnection) => Promise<Result>) => Promise<Result>;

/** Of a connection that several use at the same time: nothing else may go over it. */
export function makeTransact(connection: PostgresConnection): Transact {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(async () => {
      await connection.script('begin');
      try {
        const done = await work(connection);
        await connection.script('commit');
        return done;
      } catch (error) {
        await connection.script('rollback').catch(() => undefined);
        throw error;
      }
    });
    last = result.catch(() => undefined);
    return result;
  };
}
