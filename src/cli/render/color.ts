import { Chalk, type ChalkInstance } from 'chalk';

export type ColorWhen = 'auto' | 'always' | 'never';

let chosen: ColorWhen = 'auto';

/** `--color WHEN`, once, before anything is drawn. */
export function chooseColor(when: ColorWhen): void {
  chosen = when;
}

/**
 * Colour only on a terminal. Order: `--color`, `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb`, is it a terminal.
 */
export function usesColor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (chosen !== 'auto') return chosen === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return env['TERM'] !== 'dumb' && stream.isTTY === true;
}

/** A painter for one stream; without colour it returns the text as it is. */
export function painter(stream: { isTTY?: boolean }): ChalkInstance {
  return new Chalk({ level: usesColor(stream) ? 1 : 0 });
}
