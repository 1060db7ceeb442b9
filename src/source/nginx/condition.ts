import { BITS } from '../address/address.ts';
import { networkAround } from '../address/network.ts';
import { readNginxAddress } from './cidr.ts';
import { fromBytes, syntaxError } from './lex.ts';
import { networksOfPattern } from './map.ts';
import type { Directive } from './parse.ts';
import { matchRegex } from './regex.ts';
import { fillIn, readVariable } from './variables.ts';
import { ask, assume, isUnknown, type Value, type Walk } from './walk.ts';

/** What stands in the brackets of `if (…)`: one word, two for a file, three for a comparison. */
export function readCondition({ args, place }: Directive): string[] {
  const last = args.length - 1;
  const words = args
    .map((word, index) => (index === last ? word.replace(/\)$/, '') : word))
    .map((word, index) => (index === 0 ? word.replace(/^\(/, '') : word));
  if (!args[0]?.startsWith('(') || !args[last]?.endsWith(')'))
    throw syntaxError(place.file, place.line, `"${place.text}": the condition stands in no brackets`);
  return words.filter((word, index) => word !== '' || (index !== 0 && index !== last));
}

/** https://nginx.org/en/docs/http/ngx_http_rewrite_module.html#if */
export function isTrue(walk: Walk, directive: Directive): boolean {
  const [left = '', operator, right = ''] = readCondition(directive);
  if (/^!?-[fdex]$/.test(left)) return isFile(walk, left, operator ?? '', directive);
  const value = readVariable(walk, left.replace(/^\$/, ''), directive.place);
  if (operator === undefined)
    return decide(walk, `${left} is true`, directive, value, (text) => text !== '' && text !== '0');
  if (operator === '=' || operator === '!=') return isEqual(walk, directive, value) === (operator === '=');
  walk.networks.add(networksOfPattern(right));
  const found = decide(walk, `${left} ${operator.replace('!', '')} ${right}`, directive, value, (text) =>
    matchRegex(walk, right, operator.endsWith('*'), text, directive.place),
  );
  return found !== operator.startsWith('!');
}

function isEqual(walk: Walk, directive: Directive, value: Value): boolean {
  const [left = '', , right = ''] = readCondition(directive);
  const other = fillIn(walk, right, directive.place);
  const address = isUnknown(other) ? null : readNginxAddress(other);
  if (address !== null) walk.networks.add([networkAround(address, BITS[address.family])]);
  return decide(walk, `${left} = ${right}`, directive, isUnknown(other) ? other : value, (text) => text === other);
}

function decide(
  walk: Walk,
  question: string,
  { place }: Directive,
  value: Value,
  test: (text: string) => boolean,
): boolean {
  return isUnknown(value) ? ask(walk, question, { place, text: value.unknown }) : test(value);
}

/** A file by the name of the request is there where an application is called by files, and only there. */
function isFile(walk: Walk, operator: string, name: string, { place }: Directive): boolean {
  const isNegative = operator.startsWith('!');
  const kind = operator.replace('!', '');
  if (!/\$(request_filename|uri|document_uri)/.test(name))
    return ask(walk, `${kind} ${name}`, { place, text: `it hangs on the file ${fromBytes(name)}` }) !== isNegative;
  const exists = kind !== '-d' && walk.handler?.kind === 'application';
  assume(walk, {
    place,
    text: `${exists ? 'a' : 'no'} ${kind === '-d' ? 'folder' : 'file'} is taken to be at ${fromBytes(walk.path)}`,
  });
  return exists !== isNegative;
}
