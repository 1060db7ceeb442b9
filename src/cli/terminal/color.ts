import { screenOf } from './stdio.ts';

export type ColorWhen = 'auto' | 'always' | 'never';

/** What a text can be painted with. */
export type Paint = Record<'bold' | 'dim' | 'green' | 'red' | 'yellow', (text: string) => string>;

const same = (text: string): string => text;
const PLAIN: Paint = { bold: same, dim: same, green: same, red: same, yellow: same };

let chosen: ColorWhen = 'auto';
let colored = PLAIN;

/** `--color WHEN`, once, before anything is drawn. */
export function chooseColor(when: ColorWhen): void {
  chosen = when;
}

/** Loads chalk if anything will be coloured: in a pipe, where programs read us, nobody waits for it. */
export async function loadColors(): Promise<void> {
  if (!usesColor(screenOf(1)) && !usesColor(screenOf(2))) return;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  // chalk paints every argument it gets, so as a callback of map() it would show index and array, too.
  colored = {
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    green: (text) => chalk.green(text),
    red: (text) => chalk.red(text),
    yellow: (text) => chalk.yellow(text),
  };
}

/** A painter for one stream; without colour it returns the text as it is. */
export function painter(stream: { isTTY?: boolean }): Paint {
  return usesColor(stream) ? colored : PLAIN;
}

/**
 * Colour only on a terminal. Order: `--color`, `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb`, is it a terminal.
 */
export function usesColor(stream: { isTTY?: boolean }): boolean {
  const { env } = process;
  if (chosen !== 'auto') return chosen === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return env['TERM'] !== 'dumb' && stream.isTTY === true;
}
