import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { runCommandLine, type Ended } from './helpers/program.ts';
import { copyRepository, ROOT } from './helpers/repository.ts';

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

interface Manifest {
  version: string;
  bin: Record<string, string>;
  scripts?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

let folder: string;
let copy: string;
let packed: Ended;
let installed: Ended;
let home: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hookproof-package-'));
  copy = join(folder, 'copy');
  // Packing changes package.json for a moment and builds.
  copyRepository(copy);
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  packed = await pack(folder);
  home = join(folder, 'empty');
  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  const tarball = join(folder, `hookproof-${manifestOf(ROOT).version}.tgz`);
  installed = await runCommandLine('npm', ['install', '--no-audit', '--no-fund', tarball], {
    cwd: home,
    env: { NODE_EXTRA_CA_CERTS: inject('extraCaCerts'), npm_config_update_notifier: 'false' },
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pack = (destination: string): Promise<Ended> =>
  runCommandLine('npm', ['pack', '--silent', '--pack-destination', destination], { cwd: copy });

test('npm pack prints the name of the file and nothing else', () => {
  expect(packed).toEqual({ code: 0, signal: null, stdout: `hookproof-${manifestOf(ROOT).version}.tgz\n`, stderr: '' });
});

test('the tarball has no scripts and nothing of the development', async () => {
  const manifest = manifestOf(join(home, 'node_modules/hookproof'));
  expect(manifest).not.toHaveProperty('scripts');
  expect(manifest).not.toHaveProperty('devDependencies');
  const { scripts: _, devDependencies: __, ...published } = manifestOf(ROOT);
  expect(manifest).toEqual(published);
  const listed = await runCommandLine('tar', ['-tzf', join(folder, packed.stdout.trim())]);
  const names = new Set(
    listed.stdout
      .trim()
      .split('\n')
      .map((path) => path.split('/')[1]),
  );
  expect([...names].toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'docs',
    'package.json',
  ]);
});

test('publint has nothing to say of it', async () => {
  const { messages } = await publint({ pkgDir: join(home, 'node_modules/hookproof'), pack: false, strict: true });
  expect(messages).toEqual([]);
});

test('it is installed into an empty folder without a warning', () => {
  expect(installed).toMatchObject({ code: 0, stderr: '' });
});

test.each([
  ['webhook', ['demo'], { code: 0, stderr: '' }],
  ['hookproof', ['lst'], { code: 2, stderr: expect.stringContaining('hookproof --help') }],
  ['mp-export', ['--uuid', '123e4567-e89b-12d3-a456-426614174000'], { code: 1, stdout: '' }],
  ['verify-cert', ['https://127.0.0.1:1/'], { code: 3 }],
])('the installed %s runs', async (name, args, ended) => {
  const env = { HOME: home, XDG_DATA_HOME: home };
  expect(await runCommandLine(join(home, 'node_modules/.bin', name), args, { cwd: home, env })).toMatchObject(ended);
});

test('every program of the manifest was run', () => {
  expect(Object.keys(manifestOf(ROOT).bin).toSorted()).toEqual(['hookproof', 'mp-export', 'verify-cert', 'webhook']);
});

test.each([
  ['packs', {}, (): string => folder],
  ['cannot write the tarball', {}, (): string => join(folder, 'missing/folder')],
  // $PPID is npm.
  ['is killed', { postpack: 'kill -9 $PPID' }, (): string => folder],
])('package.json is as it was after npm %s', async (_, scripts, destination) => {
  const manifest = manifestOf(ROOT);
  // What is built was looked at above.
  const quick = { ...manifest.scripts, prepack: manifest.scripts?.['prepack']?.replace(/^.*&&/, ''), ...scripts };
  const text = JSON.stringify({ ...manifest, scripts: quick });
  writeFileSync(join(copy, 'package.json'), text);
  await pack(destination());
  await vi.waitFor(() => expect(readFileSync(join(copy, 'package.json'), 'utf8')).toBe(text), 60_000);
});

test('npm ci says two lines of its own beside those of npm', async () => {
  const prepared = await runCommandLine('npm', ['run', 'prepare'], { cwd: copy });
  expect(prepared.code, prepared.stderr).toBe(0);
  expect((prepared.stdout + prepared.stderr).split('\n').filter(Boolean)).toEqual([
    expect.stringMatching(/^> hookproof@[\d.]+ prepare$/),
    '> npm run --silent build',
  ]);
});

test('the README installs the tarball of this version', () => {
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`hookproof-${manifestOf(ROOT).version}.tgz`);
  expect(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')).toContain(`\n## ${manifestOf(ROOT).version}\n`);
});

const LOCK_FILES = ['package-lock.json', 'test/sdk/package-lock.json', 'test/bench/rivals/package-lock.json'];

test.each(LOCK_FILES)('%s: nothing runs a script when it is installed, no place to download from is named', (file) => {
  const lock = JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
  };
  const wrong = Object.entries(lock.packages).filter(
    ([path, { hasInstallScript, resolved }]) => path !== '' && (hasInstallScript || resolved !== undefined),
  );
  expect(wrong).toEqual([]);
});

test.each(['webhook', 'hookproof', 'mp-export', 'verify-cert'])('bin/%s.js may be run', (name) => {
  expect(statSync(join(ROOT, 'bin', `${name}.js`)).mode & 0o111).toBe(0o111);
});
