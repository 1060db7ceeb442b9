import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as fc from 'fast-check';
import { BUILT_IN } from '../../src/vendors/vendor-index.ts';
import { EVIL, NUMBERS } from './mutate.ts';
import { WORDS } from './seeds.ts';

/** As the build writes it down for completion. */
interface KnownCommand {
  name: string;
  flags: readonly { names: readonly string[]; place: Place | null }[];
  arguments: readonly Place[];
  commands: readonly KnownCommand[];
}

interface Place {
  kinds: readonly string[];
  choices: readonly string[];
}

/** Those that call nobody and end by themselves; with what keeps the others from calling. */
const OFFLINE: Readonly<Record<string, readonly string[]>> = {
  add: [],
  allowlist: [],
  certs: [],
  completion: [],
  config: [],
  events: [],
  export: [],
  history: [],
  init: [],
  list: [],
  receiver: [],
  remove: [],
  report: [],
  retries: ['--table'],
  route: [],
  sample: [],
  send: ['--dry-run'],
  vendor: [],
  verify: [],
};

/**
 * These run a program or send, whatever else is said, or write escapes as they are asked to; Node 20 itself reads
 * `--env-file` wherever it stands.
 */
const LEFT_OUT = new Set(['--env-file', '--start', '--send', '--serve-attachments', '--color', '-h', '--help']);

const FOLDER = resolve(import.meta.dirname, '../../dist/completion');
const readCommand = (name: string): KnownCommand =>
  JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as KnownCommand;

const texts = fc.oneof(
  fc.constantFrom(...EVIL.filter((text) => !text.includes('\0'))),
  fc.constantFrom(...WORDS.date, ...NUMBERS, 'http://127.0.0.1:1/hook', 'subject=x', 'optin', 'last', 'first'),
  fc.string({ maxLength: 12 }).filter((text) => !text.includes('\0')),
);

function valueOf({ kinds, choices }: Place, files: readonly string[]): fc.Arbitrary<string> {
  const likely = [
    ...choices,
    ...(kinds.includes('vendor') ? BUILT_IN.map(({ id }) => id) : []),
    ...(kinds.includes('event') ? BUILT_IN.flatMap(({ events }) => events) : []),
    ...(kinds.includes('file') ? files : []),
  ];
  return likely.length === 0 ? texts : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...likely) }, texts);
}

function linesOf(command: KnownCommand, path: readonly string[], files: readonly string[]): fc.Arbitrary<string[]>[] {
  const flags = command.flags.filter(({ names }) => !names.some((name) => LEFT_OUT.has(name)));
  const flag = fc
    .constantFrom(...flags)
    .chain(({ names, place }) =>
      fc.tuple(fc.constantFrom(...names), place === null ? fc.constant(null) : valueOf(place, files)),
    )
    .map(([name, value]) => (value === null ? [name] : [name, value]));
  const values = fc.tuple(...command.arguments.map((place) => fc.option(valueOf(place, files))));
  const own = fc
    .tuple(values, fc.array(flag, { maxLength: 4 }))
    .map(([given, some]) => [...path, ...given.filter((value) => value !== null), ...some.flat()]);
  return [own, ...command.commands.flatMap((one) => linesOf(one, [...path, one.name], files))];
}

/** Command lines of what calls nobody: flags that there are, with values that fit them and others. */
export function commandLines(files: readonly string[]): fc.Arbitrary<string[]> {
  return fc.oneof(
    ...Object.entries(OFFLINE).flatMap(([name, more]) =>
      linesOf(readCommand(name), [name], files).map((lines) => lines.map((line) => [...line, ...more])),
    ),
  );
}
