import { Client, escapeLiteral, type CustomTypesConfig } from 'pg';
import { readAddress, type ServerAddress } from './address.ts';
import { CopyOut } from './copy-out.ts';
import { findPassword } from './password.ts';
import { codeOf, toServerError } from './server-error.ts';
import { tlsChoices, type TlsChoice } from './tls.ts';

/** What goes to the server and comes back: dates, ids and JSON as text. */
export type ServerValue = string | number | boolean | null | Uint8Array;

/** One connection to one server: statements run one after the other, and every error is an AppError `history`. */
export interface PostgresConnection {
  /** The address as it may be shown: without the password. */
  path: string;
  /** Rows are arrays in the order of the columns. */
  rows<Row extends readonly ServerValue[]>(sql: string, values?: readonly ServerValue[]): Promise<Row[]>;
  /** How many rows a statement changed. */
  run(sql: string, values?: readonly ServerValue[]): Promise<number>;
  /** As the driver has them by itself, for a library that brings its own statements. */
  objects(
    sql: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
  /** Statements without values, in one transaction of the server's. */
  script(sql: string): Promise<void>;
  /** The rows of a `copy … to stdout`, as `CopyOut` hands them over. */
  copyOut(sql: string, onRow: (row: Buffer) => void): Promise<void>;
  close(): Promise<void>;
}

/** @param text what `completeAddress` wrote */
export async function connectPostgres(text: string): Promise<PostgresConnection> {
  const address = readAddress(text);
  const client = await connectClient(address);
  const explain = (error: unknown): Error => toServerError(address, error);
  // A server that goes away between two statements is told by the next.
  client.on('error', () => undefined);
  let last: Promise<unknown> = Promise.resolve();
  /** The driver has a queue of its own, which its next version gives up. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work).catch((error: unknown) => {
      throw explain(error);
    });
    last = result.catch(() => undefined);
    return result;
  };
  const query = <Row extends readonly ServerValue[]>(sql: string, values: readonly ServerValue[]) =>
    inTurn(() => client.query<Row[number][]>({ text: sql, values: [...values], rowMode: 'array', types: TYPES }));
  return {
    path: address.shown,
    rows: async <Row extends readonly ServerValue[]>(sql: string, values: readonly ServerValue[] = []) =>
      (await query<Row>(sql, values)).rows as unknown as Row[],
    run: async (sql, values = []) => (await query(sql, values)).rowCount ?? 0,
    objects: (sql, values = []) => inTurn(() => client.query<Record<string, unknown>>(sql, [...values])),
    script: async (sql) => void (await inTurn(() => client.query(sql))),
    copyOut: (sql, onRow) => inTurn(() => client.query(new CopyOut(sql, onRow)).ended()),
    close: async () => {
      await last;
      await client.end().catch(() => undefined);
    },
  };
}

async function connectClient(address: ServerAddress): Promise<Client> {
  const refusals: unknown[] = [];
  for (const ssl of tlsChoices(address)) {
    try {
      return await connectBy(address, ssl);
    } catch (error) {
      if (!isRefusedWay(error)) throw toServerError(address, error);
      refusals.push(error);
    }
  }
  // Of two ways that are refused, the one that sslmode prefers tells more.
  throw toServerError(address, refusals[0]);
}

/** The server may admit the other way: it has no TLS, or its rules are for one of the two. */
const isRefusedWay = (error: unknown): boolean =>
  codeOf(error) === '28000' || (error instanceof Error && /does not support SSL/.test(error.message));

async function connectBy(address: ServerAddress, ssl: TlsChoice): Promise<Client> {
  const { host, port, user, database, timeoutMs, applicationName, options } = address;
  const client = new Client({
    host,
    port,
    user,
    database,
    password: () => findPassword(address),
    ssl,
    connectionTimeoutMillis: timeoutMs,
    application_name: applicationName,
    ...(options === null ? {} : { options }),
    keepAlive: true,
  });
  await client.connect();
  return client;
}

/** By the oid of a type, how it is read: https://www.postgresql.org/docs/current/catalog-pg-type.html */
const READERS: Readonly<Record<number, (text: string) => ServerValue>> = {
  16: (text) => text === 't',
  17: readBytes,
  20: Number,
  21: Number,
  23: Number,
  1700: Number,
};

const asIs = (text: string): string => text;
const TYPES = { getTypeParser: (oid: number) => READERS[oid] ?? asIs } as CustomTypesConfig;

/** Either form of `bytea_output`. */
function readBytes(text: string): Uint8Array {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  const plain = text.replaceAll(/\\(\d{3}|\\)/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/** For statements that take no values. A text in PostgreSQL has no NUL, and neither has one that is recorded. */
export const literal = (value: ServerValue): string =>
  value === null ? 'null' : escapeLiteral(String(value).replaceAll('\0', '\uFFFD'));

/** Cells as PostgreSQL writes an array: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export const arrayText = (cells: readonly (ServerValue | undefined)[]): string => `{${cells.map(cellText).join(',')}}`;

function cellText(cell: ServerValue | undefined): string {
  if (cell === null || cell === undefined) return 'NULL';
  return typeof cell === 'string' ? `"${cell.replaceAll(/["\\]/g, String.raw`\$&`)}"` : String(cell);
}
