import type { HistoryWriter } from '../history.ts';
import { makeBatcher, packBatch, type PackedBatch } from '../record-batch.ts';
import { connectPostgres } from './connection.ts';
import { pruneDeliveries } from './prune.ts';
import { migrate, requireWrites } from './schema.ts';
import { keepConnected, type SteadyConnection } from './steady-connection.ts';

/**
 * Opens the history in the database at `address` (as `completeAddress` writes it) to write to it; makes its tables when
 * they are missing. Errors: AppError `history`, naming the server.
 * @param patienceMs how long a record waits for a server that is being restarted; default: 10 s
 */
export async function openPostgresWriter(address: string, patienceMs?: number): Promise<HistoryWriter & BatchWriter> {
  const connection = await connectPostgres(address);
  try {
    await migrate(connection);
    await requireWrites(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return postgresWriterOf(connection.path, keepConnected(address, connection, patienceMs));
}

/** Stores what a batcher collected, all of it or none. */
export interface BatchWriter {
  appendBatch(batch: PackedBatch): Promise<void>;
}

function postgresWriterOf(path: string, connection: SteadyConnection): HistoryWriter & BatchWriter {
  const appendAll: HistoryWriter['appendAll'] = async (records) => {
    const batcher = makeBatcher();
    for (const record of records) batcher.add(...record);
    await connection.insert(packBatch(batcher.take()));
  };
  return {
    path,
    append: (delivery, attempt) => appendAll([[delivery, attempt]]),
    appendAll,
    appendBatch: connection.insert,
    prune: async (options, onProgress) => pruneDeliveries(await connection.now(), options, onProgress),
    close: connection.close,
  };
}
