import type { Place } from '../rules/server-rules.ts';
import { onceFor } from '../rules/once.ts';
import { holds, readAddressTest } from './expression.ts';
import { type AddressComparison, findGroupsIn, holdsCaller, makeCandidatesFor, noteWord } from './compare-text.ts';
import { findGroups, namesAssumed } from './pattern.ts';
import {
  type RequestContext,
  knowsServerVariable,
  readServerVariable,
  answerWith,
  type ApacheVerdict,
} from './request-context.ts';
import type { RewriteCondition, RewriteRule } from './rewrite-rule.ts';

interface RewriteGroups {
  /** `$0` to `$9`. */
  rule: readonly string[];
  /** `%0` to `%9`, of the last condition that matched. */
  condition: readonly string[];
}

interface TextScope extends RewriteGroups {
  scope: RewriteScope;
  context: RequestContext;
}

const MAX_LENGTH = 64 * 1024;

/** `$1`, `%1` and `%{NAME}` replaced; undefined when the configuration does not say: a RewriteMap, a file's name. */
function fillText(text: string, { rule, condition, scope, context }: TextScope): string | undefined {
  let isKnown =
    !/\$\{/.test(text) &&
    !(/%\d/.test(text) && context.compared.parts.has(condition)) &&
    !namesAssumed(text, '$', rule) &&
    !namesAssumed(text, '%', condition);
  const filled = text.replace(
    /\\(.)|\$(\d)|%(\d)|%\{([^}]*)\}/g,
    (
      _,
      plain: string | undefined,
      dollar: string | undefined,
      percent: string | undefined,
      name: string | undefined,
    ) => {
      if (plain !== undefined) return plain;
      if (dollar !== undefined) return rule[Number(dollar)] ?? '';
      if (percent !== undefined) return condition[Number(percent)] ?? '';
      const value = readRewriteVariable(name ?? '', scope, context);
      isKnown &&= value !== undefined;
      return value ?? '';
    },
  );
  return isKnown && filled.length <= MAX_LENGTH ? filled : undefined;
}

function readRewriteVariable(
  name: string,
  { filename, documentRoot }: RewriteScope,
  context: RequestContext,
): string | undefined {
  if (name === 'REQUEST_FILENAME' || name === 'SCRIPT_FILENAME') return filename;
  if (name === 'DOCUMENT_ROOT') return documentRoot ?? undefined;
  const value = readServerVariable(name, context);
  // mod_rewrite knows few headers by such a name: HTTP_X_FORWARDED_FOR is none of them, and empty.
  return value === undefined && name.startsWith('HTTP_') && !knowsServerVariable(name) ? '' : value;
}

/** What a condition took, empty when it took nothing but holds; null when it does not hold. */
function isTrueCondition(condition: RewriteCondition, scope: TextScope): readonly string[] | null {
  const { subject, pattern, isNegated, place } = condition;
  const { context } = scope;
  if (subject.toLowerCase() === 'expr') return holds(pattern, place, context) === isNegated ? null : [];
  const text = fillText(subject, scope);
  if (text === undefined)
    return context.ask(place, `whether RewriteCond ${subject} ${isNegated ? '!' : ''}${pattern} matches`) ? [] : null;
  const found = testText(condition, text, scope);
  return isNegated ? (found === null ? [] : null) : found;
}

const OPERATOR = /^(-(?:eq|ne|lt|le|gt|ge)|<=|>=|[=<>])\s*([^]*)$/;
const FILE_TEST = /^-[dfFhlLsUxH]$/;

function testText(
  { pattern, match, ignoreCase, place }: RewriteCondition,
  text: string,
  { context }: TextScope,
): readonly string[] | null {
  if (FILE_TEST.test(pattern)) return context.ask(place, `whether ${text} passes the test ${pattern}`) ? [] : null;
  const [, operator, right] = OPERATOR.exec(pattern) ?? [];
  if (operator === undefined || right === undefined)
    return findGroupsIn(context, { match, source: pattern, ignoreCase }, text, place);
  if (operator !== '=' && holdsCaller(context, text))
    return context.ask(place, `which addresses ${pattern} matches`) ? [] : null;
  noteWord(context, text, unquoted(right));
  const [one, other] = ignoreCase ? [text.toLowerCase(), unquoted(right).toLowerCase()] : [text, unquoted(right)];
  return compareText(operator, one, other) ? [] : null;
}

