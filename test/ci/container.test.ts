import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { runCommandLine } from '../helpers/program.ts';
import { copiedNames, ROOT } from '../helpers/repository.ts';

const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

test('a linter of Dockerfiles has nothing to say', () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate(dockerfile.replace('ENTRYPOINT', 'ENTRYPIONT'))).not.toEqual([]);
});

test('the image holds what the tarball is built from, and nothing else', () => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  expect(lines).toContain('*');
  const names = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(names.toSorted()).toEqual(copiedNames().toSorted());
});

test('its programs do not run as root, and the history is in a volume', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const [, folder = ''] = /^VOLUME (\S+)$/m.exec(last) ?? [];
  expect(last).toMatch(/^USER node$/m);
  expect(last).toContain(`WEBHOOK_HISTORY=${folder}/history.db`);
  expect(last).toMatch(new RegExp(`install -d -o node -g node .*${folder}`));
});

/** Where a daemon runs and its base image is at hand: this is no test of a registry. */
async function canBuild(): Promise<boolean> {
  const [, image = ''] = /^FROM (\S+) AS build$/m.exec(dockerfile) ?? [];
  try {
    return (await runCommandLine('docker', ['image', 'inspect', image])).code === 0;
  } catch {
    return false;
  }
}

if (await canBuild())
  test('the image is built, and its program sends and keeps', async () => {
    const built = await runCommandLine('docker', ['build', '-q', ROOT]);
    expect(built.code, built.stderr).toBe(0);
    const image = built.stdout.trim();
    const script = 'set -e; test $(id -u) -ne 0; hookproof --version; webhook demo; touch /data/kept';
    const ran = await runCommandLine('docker', ['run', '--rm', '--init', '--entrypoint', 'sh', image, '-c', script]);
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(await runCommandLine('docker', ['run', '--rm', '--init', image])).toMatchObject({ code: 0 });
  }, 600_000);
