import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** The rule of the house: `cli → flows → rooms → vendors → model`, downward only. */
const LEVEL: Record<string, number> = { cli: 4, flows: 3, vendors: 1, model: 0 };
const levelOf = (room: string): number => LEVEL[room] ?? 2;

/** The one room that may import each library. A library that is missing here may be imported nowhere. */
const DOOR: Record<string, string> = {
  commander: 'cli',
  chalk: 'cli',
  ora: 'cli',
  'fastest-levenshtein': 'cli',
  mailparser: 'mail',
  'iconv-lite': 'mail',
  libsql: 'history',
  pg: 'history',
  'pg-boss': 'history',
  uuid: 'plan',
  '@cfworker/json-schema': 'config',
  'ipaddr.js': 'source',
  tinyglobby: 'source',
  '@peculiar/x509': 'certs',
  'p-limit': 'certs',
  'reflect-metadata': 'certs',
};

interface Import {
  file: string;
  room: string;
  specifier: string;
  typeOnly: boolean;
}

const textOf = (file: string): string => readFileSync(join(src, file), 'utf8');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = files.flatMap(importsOf);

function importsOf(file: string): Import[] {
  const text = textOf(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const found = text.matchAll(
    /(?:\b(import|export)\s+(type\s)?[^'"();]*?from\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)['"]([^'"]+)['"]/g,
  );
  return [...found].map((match) => ({
    file,
    room: file.split('/')[0] as string,
    specifier: match[3] as string,
    typeOnly: match[2] !== undefined,
  }));
}

const inside = imports.filter(({ specifier }) => specifier.startsWith('.'));
const target = ({ file, specifier }: Import): string => relative(src, resolve(src, dirname(file), specifier));
const roomOf = (file: string): string => file.split('/')[0] as string;

test('every import is read', () => {
  expect(files.length).toBeGreaterThan(10);
  for (const { file, specifier } of inside) {
    const path = target({ file, specifier } as Import);
    expect(path.startsWith('..') ? path : files, `${file} imports ${specifier}`).toSatisfy((seen: string | string[]) =>
      typeof seen === 'string'
        ? seen === '../package.json'
        : seen.includes(path) || path.endsWith('.json') || path.endsWith('.d.ts'),
    );
  }
});

test('no import goes upward or sideways', () => {
  const wrong = inside
    .filter((one) => !target(one).startsWith('..'))
    .filter((one) => {
      const to = roomOf(target(one));
      return to !== one.room && levelOf(to) >= levelOf(one.room);
    })
    .map((one) => `${one.file} → ${target(one)}`);
  expect(wrong).toEqual([]);
});

test('each library is imported in its own room alone', () => {
  const wrong = imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map((one) => ({
      ...one,
      library: one.specifier
        .split('/')
        .slice(0, one.specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    }))
    .filter(({ library, room }) => DOOR[library] !== room)
    .map(({ file, library }) => `${file} imports ${library}; its room is ${DOOR[library] ?? 'nowhere'}`);
  expect(wrong).toEqual([]);
});

/** Paths `a → b → a` along the edges; empty when there is no circle. */
function findCircles(edges: readonly (readonly [from: string, to: string])[]): string[] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const circles: string[] = [];
  const visit = (node: string, path: readonly string[]): void => {
    if (state.get(node) === 'done') return;
    if (state.get(node) === 'open') {
      circles.push([...path.slice(path.indexOf(node)), node].join(' → '));
      return;
    }
    state.set(node, 'open');
    for (const to of next.get(node) ?? []) visit(to, [...path, node]);
    state.set(node, 'done');
  };
  for (const node of next.keys()) visit(node, []);
  return circles;
}

test('circles are found', () => {
  expect(
    findCircles([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
    ]),
  ).toEqual(['b → c → b']);
});

test('no circle of imports between files, types included', () => {
  expect(findCircles(inside.map((one) => [one.file, target(one)])).toSorted()).toEqual([]);
});

test('no circle of imports between the folders of a room', () => {
  const between = inside
    .filter((one) => roomOf(target(one)) === one.room)
    .map((one) => [dirname(one.file), dirname(target(one))] as const)
    .filter(([from, to]) => from !== to);
  expect([...new Set(findCircles(between))]).toEqual([]);
});

test('no type name stands in two files', () => {
  const places = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [, name = ''] of textOf(file).matchAll(/^(?:export )?(?:declare )?(?:interface|type) (\w+)/gm))
      places.set(name, (places.get(name) ?? new Set()).add(file));
  }
  expect(places.size).toBeGreaterThan(100);
  const several = [...places].filter(([, found]) => found.size > 1);
  expect(several.map(([name]) => name).toSorted()).toEqual([]);
});

test('no line is wider than 120 columns, no file longer than 320 lines', () => {
  const wide = files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, index) => (line.length > 120 && !/https?:\/\/\S{60}/.test(line) ? [`${file}:${index + 1}`] : [])),
  );
  const long = files.filter((file) => textOf(file).split('\n').length > 321);
  expect({ wide, long }).toEqual({ wide: [], long: [] });
});

test.each([
  ['only cli prints', /process\.(stdout|stderr)|console\./, (file: string) => file.startsWith('cli/')],
  [
    'only exit.ts exits; whether a process lives is asked with signal 0',
    /process\.(exit\b|exitCode|kill(?!\(pid, 0\))|abort)|from 'node:process'/,
    (file: string) => file === 'cli/terminal/exit.ts',
  ],
  [
    'only history speaks SQL',
    /\bselect\s[^`]*?\sfrom\s+(attempt|delivery|exchange)\b|\binsert\s+into\s|\bdelete\s+from\s|\bcreate\s+table\s|\bcase\s+when\s|\bifnull\(|\bjson_quote\(/i,
    (file: string) => file.startsWith('history/'),
  ],
  [
    'only the vendors room knows a vendor by name',
    /===\s*'(mailkit|mailkite|mailkite-selfhost|mail2many|mail-plus)'/,
    (file: string) => file.startsWith('vendors/'),
  ],
])('%s', (_, pattern, allowed) => {
  const wrong = files.filter(
    (file) => !allowed(file) && pattern.test(textOf(file).replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')),
  );
  expect(wrong).toEqual([]);
});
