import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { runProgram } from '../helpers/program.ts';
import { drawScreen } from './draw-screen.ts';

const screens = resolve(import.meta.dirname, '../../docs/screens');

/** The pictures of the README: a real run of each, drawn again. `UPDATE_DOCS=1` keeps the new drawing. */
test.each([
  {
    name: 'test',
    args: ['test', '--against-bug', 'reserialised-body', '--vendor', 'mail2many'],
    code: 1,
    title: 'webhook test finds that a receiver verifies JSON that it has written anew',
  },
])('docs/screens/$name.svg is what the program shows', async ({ name, args, code, title }) => {
  const home = testFolder();
  const env = { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home, FORCE_COLOR: '1' };
  const ended = await runProgram('webhook', args, { cwd: home, env });
  expect(ended.code, ended.stderr).toBe(code);
  const drawn = drawScreen({ command: `npx webhook ${args.join(' ')}`, output: settled(ended.stdout), title });
  const path = join(screens, `${name}.svg`);
  if (process.env['UPDATE_DOCS'] === undefined) expect(drawn).toBe(readFileSync(path, 'utf8'));
  else writeFileSync(path, drawn);
});

/** How long it took is another text each time. */
const settled = (text: string): string => text.replaceAll(/ in [\d.]+ (?:ms|s)\b/g, ' in 0.9 s');
