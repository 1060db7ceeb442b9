import { readItem, writeItems, type Format } from './format.ts';

const NAME = 'webhook_caller';
const END = `http-request deny deny_status 403 unless ${NAME}`;

/** https://docs.haproxy.org/2.6/configuration.html#7.1.6 */
export const HAPROXY: Format = {
  id: 'haproxy',
  title: 'HAProxy',
  notes: [
    'put it into the frontend of the webhook, before every other http-request rule that ends the request',
    'HAProxy compares the IPv4 address within 2002::/16, ::/96 and ::ffff:0:0/96 with the networks of IPv4',
    'behind a proxy of your own, src is the proxy: use option forwarded, the PROXY protocol, or http-request set-src',
  ],
  check: 'haproxy -c -f /etc/haproxy/haproxy.cfg',
  write: (items) => [...writeItems(items, '', ({ network }) => `acl ${NAME} src ${network.text}`), END].join('\n'),
  readLine: (line) => readItem(line, new RegExp(`^acl ${NAME} src ([^\\s#]+)\\s*(#.*)?$`), [END]),
};
