import { readCidr } from './cidr.ts';
import { fromBytes, syntaxError } from './lex.ts';
import type { Directive } from './parse.ts';

/** Throws AppError `input` for an `allow` or `deny` that nginx does not start with. */
export function checkAddresses(directives: readonly Directive[]): void {
  for (const { name, args, block, place, brokenAt } of directives) {
    if (block !== null && !name.endsWith('_by_lua_block')) checkAddresses(block);
    if ((name !== 'allow' && name !== 'deny') || block !== null) continue;
    const [who = ''] = args;
    if (args.length > 1 && brokenAt !== undefined)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": a ";" seems to be missing at the end of line ${brokenAt}`,
        `${name} takes one address or network, and ends with ";"`,
      );
    if (args.length !== 1)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": ${name} takes one address or network`,
        'write one line for each',
      );
    if (who !== 'all' && who !== 'unix:' && readCidr(who) === null)
      throw syntaxError(
        place.file,
        place.line,
        `"${place.text}": nginx takes no such address: ${fromBytes(who)}`,
        'write an address or a CIDR: 192.0.2.0/24',
      );
  }
}
