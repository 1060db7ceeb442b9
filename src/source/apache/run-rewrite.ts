import { findGroups } from './pattern.ts';
import type { RequestContext } from './request-context.ts';
import { isTrueCondition } from './rewrite-condition.ts';
import { fillText } from './rewrite-text.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import { answerWith, type Verdict } from './verdict.ts';
import type { Place } from '../rules/server-rules.ts';

/** What the rules of one list come to. */
export type Rewritten =
  | { kind: 'unchanged' }
  | { kind: 'answer'; verdict: Verdict }
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
): Rewritten {
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
    if (rule.substitution !== '-') {
      // What follows a ? is the query, and leads nowhere else.
      const text = fillText(rule.substitution.split('?', 1)[0] ?? '', { ...groups, scope, context });
      if (text === undefined) return { kind: 'unknown', place };
      if (flags.has('p')) return { kind: 'proxy', target: text, place };
      if (flags.has('r') || /^[a-z][\w+.-]*:\/\//i.test(text))
        return {
          kind: 'answer',
          verdict: answerWith(redirectStatus(flags.get('r')), place, `RewriteRule redirects to ${text}`),
        };
      current = text;
      changed = place;
    } else if (flags.has('p')) return { kind: 'proxy', target: current, place };
    if (flags.has('pt')) return { kind: 'path', path: current, isPassedOn: true, place };
    if (flags.has('l') || flags.has('end')) break;
    index += Number.parseInt(flags.get('s') ?? '0', 10) || 0;
    if (!flags.has('n')) continue;
    rounds += 1;
    if (rounds > MAX_ROUNDS)
      return { kind: 'answer', verdict: answerWith(500, place, 'RewriteRule with [N] goes round for ever') };
    index = -1;
  }
  return changed === null ? { kind: 'unchanged' } : { kind: 'path', path: current, isPassedOn: false, place: changed };
}

export interface Groups {
  /** `$0` to `$9`. */
  rule: readonly string[];
  /** `%0` to `%9`, of the last condition that matched. */
  condition: readonly string[];
}

function matchRule(
  { match, source, isNegated, conditions, place }: RewriteRule,
  path: string,
  scope: RewriteScope,
  context: RequestContext,
): Groups | null {
  const subject = scope.subjectOf(path);
  const found = findGroups(match, source, subject, place, context.ask);
  if ((found === null) !== isNegated) return null;
  const rule = found ?? [subject];
  let taken: readonly string[] = [];
  for (let index = 0; index < conditions.length; index += 1) {
    const condition = conditions[index];
    if (condition === undefined) break;
    const result = isTrueCondition(condition, { rule, condition: taken, scope, context });
    if (result !== null) {
      if (result.length > 0) taken = result;
      // One of them will do.
      while (conditions[index]?.isOr === true) index += 1;
    } else if (!condition.isOr) return null;
  }
  return { rule, condition: taken };
}

function setEnv({ flags }: RewriteRule, groups: Groups, { env }: RequestContext): void {
  const text = flags.get('e');
  if (text === undefined) return;
  const [, name = '', value = ''] = /^([^:]*):?(.*)$/.exec(text) ?? [];
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
function answerOf({ flags, place }: RewriteRule): Verdict | null {
  if (flags.has('f')) return answerWith(403, place, 'RewriteRule with [F]');
  if (flags.has('g')) return answerWith(410, place, 'RewriteRule with [G]');
  const status = flags.has('r') ? redirectStatus(flags.get('r')) : 302;
  return status >= 300 && status < 400 ? null : answerWith(status, place, `RewriteRule with [R=${status}]`);
}
