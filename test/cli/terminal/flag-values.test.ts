import { InvalidArgumentError, type Command, type Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { moment, momentMs, type Moment } from '../../../src/cli/terminal/flag-values.ts';
import { askCommand } from '../../helpers/ask-command.ts';

// The extremes run over every flag of every command that takes a number, a duration or a time: whatever is accepted is
// within the bounds of its use.

const DAY_MS = 86_400_000;
/** Longer than that, and a timer of Node's fires at once. */
const TIMER_MS = 2 ** 31 - 1;

/** By what the help calls the value: its bounds, both included. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  duration: [Number.MIN_VALUE, TIMER_MS],
  n: [0, 999_999_999],
  count: [1, 999_999_999],
  factor: [1, 999_999_999],
  days: [1, 36_500],
  port: [0, 65_535],
  size: [0, 256 * 1024 * 1024],
  bits: [100, 99_999],
  status: [200, 599],
  list: [200, 599],
  when: [Date.parse('0000-01-01'), Date.parse('9999-12-31T23:59:59.999Z')],
  time: [0, Date.parse('9998-12-31T23:59:59.999Z')],
};

/** Flags that have closer bounds than others of their kind. */
const CLOSER: Readonly<Record<string, readonly [number, number]>> = {
  '--tolerance': [0, 36_500 * DAY_MS],
  '--connections': [1, 10_000],
  '--days-warning': [1, 36_500],
  '--plain-port': [1, 65_535],
  '--fail-first': [0, 999],
  '--lose-next': [0, 999],
};

/** These stay text here: `--color`, and what the export reads and checks by itself (`export-plan.test.ts`). */
const READ_ELSEWHERE = new Set(['--color', '--from', '--to', '--limit', '--page', '--as-of']);

/** Nobody means a number by these, and a reader that guesses one would guess it for everybody. */
const NO_NUMBERS = [
  '',
  ' ',
  ' 5',
  '5 ',
  '\t5',
  '５',
  '٣',
  '0x10',
  '1e3',
  '1e9',
  '-5',
  '+5',
  '5;',
  '5_0',
  'NaN',
  'Infinity',
];

const EXTREMES = [
  ...NO_NUMBERS,
  '1000000000',
  '',
  ' ',
  '0',
  '-0',
  '00',
  '-1',
  '+1',
  '1',
  '1.5',
  '0.5',
  '.5',
  '1.',
  '1e3',
  '1e400',
  '0x10',
  '0b1',
  '1_000',
  '1,000',

  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'true',
  '٣',
  '１',
  '1 2',
  '1;2',
  '1\n',
  '%31',
  '200',
  '599',
  '600',
  '65535',
  '65536',
  '99999',
  '100000',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '9'.repeat(40),
  '9'.repeat(400),
  `0.${'0'.repeat(400)}1`,
  '0ms',
  '1ms',
  '0.0001ms',
  '24d',
  '24.1d',
  '25d',
  '30d',
  '2147483647ms',
  '2147483648ms',
  '596h',
  '597h',
  '35792m',
  '36500d',
  '36501d',
  '99999999999d',
  '1e9d',
  '-5m',
  '5M',
  '5 m',
  'm',
  '1w',
  '1y',
  `${'9'.repeat(400)}d`,
  '100000000d',

  '1k',
  '256m',
  '257m',
  '1g',
  '9999999999g',
  '1t',
  '-1k',
  '0k',
  '0000-01-01',
  '1969-12-31',
  '1970-01-01',
  '2026-02-30',
  '2026-13-01',
  '9998-12-31',
  '9999-12-31',
  '10000-01-01',
  '9999-12-31T23:59:59Z',
  '+275760-09-13',
  '+275760-09-13T00:00:00Z',
  '2026-11-01T25:00:00Z',
  '2026-11-01T09:00:00',

  '-000001-01-01',
  '2026-11-01T24:00:00Z',
  'now',
  'today',
  'yesterday',
];

interface NumberFlag {
  name: string;
  option: Option;
  bounds: readonly [number, number];
}

const flags = (await Promise.all(COMMANDS.map(async ({ name, load }) => (await load())(name)))).flatMap((command) =>
  numberFlags(command, `webhook ${command.name()}`),
);

function numberFlags(command: Command, path: string): NumberFlag[] {
  const own = command.options.flatMap((option) => {
    const long = option.long ?? '';
    const kind = /<(\w+)>/.exec(option.flags)?.[1] ?? '';
    const bounds = CLOSER[long] ?? BOUNDS[kind];
    if (bounds === undefined || READ_ELSEWHERE.has(long)) return [];
    return [{ name: `${path} ${long}`, option, bounds }];
  });
  return [...own, ...command.commands.flatMap((one) => numberFlags(one, `${path} ${one.name()}`))];
}

describe.each(flags)('$name', ({ option, bounds: [least, most] }) => {
  test('accepts what is within its bounds, and refuses the rest as a wrong argument', () => {
    expect(option.parseArg, 'a flag that takes a number has a reader').toBeTypeOf('function');
    const outside = EXTREMES.filter((text) => {
      const numbers = readAll(option, text);
      return numbers !== null && !(numbers.length > 0 && numbers.every((one) => one >= least && one <= most));
    });
    expect(outside).toEqual([]);
    expect(NO_NUMBERS.filter((text) => readAll(option, text) !== null)).toEqual([]);
  });
});

/** The numbers it reads; null when it refuses. */
function readAll(option: Option, text: string): number[] | null {
  try {
    const value: unknown = option.parseArg?.(text, (Array.isArray(option.defaultValue) ? [] : undefined) as never);
    return [value].flat().map((one) => (typeof one === 'number' ? one : momentMs(one as Moment, Date.now())));
  } catch (error) {
    if (error instanceof InvalidArgumentError) return null;
    throw error;
  }
}

/** What the help calls a value that is text: its form is checked by whoever reads it. */
const TEXTS = new Set(
  (
    'url|name|uuid|id|path=value|path|elements|style|file|address|line|text|mode|command|names|cases|level|ids|cn|type|' +
    'delivery|server|domain|cidr|form|vendor|event|direction|order|format|addresses|host|name|uuid|origin|dialect|' +
    'framework|mix|rate|kind|limit'
  ).split('|'),
);
/** A port is in them: `connect-rules.test.ts`, and the rows below. */
const WITH_PORTS = new Set(['host:port', 'host:port:addr', 'h1:p1:h2:p2']);

test('no flag is forgotten: each takes a number, a text, or nothing', async () => {
  const all = (command: Command): Option[] => [...command.options, ...command.commands.flatMap(all)];
  const options = (await Promise.all(COMMANDS.map(async ({ name, load }) => (await load())(name)))).flatMap(all);
  const forgotten = options.filter(({ flags: spelled, long }) => {
    const kind = /<([^>[]+)/.exec(spelled)?.[1];
    if (kind === undefined || WITH_PORTS.has(kind) || READ_ELSEWHERE.has(long ?? '')) return false;
    return !kind.split('|').every((one) => one in BOUNDS || TEXTS.has(one));
  });
  expect(forgotten.map(({ flags: spelled }) => spelled)).toEqual([]);
});

test('every command is looked through', () => {
  expect(flags.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['webhook send --max-time', 'webhook history list --since', 'webhook certs create --days']),
  );
  expect(flags.length).toBeGreaterThan(35);
});

test.each<[args: string[], words: string]>([
  [['send', '--max-time', '25d'], '--max-time 25d: expected a duration of at most 24d'],
  [['listen', '--for', '30d'], 'expected a duration of at most 24d'],
  [['listen', '--port', '99999'], 'expected a port from 0 to 65535'],
  [['send', '--serve-attachments', '127.0.0.1:99999'], 'expected HOST:PORT'],
  [['send', '--count', '1e9'], 'expected a whole number from 1'],
  [['send', '--max-time', ' 5'], 'expected a duration such as'],
  [['send', '--mask', ''], 'expected the name of a header'],
  [['listen', '--host', ''], '--host is empty'],
  [['listen', '--host='], '--host is empty'],
  [['load', '--secret-env', '--count', '20'], '--secret-env needs a value, but the next word is the flag --count'],
  [['send', '--event', '--dry-run'], '--event needs a value, but the next word is the flag --dry-run'],
  [
    ['send', '--event', '--url=http://u:pw@h/'],
    'the next word is the flag --url\n  if --url is the value: --event=--url',
  ],
  [['send', '--event', '-k'], '--event needs a value, but the next word is the flag -k\n'],
  [['send', '-H', '--dry-run', '--event', 'x'], '-H needs a value, but the next word is the flag --dry-run'],
  [['test', '--only', ''], '--only is empty'],
  [['test', '--effects-cmd', ''], '--effects-cmd is empty'],
  [['history', 'list', '--uuid', ''], '--uuid is empty'],
  [['add', 'x', '--vendor', 'mailkit', '--url', 'http://h/', '--allow', ''], '--allow is empty'],
  [['certs', 'create', ''], 'an argument is empty'],
  [['certs', 'inspect', '--client-ca', 'x', ''], 'an argument is empty'],
  [['listen', '--delay', '25d'], 'expected a duration of at most 24d'],
  [['history', 'list', '--since', '99999999999d'], 'expected a time after 1970'],
  [['history', 'prune', '--before', '99999999999d'], 'expected a time after 1970'],
  [['send', '--now', '9999-12-31'], 'expected a time from 1970 to 9998'],
  [['send', '--now', '2026-02-30'], 'expected an ISO time such as'],
  [['send', '--now', '2026-02-29T10:00:00Z'], 'expected an ISO time such as'],
  [['history', 'list', '--limit', '9007199254740993'], 'expected a whole number from 1 to 999999999'],
  [['send', '--connections', '999999999'], 'expected a whole number from 1 to 10000'],
  [['certs', 'create', '--days', '999999999'], 'expected a number of days from 1 to 36500'],
])('webhook %j says what it takes, exit 2', async (args, words) => {
  const { code, stderr } = await askCommand(args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

test.each([
  ['2h', 'now - 2 h'],
  ['09:05', 'today, local time'],
  ['9:05', 'today, local time'],
  ['09:05:00', 'today, local time'],
  ['2026-11-01T09:00:00+02:00', '2026-11-01T07:00:00.000Z'],
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['24:00', null],
  ['9:5', null],
  ['2', null],
])('a time written as %j is %j', (text, meant) => {
  const now = new Date(2026, 10, 1, 12).getTime();
  const today = new Date().setHours(9, 5, 0, 0);
  const of: Record<string, number> = { 'now - 2 h': now - 7_200_000, 'today, local time': today };
  if (meant === null) expect(() => moment(text)).toThrow('expected an age');
  else expect(momentMs(moment(text), now)).toBe(of[meant] ?? Date.parse(meant));
});
