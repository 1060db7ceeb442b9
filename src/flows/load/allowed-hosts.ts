import { isIPv6 } from 'node:net';
import { findRoute } from '../../deliver/connect-rules.ts';
import type { Transport, TransportOptions } from '../../deliver/transport.ts';
import { AppError } from '../../model/error.ts';
import { isLoopbackHost, parseHttpUrl } from '../../model/http-url.ts';

/** Whether load may be put on the endpoint of a URL. */
export type HostRule = (url: URL) => boolean;

/**
 * Load is for this machine, and for hosts that are named (`--allow-host`): whose they are, and where a name leads, is
 * the user's word. Rules of `--resolve` and `--connect-to` that lead to this machine make a host one of it, and rules
 * that lead from it do not. Throws AppError `usage` for what is no host.
 */
export function makeHostRule(
  allowed: readonly string[],
  { resolve = [], connectTo = [] }: Pick<TransportOptions, 'resolve' | 'connectTo'>,
): HostRule {
  const named = new Set(allowed.map(readHost));
  return ({ hostname, port, protocol }) => {
    if (named.has(hostname)) return true;
    const route = findRoute(hostname, Number(port) || (protocol === 'https:' ? 443 : 80), { resolve, connectTo });
    const hosts = (route.addresses ?? [route.host]).map((host) => (isIPv6(host) ? `[${host}]` : host));
    return hosts.every((host) => isLoopbackHost(host) || named.has(host));
  };
}

function readHost(text: string): string {
  const isHost = /^[^\s/@?#\\]+$/.test(text);
  const host = isIPv6(text) ? `[${text}]` : text;
  if (!isHost || !URL.canParse(`http://${host}/`))
    throw new AppError('usage', '--allow-host is the name or address of a host', {
      hint: 'give the host as in the URL, without scheme and path: --allow-host hooks.example.com',
    });
  return parseHttpUrl(`http://${host}/`).hostname;
}

/** Throws AppError `usage` where load may not go. */
export function requireAllowed(url: URL, isAllowed: HostRule, what = 'load goes to'): void {
  if (isAllowed(url)) return;
  const why = isLoopbackHost(url.hostname)
    ? 'which --resolve or --connect-to leads to another machine'
    : 'which is not this machine';
  throw new AppError('usage', `${what} ${url.hostname}, ${why}`, {
    hint: `if it may get this load, and what it accepts may take effect, add --allow-host ${url.hostname}`,
  });
}

/** A transport that goes nowhere else: an endpoint may redirect to any host, and some vendors follow. */
export function guardTransport(transport: Transport, isAllowed: HostRule): Transport {
  const allowed = new Set<string>();
  const send = async (...[request, signal]: Parameters<Transport['send']>): ReturnType<Transport['send']> => {
    requireAllowed(request.url, isAllowed, 'the endpoint redirects to');
    allowed.add(request.url.origin);
    return transport.send(request, signal);
  };
  return {
    ...transport,
    send: (request, signal) =>
      allowed.has(request.url.origin) ? transport.send(request, signal) : send(request, signal),
  };
}
