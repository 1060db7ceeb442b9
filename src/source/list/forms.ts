import { AppError } from '../../model/error.ts';
import { addressOf, BITS, networkAround, type Network } from '../address.ts';
import {
  APACHE_LINES,
  isEntry,
  NGINX_LINES,
  readFormLine,
  readFrame,
  writeComment,
  writeItems,
  type LineGrammar,
  type ListItem,
} from './form-lines.ts';

/** A form in which a list of addresses can be written, and read again from what was written. */
export interface ListForm {
  id: string;
  title: string;
  /** Where the text goes, and what must hold there for it to work: shown to the user, not written to the file. */
  notes: readonly string[];
  /** A shell command that checks the whole configuration; null where there is none. */
  check: string | null;
  /** Throws AppError `input` for an address that the program cannot read in any form. */
  write(items: readonly ListItem[]): string;
  /**
   * Reads a line that `write` wrote as a line of a list (`192.0.2.0/24  # office`, empty for a bracket); null for any
   * other line.
   */
  readLine(line: string): string | null;
}

const NGINX: ListForm = {
  id: NGINX_LINES.id,
  title: NGINX_LINES.title,
  notes: [
    "put it into the webhook's location; rules in a location replace the rules around it",
    'a return there answers before the rules are checked',
    "behind your own proxy, set_real_ip_from and real_ip_header must restore the caller's address",
  ],
  check: 'nginx -t',
  write: (items) => {
    const broadcast = items.find((item) => isEntry(item) && item.network.text === '255.255.255.255/32');
    if (broadcast !== undefined)
      throw new AppError('input', "nginx cannot read 255.255.255.255, which is not a caller's address", {
        hint: `remove it${broadcast.line === null ? '' : `: line ${broadcast.line}`}`,
      });
    return [...writeItems(items, '', ({ network }) => `allow ${network.text};`), ...NGINX_LINES.frame].join('\n');
  },
  readLine: (line) => readFormLine(line, NGINX_LINES),
};

const APACHE: ListForm = {
  id: APACHE_LINES.id,
  title: APACHE_LINES.title,
  notes: [
    "put it into the webhook's <Location>, with no other Require: one of several is enough",
    "behind your own proxy, mod_remoteip must restore the caller's address",
  ],
  check: 'apachectl configtest',
  write: (items) => {
    const [begin, end] = APACHE_LINES.frame;
    return [begin, ...items.flatMap(writeRequires).map((line) => `  ${line}`), end].join('\n');
  },
  readLine: (line) => readFormLine(line, APACHE_LINES),
};

/** Apache knows no comment behind a directive: it comes before. */
function writeRequires(item: ListItem): string[] {
  if (!isEntry(item)) return [writeComment(item.text)];
  const comment = item.comment === null || item.comment === '' ? [] : [writeComment(item.comment)];
  return [...comment, ...withoutPrefix0(item.network).map(({ text }) => `Require ip ${text}`)];
}

/** Apache refuses a prefix of 0: two halves stand for it. */
function withoutPrefix0(network: Network): Network[] {
  const { family, prefixLength, first } = network;
  if (prefixLength > 0) return [network];
  return [networkAround(first, 1), networkAround(addressOf(family, 1n << BigInt(BITS[family] - 1)), 1)];
}

const CADDY_FRAME = ['@webhook_stranger not {', '}', 'respond @webhook_stranger 403'] as const;

