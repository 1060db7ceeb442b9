import { isAbsolute, join } from 'node:path';
import type { Note, ReadIncluded } from '../rules/server-rules.ts';
import type { ApacheStatement } from './parse.ts';

/** What Debian compiles into the server. */
const STATIC: ReadonlySet<string> = new Set([
  'core',
  'so',
  'http',
  'log_config',
  'logio',
  'version',
  'unixd',
  'watchdog',
]);

/** What a stock Debian loads, and what every guide for a reverse proxy with TLS adds. */
const USUAL: ReadonlySet<string> = new Set([
  'access_compat',
  'alias',
  'auth_basic',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_host',
  'authz_user',
  'autoindex',
  'deflate',
  'dir',
  'env',
  'filter',
  'headers',
  'mime',
  'mpm_event',
  'negotiation',
  'proxy',
  'proxy_http',
  'reqtimeout',
  'rewrite',
  'setenvif',
  'socache_shmcb',
  'ssl',
  'status',
  ...STATIC,
]);

const MPM_FILES: ReadonlySet<string> = new Set(['event', 'worker', 'prefork']);

/** `mod_rewrite.c`, `rewrite_module` and `mod_rewrite.so` are all `rewrite`. */
export function moduleName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/\.(?:c|so)$/, '')
    .replace(/_module$/, '')
    .replace(/^(?:mod_|lib)/, '');
  return MPM_FILES.has(name) ? `mpm_${name}` : name.replace(/^php[\d.]*$/, 'php');
}

const isUsual = (module: string): boolean => USUAL.has(module);

/** Whether a line loads it, or it is compiled in. That of an MPM is taken to be there: every MPM has its directives. */
export const isLoaded = (modules: ReadonlySet<string>, module: string): boolean =>
  modules.has(module) || STATIC.has(module) || module === 'mpm';

/** The version that conditions are compared with; what depends on its last number is said. */
const VERSION = [2, 4, 62] as const;

/** What within a skipped section would have mattered. */
const MATTERS = new RegExp(
  '^(?:require|order|allow|deny|satisfy|location|directory|files|proxy|virtualhost|rewrite|redirect|alias|remoteip|' +
    'setenvif|include|if$)',
);

/** What conditions are decided by: what the lines before have said. */
export interface ConditionScope {
  defines: Map<string, string>;
  /** What a section that was skipped would define: nobody else is to do so. */
  skippedDefines: Set<string>;
  /** Loaded so far; null: no line loads any, so the usual ones are assumed. */
  modules: Set<string> | null;
  serverRoot: string;
  /** What was assumed while reading. */
  notes: Note[];
  read: ReadIncluded;
}

/** Whether a section that is a condition holds; null: it is no condition. */
export function isMet(
  name: string,
  words: readonly string[],
  statement: ApacheStatement,
  scope: ConditionScope,
): boolean | null {
  const decide = CONDITIONS[name];
  if (decide === undefined) return null;
  const [first = '', ...more] = words;
  const isNegated = first.startsWith('!');
  return decide([isNegated ? first.slice(1) : first, ...more], statement, scope) !== isNegated;
}

type DecideCondition = (words: readonly string[], statement: ApacheStatement, scope: ConditionScope) => boolean;

const CONDITIONS: Readonly<Record<string, DecideCondition>> = Object.assign(
  Object.create(null) as Record<string, DecideCondition>,
  {
    ifmodule: ([word = ''], statement, { modules, notes }) => {
      const module = moduleName(word);
      if (modules !== null) return isLoaded(modules, module);
      if (!isUsual(module) && matters(statement))
        notes.push({
          place: statement.place,
          text: `no LoadModule line was read: mod_${module} is assumed to be loaded`,
        });
      return true;
    },
    ifdefine: ([word = ''], statement, { defines, skippedDefines, notes }) => {
      if (!defines.has(word) && !skippedDefines.has(word) && matters(statement))
        notes.push({
          place: statement.place,
          text: `${word} is assumed to be undefined, although apachectl may define it with -D`,
        });
      return defines.has(word);
    },
    ifversion: (words, statement, { notes }) => {
      const [operator, version] = words.length > 1 ? [words[0] ?? '=', words[1] ?? ''] : ['=', words[0] ?? ''];
      if (/^2\.4\.[1-9]/.test(version) && matters(statement))
        notes.push({ place: statement.place, text: `Apache is assumed to be version ${VERSION.join('.')}` });
      return compareVersion(operator, version);
    },
    iffile: ([word = ''], _, { serverRoot, read }) => {
      try {
        return read(isAbsolute(word) ? word : join(serverRoot, word)).length > 0;
      } catch {
        return true;
      }
    },
    ifdirective: known,
    ifsection: known,
  } satisfies Record<string, DecideCondition>,
);

function known([word = '']: readonly string[], statement: ApacheStatement, { notes }: ConditionScope): boolean {
  if (matters(statement)) notes.push({ place: statement.place, text: `Apache is assumed to know ${word}` });
  return true;
}

const matters = ({ children }: ApacheStatement): boolean =>
  (children ?? []).some((child) => MATTERS.test(child.name) || matters(child));

function compareVersion(operator: string, version: string): boolean {
  const pattern = /^\/(.*)\/$/.exec(version)?.[1] ?? (operator === '~' ? version : null);
  if (pattern !== null)
    return VERSION.join('.').startsWith(
      pattern
        .replace(/^\^/, '')
        .replaceAll('\\', '')
        .replace(/(?<![.*$])[.*$]+$/, ''),
    );
  const numbers = version.split('.').map(Number);
  const difference = VERSION.map((one, index) => one - (numbers[index] ?? 0)).find((one) => one !== 0) ?? 0;
  if (operator === '>') return difference > 0;
  if (operator === '>=') return difference >= 0;
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return difference === 0;
}
