import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { topOf } from '../../../src/cli/completion/answer-completion.ts';
import { type CompletionSource, completeWords } from '../../../src/cli/completion/complete.ts';
import { completable } from '../../../src/cli/reference/completable.ts';
import { TOPICS } from '../../../src/cli/topics.ts';

const known = new Map(
  await Promise.all(COMMANDS.map(async ({ name, load }) => [name, completable((await load())(name))] as const)),
);
const top = topOf(COMMANDS, TOPICS);

const source: CompletionSource = {
  load: (name) => known.get(name) ?? null,
  lookUp: async (kind, { valueOf }) => {
    if (kind === 'file' || kind === 'dir') return [];
    return [[`a-${kind}`, ''], ...(kind === 'event' ? [[`of-${valueOf('--vendor')}`, ''] as const] : [])];
  },
};

const ROWS: readonly (readonly [line: string, paths: 'file' | 'dir' | null, candidates: string[]])[] = [
  ['verify', null, ['verify', 'verify-cert']],
  ['help exit', null, ['exit-codes']],
  ['help certs cre', null, ['create']],
  ['certs cre', null, ['create']],
  ['certs create --key-', null, ['--key-type']],
  ['certs create --key-type ', null, ['rsa', 'ec', 'ed25519']],
  ['certs create --key-type=e', null, ['--key-type=ec', '--key-type=ed25519']],
  ['certs inspect --vendor x ', 'file', []],
  ['certs watch ', 'dir', []],
  ['send --to ', null, ['a-webhook']],
  ['send --to=a', null, ['--to=a-webhook']],
  ['send --vendor ', 'file', ['a-vendor']],
  ['send --vendor mailkit --event ', null, ['a-event', 'of-mailkit']],
  ['send --vendor=mailkit --event o', null, ['of-mailkit']],
  ['send --secret-env ', null, ['a-variable']],
  ['send --url http://x --ur', null, []],
  ['send --set a=b --set', null, ['--set']],
  ['send --url ', null, []],
  ['send shop ', null, []],
  ['replay ', null, ['a-delivery']],
  ['replay --color never ', null, ['a-delivery']],
  ['verify --delivery ', 'file', ['a-delivery']],
  ['test ', null, ['a-webhook']],
  ['test shop ', null, ['a-webhook']],
  ['test --only refuse,r', null, ['refuse,robust']],
  ['test --skip refuse,', null, ['accept', 'robust', 'a-case'].map((one) => `refuse,${one}`)],
  ['test --against-bug ', null, ['none', 'a-bug']],
  [
    'verify-cert x --only P1,P',
    null,
    ['P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10', 'P11'].map((id) => `P1,${id}`),
  ],
  ['completion ', null, ['bash', 'zsh', 'fish', 'powershell']],
  ['completion bash ', null, []],
  ['receiver stripe --for f', null, ['flask']],
  ['listen --bug ', null, ['a-bug']],
  ['nothing ', null, []],
  ['events -- -', 'file', []],
  ['allowlist convert allow.txt --to ca', null, ['caddy']],
];

test.each(ROWS)('webhook %s', async (line, paths, candidates) => {
  const completed = await completeWords(top, line.split(' '), source);
  expect({ paths: completed.paths, candidates: completed.candidates.map(([value]) => value) }).toEqual({
    paths,
    candidates,
  });
});

test('every command, subcommand and visible flag can be completed', async () => {
  for (const [name, command] of known) {
    for (const below of [command, ...command.commands]) {
      const words = below === command ? [name] : [name, below.name];
      const found = await completeWords(top, [...words, '-'], source);
      expect(found.candidates.map(([value]) => value)).toEqual(below.flags.map(({ names }) => names.at(-1)));
    }
    const subcommands = await completeWords(top, [name, ''], source);
    for (const below of command.commands) expect(subcommands.candidates).toContainEqual([below.name, below.summary]);
  }
});
