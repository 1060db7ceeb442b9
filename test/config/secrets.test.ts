import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SecretOptions, SecretSources, SecretSource } from '../../src/model/webhook.ts';
import { SHOP } from './known.ts';
import { readFlaggedSecret, readSecrets, resolveSecret, secretSourceOfFlags } from '../../src/config/secrets.ts';
import type { SecretEnvironment } from '../../src/model/environment.ts';
import type { AppError } from '../../src/model/error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hookproof-secret-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function environmentWith(env: Record<string, string> = {}, input: (string | Uint8Array)[] = []): SecretEnvironment {
  async function* standardInput(): AsyncGenerator<string | Uint8Array> {
    yield* input;
  }
  return { env, workingDirectory: folder, stdin: standardInput() };
}

function writeSecret(content: string | Uint8Array, mode = 0o600): SecretSource {
  const file = `s-${Math.random()}.txt`;
  writeFileSync(join(folder, file), content);
  chmodSync(join(folder, file), mode);
  return { file };
}

test('an environment variable and a literal are taken as they are', async () => {
  expect(await resolveSecret({ env: 'S' }, environmentWith({ S: 'whsec_x' }))).toEqual({
    value: 'whsec_x',
    warnings: [],
  });
  expect(await resolveSecret('whsec_y', environmentWith())).toEqual({ value: 'whsec_y', warnings: [] });
});

test.each([
  ['whsec_x', 'whsec_x'],
  ['whsec_x\n', 'whsec_x'],
  ['whsec_x\r\n', 'whsec_x'],
  ['\ufeffwhsec_x\r\n', 'whsec_x'],
  ['pässwort\n', 'pässwort'],
])('a file of %j holds %j', async (content, value) => {
  expect(await resolveSecret(writeSecret(content), environmentWith())).toEqual({ value, warnings: [] });
});

test.each(['whsec_x\n\n', ' whsec_x', 'whsec_x\t\n'])(
  'white space beyond the one line break of %j counts, with a warning',
  async (content) => {
    const { value, warnings } = await resolveSecret(writeSecret(content), environmentWith());
    expect(value).toBe(content.replace(/\n$/, ''));
    expect(warnings).toEqual([expect.stringContaining('begins or ends with white space')]);
    expect(warnings.join()).not.toContain('whsec_x');
  },
);

test('around a key in PEM white space counts for nothing', async () => {
  const pem = '-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n\n';
  expect(await resolveSecret(writeSecret(pem), environmentWith())).toMatchObject({ warnings: [] });
});

test('a dash is standard input, whole', async () => {
  expect(await resolveSecret({ file: '-' }, environmentWith({}, [Buffer.from('whs'), 'ec_x\n']))).toEqual({
    value: 'whsec_x',
    warnings: [],
  });
});

test('a file that everybody can read gives a warning that names it', async () => {
  const source = writeSecret('whsec_x', 0o644) as { file: string };
  const { value, warnings } = await resolveSecret(source, environmentWith());
  expect(value).toBe('whsec_x');
  expect(warnings).toEqual([
    `every user of this machine can read the secret file ${join(folder, source.file)}; chmod 600 it`,
  ]);
});

test('a missing variable is named, with the names there are', async () => {
  const failure = resolveSecret({ env: 'M2M_SECRE' }, environmentWith({ M2M_SECRET: 'hunter2' }));
  await expect(failure).rejects.toMatchObject({
    kind: 'usage',
    message: 'the environment variable M2M_SECRE, for the secret, is not set',
    unknown: { given: 'M2M_SECRE', among: ['M2M_SECRET'] },
  });
});

