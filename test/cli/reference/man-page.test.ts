import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { COMMANDS } from '../../../src/cli/commands.ts';
import { visibleFlags } from '../../../src/cli/terminal/describe-flag.ts';
import { TOPICS } from '../../../src/cli/topics.ts';
import { isInstalled } from '../../helpers/server-process.ts';

const folder = resolve(import.meta.dirname, '../../../dist/man');
const pages = readdirSync(folder).toSorted();

test('every command and program has a page, and npm installs each', () => {
  const programs = Object.keys(packageJson.bin);
  expect(pages).toEqual(
    [...programs, ...COMMANDS.map(({ name }) => `webhook-${name}`)].map((name) => `${name}.1`).toSorted(),
  );
  expect(packageJson.man).toEqual(pages.map((name) => `dist/man/${name}`));
});

test.skipIf(!isInstalled('man', '--version'))('man has nothing to say against any of them', () => {
  const args = ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', ...pages.map((page) => join(folder, page))];
  const options = { encoding: 'utf8', env: { PATH: process.env['PATH'] }, maxBuffer: 64 * 1024 * 1024 } as const;
  const { status, stderr } = spawnSync('man', args, options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('every visible flag has its place, with what it takes', async () => {
  for (const { name, load } of COMMANDS) {
    const text = readFileSync(join(folder, `webhook-${name}.1`), 'utf8');
    const command = (await load())(`webhook ${name}`);
    for (const flag of [command, ...command.commands].flatMap(visibleFlags))
      expect(text, `webhook-${name}.1`).toContain(`.TP\n.B "${flag.flags.replaceAll('-', '\\-')}"\n`);
  }
});

test('the page of the program has every topic', () => {
  const text = readFileSync(join(folder, 'webhook.1'), 'utf8');
  for (const { name } of TOPICS) expect(text).toContain(`.SH "${name.toUpperCase().replaceAll('-', '\\-')}"`);
});
