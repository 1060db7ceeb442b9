import { isEntry, readItem, writeItems, type Format, type ListItem } from './format.ts';

const TABLE = 'inet filter';
const CHAIN = 'webhook_callers';
const SETS = [
  { family: 4, name: 'webhook_ipv4', type: 'ipv4_addr', keyword: 'ip' },
  { family: 6, name: 'webhook_ipv6', type: 'ipv6_addr', keyword: 'ip6' },
] as const;

/** A set that is loaded again keeps what it had: it is declared, so that it can be emptied, before it is filled. */
const HEAD = [
  `table ${TABLE} {`,
  ...SETS.map(({ name, type }) => `  set ${name} { type ${type}; flags interval; auto-merge; }`),
  `  chain ${CHAIN} { }`,
  '}',
  ...SETS.map(({ name }) => `flush set ${TABLE} ${name}`),
  `flush chain ${TABLE} ${CHAIN}`,
  `table ${TABLE} {`,
];
const SET_FRAME = ['elements = {', '}'];
const TAIL = [
  `  chain ${CHAIN} {`,
  ...SETS.map(({ name, keyword }) => `    ${keyword} saddr @${name} return`),
  '    drop',
  '  }',
  '}',
];
const setHead = ({ name, type }: (typeof SETS)[number]): string[] => [
  `  set ${name} {`,
  `    type ${type}`,
  '    flags interval',
  '    auto-merge',
];
const FRAME = [...HEAD, ...SETS.flatMap(setHead), ...SET_FRAME, ...TAIL].map((line) => line.trim());

/** https://wiki.nftables.org/wiki-nftables/index.php/Sets */
export const NFTABLES: Format = {
  id: 'nftables',
  title: 'nftables',
  notes: [
    `it drops nothing by itself: send the port of the webhook there, and no other site's: nft add rule ${TABLE} input tcp dport 8443 jump ${CHAIN}`,
    'loading it again replaces its networks at once',
  ],
  check: 'nft -c -f FILE',
  write: (items) => [...HEAD, ...SETS.flatMap((set) => writeSet(set, items)), ...TAIL].join('\n'),
  readLine: (line) => readItem(line, /^([\da-f.:]+\/\d+),\s*(#.*)?$/, FRAME),
};

function writeSet(set: (typeof SETS)[number], items: readonly ListItem[]): string[] {
  const own = itemsOf(set.family, items);
  const elements = own.some(isEntry)
    ? ['    elements = {', ...writeElements(own), '    }']
    : own.map((item) => writeElements([item])[0] as string);
  return [...setHead(set), ...elements, '  }'];
}

const writeElements = (items: readonly ListItem[]): string[] =>
  writeItems(items, '      ', ({ network }) => `${network.text},`);

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
