import type { Place, Trap } from '../rules/server-rules.ts';
import { requireLines } from './authz-tree.ts';
import type { DirConfig } from './dir-config.ts';
import { trapAt, type Scene } from './traps.ts';
import { isContiguous, networkOf, readSubnet } from './subnet.ts';
import { readAddress } from '../address/address.ts';

/** Traps in how addresses are written, in every section that takes part. */
export function findAddressTraps({
  run: {
    trace,
    chosen: { server },
  },
}: Scene): Trap[] {
  const written = [
    ...trace.flatMap(({ config }) => writtenIn(config)),
    ...(server.remoteIp.proxies ?? []).map(({ text, place }) => ({ text, place })),
  ];
  const expressions = [
    ...[...server.env, ...trace.flatMap(({ config }) => config.env)].flatMap(({ attribute, source, place }) =>
      attribute === 'remote_addr' ? [{ source, place }] : [],
    ),
    ...[...server.rewriteRules, ...trace.flatMap(({ config }) => config.rewrite?.rules ?? [])].flatMap(
      ({ conditions }) =>
        conditions.flatMap(({ subject, pattern, place }) =>
          /^%\{REMOTE_ADDR\}$/i.test(subject) ? [{ source: pattern, place }] : [],
        ),
    ),
  ];
  return [...written.flatMap(findInText), ...expressions.flatMap(findInExpression)];
}

interface Written {
  text: string;
  place: Place;
}

function writtenIn({ authz, access }: DirConfig): Written[] {
  const lines = authz?.node === undefined || authz.node === null ? [] : requireLines(authz.node);
  return [
    ...lines.flatMap(({ provider, words, place }) => (provider === 'ip' ? words.map((text) => ({ text, place })) : [])),
    ...[...(access?.allows ?? []), ...(access?.denies ?? [])].flatMap(({ kind, text, place }) =>
      kind === 'ip' ? [{ text, place }] : [],
    ),
  ];
}

function findInText({ text, place }: Written): Trap[] {
  const subnet = readSubnet(text);
  if (subnet === null) return [];
  const { text: network } = networkOf(subnet);
  if (!isContiguous(subnet))
    return [trapAt('mask-with-holes', place, `${text} takes in addresses of all ${network}, but not all of them`)];
  const [ip = ''] = text.split('/');
  const address = readAddress(ip);
  if (address === null) return [trapAt('partial-address', place, `${text} is ${network}`)];
  return (address.value & subnet.mask) === address.value
    ? []
    : [trapAt('host-bits-set', place, `${text} is ${network}`)];
}

/** An address in an expression that may go on to the left or right, or of which a dot is any character. */
function findInExpression({ source, place }: { source: string; place: Place }): Trap[] {
  if (!/\d/.test(source) || source.startsWith('=')) return [];
  const bare = source.replaceAll(/\\.|\[[^\]]*\]|\([^)]*\)/g, '~');
  const ends = /(?:\$|\\\.|\[\.\]|\)|\*|\.)$/.test(source);
  const wrongs = [
    ...(source.startsWith('^') ? [] : ['it may begin within an address']),
    ...(/\d\.\d/.test(bare) || /~?\d\.(?:$|~)/.test(bare) ? ['a dot is any character'] : []),
    ...(ends ? [] : ['it goes on with further digits']),
  ];
  return wrongs.length === 0 ? [] : [trapAt('address-as-expression', place, `${source}: ${wrongs.join(', ')}`)];
}
