import type { Command } from 'commander';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/terminal/command.ts';
import { renderError } from '../../src/cli/terminal/error.ts';
import { exitCodeOf } from '../../src/cli/terminal/exit.ts';
import type { Ended } from './program.ts';

/**
 * What `webhook` answers to a line that ends before the command's work begins: help, and flags that are refused. It is
 * the command itself, in this process: a hundredth of the time of a program. What needs a folder, a variable or
 * standard output is asked of a program (`runProgram`), and so is one line of each kind.
 */
export async function askCommand([name, ...args]: readonly string[]): Promise<Ended> {
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`there is no command ${name}`);
  const command = (await entry.load())(`webhook ${name}`);
  let stdout = '';
  captureHelp(command, (text) => {
    stdout += text;
  });
  try {
    return { code: await runCommand(command, args), signal: null, stdout, stderr: '' };
  } catch (error) {
    return { code: exitCodeOf(error), signal: null, stdout, stderr: `${await renderError(error)}\n` };
  }
}

function captureHelp(command: Command, writeOut: (text: string) => void): void {
  command.configureOutput({ writeOut });
  for (const below of command.commands) captureHelp(below, writeOut);
}