const unquoted = (text: string): string => (text === '""' ? '' : text);

function compareText(operator: string, one: string, other: string): boolean {
  const difference = operator.startsWith('-')
    ? (Number.parseInt(one, 10) || 0) - (Number.parseInt(other, 10) || 0)
    : one === other
      ? 0
      : one < other
        ? -1
        : 1;
  const results: Readonly<Record<string, boolean>> = {
    '=': difference === 0,
    '-eq': difference === 0,
    '-ne': difference !== 0,
    '<': difference < 0,
    '-lt': difference < 0,
    '<=': difference <= 0,
    '-le': difference <= 0,
    '>': difference > 0,
    '-gt': difference > 0,
    '>=': difference >= 0,
    '-ge': difference >= 0,
  };
  return results[operator] ?? false;
}

/** What the rules of one list come to. */
export type RewriteResult =
  | { kind: 'unchanged' }
  | { kind: 'answer'; verdict: ApacheVerdict }
  | { kind: 'proxy'; target: string; place: Place }
  | { kind: 'path'; path: string; isPassedOn: boolean; place: Place }
  | { kind: 'unknown'; place: Place };

export interface RewriteScope {
  /** What conditions call REQUEST_FILENAME. */
  filename: string;
  documentRoot: string | null;
  /** What patterns are compared with: the path, or what is left of the file's behind the folder. */
  subjectOf(path: string): string;
}

const MAX_ROUNDS = 100;

/** Runs rules as `apply_rewrite_list` of mod_rewrite does, from `path` on. */
export function runRewrite(
  rules: readonly RewriteRule[],
  path: string,
  scope: RewriteScope,
  context: RequestContext,
): RewriteResult {
  let current = path;
  let changed: Place | null = null;
  let rounds = 0;
  for (let index = 0; index < rules.length; index += 1) {
    const rule = rules[index] as RewriteRule;
    const { flags, place } = rule;
    const groups = matchRule(rule, current, scope, context);
    if (groups === null) {
      while (rules[index]?.flags.has('c') === true) index += 1;
      continue;
    }
    setEnv(rule, groups, context);
    const answer = answerOf(rule);
    if (answer !== null) return { kind: 'answer', verdict: answer };
    if (rule.substitution !== '-' || flags.has('p')) {
      const next = substitute(rule, current, { ...groups, scope, context });
      if (typeof next !== 'string') return next;
      if (rule.substitution !== '-') changed = place;
      current = next;
    }
    if (flags.has('pt')) return { kind: 'path', path: current, isPassedOn: true, place };
    if (flags.has('l') || flags.has('end')) break;
    index += Number.parseInt(flags.get('s') ?? '0', 10) || 0;
    if (!flags.has('n')) continue;
    rounds += 1;
    if (rounds > MAX_ROUNDS)
      return { kind: 'answer', verdict: answerWith(500, place, 'RewriteRule with [N] loops forever') };
    index = -1;
  }
  return changed === null ? { kind: 'unchanged' } : { kind: 'path', path: current, isPassedOn: false, place: changed };
}

