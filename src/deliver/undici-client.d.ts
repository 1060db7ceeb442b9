/**
 * Only the client of undici is loaded, by its file: the package's main module brings fetch, WebSocket, caches
 * and more, which cost a short command 50 ms. The file has no types of its own.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici';

  const ClientConstructor: typeof Client;
  export default ClientConstructor;
}
