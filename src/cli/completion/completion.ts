import { Argument, type Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import { answer } from '../terminal/output.ts';
import { programName, USUAL_NAME } from '../terminal/program-name.ts';
import { bashScript } from './bash-script.ts';
import { fishScript } from './fish-script.ts';
import { powershellScript } from './powershell-script.ts';
import { zshScript } from './zsh-script.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript };
type Shell = keyof typeof SCRIPTS;

/** `webhook completion SHELL` */
export function completionCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'print a script that completes commands, flags and names in your shell',
    topics: ['shells'],
    examples: [
      [`eval "$(${name} bash)"`, 'for this bash; for every new one, see webhook help shells'],
      [`eval "$(${name} zsh)"`, 'for this zsh; likewise'],
      [`${name} fish > ~/.config/fish/completions/webhook.fish`, 'for every fish'],
      [
        `${name} powershell | Out-String | Invoke-Expression`,
        'for this PowerShell; for every new one, add it to $PROFILE (not tested)',
      ],
    ],
  })
    .addArgument(new Argument('<shell>', 'the shell that you use').choices(Object.keys(SCRIPTS)))
    .action(
      act(async (shell: Shell) => {
        answer(SCRIPTS[shell](programsOf(programName())));
        return 0;
      }),
    );
}

/** Called by its other name it leaves `webhook` alone: that may be another program there. */
const programsOf = (called: string): string[] => [
  ...(called === USUAL_NAME ? [USUAL_NAME, 'hookproof'] : [called]),
  'mp-export',
  'verify-cert',
];
