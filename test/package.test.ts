import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, inject, test } from 'vitest';
import { testFolder } from './helpers/folder.ts';
import { runCommandLine } from './helpers/program.ts';

const root = resolve(import.meta.dirname, '..');

test('npm pack, installed into an empty folder, gives four working programs', async () => {
  const folder = testFolder();
  // The tests run on a fresh build; building again here would pull it from under the tests beside this one.
  const packed = await runCommandLine('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  expect(packed.code, packed.stderr).toBe(0);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"private":true}');
  const installed = await runCommandLine(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(folder, packed.stdout.trim())],
    { cwd: empty, env: { NODE_EXTRA_CA_CERTS: inject('extraCaCerts') } },
  );
  expect(installed.code, installed.stderr).toBe(0);
  expect(existsSync(join(empty, 'node_modules/hookproof/docs/vendor-files.md'))).toBe(true);
  const run = (name: string, ...args: string[]): ReturnType<typeof runCommandLine> =>
    runCommandLine(join(empty, 'node_modules/.bin', name), args, {
      cwd: empty,
      env: { HOME: empty, XDG_DATA_HOME: empty },
    });
  expect(await run('webhook', 'demo')).toMatchObject({ code: 0, stderr: '' });
  expect(await run('hookproof', 'lst')).toMatchObject({ code: 2, stderr: expect.stringContaining('hookproof --help') });
  expect(await run('mp-export', '--uuid', '123e4567-e89b-12d3-a456-426614174000')).toMatchObject({
    code: 1,
    stdout: '',
  });
  expect(await run('verify-cert', 'https://127.0.0.1:1/')).toMatchObject({ code: 3 });
}, 120_000);

const LOCK_FILES = ['package-lock.json', 'test/sdk/package-lock.json'];

test.each(LOCK_FILES)('%s: nothing runs a script when it is installed, no place to download from is named', (file) => {
  const lock = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
    packages: Record<string, { hasInstallScript?: boolean; resolved?: string }>;
  };
  const wrong = Object.entries(lock.packages).filter(
    ([path, { hasInstallScript, resolved }]) => path !== '' && (hasInstallScript || resolved !== undefined),
  );
  expect(wrong).toEqual([]);
});

test.each(['webhook', 'hookproof', 'mp-export', 'verify-cert'])('bin/%s.js may be run', (name) => {
  expect(statSync(join(root, 'bin', `${name}.js`)).mode & 0o111).toBe(0o111);
});
