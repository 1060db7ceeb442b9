import type { CommandEntry } from './command-spec.ts';
import { EXIT_CODES } from './exit.ts';
import { layOutCommand, layOutTerms, type Term, wrapWords } from './help-layout.ts';
import { inOwnName } from './program-name.ts';
import type { TopicEntry } from './topic.ts';

export const PURPOSE =
  'Play the vendor: send signed webhooks to an endpoint, check that it rejects forged ones, record all.';

const EXAMPLES: readonly (readonly [line: string, effect: string])[] = [
  ['webhook demo', 'see everything work, against a built-in receiver'],
  [
    'webhook send --event optin --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET',
    'send a signed mail2many event, and report the answer in the exit code',
  ],
  [
    'webhook test --url http://127.0.0.1:3000/hook --vendor mail2many --secret-env M2M_SECRET',
    'check that the endpoint rejects what it should',
  ],
];

/** `webhook` alone, and `webhook -h`: one screen. */
export function shortOverview(commands: readonly CommandEntry[], width: number): string {
  const names = layOutTerms(groupsOf(commands).map(namesOf), width);
  const more = 'webhook --help says what each does, webhook COMMAND -h shows one, webhook help lists topics.';
  return [...head(width), '', 'Commands:', ...names, '', ...wrapWords(more, width)].join('\n');
}

/** `webhook --help` */
export function wholeOverview(commands: readonly CommandEntry[], topics: readonly TopicEntry[], width: number): string {
  const column = Math.max(...commands.map(({ name }) => name.length));
  const groups = groupsOf(commands).flatMap(({ title, entries }) => [
    `${title}:`,
    ...layOutTerms(
      entries.map(({ name, summary }) => [name, summary]),
      width,
      column,
    ),
  ]);
  const more = 'webhook COMMAND -h shows the flags of daily use, --help all of them; --version shows the version.';
  const names = `Topics of webhook help TOPIC: ${topics.map(({ name }) => name).join(', ')}`;
  const codes = layOutTerms(
    EXIT_CODES.map(([code, meaning]) => [String(code).padStart(2), meaning]),
    width,
  );
  return [
    ...head(width),
    '',
    ...groups,
    'Exit codes:',
    ...codes,
    '',
    ...wrapWords(more, width),
    ...wrapWords(names, width),
  ].join('\n');
}

/** `webhook help` */
export function topicList(commands: readonly CommandEntry[], topics: readonly TopicEntry[], width: number): string {
  return [
    ...wrapWords('Usage: webhook help COMMAND | webhook help TOPIC', width),
    '',
    'Topics:',
    ...layOutTerms(
      topics.map(({ name, summary }) => [name, summary]),
      width,
    ),
    '',
    'Commands:',
    ...layOutTerms(groupsOf(commands).map(namesOf), width),
  ].join('\n');
}

function head(width: number): string[] {
  const examples = EXAMPLES.flatMap(([line, effect]) => {
    const row = inOwnName(`  ${line}  ${effect}`);
    return row.length <= width ? [row] : [...layOutCommand(line, width), ...wrapWords(effect, width, ' '.repeat(6))];
  });
  return [
    ...wrapWords('Usage: webhook <command> [flags]', width),
    '',
    ...wrapWords(PURPOSE, width),
    '',
    'Examples:',
    ...examples,
  ];
}

interface CommandGroup {
  title: CommandEntry['group'];
  entries: readonly CommandEntry[];
}

/** In the order in which the first of each group comes. */
function groupsOf(commands: readonly CommandEntry[]): CommandGroup[] {
  const titles = [...new Set(commands.map(({ group }) => group))];
  return titles.map((title) => ({ title, entries: commands.filter(({ group }) => group === title) }));
}

const namesOf = ({ title, entries }: CommandGroup): Term => [title, entries.map(({ name }) => name).join(', ')];
