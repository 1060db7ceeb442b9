import { networkAround, type Network } from '../../address/network.ts';
import { addressOf, BITS } from '../../address/address.ts';
import { isEntry, readItem, writeComment, type Format, type ListItem } from './format.ts';

const BEGIN = '<RequireAny>';
const END = '</RequireAny>';

/** https://httpd.apache.org/docs/2.4/mod/mod_authz_host.html */
export const APACHE: Format = {
  id: 'apache',
  title: 'Apache 2.4',
  notes: [
    'put it into the <Location> of the webhook, beside no other Require: one of several is enough',
    'behind a proxy of your own, mod_remoteip must restore the address of the caller',
  ],
  check: 'apachectl configtest',
  write: (items) => [BEGIN, ...items.flatMap(writeLines).map((line) => `  ${line}`), END].join('\n'),
  readLine: (line) => readItem(line, /^Require ip ([^\s#]+(?:[ \t]+[^\s#]+)*)$/, [BEGIN, END]),
};

/** Apache knows no comment behind a directive: it comes before. */
function writeLines(item: ListItem): string[] {
  if (!isEntry(item)) return [writeComment(item.text)];
  const comment = item.comment === null || item.comment === '' ? [] : [writeComment(item.comment)];
  return [...comment, ...halves(item.network).map(({ text }) => `Require ip ${text}`)];
}

/** Apache refuses a prefix of 0. */
function halves(network: Network): Network[] {
  const { family, prefixLength, first } = network;
  return prefixLength > 0
    ? [network]
    : [networkAround(first, 1), networkAround(addressOf(family, 1n << BigInt(BITS[family] - 1)), 1)];
}
