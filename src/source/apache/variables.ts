import { METHOD, readHeader, type RequestContext } from './request-context.ts';

/** Server variables as expressions and RewriteCond name them. Undefined: the configuration does not tell. */
export function readVariable(name: string, context: RequestContext): string | undefined {
  const upper = name.toUpperCase();
  const colon = name.indexOf(':');
  // Without a colon there is no prefix: HTTPS is a name of its own.
  const [prefix, key] = colon === -1 ? [null, name] : [upper.slice(0, colon), name.slice(colon + 1)];
  if (prefix === 'HTTP') return readHeader(context, key.toLowerCase());
  if (prefix === 'ENV' || prefix === 'REQENV') return context.env.get(key) ?? '';
  if (prefix !== null) return undefined;
  const read = Object.hasOwn(VARIABLES, upper) ? VARIABLES[upper] : undefined;
  return read?.(context);
}

const header =
  (name: string) =>
  (context: RequestContext): string | undefined =>
    readHeader(context, name);

/** Whether the server has a variable of that name, whatever its value. */
export const knowsVariable = (name: string): boolean => Object.hasOwn(VARIABLES, name.toUpperCase());

const VARIABLES: Readonly<Record<string, ((context: RequestContext) => string | undefined) | undefined>> = {
  REMOTE_ADDR: ({ caller }) => caller.text,
  CONN_REMOTE_ADDR: ({ peer }) => peer.text,
  REQUEST_METHOD: () => METHOD,
  REQUEST_URI: ({ uri }) => uri,
  QUERY_STRING: ({ saysAnything }) => (saysAnything ? undefined : ''),
  THE_REQUEST: ({ requested }) => `${METHOD} ${requested} HTTP/1.1`,
  SERVER_PROTOCOL: () => 'HTTP/1.1',
  HTTPS: ({ isTls }) => (isTls ? 'on' : 'off'),
  REQUEST_SCHEME: ({ isTls }) => (isTls ? 'https' : 'http'),
  SERVER_PORT: ({ port }) => port?.toString(),
  HTTP_HOST: ({ host }) => host,
  HTTP_USER_AGENT: header('user-agent'),
  HTTP_REFERER: header('referer'),
  HTTP_COOKIE: header('cookie'),
  HTTP_FORWARDED: header('forwarded'),
  HTTP_ACCEPT: header('accept'),
  HTTP_PROXY_CONNECTION: header('proxy-connection'),
  REMOTE_USER: () => '',
};
