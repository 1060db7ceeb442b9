import { openTransport } from '../../deliver/transport.ts';
import type { WireResult } from '../../deliver/wire.ts';

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

/** Calls an address that a vendor asked to be called. Never rejects. */
export async function callBack(address: string, signal: AbortSignal): Promise<CalledBack> {
  const { status, failure } = await get(address, signal);
  return {
    origin: new URL(address).origin,
    status: failure === null ? status : null,
    errorCode: failure?.code ?? null,
  };
}

/** The text of a public key or certificate that lies there; null without one. Never rejects. */
export async function fetchKey(address: string, signal: AbortSignal): Promise<string | null> {
  const { status, failure, responseBody } = await get(address, signal);
  return failure === null && status === 200 ? Buffer.from(responseBody).toString('utf8') : null;
}

/** Follows no redirect: that could lead anywhere. */
async function get(address: string, signal: AbortSignal): Promise<WireResult> {
  const transport = await openTransport({ timeoutMs: TIMEOUT_MS });
  try {
    const request = { url: new URL(address), method: 'GET', headers: [], body: new Uint8Array(), signedAt: 0 };
    return await transport.send(request, signal);
  } finally {
    await transport.close();
  }
}
