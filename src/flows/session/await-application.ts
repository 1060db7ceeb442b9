import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { findRoute, parseConnectToRule, parseResolveRule } from '../../deliver/connect-rules.ts';
import type { Transport } from '../../deliver/transport.ts';
import { AppError } from '../../model/error.ts';
import { displayUrl, isLoopbackHost } from '../../model/http-url.ts';
import type { Application } from './application.ts';

/** Where an application is to answer. */
export interface AwaitedEndpoint {
  url: URL;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** How it is asked over HTTP; null: an open port is answer enough. */
  transport: (() => Promise<Transport>) | null;
}

const POLL_MS = 50;
const CONNECT_MS = 1000;
const ASK_MS = 2000;
/** A gateway that has nobody behind it yet. */
const NOT_READY: ReadonlySet<number> = new Set([502, 503, 504]);
/** A port that is open but cuts the line may belong to one that still starts; or to one that drops what is unsigned. */
const CUT_MS = 1500;

/** The port that all of them are at on this machine, for the variable PORT; null where there is no such one. */
export function commonPort(endpoints: readonly AwaitedEndpoint[]): number | null {
  const ports = endpoints.map(({ url }) => (isLoopbackHost(url.hostname) ? portOf(url) : null));
  const [first = null, ...others] = ports;
  return others.every((one) => one === first) ? first : null;
}

const portOf = ({ port, protocol }: URL): number => Number(port) || (protocol === 'https:' ? 443 : 80);

/**
 * What answers before the application is started would be tested in its place. A gateway that has nobody behind it may
 * answer. Throws AppError `usage`.
 */
export async function refuseOccupied(endpoints: readonly AwaitedEndpoint[], signal: AbortSignal): Promise<void> {
  for (const endpoint of endpoints) {
    if (!(await isOpen(endpoint)) || (await askOnce(endpoint, signal)) === 'not ready') continue;
    const port = portOf(endpoint.url);
    throw new AppError('usage', `something is already listening at ${displayUrl(endpoint.url)}`, {
      hint:
        'it would be tested instead of what --start starts: stop it ' +
        `(${process.platform === 'win32' ? `netstat -ano | findstr :${port}` : `lsof -i :${port}`} names it), or ` +
        'leave out --start',
    });
  }
}

/**
 * Resolves when every endpoint answers. Throws AppError `unreachable` when the application ends before, or the time is
 * over. Null: it is started elsewhere.
 */
export async function awaitApplication(
  application: Application | null,
  endpoints: readonly AwaitedEndpoint[],
  withinMs: number,
  signal: AbortSignal,
): Promise<void> {
  const beganAt = performance.now();
  const either = application === null ? signal : AbortSignal.any([signal, application.ending]);
  for (const endpoint of endpoints) {
    let cutSince: number | null = null;
    for (;;) {
      const state = await askOnce(endpoint, either);
      if (signal.aborted) throw stoppedBefore(signal, endpoint);
      if (application?.ending.aborted) throw endedEarly(application);
      if (state === 'ready') break;
      cutSince = state === 'cut' ? (cutSince ?? performance.now()) : null;
      if (cutSince !== null && performance.now() - cutSince > CUT_MS) break;
      if (performance.now() - beganAt > withinMs) throw tooLate(endpoint, withinMs, application !== null);
      await wait(POLL_MS, undefined, { signal: either }).catch(() => undefined);
    }
  }
}

function stoppedBefore({ reason }: AbortSignal, { url }: AwaitedEndpoint): unknown {
  return reason instanceof AppError
    ? new AppError(reason.kind, `${reason.message} before anything answered at ${displayUrl(url)}: nothing was tried`)
    : reason;
}

const endedEarly = (application: Application): AppError =>
  new AppError('unreachable', `the application of --start did not start: ${application.howEnded()}`);

function tooLate({ url }: AwaitedEndpoint, withinMs: number, isStarted: boolean): AppError {
  const what = isStarted ? 'the application of --start runs, but does not answer' : 'nothing answers';
  return new AppError('unreachable', `${what} at ${displayUrl(url)} within ${withinMs / 1000} s`, {
    hint: 'check that it listens on that port; to wait longer, use --wait-ready 2m',
  });
}

/** What was killed may take a moment to close its port. */
const CLOSE_MS = 1000;

/** A port that stays open after the application was stopped tells of a process that got away. */
export async function findLeftOpen(endpoints: readonly AwaitedEndpoint[]): Promise<URL | null> {
  const endsAt = performance.now() + CLOSE_MS;
  for (;;) {
    const open = await findOpen(endpoints);
    if (open === null || performance.now() >= endsAt) return open;
    await wait(POLL_MS);
  }
}

async function findOpen(endpoints: readonly AwaitedEndpoint[]): Promise<URL | null> {
  for (const endpoint of endpoints) if (await isOpen(endpoint)) return endpoint.url;
  return null;
}

type AnswerState = 'closed' | 'cut' | 'not ready' | 'ready';

async function askOnce(endpoint: AwaitedEndpoint, signal: AbortSignal): Promise<AnswerState> {
  const { url, transport } = endpoint;
  if (!(await isOpen(endpoint))) return 'closed';
  if (transport === null) return 'ready';
  const within = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  const question = { url, method: 'HEAD', headers: [], body: new Uint8Array(), signedAt: 0 };
  const { status } = await (await transport()).send(question, within);
  if (status === null) return 'cut';
  return NOT_READY.has(status) ? 'not ready' : 'ready';
}

/** Whether one of the addresses takes connections. */
async function isOpen({ url, resolve, connectTo }: AwaitedEndpoint): Promise<boolean> {
  const rules = { resolve: resolve.map(parseResolveRule), connectTo: connectTo.map(parseConnectToRule) };
  const { host, port, addresses } = findRoute(url.hostname, portOf(url), rules);
  const found = addresses ?? (isIP(host) === 0 ? await addressesOf(host) : [host]);
  const opened = await Promise.all(found.map((address) => canConnect(address, port)));
  return opened.includes(true);
}

const addressesOf = async (host: string): Promise<string[]> => {
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
};

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isConnected: boolean) => (): void => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.setTimeout(CONNECT_MS, end(false));
    socket.once('connect', end(true)).once('error', end(false));
  });
}
