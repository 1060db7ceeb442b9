import { isAbsolute, join } from 'node:path';
import type { Expansion } from './expand.ts';
import { isStatic, isUsual, moduleName } from './modules.ts';
import type { Statement } from './parse.ts';

/** The version that conditions are compared with; what depends on its last number is said. */
const VERSION = [2, 4, 62] as const;

/** What within a skipped section would have mattered. */
const MATTERS =
  /^(?:require|order|allow|deny|satisfy|location|directory|files|proxy|virtualhost|rewrite|redirect|alias|remoteip|setenvif|include|if$)/;

/** Whether a section that is a condition is taken; null: it is no condition. */
export function isMet(
  name: string,
  words: readonly string[],
  statement: Statement,
  expansion: Expansion,
): boolean | null {
  const decide = CONDITIONS[name];
  if (decide === undefined) return null;
  const [first = '', ...more] = words;
  const isNegated = first.startsWith('!');
  return decide([isNegated ? first.slice(1) : first, ...more], statement, expansion) !== isNegated;
}

type Decide = (words: readonly string[], statement: Statement, expansion: Expansion) => boolean;

const CONDITIONS: Readonly<Record<string, Decide>> = Object.assign(Object.create(null) as Record<string, Decide>, {
  ifmodule: ([word = ''], statement, { modules, notes }) => {
    const module = moduleName(word);
    if (modules !== null) return modules.has(module) || isStatic(module);
    if (!isUsual(module) && matters(statement))
      notes.push({ place: statement.place, text: `no LoadModule line was read: mod_${module} is taken to be loaded` });
    return true;
  },
  ifdefine: ([word = ''], statement, { defines, skippedDefines, notes }) => {
    if (!defines.has(word) && !skippedDefines.has(word) && matters(statement))
      notes.push({ place: statement.place, text: `${word} is taken not to be defined: apachectl may do so with -D` });
    return defines.has(word);
  },
  ifversion: (words, statement, { notes }) => {
    const [operator, version] = words.length > 1 ? [words[0] ?? '=', words[1] ?? ''] : ['=', words[0] ?? ''];
    if (/^2\.4\.[1-9]/.test(version) && matters(statement))
      notes.push({ place: statement.place, text: `Apache is taken to be ${VERSION.join('.')}` });
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
} satisfies Record<string, Decide>);

function known([word = '']: readonly string[], statement: Statement, { notes }: Expansion): boolean {
  if (matters(statement)) notes.push({ place: statement.place, text: `Apache is taken to know ${word}` });
  return true;
}

const matters = ({ children }: Statement): boolean =>
  (children ?? []).some((child) => MATTERS.test(child.name) || matters(child));

function compareVersion(operator: string, version: string): boolean {
  const pattern = /^\/(.*)\/$/.exec(version)?.[1] ?? (operator === '~' ? version : null);
  if (pattern !== null)
    return VERSION.join('.').startsWith(
      pattern
        .replace(/^\^/, '')
        .replaceAll('\\', '')
        .replace(/[.*$]+$/, ''),
    );
  const numbers = version.split('.').map(Number);
  const difference = VERSION.map((one, index) => one - (numbers[index] ?? 0)).find((one) => one !== 0) ?? 0;
  if (operator === '>') return difference > 0;
  if (operator === '>=') return difference >= 0;
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return difference === 0;
}
