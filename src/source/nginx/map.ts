import { BITS } from '../address/address.ts';
import { networkAround, type Network } from '../address/network.ts';
import { readNginxAddress } from './cidr.ts';
import { findByHost, type Named } from './host-names.ts';
import type { Directive } from './parse.ts';
import { matchRegex } from './regex.ts';
import { fillTemplate } from './template.ts';
import { isUnknown, type Value, type Walk } from './walk.ts';

type Read = (variable: string) => Value;

/**
 * The value of a `map { }`: a text without regard to case, then wildcards of hosts where it says so, then expressions in
 * their order, then the default. https://nginx.org/en/docs/http/ngx_http_map_module.html
 */
export function findInMap(walk: Walk, { args, block }: Directive, read: Read): Value {
  const lines = block ?? [];
  const source = fillTemplate(args[0] ?? '', read);
  if (isUnknown(source)) return onlyValue(lines) ?? source;
  const isHostnames = lines.some(({ name }) => name === 'hostnames');
  const line =
    findText(lines, source.toLowerCase(), isHostnames) ??
    findPattern(walk, lines, source) ??
    lines.findLast(({ name }) => name === 'default');
  walk.networks.add(networksNamed(lines));
  return fillTemplate(line?.args[0] ?? '', read);
}

/** What every line says: then it does not matter which one it is. */
function onlyValue(lines: readonly Directive[]): string | undefined {
  const entries = lines.filter(({ args }) => args.length > 0);
  const values = new Set([
    ...entries.map(({ args }) => args[0] ?? ''),
    ...(entries.some(({ name }) => name === 'default') ? [] : ['']),
  ]);
  const [value] = values;
  return values.size === 1 && value?.includes('$') === false ? value : undefined;
}

/** `hostnames` and `volatile` stand alone. */
const isText = ({ name, args }: Directive): boolean => args.length > 0 && name !== 'default' && !name.startsWith('~');

function findText(lines: readonly Directive[], source: string, isHostnames: boolean): Directive | undefined {
  const names = lines
    .filter(isText)
    .map((line): Named<Directive> => ({ name: line.name.replace(/^\\/, '').toLowerCase(), value: line }));
  if (isHostnames) return findByHost(names, source.replace(/\.$/, ''));
  return names.find(({ name }) => name === source)?.value;
}

function findPattern(walk: Walk, lines: readonly Directive[], source: string): Directive | undefined {
  if (source === '') return undefined;
  return lines.find(({ name, place }) => {
    const found = /^~(\*?)([^]*)$/.exec(name);
    return found !== null && matchRegex(walk, found[2] ?? '', found[1] === '*', source, place);
  });
}

/** The addresses among the keys: somebody compares them with that of the caller. */
function networksNamed(lines: readonly Directive[]): Network[] {
  return lines.flatMap(({ name }) => {
    const address = readNginxAddress(name);
    return address === null
      ? networksOfPattern(name.replace(/^~\*?/, ''))
      : [networkAround(address, BITS[address.family])];
  });
}

/** `^192\.0\.2\.` names 192.0.2.0/24, and `^192\.0\.2\.1$` one address. */
export function networksOfPattern(pattern: string): Network[] {
  const plain = pattern
    .replace(/^\^/, '')
    .replaceAll(String.raw`\.`, '.')
    .replace(/\$$/, '');
  if (!pattern.startsWith('^') || !/^\d{1,3}(\.\d{1,3}){0,2}\.$|^\d{1,3}(\.\d{1,3}){3}$/.test(plain)) return [];
  const parts = plain.split('.').filter((part) => part !== '');
  const address = readNginxAddress([...parts, '0', '0', '0', '0'].slice(0, 4).join('.'));
  return address === null ? [] : [networkAround(address, parts.length * 8)];
}
