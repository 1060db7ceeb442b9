import { handlerOf } from './handlers.ts';
import { levelOf, own, type Level } from './levels.ts';
import type { Walk } from './walk.ts';

/**
 * Takes over the settings of a level. Where its `limit_except` does not name the method, those within it hold: they know
 * nothing of the `return` and `rewrite` around them.
 */
export function enterLevel(walk: Walk, level: Level): void {
  const [limit] = own(level, 'limit_except');
  const isLimited = limit !== undefined && !limit.args.some((method) => isMethod(method, walk.method));
  walk.level = isLimited ? levelOf('limit_except', limit, level) : level;
  walk.visited.push(walk.level);
  const outer = handlerOf(level);
  const handler = isLimited ? (handlerOf(walk.level) ?? (outer?.staysInLimitExcept === true ? outer : null)) : outer;
  // Within `if` the handler of the location goes on.
  if (handler !== null) walk.handler = handler;
}

const isMethod = (written: string, method: string): boolean => written.toUpperCase() === method;
