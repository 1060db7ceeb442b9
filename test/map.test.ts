import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const MAP = join(root, 'src/README.md');
const map = readFileSync(MAP, 'utf8');

/** Paths in backticks that stand below src, test or fixtures; a placeholder (`<family>`, `acme`) names no file. */
const CODE_PATH = /`((?:src|test|fixtures|vendors|cli|flows)\/[\w./-]+)`/g;

test('every room has its line', () => {
  const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(rooms.length).toBeGreaterThan(10);
  for (const { name } of rooms)
    expect(map, `src/README.md has no line for ${name}/`).toContain(`| [${name}/](${name}) |`);
});

test('every library is named at its door', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const architecture = readFileSync(join(root, 'test/architecture.test.ts'), 'utf8');
  const libraries = Object.keys({ ...dependencies, ...devDependencies }).filter((name) =>
    new RegExp(`^  '?${name.replaceAll('/', '\\/')}'?: '\\w+',$`, 'm').test(architecture),
  );
  expect(libraries.length).toBeGreaterThan(10);
  for (const name of libraries) expect(map, `src/README.md does not name ${name}`).toContain(name);
});

test('every link leads to a file', () => {
  const links = [...map.matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link));
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((link) => !existsSync(resolve(dirname(MAP), link)))).toEqual([]);
});

test('every file that a recipe names is there', () => {
  const paths = [...map.matchAll(CODE_PATH)].map(([, path]) => path as string).filter((path) => !/\bacme\b/.test(path));
  expect(paths.length).toBeGreaterThan(5);
  const missing = paths.filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, 'src', path)));
  expect(missing).toEqual([]);
});

test.each(['README.md', 'CONTRIBUTING.md'])('%s leads to the map', (name) => {
  expect(readFileSync(join(root, name), 'utf8')).toContain('(src/README.md)');
});

/** Tests of no single file of `src`, and what they test instead. */
const TESTS_OF_MORE = new Map([
  ['architecture', 'the imports, names and sizes of every file'],
  ['map', 'src/README.md, and this'],
  ['package', 'what npm packs'],
  ['readme', 'README.md'],
  ['bench/results', 'the verdicts of npm run bench'],
  ['ci/action', 'action.yml'],
  ['ci/container', 'Dockerfile'],
  ['ci/gitlab-template', 'ci/hookproof.gitlab-ci.yml'],
  ['ci/workflow', '.github/workflows/ci.yml'],
  ['cli/history/postgres', 'every command that records or reads, on a history in PostgreSQL'],
  ['docs/pages', 'README.md and docs/'],
  ['docs/team', 'docs/team.md'],
  ['docs/postgres-roles', 'docs/postgres-roles.sql'],
  ['docs/screens', 'the pictures of docs/screens'],
  ['docs/vendor-files', 'docs/vendor-files.md'],
  ['flows/receive/built-in-vendors', 'every vendor, as sent and as received'],
  ['mutants/patches', 'the planted mistakes'],
  ['receivers/receivers', 'the suite against receivers that are not ours'],
  ['sdk/deliveries', "receivers on the vendors' own SDKs"],
  ['sdk/published-vectors', "the vendors' own SDKs against what is published"],
  ['soak/full-disk', 'every kind of write'],
  ['soak/fuzz', 'whatever reads what people give'],
  ['soak/hostile-answers', 'whatever an endpoint may answer'],
  ['soak/kills', 'histories whose program was killed'],
  ['soak/locked-history', 'histories that another program holds'],
  ['soak/many-processes', 'one history of many programs'],
  ['soak/queue-workers', 'workers of one queue that are killed'],
  ['soak/restarting-endpoint', 'what is told of an endpoint that dies and comes back'],
  ['soak/upgrade', 'a history that goes back and forth between versions'],
  ['soak/load-memory', 'the memory of webhook load'],
  ['vendors/samples', 'the golden bytes in fixtures/samples'],
  ['vendors/vendor-data', 'the data of every vendor, written down a second time'],
  ['vendors/vendors', 'the data of every vendor against its documentation'],
]);

/** `source/address` for `test/source/address.test.ts`, and for `test/source/address.part.test.ts`. */
const testedBy = (file: string): string => join(dirname(file), basename(file).replace(/\..*/, ''));

test('a test stands where what it tests stands, under its name', () => {
  const tested = globSync('**/*.test.ts', { cwd: join(root, 'test'), ignore: '**/node_modules/**' }).map(testedBy);
  expect(tested.length).toBeGreaterThan(100);
  const lost = new Set(tested.filter((path) => !existsSync(join(root, 'src', `${path}.ts`))));
  expect([...lost].toSorted()).toEqual([...TESTS_OF_MORE.keys()].toSorted());
});
