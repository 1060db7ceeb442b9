/** What the source calls the program, and what most people type. */
export const USUAL_NAME = 'webhook';

/** Other machines have another `webhook`: there the same program is called by the name of its package. */
const OTHER_NAME = 'hookproof';

let ownName = USUAL_NAME;
let commandLine: RegExp | null = null;

/**
 * How this program was called, once, at its start. A link to it and the shell script that npm makes on Windows lead to
 * a file of that name.
 * @param commands what may stand behind the name, so that a sentence about a webhook is not taken for a command
 */
export function nameProgram(calledAs: string | undefined, commands: readonly string[]): void {
  if (!new RegExp(`(^|[\\\\/])${OTHER_NAME}(\\.\\w+)?$`).test(calledAs ?? '')) return;
  ownName = OTHER_NAME;
  commandLine = new RegExp(`(?<![\\w./-])${USUAL_NAME}(?= (?:(?:${commands.join('|')})\\b|--?[a-z]|[<[]))`, 'g');
}

export const programName = (): string => ownName;

/** As it is typed: with `npx` before it where it was called so. Only there is it sure to be found. */
export const typedName = (): string => (process.env['npm_command'] === 'exec' ? `npx ${ownName}` : ownName);

/** A text of ours with commands in it, under the name that this program was called by. Never for what others wrote. */
export const inOwnName = (text: string): string =>
  commandLine === null ? text : text.replace(commandLine, () => ownName);
