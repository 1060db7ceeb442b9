import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { shortHelp, wholeHelp } from '../../../src/cli/terminal/command-help.ts';
import { nameOf, specOf, topicOf } from '../../../src/cli/terminal/command-spec.ts';
import { visibleFlags } from '../../../src/cli/terminal/describe-flag.ts';
import { renderTopic } from '../../../src/cli/terminal/topic.ts';
import { TOPICS } from '../../../src/cli/topics.ts';
import { askCommand } from '../../helpers/ask-command.ts';

const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];
const made = await Promise.all(COMMANDS.map(async ({ name, load }) => (await load())(`webhook ${name}`)));
/** Every command and subcommand of the registry. */
const commands = made.flatMap(withSubcommands).map((command) => ({ name: nameOf(command), command }));

const WIDTHS = [100, 80, 60, 45];
const tooWide = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);
const rowsOf = (text: string): number => text.split('\n').length;

test('there are commands and subcommands', () => {
  expect(commands.length).toBeGreaterThan(COMMANDS.length + 10);
});

test.each(commands)('$name: the short help fits a screen, the whole one two, and no line the width', ({ command }) => {
  expect(rowsOf(shortHelp(command, 100)), 'rows of -h at 100 columns').toBeLessThanOrEqual(24);
  expect(rowsOf(shortHelp(command, 80)), 'rows of -h at 80 columns').toBeLessThanOrEqual(30);
  expect(rowsOf(wholeHelp(command, 100)), 'rows of --help at 100 columns').toBeLessThanOrEqual(60);
  for (const width of WIDTHS)
    expect([...tooWide(shortHelp(command, width), width), ...tooWide(wholeHelp(command, width), width)]).toEqual([]);
});

test.each(commands)('$name: what its help names is there', ({ command }) => {
  const { daily = [], topics = [], summary, examples } = specOf(command);
  const flags = new Set(command.options.flatMap(({ long, short }) => [long, short]));
  const shared = visibleFlags(command).flatMap((flag) => topicOf(flag) ?? []);
  expect(daily.filter((flag) => !flags.has(flag))).toEqual([]);
  expect([...topics, ...shared].filter((topic) => !TOPICS.some(({ name }) => name === topic))).toEqual([]);
  // A verb phrase: what the command does, in the imperative.
  expect(summary).toMatch(/^(?!(?:an?|the|all|what|which|who|how|is|one|of) )[a-z]+,? .*[^.]$/);
  for (const [line] of examples) {
    const own = line.slice(line.indexOf(nameOf(command))).split(/[|;<]/)[0] ?? '';
    if (!line.includes(nameOf(command)) || command.commands.length > 0) continue;
    expect(
      own.split(' ').filter((word) => /^--?[a-z]/i.test(word) && !flags.has(word)),
      line,
    ).toEqual([]);
  }
});

test('a command says the same of itself as the list of all does', () => {
  expect(made.map((command) => specOf(command).summary)).toEqual(COMMANDS.map(({ summary }) => summary));
});

const topicTexts = new Map(
  await Promise.all(TOPICS.map(async (topic) => [topic.name, await renderTopic(topic, 100)] as const)),
);

test.each(commands)(
  '$name: every flag stands in its whole help, and is described there or in its topic',
  ({ command }) => {
    const text = wholeHelp(command, 100);
    for (const flag of visibleFlags(command)) {
      expect(text).toContain(flag.flags);
      expect(flag.description, flag.flags).not.toBe('');
      const topic = topicOf(flag);
      if (topic !== null) expect(topicTexts.get(topic), `webhook help ${topic}`).toContain(flag.flags);
    }
  },
);

test.each(TOPICS)(
  'webhook help $name: no line is wider than the terminal, and every flag is one of a command',
  async (topic) => {
    for (const width of WIDTHS) expect(tooWide(await renderTopic(topic, width), width)).toEqual([]);
    const known = new Set<string | undefined>(
      commands.flatMap(({ command }) => command.options.map(({ long }) => long)),
    );
    // curl's, and what every command has.
    for (const flag of ['--trace', '--help']) known.add(flag);
    const named = topicTexts.get(topic.name)?.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? [];
    expect(named.filter((flag) => !known.has(flag))).toEqual([]);
    const given = [...(topicTexts.get(topic.name)?.matchAll(/\bwebhook help ([a-z-]+)/g) ?? [])].map(
      ([, name]) => name,
    );
    expect(given.filter((name) => !topicTexts.has(name ?? ''))).toEqual([]);
  },
);

test('nothing is added to a help but what its layout knows', () => {
  const src = resolve(import.meta.dirname, '../../../src/cli');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.filter((name) => readFileSync(join(src, name), 'utf8').includes('addHelpText'))).toEqual([]);
});

test('no hint sends a reader to a help that does not have it', () => {
  const src = resolve(import.meta.dirname, '../../../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const named = files.flatMap((name) => [
    ...readFileSync(join(src, name), 'utf8').matchAll(/\bwebhook help ([a-z][a-z-]*)/g),
  ]);
  const known = new Set([...TOPICS, ...COMMANDS].map(({ name }) => name));
  // `webhook help lists topics`.
  const words = new Set(['lists']);
  expect(named.map(([, name = '']) => name).filter((name) => !known.has(name) && !words.has(name))).toEqual([]);
});

test('exit codes stand in their topic, and not at the end of each help', async () => {
  expect(topicTexts.get('exit-codes')).toContain('a bug (stack shown');
  expect(commands.filter(({ command }) => wholeHelp(command, 100).includes('a bug (stack'))).toEqual([]);
});

test('-h is the short help, --help the whole one, of a subcommand too', async () => {
  const certs = commands.find(({ name }) => name === 'webhook certs create')?.command;
  if (certs === undefined) throw new Error('no certs create');
  expect((await askCommand(['certs', 'create', '-h'])).stdout).toBe(`${shortHelp(certs, 100)}\n`);
  expect((await askCommand(['certs', 'create', '--help'])).stdout).toBe(`${wholeHelp(certs, 100)}\n`);
  expect((await askCommand(['certs', 'help', 'create'])).stdout).toBe(`${wholeHelp(certs, 100)}\n`);
});
