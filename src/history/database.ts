import Libsql from 'libsql';
import { toHistoryError } from './history-error.ts';

/** What SQLite stores. libsql aborts the whole process on a boolean, so none is allowed here. */
export type SqlValue = string | number | null | Uint8Array;

export interface Statement<Row> {
  run(...values: SqlValue[]): { changes: number };
  first(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

/** One connection to one SQLite file; every error names the file. */
export interface Database {
  path: string;
  exec(sql: string): void;
  /** Prepared once per SQL text; rows are arrays in the order of the columns. */
  prepare<Row extends readonly SqlValue[]>(sql: string): Statement<Row>;
  /** Runs `work` under the one write lock; all of it is kept, or none. */
  transact<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens `location` (a path, or a `file:` address with parameters) and waits up to `busyTimeoutMs` for
 * other writers. libsql ignores better-sqlite3's `readonly` option: use `file:…?mode=ro`.
 */
export function connect(path: string, location: string, busyTimeoutMs: number): Database {
  const attempt = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw toHistoryError(path, error);
    }
  };
  const connection = attempt(() => new Libsql(location, { timeout: busyTimeoutMs }));
  const prepared = new Map<string, Statement<readonly SqlValue[]>>();

  const exec = (sql: string): void => attempt(() => void connection.exec(sql));
  const prepare = (sql: string): Statement<readonly SqlValue[]> => {
    // The values go as one array: libsql takes a lone null or Uint8Array for named parameters.
    const statement = attempt(() => connection.prepare<[SqlValue[]]>(sql));
    if (statement.reader) statement.raw();
    return {
      run: (...values) => attempt(() => ({ changes: statement.run(values).changes })),
      first: (...values) => attempt(() => statement.get(values) as readonly SqlValue[] | undefined),
      all: (...values) => attempt(() => statement.all(values) as (readonly SqlValue[])[]),
    };
  };

  return {
    path,
    exec,
    prepare: <Row extends readonly SqlValue[]>(sql: string) => {
      let statement = prepared.get(sql);
      if (statement === undefined) prepared.set(sql, (statement = prepare(sql)));
      return statement as unknown as Statement<Row>;
    },
    transact: (work) => {
      exec('begin immediate');
      try {
        const result = work();
        exec('commit');
        return result;
      } catch (error) {
        // Some errors (a full disk) have rolled back already; the first error is the one to tell.
        if (connection.inTransaction) exec('rollback');
        throw error;
      }
    },
    close: () => {
      prepared.clear();
      connection.close();
    },
  };
}
