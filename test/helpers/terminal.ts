import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { quoteForShell } from '../../src/model/shell-word.ts';
import { bin, runCommandLine, type RunOptions } from './program.ts';

/** util-linux's `script` makes a real terminal; where it is missing, tests of one are skipped. */
export const HAS_TERMINAL = process.platform === 'linux' && existsSync('/usr/bin/script');

/** What one of the real programs writes to a terminal. */
export interface OnTerminal {
  /** All of it, what it takes away again as well. */
  written: string;
  /** The lines as they stand there in the end. */
  lines: string[];
}

/** Starts one of the real programs on a terminal of so many columns. */
export async function runOnTerminal(
  columns: number,
  [program, ...args]: readonly [program: string, ...args: string[]],
  options: RunOptions = {},
): Promise<OnTerminal> {
  const line = [process.execPath, bin(program), ...args].map((word) => quoteForShell(word)).join(' ');
  const command = `stty cols ${columns} rows 24; exec ${line}`;
  const { stdout } = await runCommandLine('script', ['-qec', command, '/dev/null'], {
    ...options,
    env: { ...options.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  return {
    written: stripVTControlCharacters(stdout),
    lines: stripVTControlCharacters(stdout.replaceAll(TAKEN_AWAY, '')).trimEnd().split(/\r?\n/),
  };
}

/** The lines that it shows, as they stand there. */
export const linesOnTerminal = async (...program: Parameters<typeof runOnTerminal>): Promise<string[]> =>
  (await runOnTerminal(...program)).lines;

/** A spinner that a slow machine shows, up to where it takes its line away again. */
// oxlint-disable-next-line no-control-regex -- what a terminal gets
const TAKEN_AWAY = /[^\r\n]*\u001b\[1G\u001b\[[02]?K/g;
