import type { Trap } from '../rules/server-rules.ts';
import type { AccessConfig } from './access-compat.ts';
import { hasLine, requireLines, type AuthzNode } from './authz-tree.ts';
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
    traps.push(trapAt('limit-leaves-post-open', limited.place, 'no Require is left for POST'));
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
      ? [trapAt('require-ip-or-all-granted', all.place, 'the other lines refuse nobody')]
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
    traps.push(trapAt('deny-overrules-allow', denyAll.place, 'nobody is admitted, the vendor neither'));
  if (limitedPlace !== null && allows.length === 0 && denies.length === 0 && orderPlace === null)
    traps.push(trapAt('limit-leaves-post-open', limitedPlace, 'no Order, Allow or Deny is left for POST'));
  if (satisfy?.any === true)
    traps.push(
      trapAt(
        'satisfy-any',
        satisfy.place,
        isOpen ? 'a stranger passes one of them' : 'who passes Order, Allow and Deny needs no Require',
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
