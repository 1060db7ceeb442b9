import { isTrue } from './condition.ts';
import { enterLevel } from './enter-level.ts';
import { fromBytes } from './lex.ts';
import { levelOf } from './levels.ts';
import type { Directive } from './parse.ts';
import { matchRegex } from './regex.ts';
import { beforeQuery, readTemplate } from './template.ts';
import { fillIn } from './variables.ts';
import { isUnknown, type Reason, type Value, type Walk } from './walk.ts';

/** An answer given by the lines themselves. */
export interface Answer extends Reason {
  /** Null: it cannot be told. */
  status: number | null;
  /** `return 403 text`: it goes out as it is, past error pages. */
  hasText: boolean;
}

/** What the lines came to: an answer, or `isChanged`: the path was changed, and a location is looked for again. */
export interface Rewritten {
  answer: Answer | null;
  isChanged: boolean;
}

interface Step extends Rewritten {
  isDone: boolean;
}

/**
 * Runs `set`, `if`, `rewrite`, `return` and `break` of a level, in their order. This comes before anybody looks at who the
 * caller is. https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
 */
export function runRewrites(walk: Walk, directives: readonly Directive[]): Rewritten {
  return run(walk, directives, { answer: null, isChanged: false, isDone: false });
}

function run(walk: Walk, directives: readonly Directive[], begun: Step): Step {
  let step = begun;
  for (const directive of directives) {
    step = CODES[directive.name]?.(walk, directive, step) ?? step;
    if (step.isDone) return step;
  }
  return step;
}

const CODES: Record<string, (walk: Walk, directive: Directive, step: Step) => Step> = {
  set: runSet,
  if: runIf,
  rewrite: runRewrite,
  return: (_, directive, step) => ({ ...step, answer: readReturn(directive), isDone: true }),
  // What was changed until here stays, but no location is looked for again.
  break: (_, __, step) => ({ ...step, isChanged: false, isDone: true }),
};

function runSet(walk: Walk, { args: [name = '', value = ''], place }: Directive, step: Step): Step {
  walk.variables.set(name.slice(1), fillIn(walk, value, place));
  return step;
}

function runIf(walk: Walk, directive: Directive, step: Step): Step {
  if (!isTrue(walk, directive)) {
    if (directive.block?.some(({ name }) => name === 'return'))
      walk.passed = { place: directive.place, because: `${directive.place.text} is not the case` };
    return step;
  }
  // In a location the block is a level of its own from here on, with all that follows it.
  if (walk.level.kind !== 'server') enterLevel(walk, levelOf('if', directive, enclosing(walk)));
  return run(walk, directive.block ?? [], step);
}

/** Of two `if` that are the case, the second stands beside the first, not within it. */
const enclosing = ({ level }: Walk): Walk['level'] =>
  level.kind === 'if' && level.parent !== null ? level.parent : level;

function runRewrite(walk: Walk, { args: [pattern = '', replacement = '', flag], place }: Directive, step: Step): Step {
  if (!matchRegex(walk, pattern, false, walk.path, place)) {
    walk.match = null;
    return step;
  }
  const isRedirect = /^(https?:\/\/|\$scheme)/.test(replacement) || flag === 'redirect' || flag === 'permanent';
  const answer = { hasText: false, place, because: place.text };
  if (isRedirect) return { ...step, answer: { ...answer, status: flag === 'permanent' ? 301 : 302 }, isDone: true };
  walk.isInternal = true;
  const path = fillPath(walk, replacement, place);
  if (isUnknown(path)) {
    walk.doubts.push({ place, text: path.unknown });
    return { ...step, answer: { ...answer, status: null }, isDone: true };
  }
  if (path === '') return { ...step, answer: { ...answer, status: 500 }, isDone: true };
  walk.path = path;
  return { ...step, isChanged: flag !== 'break', isDone: flag === 'last' || flag === 'break' };
}

/** What stands behind the first `?` is the query. */
function fillPath(walk: Walk, replacement: string, place: Directive['place']): Value {
  return readTemplate(replacement) === null ? replacement : fillIn(walk, beforeQuery(replacement), place);
}

function readReturn({ args: [code = '', text = ''], place }: Directive): Answer {
  const isUrl = !/^\d+$/.test(code);
  return {
    status: isUrl ? 302 : Number(code),
    hasText: text !== '',
    place,
    because: fromBytes(isUrl ? 'return to another URL' : `return ${code}`),
  };
}