/** https://caddyserver.com/docs/caddyfile/matchers#remote-ip */
const CADDY: ListForm = {
  id: 'caddy',
  title: 'Caddy',
  notes: [
    "put it into the webhook's site; if a handle or route block serves the webhook, put it into that block " +
      'before its handler: Caddy runs those before respond',
    'behind your own proxy, list it in trusted_proxies and use client_ip instead of remote_ip (Caddy 2.7 or ' +
      'later)',
  ],
  check: 'caddy validate --config /etc/caddy/Caddyfile',
  write: (items) => {
    const [begin, ...end] = CADDY_FRAME;
    return [begin, ...writeItems(items, '  ', ({ network }) => `remote_ip ${network.text}`), ...end].join('\n');
  },
  readLine: (line) => readFormLine(line, { entry: /^remote_ip ([^\s#]+)\s*(#.*)?$/, frame: CADDY_FRAME }),
};

const HAPROXY_END = 'http-request deny deny_status 403 unless webhook_caller';

/** https://docs.haproxy.org/2.6/configuration.html#7.1.6 */
const HAPROXY: ListForm = {
  id: 'haproxy',
  title: 'HAProxy',
  notes: [
    "put it into the webhook's frontend, before any other http-request rule that ends the request",
    'HAProxy compares the IPv4 address within 2002::/16, ::/96 and ::ffff:0:0/96 with IPv4 networks',
    'behind your own proxy, src is the proxy: use option forwarded, PROXY protocol or http-request set-src',
  ],
  check: 'haproxy -c -f /etc/haproxy/haproxy.cfg',
  write: (items) =>
    [...writeItems(items, '', ({ network }) => `acl webhook_caller src ${network.text}`), HAPROXY_END].join('\n'),
  readLine: (line) =>
    readFormLine(line, { entry: /^acl webhook_caller src ([^\s#]+)\s*(#.*)?$/, frame: [HAPROXY_END] }),
};

/** A set that is loaded again keeps what it had: it is declared, so that it can be emptied, before it is filled. */
const NFTABLES_HEAD = `table inet filter {
  set webhook_ipv4 { type ipv4_addr; flags interval; auto-merge; }
  set webhook_ipv6 { type ipv6_addr; flags interval; auto-merge; }
  chain webhook_callers { }
}
flush set inet filter webhook_ipv4
flush set inet filter webhook_ipv6
flush chain inet filter webhook_callers
table inet filter {`;
const NFTABLES_TAIL = `  chain webhook_callers {
    ip saddr @webhook_ipv4 return
    ip6 saddr @webhook_ipv6 return
    drop
  }
}`;
const nftablesSetHead = (family: 4 | 6): string => `  set webhook_ipv${family} {
    type ipv${family}_addr
    flags interval
    auto-merge`;
const NFTABLES_LINES: LineGrammar = {
  entry: /^([\da-f.:]+\/\d+),\s*(#.*)?$/,
  frame: [NFTABLES_HEAD, nftablesSetHead(4), nftablesSetHead(6), 'elements = {', NFTABLES_TAIL]
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim()),
};

/** https://wiki.nftables.org/wiki-nftables/index.php/Sets */
const NFTABLES: ListForm = {
  id: 'nftables',
  title: 'nftables',
  notes: [
    "it drops nothing on its own: send only the webhook's port to it: nft add rule inet filter input tcp " +
      'dport 8443 jump webhook_callers',
    'loading it again replaces its networks atomically',
  ],
  check: 'nft -c -f FILE',
  write: (items) => [NFTABLES_HEAD, ...writeSet(4, items), ...writeSet(6, items), NFTABLES_TAIL].join('\n'),
  readLine: (line) => readFormLine(line, NFTABLES_LINES),
};

function writeSet(family: 4 | 6, items: readonly ListItem[]): string[] {
  const own = itemsOf(family, items);
  const lines = writeItems(own, '      ', ({ network }) => `${network.text},`);
  const elements = own.some(isEntry) ? ['    elements = {', ...lines, '    }'] : lines;
  return [nftablesSetHead(family), ...elements, '  }'];
}

/** A remark goes with the entry that follows it; the last ones stay with the last entry. */
function itemsOf(family: 4 | 6, items: readonly ListItem[]): ListItem[] {
  const last = items.findLast(isEntry)?.network.family;
  const ofNext: (4 | 6 | undefined)[] = [];
  for (let index = items.length - 1, next = last; index >= 0; index -= 1) {
    const item = items[index] as ListItem;
    if (isEntry(item)) next = item.network.family;
    ofNext[index] = next;
  }
  return items.filter((_, index) => ofNext[index] === family);
}

const LIST: ListForm = {
  id: 'list',
  title: 'a list of addresses and CIDR',
  notes: [],
  check: null,
  write: (items) => writeItems(items, '', ({ network }) => network.text).join('\n'),
  // What is no comment is for the reader of lists to judge.
  readLine: (line) => readFrame(line, []) ?? line,
};

/** Every form in which a list can be written and read again. */
export const FORMS: readonly ListForm[] = [NGINX, APACHE, CADDY, HAPROXY, NFTABLES, LIST];
