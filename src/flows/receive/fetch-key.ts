import { openTransport } from '../../deliver/transport.ts';

/** The vendor waits for our answer meanwhile. */
const TIMEOUT_MS = 5000;

/** The text of a public key or certificate that lies there; null without one. Never rejects. */
export async function fetchKey(address: string, signal: AbortSignal): Promise<string | null> {
  const transport = await openTransport({ timeoutMs: TIMEOUT_MS });
  try {
    const request = { url: new URL(address), method: 'GET', headers: [], body: new Uint8Array(), signedAt: 0 };
    const { status, failure, responseBody } = await transport.send(request, signal);
    return failure === null && status === 200 ? Buffer.from(responseBody).toString('utf8') : null;
  } finally {
    await transport.close();
  }
}
