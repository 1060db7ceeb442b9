import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { askSdk, type Sdk, type SdkRequest, type SdkVerdict } from './verifiers.ts';

export interface SdkReceiver {
  url: string;
  /** Of every POST so far, in order. */
  verdicts: SdkVerdict[];
}

/** A receiver as the SDK's documentation shows it: it verifies and answers. Gone when the test ends. */
export async function openSdkReceiver(sdk: Sdk, key: string): Promise<SdkReceiver> {
  const verdicts: SdkVerdict[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end();
    const verdict = await askSdk(sdk, await take(request, origin), key);
    verdicts.push(verdict);
    return response.writeHead(verdict.isAccepted ? 200 : 401).end();
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}/hook`, verdicts };
}

/** Its own address is what it was registered as: what a request says of that may be forged. */
async function take(request: IncomingMessage, origin: string): Promise<SdkRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    url: `${origin}${request.url}`,
    method: request.method ?? '',
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}
