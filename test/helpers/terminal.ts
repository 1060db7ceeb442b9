import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { quoteForShell } from '../../src/model/shell-word.ts';
import { bin, runCommandLine, type RunOptions } from './program.ts';

/** util-linux's `script` makes a real terminal; where it is missing, tests of one are skipped. */
export const HAS_TERMINAL = process.platform === 'linux' && existsSync('/usr/bin/script');

/** The lines that one of the real programs shows on a terminal of so many columns, as they stand there. */
export async function linesOnTerminal(
  columns: number,
  [program, ...args]: readonly [program: string, ...args: string[]],
  options: RunOptions = {},
): Promise<string[]> {
  const line = [process.execPath, bin(program), ...args].map((word) => quoteForShell(word)).join(' ');
  const command = `stty cols ${columns} rows 24; exec ${line}`;
  const { stdout } = await runCommandLine('script', ['-qec', command, '/dev/null'], {
    ...options,
    env: { ...options.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  return stripVTControlCharacters(stdout.replaceAll(TAKEN_AWAY, '')).trimEnd().split(/\r?\n/);
}

/** A spinner that a slow machine shows, up to where it takes its line away again. */
// oxlint-disable-next-line no-control-regex -- what a terminal gets
const TAKEN_AWAY = /[^\r\n]*\u001b\[1G\u001b\[[02]?K/g;
