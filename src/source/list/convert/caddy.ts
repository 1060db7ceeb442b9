import { readItem, writeItems, type Format } from './format.ts';

const NAME = '@webhook_stranger';
const BEGIN = `${NAME} not {`;
const END = ['}', `respond ${NAME} 403`];

/** https://caddyserver.com/docs/caddyfile/matchers#remote-ip */
export const CADDY: Format = {
  id: 'caddy',
  title: 'Caddy',
  notes: [
    'put it into the site of the webhook, and where a handle or route block serves the webhook, into that block before its handler: Caddy runs those before respond',
    'behind a proxy of your own, name it in trusted_proxies and write client_ip for remote_ip (Caddy 2.7 or later)',
  ],
  check: 'caddy validate --config /etc/caddy/Caddyfile',
  write: (items) =>
    [BEGIN, ...writeItems(items, '  ', ({ network }) => `remote_ip ${network.text}`), ...END].join('\n'),
  readLine: (line) => readItem(line, /^remote_ip ([^\s#]+)\s*(#.*)?$/, [BEGIN, ...END]),
};