test.each<[what: string, source: () => SecretSource, message: RegExp]>([
  ['an empty literal', () => '', /^the passphrase is empty$/],
  ['an empty variable', () => ({ env: 'EMPTY' }), /^the passphrase in the environment variable EMPTY is empty$/],
  ['an empty file', () => writeSecret(''), /^the passphrase from .*s-.*\.txt is empty$/],
  ['a file of one line break', () => writeSecret('\r\n'), /^the passphrase from .* is empty$/],
  ['a missing file', () => ({ file: 'none.txt' }), /^the passphrase could not be read from .*none\.txt: no such file$/],
  ['a folder', () => ({ file: '.' }), /^the passphrase could not be read from .*: it is a folder$/],
  [
    'a binary file',
    () => writeSecret(Buffer.from([0xff, 0xfe, 0x68, 0x00])),
    /^the passphrase from .* is not UTF-8 text$/,
  ],
  [
    'a file that cannot be one',
    () => writeSecret('x'.repeat(70_000)),
    /^.* is too long for a passphrase: more than 64 KiB$/,
  ],
])('%s is an error that names the source', async (_, source, message) => {
  const failure = resolveSecret(source(), environmentWith({ EMPTY: '' }), { label: 'passphrase', blame: 'config' });
  await expect(failure).rejects.toMatchObject({ kind: 'config', message: expect.stringMatching(message) as unknown });
});

test.each([
  [{}, undefined],
  [{ env: 'S' }, { env: 'S' }],
  [{ file: '-' }, { file: '-' }],
  [{ literal: '' }, ''],
])('flags %j name the source %j', (flags, source) => {
  expect(secretSourceOfFlags(flags)).toEqual(source);
});

test('two sources by flags are refused without showing either', () => {
  expect(() => secretSourceOfFlags({ env: 'S', literal: 'hunter2' }, 'passphrase')).toThrow(
    expect.objectContaining({
      kind: 'usage',
      message: 'the passphrase is given more than once',
      hint: 'give one of --passphrase-env and --passphrase-file',
    }),
  );
});

const LIVE = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

test.each<[what: string, given: string]>([
  ['a secret by its mark', LIVE],
  ['a secret by its looks', 'A1B2C3D4E5F6A7B8C9D0'],
  ['a word that may be one', 'swordfish'],
  ['a phrase', 'open sesame'],
])('%s, given in place of a name or a file, is not repeated', async (_, given) => {
  const asName = await resolveSecret({ env: given }, environmentWith()).catch((error: unknown) => error);
  expect(asName).toMatchObject({ kind: 'usage', hint: expect.stringContaining('NAME') });
  expect(`${(asName as AppError).message} ${(asName as AppError).hint}`).not.toContain(given);
});

test('what looks like a secret is no name of a variable, and as a missing file it is not repeated', async () => {
  expect(() => secretSourceOfFlags({ env: LIVE }, 'passphrase')).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.not.stringContaining(LIVE) }),
  );
  const asFile = await resolveSecret({ file: LIVE }, environmentWith()).catch((error: unknown) => error);
  expect(asFile).toMatchObject({ message: expect.not.stringContaining(LIVE) });
});

test('several secrets, in their order, each by the name of its place', async () => {
  const environment = environmentWith({ NEW: 'n', OLD: 'o' });
  const named = async (options: SecretOptions, secret?: SecretSources): Promise<string[]> => {
    const webhooks = secret === undefined ? [] : [{ ...SHOP, secret }];
    return (await readSecrets(options, webhooks, environment)).map(({ value, from }) => `${value} of ${from}`);
  };
  expect(await named({ secretEnv: ['NEW', 'OLD'] })).toEqual(['n of the variable NEW', 'o of the variable OLD']);
  expect(await named({ secret: ['a', 'b'] })).toEqual(['a of the secret number 1', 'b of the secret number 2']);
  expect(await named({ secretEnv: 'NEW' })).toEqual(['n of the flag']);
  expect(await named({}, [{ env: 'NEW' }, 'x'])).toEqual([
    'n of the webhook "shop", variable NEW',
    'x of the webhook "shop", secret number 2',
  ]);
  await expect(named({ secretEnv: 'NEW', secret: 'x' })).rejects.toThrow('the secret is given more than once');
  await expect(readFlaggedSecret({ secretEnv: ['NEW', 'OLD'] }, environment)).rejects.toThrow(
    'only one is accepted here',
  );
});
