import { Option, type Command } from 'commander';
import { chooseColor, type ColorWhen } from './color.ts';

/** Of every command. */
export function addColorFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--color <when>', 'colour: auto, always, never').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--no-color', 'the same as --color never')
    .on('option:color', (when: ColorWhen) => chooseColor(when))
    .on('option:no-color', () => chooseColor('never'));
}
