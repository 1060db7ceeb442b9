import type { HistoryWriter } from '../history.ts';
import { makeBatcher, packBatch, type PackedBatch } from '../record-batch.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { insertBatch } from './insert-batch.ts';
import { pruneDeliveries } from './prune.ts';
import { migrate } from './schema.ts';

/**
 * Opens the history in the database at `address` (as `completeAddress` writes it) to write to it; makes its tables when
 * they are missing. Errors: AppError `history`, naming the server.
 */
export async function openPostgresWriter(address: string): Promise<HistoryWriter & BatchWriter> {
  const connection = await connectPostgres(address);
  try {
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return postgresWriterOf(connection);
}

/** Stores what a batcher collected, all of it or none. */
export interface BatchWriter {
  appendBatch(batch: PackedBatch): Promise<void>;
}

function postgresWriterOf(connection: PostgresConnection): HistoryWriter & BatchWriter {
  const appendBatch = (batch: PackedBatch): Promise<void> => insertBatch(connection, batch);
  const appendAll: HistoryWriter['appendAll'] = async (records) => {
    const batcher = makeBatcher();
    for (const record of records) batcher.add(...record);
    await appendBatch(packBatch(batcher.take()));
  };
  return {
    path: connection.path,
    append: (delivery, attempt) => appendAll([[delivery, attempt]]),
    appendAll,
    appendBatch,
    prune: (options, onProgress) => pruneDeliveries(connection, options, onProgress),
    close: () => connection.close(),
  };
}
