import type { Place } from '../rules/server-rules.ts';
import { configError } from './config-error.ts';
import type { Directive } from './directive.ts';
import { readSubnet, type Subnet } from './subnet.ts';

/** What a section says to mod_authz_core. */
export interface AuthzConfig {
  /** Null: AuthMerging is not set, which replaces as `off` does. */
  merging: 'off' | 'and' | 'or' | null;
  node: AuthzNode | null;
  place: Place;
}

export type AuthzNode = AuthzContainer | RequireLine;

export interface AuthzContainer {
  kind: 'container';
  operator: 'and' | 'or';
  isNegated: boolean;
  /** False: everything in it is within a <Limit> of other methods. */
  forPost: boolean;
  children: AuthzNode[];
  place: Place;
}

export interface RequireLine {
  kind: 'require';
  isNegated: boolean;
  forPost: boolean;
  provider: string;
  words: readonly string[];
  subnets: readonly Subnet[];
  place: Place;
}

const CONTAINERS: Readonly<Record<string, Pick<AuthzContainer, 'operator' | 'isNegated'> | undefined>> = {
  requireall: { operator: 'and', isNegated: false },
  requireany: { operator: 'or', isNegated: false },
  requirenone: { operator: 'or', isNegated: true },
  requirenotall: { operator: 'and', isNegated: true },
};

export const isContainer = (name: string): boolean => Object.hasOwn(CONTAINERS, name);

/** Lines that stand in no container are in one of their own: any of them will do. */
export const implicitContainer = (place: Place): AuthzContainer => ({
  kind: 'container',
  operator: 'or',
  isNegated: false,
  forPost: false,
  children: [],
  place,
});

/** Puts a `Require` into a container. Throws AppError `input` where Apache does not start. */
export function addRequire(container: AuthzContainer, directive: Directive, forPost: boolean): void {
  const line = readRequire(directive, forPost);
  if (line.isNegated && container.operator === 'or')
    throw configError(
      directive.place,
      'a negative Require has no effect where any one will do',
      'put it into <RequireAll> with a positive one',
    );
  container.children.push(line);
  container.forPost ||= forPost;
}

/** Puts a container into another. */
export function addContainer(
  container: AuthzContainer,
  { name, place, children, args }: Directive,
  forPost: boolean,
): void {
  const inner: AuthzContainer = { ...implicitContainer(place), ...CONTAINERS[name] };
  if (args !== '') throw configError(place, `<${name}> takes no arguments`);
  for (const child of children ?? []) {
    if (child.name === 'require' && child.children === null) addRequire(inner, child, forPost);
    else if (isContainer(child.name)) addContainer(inner, child, forPost);
    else throw configError(child.place, `${child.name} is not allowed in <${name}>`);
  }
  if (inner.children.length === 0) throw configError(place, `<${name}> contains no Require`);
  if (inner.isNegated && container.operator === 'or')
    throw configError(
      place,
      `<${name}> has no effect where any one will do`,
      'put it into <RequireAll> with a positive Require',
    );
  container.forPost ||= inner.forPost;
  // As mod_authz_core: RequireAny in RequireAny is one.
  if (!inner.isNegated && inner.operator === container.operator)
    for (const child of inner.children) container.children.push(child);
  else container.children.push(inner);
}

/** Apache starts with no container of negative lines alone, however deep. */
export function checkContainer(container: AuthzContainer): void {
  for (const child of container.children) if (child.kind === 'container') checkContainer(child);
  if (container.children.every(({ isNegated }) => isNegated))
    throw configError(
      container.place,
      'only negative authorization directives: nobody could be admitted',
      'add Require all granted',
    );
}

function readRequire({ words, place, args }: Directive, forPost: boolean): RequireLine {
  const isNegated = words[0]?.toLowerCase() === 'not';
  const [provider = '', ...rest] = isNegated ? words.slice(1) : words;
  const name = provider.toLowerCase();
  if (name === '') throw configError(place, 'Require needs to be told what');
  if (name !== provider) throw configError(place, `unknown authz provider: ${provider}`, `write ${name}`);
  // An expression is read as it stands, with its quotes.
  const argument = args.replace(isNegated ? /^\S+\s+\S+\s*/ : /^\S+\s*/, '');
  const line: RequireLine = {
    kind: 'require',
    isNegated,
    forPost,
    provider: name,
    words: name === 'expr' ? [argument] : rest,
    subnets: [],
    place,
  };
  if (name === 'all' && !/^(?:granted|denied)$/i.test(argument))
    throw configError(place, "the argument of 'Require all' must be 'granted' or 'denied'");
  return name === 'ip' ? { ...line, subnets: readSubnets(rest, place) } : line;
}

function readSubnets(words: readonly string[], place: Place): Subnet[] {
  if (words.length === 0) throw configError(place, "'Require ip' requires an argument");
  return words.map((word) => {
    const subnet = readSubnet(word);
    if (subnet === null) throw configError(place, `ip address '${word}' appears to be invalid`);
    return subnet;
  });
}

/** Whether some line within is such a one. */
export function hasLine(node: AuthzNode, isSuch: (line: RequireLine) => boolean): boolean {
  return node.kind === 'require' ? isSuch(node) : node.children.some((child) => hasLine(child, isSuch));
}

/** Every line within, from top to bottom. */
export function requireLines(node: AuthzNode): RequireLine[] {
  return node.kind === 'require' ? [node] : node.children.flatMap(requireLines);
}
