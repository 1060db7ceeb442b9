import { InvalidArgumentError, type Command } from 'commander';
import { decodePercent } from '../../model/http-url.ts';
import { nameSecret } from '../../model/secret-name.ts';
import { addShared } from './command-spec.ts';

export interface MaskFlags {
  mask?: string[];
}

/** For commands that show or keep requests. */
export function addMaskFlag(command: Command): Command {
  return addShared(command, 'secrets', () =>
    command
      .optionsGroup('Secret:')
      .option(
        '--mask <name>',
        'also mask the header and query parameter of this name as ***; Authorization, X-Api-Key, ?token= and ' +
          'similar are always masked (repeatable)',
        secretName,
      ),
  );
}

/** Named as it is read: an error of the next flag may show it already. */
function secretName(value: string, previous: string[] = []): string[] {
  const [name = ''] = value.split(/[\s:=&?#;,]/, 1);
  if (name !== '') nameSecret(decodePercent(name));
  // What goes on behind the name is a whole line, or a pair, with its secret.
  if (name === '' || name !== value)
    throw new InvalidArgumentError('expected the name of a header or query parameter, such as X-Partner');
  return [...previous, value];
}
