import type { CompilePcre } from '../rules/pcre.ts';
import type { ReadIncluded } from '../rules/server-rules.ts';
import { AppError } from '../../model/error.ts';
import { compileSection } from './compile-section.ts';
import type { DirConfig, SectionSetting } from './dir-config.ts';
import type { ApacheDirective } from './parse.ts';
import { expandAccessFile } from './expand.ts';
import { isForeign } from './directive-names.ts';
import { refuse } from './request-context.ts';
import type { ReadAccessFile } from './apply-sections.ts';
import { commandOf, findRefusedInFolder, findUnloaded } from './validity.ts';

/** Reads the .htaccess files of this machine, each once. One that breaks makes Apache answer 500. */
export function makeReadAccessFile(
  read: ReadIncluded,
  compile: CompilePcre,
  accessFile: string,
  modules: ReadonlySet<string> | null,
): ReadAccessFile {
  const known = new Map<string, readonly ApacheDirective[] | string>();
  return (folder, overrides, { ask }) => {
    const file = `${folder}${accessFile}`;
    if (!known.has(file)) known.set(file, readDirectives(file, read));
    const directives = known.get(file) ?? [];
    if (typeof directives === 'string')
      return ask({ ...overrides.place }, `the contents of ${file}: ${directives}`)
        ? null
        : refuse(403, overrides.place, `${file} may refuse`);
    if (directives.length === 0) return null;
    const kept = isLenient(overrides) ? directives.filter((directive) => isAllowed(directive, overrides)) : directives;
    const forbidden = kept.find((directive) => !isAllowed(directive, overrides));
    if (forbidden !== undefined)
      return refuse(500, forbidden.place, `${forbidden.name} is not allowed here: see AllowOverride`);
    const [refused] = findRefusedInFolder(kept);
    if (refused !== undefined) return refuse(500, refused.place, refused.text);
    const [unloaded] = modules === null ? [] : findUnloaded(kept, modules);
    if (unloaded !== undefined && !ask(unloaded.place, `${unloaded.text}: it may be built in`))
      return refuse(500, unloaded.place, unloaded.text);
    return compileOr500(kept, folder, compile);
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

/** The letters of the table of commands that the words of AllowOverride stand for. */
const CLASSES: ReadonlyMap<string, string> = new Map([
  ['all', 'AFILO'],
  ['authconfig', 'A'],
  ['fileinfo', 'F'],
  ['indexes', 'I'],
  ['limit', 'L'],
  ['options', 'O'],
]);

/** Whether a .htaccess may say that. A directive of a module of others may stand anywhere. */
function isAllowed(directive: ApacheDirective, overrides: SectionSetting): boolean {
  const { name, children } = directive;
  const words = overrides.words.map((word) => word.toLowerCase());
  const letters = words.flatMap((word) => [...(CLASSES.get(word.replace(/=.*/, '')) ?? '')]);
  const command = commandOf(directive);
  const isByClass =
    command === undefined
      ? isForeign(name)
      : letters.some((letter) => command.places.includes(letter)) ||
        (letters.length > 0 && command.places.includes('U'));
  return (
    (isByClass || words.includes(`list=${name}`)) && (children ?? []).every((child) => isAllowed(child, overrides))
  );
}

/** With `Nonfatal` what is not allowed is left out. */
const isLenient = ({ words }: SectionSetting): boolean => words.some((word) => /^nonfatal=/i.test(word));