/** The path that a rule makes of another one, or what ends the list. */
function substitute(
  { substitution, flags, place }: RewriteRule,
  current: string,
  scope: TextScope,
): RewriteResult | string {
  // What follows a ? is the query, and does not change where the request goes.
  const text = substitution === '-' ? current : fillText(substitution.split('?', 1)[0] ?? '', scope);
  if (text === undefined) return { kind: 'unknown', place };
  if (flags.has('p')) return { kind: 'proxy', target: text, place };
  if (!flags.has('r') && !/^[a-z][\w+.-]*:\/\//i.test(text)) return text;
  const verdict = answerWith(redirectStatus(flags.get('r')), place, `RewriteRule redirects to ${text}`);
  return { kind: 'answer', verdict };
}

function matchRule(
  { match, source, isNegated, conditions, place }: RewriteRule,
  path: string,
  scope: RewriteScope,
  context: RequestContext,
): RewriteGroups | null {
  const subject = scope.subjectOf(path);
  const found = findGroups(match, source, subject, place, context.ask);
  if ((found === null) !== isNegated) return null;
  const rule = found ?? [subject];
  let taken: readonly string[] = [];
  let next = 0;
  for (const { condition, index } of candidatesFor(context, numbered(conditions))) {
    if (index < next) continue;
    const result = isTrueCondition(condition, { rule, condition: taken, scope, context });
    if (result !== null) {
      if (result.length > 0) taken = result;
      // One of them will do.
      next = index;
      while (conditions[next]?.isOr === true) next += 1;
      next += 1;
    } else if (!condition.isOr) return null;
  }
  return { rule, condition: taken };
}

interface NumberedCondition {
  condition: RewriteCondition;
  index: number;
}

const numbered = onceFor((conditions: readonly RewriteCondition[]): readonly NumberedCondition[] =>
  conditions.map((condition, index) => ({ condition, index })),
);

/** Left out are conditions on the address that change nothing for the caller, whatever comes before or behind. */
const candidatesFor = makeCandidatesFor(({ condition }: NumberedCondition) => {
  const test = condition.subject.toLowerCase() === 'expr' ? readAddressTest(condition.pattern) : null;
  const comparison: AddressComparison | null =
    test === null ? compareCaller(condition) : { kind: 'subnet', subnet: test.subnet };
  const holdsForOthers = condition.isNegated !== (test?.isNegated === true);
  // One that holds goes on to the next, as does one that does not where another one will do.
  return holdsForOthers === condition.isOr ? null : comparison;
});

function compareCaller({ subject, pattern, match, ignoreCase }: RewriteCondition): AddressComparison | null {
  if (subject !== '%{REMOTE_ADDR}' || FILE_TEST.test(pattern)) return null;
  const [, operator, right = ''] = OPERATOR.exec(pattern) ?? [];
  if (operator === undefined) return { kind: 'expression', match, source: pattern, ignoreCase };
  return operator === '=' && !ignoreCase ? { kind: 'word', word: unquoted(right) } : null;
}

function setEnv({ flags }: RewriteRule, groups: RewriteGroups, { env, compared }: RequestContext): void {
  const text = flags.get('e');
  if (text === undefined) return;
  const [, name = '', value = ''] = /^([^:]*):?(.*)$/.exec(text) ?? [];
  const isAssumed = namesAssumed(value, '$', groups.rule) || namesAssumed(value, '%', groups.condition);
  if (isAssumed || (compared.parts.has(groups.condition) && /%\d/.test(value))) compared.variables.add(name);
  if (name.startsWith('!')) env.delete(name.slice(1));
  else
    env.set(
      name,
      value
        .replace(/\$(\d)/g, (_, digit: string) => groups.rule[Number(digit)] ?? '')
        .replace(/%(\d)/g, (_, digit: string) => groups.condition[Number(digit)] ?? ''),
    );
}

const STATUS_WORDS: Readonly<Record<string, number | undefined>> = { permanent: 301, temp: 302, seeother: 303 };

const redirectStatus = (text = ''): number => STATUS_WORDS[text] ?? (Number.parseInt(text, 10) || 302);

/** F, G and a status that is no redirection answer at once, whatever the substitution. */
function answerOf({ flags, place }: RewriteRule): ApacheVerdict | null {
  if (flags.has('f')) return answerWith(403, place, 'RewriteRule with [F]');
  if (flags.has('g')) return answerWith(410, place, 'RewriteRule with [G]');
  const status = flags.has('r') ? redirectStatus(flags.get('r')) : 302;
  return status >= 300 && status < 400 ? null : answerWith(status, place, `RewriteRule with [R=${status}]`);
}
