import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';
import { makeCertificate, pemOf } from '../helpers/chain-maker.ts';

/** Where the vendor file says that the certificate lies. */
const HOST = 'sns.eu-central-1.amazonaws.com';

let last: Promise<unknown> = Promise.resolve();

/**
 * Does `work` while this process finds the certificate behind any https address of that host: a server on loopback plays
 * it. One at a time, since the agent is everybody's.
 */
export function whileServed<T>(certificate: string, work: () => Promise<T>): Promise<T> {
  const mine = last.then(() => serve(certificate, work));
  last = mine.catch(() => undefined);
  return mine;
}

async function serve<T>(certificate: string, work: () => Promise<T>): Promise<T> {
  const own = makeCertificate({ name: HOST });
  const cert = own.certificate.toString();
  const server = https.createServer({ cert, key: pemOf(own) }, (_, response) => void response.end(certificate));
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port } = server.address() as AddressInfo;
  const { globalAgent } = https;
  https.globalAgent = new https.Agent();
  https.globalAgent.createConnection = (options) =>
    connect({ ...(options as ConnectionOptions), host: '127.0.0.1', port, ca: cert });
  try {
    return await work();
  } finally {
    https.globalAgent = globalAgent;
    server.close();
    server.closeAllConnections();
  }
}
