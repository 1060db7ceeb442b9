import type { Command } from 'commander';
import { AppError } from '../../model/error.ts';
import { hideCredentials } from '../../model/http-url.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { nameOf, specOf } from './command-spec.ts';

/** Words where a command takes none, or fewer: what to type instead. */
export function tooManyArguments(command: Command, helpHint: string, hasFlags: boolean): AppError {
  const name = nameOf(command);
  const { insteadOfArguments, flagFor } = specOf(command);
  const most = command.registeredArguments.length;
  const words = command.args.map((word) => ({
    flag: flagFor?.(word) ?? null,
    shown: word.includes('://') ? hideCredentials(word) : word,
  }));
  const given = words.map(({ shown }) => shown).join(' ');
  const takes = most === 0 ? 'no argument' : most === 1 ? 'one argument' : `${most} arguments`;
  // The same flag twice would not be what was meant either.
  const isPlain = new Set(words.map(({ flag }) => flag)).size === words.length;
  const typed = words.map(({ flag, shown }) => (flag === null ? null : `${flag} ${quoteForShell(shown)}`));
  return new AppError('usage', `${name} accepts ${takes} without a flag, but got ${given}`, {
    hint: [
      ...(isPlain && !typed.includes(null) ? [`type instead: ${name} ${typed.join(' ')}${hasFlags ? ' …' : ''}`] : []),
      ...(insteadOfArguments === undefined ? [] : [insteadOfArguments]),
      helpHint,
    ].join('\n'),
  });
}
