import { setTimeout } from 'node:timers/promises';
import type { CallbackAddress } from '../../conform/conformance-case.ts';
import type { Ids } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import { isLoopbackHost } from '../../model/http-url.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Receiver } from '../../receive/receiver.ts';
import { signatureOf, wantsCall } from '../../vendors/facts.ts';

/** Addresses of ours that an endpoint is asked to call. */
export interface CallbackServer {
  address(host: 'trusted' | 'foreign'): CallbackAddress;
  /** Where the certificate of the key lies that signs; null where there is no address that the endpoint trusts. */
  keyUrl: string | null;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024;
const CERTIFICATE_PATH = '/certificate.pem';

/** The vendor wants addresses called, or its key fetched, and this endpoint would reach what lies here. */
export const canServeCallbacks = (vendor: Vendor, endpoint: URL): boolean =>
  (wantsCall(vendor) || signatureOf(vendor)?.keyUrl !== undefined) && isLoopbackHost(endpoint.hostname);

export interface CallbackOptions {
  /** An origin that the endpoint takes for the vendor's; null: it knows of none. */
  at: string | null;
  /** The endpoint calls before it answers, if at all, as the built-in receiver does: nobody waits for later calls. */
  callsAtOnce: boolean;
  ids: Ids;
}

const AT_ONCE_MS = 50;

/**
 * Answers every call, and remembers it. Null where nothing could be called. Throws AppError `usage` where `at` cannot
 * be listened on.
 *
 * @param certificate Of the key that signs, for endpoints that fetch it; null: none is fetched
 */
export async function serveCallbacks(
  vendor: Vendor,
  endpoint: URL,
  certificate: string | null,
  { at, callsAtOnce, ids }: CallbackOptions,
): Promise<CallbackServer | null> {
  if (!canServeCallbacks(vendor, endpoint)) return null;
  const { openReceiver } = await import('../../receive/receiver.ts');
  const calls = new Calls(callsAtOnce ? AT_ONCE_MS : Number.POSITIVE_INFINITY);
  const open = (host: string, port: number): Promise<Receiver> =>
    openReceiver({ host, port, maxBodyBytes: MAX_BODY_BYTES }, ({ path }) =>
      path === CERTIFICATE_PATH && certificate !== null ? { status: 200, body: certificate } : calls.note(path),
    );
  const trusted = at === null ? null : await open(hostOf(at), Number(new URL(at).port || 80)).catch(refuseAt(at));
  // Of another name: whoever compares hosts without their ports would else be wronged.
  const foreign = await open(at !== null && hostOf(at) !== 'localhost' ? 'localhost' : '127.0.0.1', 0);
  return {
    address: (host) =>
      host === 'trusted' && trusted !== null
        ? calls.addressAt(trusted.origin, ids.uuidV4(), true)
        : calls.addressAt(foreign.origin, ids.uuidV4(), false),
    keyUrl: trusted === null || certificate === null ? null : `${trusted.origin}${CERTIFICATE_PATH}`,
    close: async () => {
      await Promise.all([trusted?.close(), foreign.close()]);
    },
  };
}

const hostOf = (origin: string): string => new URL(origin).hostname.replaceAll(/[[\]]/g, '');

const refuseAt =
  (at: string) =>
  (error: unknown): never => {
    if (!(error instanceof AppError)) throw error;
    throw new AppError('usage', `--callbacks-at ${at}: ${error.message}`, {
      hint: 'hookproof itself listens there: choose a free port, and make the endpoint trust it',
      cause: error,
    });
  };

/** Which addresses were called, by the token in each. */
class Calls {
  readonly #awaited = new Map<string, () => void>();
  readonly #called = new Set<string>();
  readonly #mostMs: number;

  /** @param mostMs how long it is waited for one, however long anybody would */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  note(path: string): { status: number; body: string } {
    const token = TOKEN.exec(path)?.[0] ?? '';
    this.#called.add(token);
    this.#awaited.get(token)?.();
    return { status: 200, body: 'called\n' };
  }

  addressAt(origin: string, token: string, isTrusted: boolean): CallbackAddress {
    const called = new Promise<void>((done) => this.#awaited.set(token, done));
    return {
      url: `${origin}/confirm/${token}`,
      isTrusted,
      isCalled: () => this.#called.has(token),
      settle: async (maxMs) => {
        const over = new AbortController();
        const late = setTimeout(Math.min(maxMs, this.#mostMs), undefined, { signal: over.signal }).catch(
          () => undefined,
        );
        await Promise.race([called, late]);
        over.abort();
      },
    };
  }
}

const TOKEN = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
