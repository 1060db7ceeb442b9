import type { Client } from 'undici';
import { openConnection, type Connection, type ConnectionOptions } from './connection.ts';

export type ClientConstructor = typeof Client;

/**
 * One keep-alive connection to one origin, one request at a time: so that what is known of the socket
 * belongs to the request without doubt. It connects when it must; after a failure it starts afresh.
 */
export interface Lane {
  readonly connection: Connection | null;
  client(): Client;
  /** Drops the connection, whatever state it is in. */
  discard(): void;
}

/** Limits of undici that would end an exchange behind our back are off: one timer of ours is in charge. */
const LIMITS = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 64 * 1024, pipelining: 1 };

export function openLane(url: URL, ClientOf: ClientConstructor, connecting: ConnectionOptions): Lane {
  let connection: Connection | null = null;
  let client: Client | null = null;
  return {
    get connection() {
      return connection;
    },
    client() {
      client ??= new ClientOf(url.origin, {
        ...LIMITS,
        connect: (_options, callback) => {
          connection = openConnection(url, connecting, (error, socket) => {
            if (error === null && socket !== null) callback(null, socket);
            else callback(error ?? new Error('no socket'), null);
          });
        },
      });
      return client;
    },
    discard() {
      // The socket first: its error would otherwise be told to the requests of a client already gone.
      connection?.socket.destroy();
      connection = null;
      const gone = client;
      client = null;
      gone?.destroy().catch(() => {});
    },
  };
}
