import type { Place } from '../rules/server-rules.ts';
import type { Directive } from './parse.ts';

/** One `{ }` that holds settings, and what it inherits from. */
export interface Level {
  kind: 'http' | 'server' | 'location' | 'if' | 'limit_except';
  directives: readonly Directive[];
  parent: Level | null;
  /** Where it begins; null for what stands around a snippet. */
  place: Place | null;
}

export interface Location extends Level {
  kind: 'location';
  match: 'exact' | 'prefix' | 'regex' | 'named';
  /** The prefix, the expression or the name, without modifier. */
  name: string;
  /** `~*` */
  ignoreCase: boolean;
  /** `^~` */
  beforeRegex: boolean;
  nested: readonly Location[];
}

export const levelOf = (kind: Level['kind'], { block, place }: Directive, parent: Level | null): Level => ({
  kind,
  directives: block ?? [],
  parent,
  place,
});

/** The settings of these names that stand in the level itself. */
export const own = (level: Level, ...names: readonly string[]): Directive[] =>
  level.directives.filter(({ name }) => names.includes(name));

/** Those that hold there: of the innermost level that has any, whole, for none is added to a parent's. */
export function effective(level: Level, ...names: readonly string[]): Directive[] {
  for (let at: Level | null = level; at !== null; at = at.parent) {
    const found = own(at, ...names);
    if (found.length > 0) return found;
  }
  return [];
}

/** The first argument of a setting that can be given once. */
export const setting = (level: Level, name: string): string | null => effective(level, name)[0]?.args[0] ?? null;

export const isOn = (level: Level, name: string, otherwise: boolean): boolean => {
  const value = setting(level, name)?.toLowerCase();
  return value === undefined ? otherwise : value === 'on';
};

/** The locations of a server or of a location, in the order of the file. */
export function locationsOf(level: Level): Location[] {
  return own(level, 'location').map((directive) => {
    const location = {
      ...levelOf('location', directive, level),
      ...readMatch(directive.args),
      kind: 'location' as const,
      nested: [] as Location[],
    };
    location.nested = locationsOf(location);
    return location;
  });
}

function readMatch(args: readonly string[]): Pick<Location, 'match' | 'name' | 'ignoreCase' | 'beforeRegex'> {
  // The modifier may stand right before the name: `location ~*\.php$`.
  const [, modifier = '', attached = ''] =
    args.length > 1 ? ['', args[0], args[1]] : (/^(=|\^~|~\*?|)([^]*)$/.exec(args[0] ?? '') ?? []);
  const name = { name: attached, ignoreCase: false, beforeRegex: false };
  if (modifier === '=') return { ...name, match: 'exact' };
  if (modifier.startsWith('~')) return { ...name, match: 'regex', ignoreCase: modifier === '~*' };
  if (modifier === '' && attached.startsWith('@')) return { ...name, match: 'named' };
  return { ...name, match: 'prefix', beforeRegex: modifier === '^~' };
}
