import type { Connection, Submittable } from 'pg';

/**
 * The rows of a `copy … to stdout`, which the driver hands over one by one: a server sends each as a message of its own
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
 */
export class CopyOut implements Submittable {
  readonly #sql: string;
  readonly #onRow: (row: Buffer) => void;
  #settle: { resolve: () => void; reject: (error: Error) => void } | null = null;

  /** @param onRow gets a row with the line feed at its end; its memory is used again once `onRow` returns */
  constructor(sql: string, onRow: (row: Buffer) => void) {
    this.#sql = sql;
    this.#onRow = onRow;
  }

  /** Resolves when the server is ready for the next statement. */
  ended(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** What follows is called by the driver. */
  submit(connection: Connection): void {
    connection.query(this.#sql);
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.#onRow(chunk);
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.#settle?.reject(error);
  }

  handleReadyForQuery(): void {
    this.#settle?.resolve();
  }
}
