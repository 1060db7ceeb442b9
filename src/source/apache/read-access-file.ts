import type { CompilePcre } from '../rules/pcre.ts';
import type { ReadIncluded } from '../rules/server-rules.ts';
import { AppError } from '../../model/error.ts';
import { compileSection } from './compile-section.ts';
import type { DirConfig, SectionSetting } from './dir-config.ts';
import type { ApacheDirective } from './parse.ts';
import { expandAccessFile } from './expand.ts';
import { refuse } from './request-context.ts';
import type { ReadAccessFile } from './apply-sections.ts';

/** What AllowOverride has to say for a directive to be allowed in a .htaccess. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/^(?:require\w*|auth\w*|satisfy)$/, 'authconfig'],
  [/^(?:order|allow|deny)$/, 'limit'],
  [/^(?:rewrite\w*|redirect\w*|setenvif\w*|sethandler|errordocument|browsermatch\w*)$/, 'fileinfo'],
];

/** Reads the .htaccess files of this machine, each once. One that breaks makes Apache answer 500. */
export function makeReadAccessFile(read: ReadIncluded, compile: CompilePcre, accessFile: string): ReadAccessFile {
  const known = new Map<string, readonly ApacheDirective[] | string>();
  return (folder, overrides, { ask }) => {
    const file = `${folder}${accessFile}`;
    if (!known.has(file)) known.set(file, readDirectives(file, read));
    const directives = known.get(file) ?? [];
    if (typeof directives === 'string')
      return ask({ ...overrides.place }, `what ${file} says: ${directives}`)
        ? null
        : refuse(403, overrides.place, `${file} may refuse`);
    if (directives.length === 0) return null;
    const forbidden = directives.find((directive) => !isAllowed(directive, overrides));
    if (forbidden !== undefined)
      return refuse(500, forbidden.place, `${forbidden.name} is not allowed here: see AllowOverride`);
    return compileOr500(directives, folder, compile);
  };
}

function readDirectives(file: string, read: ReadIncluded): readonly ApacheDirective[] | string {
  try {
    const [found] = read(file);
    return found === undefined ? [] : expandAccessFile(found, read);
  } catch (error) {
    return (error as Error).message;
  }
}

function compileOr500(
  directives: readonly ApacheDirective[],
  folder: string,
  compile: CompilePcre,
): DirConfig | ReturnType<typeof refuse> {
  try {
    return compileSection(directives, { section: { kind: 'prefix', text: folder }, compile });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refuse(500, directives[0]?.place ?? null, error.message);
  }
}

function isAllowed({ name, children }: ApacheDirective, overrides: SectionSetting): boolean {
  const words = new Set(overrides.words.map((word) => word.toLowerCase()));
  if (words.has('all')) return true;
  const needed = CLASSES.find(([form]) => form.test(name))?.[1];
  return (needed === undefined || words.has(needed)) && (children ?? []).every((child) => isAllowed(child, overrides));
}
