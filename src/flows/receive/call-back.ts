import { openTransport } from '../../deliver/transport.ts';

/** What became of an address that a vendor asked to be called. */
export interface CalledBack {
  /** Of the address alone: the rest of it is as good as a password. */
  origin: string;
  /** Null when no answer came. */
  status: number | null;
  errorCode: string | null;
}

/** The vendor waits for our answer meanwhile. */
const TIMEOUT_MS = 5000;

/** Calls it by GET, and follows no redirect: that could lead anywhere. Never rejects. */
export async function callBack(address: string, signal: AbortSignal): Promise<CalledBack> {
  const url = new URL(address);
  const transport = await openTransport({ timeoutMs: TIMEOUT_MS });
  try {
    const request = { url, method: 'GET', headers: [], body: new Uint8Array(), signedAt: 0 };
    const { status, failure } = await transport.send(request, signal);
    return { origin: url.origin, status: failure === null ? status : null, errorCode: failure?.code ?? null };
  } finally {
    await transport.close();
  }
}
