import { readAddress } from '../address.ts';
import type { Trap, Place } from '../rules/server-rules.ts';
import type { AccessConfig } from './access-compat.ts';
import type { DirConfig } from './dir-config.ts';
import { hasLine, requireLines, type AuthzNode } from './require.ts';
import { isContiguous, networkOf, readSubnet } from './subnet.ts';
import { trapAt, type Scene } from './traps.ts';

/** Traps within the rules that hold in the end. */
export function findRuleTraps({ run: { config }, isOpen }: Scene): Trap[] {
  if (config === null) return [];
  const { authz, access } = config;
  const required =
    authz === null
      ? []
      : authz.node === null
        ? [trapAt('merging-without-require', authz.place, 'nothing is required here')]
        : findRequireTraps(authz.node);
  return [
    ...required,
    ...(access === null ? [] : findAccessTraps(access, isOpen)),
    ...findMixed(access, authz?.node ?? null),
  ];
}

function findRequireTraps(node: AuthzNode): Trap[] {
  const lines = requireLines(node);
  const limited = lines.find(({ forPost }) => !forPost);
  const traps = findUnions(node);
  if (limited !== undefined && lines.every(({ forPost }) => !forPost))
    traps.push(trapAt('limit-leaves-post-open', limited.place, 'no Require applies to POST'));
  for (const { provider, words, place } of lines) {
    const bad =
      provider === 'host'
        ? words.find((word) => /[*/]/.test(word) || /^[\d.]+$/.test(word) || word.includes(':'))
        : undefined;
    if (bad !== undefined) traps.push(trapAt('host-is-no-name', place, `${bad} never matches`));
  }
  return traps;
}

/** Containers in which one line that admits everybody makes the others vain. */
function findUnions(node: AuthzNode): Trap[] {
  if (node.kind === 'require' || !node.forPost) return [];
  const all =
    node.operator === 'and' || node.isNegated
      ? undefined
      : node.children.find(
          (child) =>
            child.kind === 'require' &&
            child.forPost &&
            child.provider === 'all' &&
            child.words[0]?.toLowerCase() === 'granted',
        );
  const isNarrow =
    all !== undefined &&
    node.children.some((child) => child.forPost && hasLine(child, ({ provider }) => provider !== 'all'));
  const here =
    all !== undefined && isNarrow
      ? [trapAt('require-ip-or-all-granted', all.place, 'the other lines refuse no caller')]
      : [];
  return [...here, ...node.children.flatMap(findUnions)];
}

function findAccessTraps(access: AccessConfig, isOpen: boolean): Trap[] {
  const { order, orderPlace, allows, denies, satisfy, limitedPlace, place } = access;
  const traps: Trap[] = [];
  if (order === 'deny,allow' && denies.length === 0 && allows.length > 0)
    traps.push(
      trapAt(
        orderPlace === null ? 'allow-without-order' : 'order-deny-allow-without-deny',
        orderPlace ?? place,
        'nothing is denied, so Allow changes nothing',
      ),
    );
  const denyAll = denies.find(({ kind }) => kind === 'all');
  if (order === 'allow,deny' && denyAll !== undefined && allows.length > 0)
    traps.push(trapAt('deny-overrules-allow', denyAll.place, 'no caller is admitted, not even the vendor'));
  if (limitedPlace !== null && allows.length === 0 && denies.length === 0 && orderPlace === null)
    traps.push(trapAt('limit-leaves-post-open', limitedPlace, 'no Order, Allow or Deny applies to POST'));
  if (satisfy?.any === true)
    traps.push(
      trapAt(
        'satisfy-any',
        satisfy.place,
        isOpen
          ? 'an unauthorised caller passes one of them'
          : 'a caller who passes Order, Allow and Deny does not need to pass Require',
        isOpen ? 'fail' : 'warn',
      ),
    );
  return traps;
}

function findMixed(access: AccessConfig | null, node: AuthzNode | null): Trap[] {
  if (access === null || node === null || access.allows.length + access.denies.length === 0) return [];
  const isAlways = requireLines(node).every(
    ({ provider, words }) => provider === 'all' && words[0]?.toLowerCase() === 'granted',
  );
  return isAlways
    ? []
    : [trapAt('mixed-syntax', access.place, `a caller has to pass this and line ${node.place.line}`)];
}

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
    return [trapAt('mask-with-holes', place, `${text} matches some, but not all, addresses across ${network}`)];
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
    ...(source.startsWith('^') ? [] : ['it may match in the middle of an address']),
    ...(/\d\.\d/.test(bare) || /~?\d\.(?:$|~)/.test(bare) ? ['an unescaped dot matches any character'] : []),
    ...(ends ? [] : ['it also matches longer numbers']),
  ];
  return wrongs.length === 0 ? [] : [trapAt('address-as-expression', place, `${source}: ${wrongs.join(', ')}`)];
}
