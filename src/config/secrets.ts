import { createReadStream, existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { SecretEnvironment } from '../model/environment.ts';
import { AppError } from '../model/error.ts';
import { readReason } from '../model/file-error.ts';
import { looksSecret } from '../model/secret-name.ts';
import {
  sourcesOf,
  textsOf,
  type SecretSource,
  type CertificateOptions,
  type SecretOptions,
  type Webhook,
} from '../model/webhook.ts';

/** A secret as flags give it: at most one of these. */
export interface GivenSecret {
  /** `--secret-env NAME` */
  env?: string;
  /** `--secret-file F`; `-` is standard input. */
  file?: string;
  /** `--secret S`: everybody on the machine can read it in the list of processes. */
  literal?: string;
}

/** What a secret is for, and who named its source. */
export interface SecretUse {
  /** In messages: `secret` (the default) or `passphrase`. */
  label?: string;
  /** A flag (`usage`, the default) or the configuration (`config`). */
  blame?: 'usage' | 'config';
}

export interface ResolvedSecret {
  value: string;
  /** What the user should know; without the secret. */
  warnings: readonly string[];
}

/** Where a secret comes from that a flag names. */
export const FROM_FLAG = 'the flag';

/** A secret and where it comes from, for people: `the flag`, `the webhook "shop"`. */
export interface NamedSecret extends ResolvedSecret {
  from: string;
}

/** The one secret that a flag names; null when none does. Throws AppError `usage`, for several, too. */
export async function readFlaggedSecret(
  options: SecretOptions,
  environment: SecretEnvironment,
): Promise<ResolvedSecret | null> {
  const [first = null, ...others] = await readFlaggedSecrets(options, environment);
  if (others.length === 0) return first;
  throw new AppError('usage', 'the secret is given more than once, but only one is accepted here', {
    hint: 'give --secret-env or --secret-file only once',
  });
}

/** The secrets that a flag names, in its order: the current one first. Throws AppError `usage`. */
export async function readFlaggedSecrets(
  { secretEnv, secretFile, secret }: SecretOptions,
  environment: SecretEnvironment,
): Promise<NamedSecret[]> {
  const given = [
    ...textsOf(secretEnv).map((env): GivenSecret => ({ env })),
    ...textsOf(secretFile).map((file): GivenSecret => ({ file })),
    ...textsOf(secret).map((literal): GivenSecret => ({ literal })),
  ];
  const kinds = [secretEnv, secretFile, secret].filter((one) => one !== undefined).length;
  if (kinds > 1) throw givenTwice('secret');
  return readEach(
    given.flatMap((one) => secretSourceOfFlags(one) ?? []),
    FROM_FLAG,
    environment,
  );
}

/** The secrets of a configured webhook, the current one first; none when it has none. Throws AppError `config`. */
export async function readConfiguredSecrets(
  { name, secret }: Pick<Webhook, 'secret'> & { name?: string },
  environment: SecretEnvironment,
): Promise<NamedSecret[]> {
  const from = name === undefined ? 'the webhook' : `the webhook ${JSON.stringify(name)}`;
  return readEach(secret === undefined ? [] : sourcesOf(secret), from, environment, { blame: 'config' });
}

/** One after the other: two may be on standard input. Of several, each has a name of its own. */
async function readEach(
  sources: readonly SecretSource[],
  from: string,
  environment: SecretEnvironment,
  use?: SecretUse,
): Promise<NamedSecret[]> {
  const secrets: NamedSecret[] = [];
  for (const [index, source] of sources.entries()) {
    const place = placeOf(source, index);
    const several = from === FROM_FLAG ? `the ${place}` : `${from}, ${place}`;
    const name = sources.length === 1 ? from : several;
    secrets.push({ ...(await resolveSecret(source, environment, use)), from: name });
  }
  return secrets;
}

/** Which of several it is; never its value. What was given in place of a name may be the secret itself. */
function placeOf(source: SecretSource, index: number): string {
  if (typeof source === 'object' && 'env' in source && !looksSecret(source.env)) return `variable ${source.env}`;
  if (typeof source === 'object' && 'file' in source && !looksSecret(basename(source.file)))
    return `file ${source.file}`;
  return `secret number ${index + 1}`;
}

/**
 * The secrets that a flag names, alone; without one those of the webhooks. Throws AppError when one that is named is
 * missing.
 */
export async function readSecrets(
  options: SecretOptions,
  webhooks: readonly Webhook[],
  environment: SecretEnvironment,
): Promise<NamedSecret[]> {
  const flagged = await readFlaggedSecrets(options, environment);
  if (flagged.length > 0) return flagged;
  return (await Promise.all(webhooks.map((webhook) => readConfiguredSecrets(webhook, environment)))).flat();
}

export type PassphraseOptions = Pick<CertificateOptions, 'passphraseEnv' | 'passphraseFile'>;

/** Where the flags `--<prefix>-env` and `--<prefix>-file` say that a passphrase is. Throws AppError `usage`. */
export function passphraseSourceOf(
  { passphraseEnv, passphraseFile }: PassphraseOptions,
  prefix = 'passphrase',
): SecretSource | undefined {
  return secretSourceOfFlags({ env: passphraseEnv, file: passphraseFile }, prefix);
}

/** The passphrase behind a source; undefined without one. Throws AppError `usage`. */
export async function readPassphrase(
  source: SecretSource | undefined,
  environment: SecretEnvironment,
): Promise<string | undefined> {
  if (source === undefined) return undefined;
  return (await resolveSecret(source, environment, { label: 'passphrase' })).value;
}

/**
 * The source that flags name; undefined when none is given.
 * @param prefix of the flags in messages: `secret` → `--secret-env`
 * @throws AppError `usage` when several are given.
 */
export function secretSourceOfFlags({ env, file, literal }: GivenSecret, prefix = 'secret'): SecretSource | undefined {
  const sources: SecretSource[] = [
    ...(env === undefined ? [] : [{ env }]),
    ...(file === undefined ? [] : [{ file }]),
    ...(literal === undefined ? [] : [literal]),
  ];
  if (sources.length > 1) throw givenTwice(prefix);
  if (env !== undefined && looksSecret(env)) throw isNoName(prefix);
  return sources[0];
}

const givenTwice = (prefix: string): AppError =>
  new AppError('usage', `the ${prefix} is given more than once`, {
    hint: `give one of --${prefix}-env and --${prefix}-file`,
  });

/** Names of variables, and nothing else: what was given instead may be the secret itself, and is not repeated. */
const PLAIN_NAME = /^[A-Z_][A-Z\d_]*$/;

function isNoName(prefix: string): AppError {
  return new AppError(
    'usage',
    `--${prefix}-env takes the name of an environment variable, but this looks like the ${prefix} itself`,
    { hint: `export NAME=… and give --${prefix}-env NAME, or keep the ${prefix} in a file: --${prefix}-file FILE` },
  );
}

const MAX_SECRET_BYTES = 64 * 1024;

/**
 * The secret (or passphrase) behind `source`; a relative file is one of the working directory, and `-` is standard
 * input. One line break (LF or CRLF) at the end of a file is not part of it, nor is a byte-order mark at its start;
 * everything else is. No error and no warning contains it.
 * @throws AppError of kind `blame` when it is missing, unreadable or empty.
 */
export async function resolveSecret(
  source: SecretSource,
  environment: SecretEnvironment,
  { label = 'secret', blame = 'usage' }: SecretUse = {},
): Promise<ResolvedSecret> {
  const use = { label, blame };
  if (typeof source === 'string') return checkSecret(source, `the ${label}`, [], use);
  return 'env' in source ? secretOfVariable(source.env, environment, use) : secretOfFile(source.file, environment, use);
}

function secretOfVariable(name: string, { env }: SecretEnvironment, use: Required<SecretUse>): ResolvedSecret {
  const value = env[name];
  const { label, blame } = use;
  if (value !== undefined) return checkSecret(value, `the ${label} in the environment variable ${name}`, [], use);
  const isPlain = PLAIN_NAME.test(name) && !looksSecret(name);
  const what = isPlain
    ? `the environment variable ${name}, for the ${label},`
    : `the environment variable named for the ${label}`;
  throw new AppError(blame, `${what} is not set`, {
    hint: isPlain
      ? `export ${name}=…, name a file that sets it (--env-file .env), or keep the ${label} in a file`
      : `give its name, not the ${label} itself: export NAME=…, or keep the ${label} in a file`,
    unknown: { given: name, among: Object.keys(env) },
  });
}

async function secretOfFile(
  file: string,
  environment: SecretEnvironment,
  use: Required<SecretUse>,
): Promise<ResolvedSecret> {
  const path = file === '-' ? '-' : resolve(environment.workingDirectory, file);
  // Who gives the secret itself in place of a file must not find it in a log.
  const shown = isSecretItself(file, path) ? 'the given file' : path;
  const place = path === '-' ? 'standard input' : shown;
  const { bytes, isReadableByAll } = await readOrExplain(path, place, environment, use);
  const warnings = isReadableByAll
    ? [`every user of this machine can read the ${use.label} file ${path}; chmod 600 it`]
    : [];
  const value = decodeSecret(bytes, place, use).replace(/\r?\n$/, '');
  return checkSecret(value, `the ${use.label} from ${place}`, warnings, use);
}

/** A secret may have slashes in it, and then its parts look like folders: those there are none of. */
function isSecretItself(given: string, path: string): boolean {
  return looksSecret(basename(path)) || (!existsSync(dirname(path)) && [given, ...given.split('/')].some(looksSecret));
}

async function readOrExplain(
  path: string,
  place: string,
  environment: SecretEnvironment,
  { label, blame }: Required<SecretUse>,
): Promise<{ bytes: Uint8Array; isReadableByAll: boolean }> {
  try {
    if (path === '-') return { bytes: await readSome(environment.stdin), isReadableByAll: false };
    const isReadableByAll = isWorldReadable(path);
    return { bytes: await readSome(createReadStream(path)), isReadableByAll };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(blame, `the ${label} could not be read from ${place}: ${readReason(cause)}`, { cause });
  }
}

/** Stops behind the longest secret there can be. */
async function readSome(input: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    chunks.push(bytes);
    length += bytes.length;
    if (length > MAX_SECRET_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** Windows has no such mode: Node reports every file as readable by all. */
function isWorldReadable(path: string): boolean {
  if (process.platform === 'win32') return false;
  const facts = statSync(path);
  return facts.isFile() && (facts.mode & 0o004) !== 0;
}

function decodeSecret(bytes: Uint8Array, place: string, { label, blame }: Required<SecretUse>): string {
  if (bytes.length > MAX_SECRET_BYTES) {
    throw new AppError(blame, `${place} is too long for a ${label}: more than ${MAX_SECRET_BYTES / 1024} KiB`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The cause is left out on purpose: nothing of the content may travel with the error.
    throw new AppError(blame, `the ${label} from ${place} is not UTF-8 text`, { hint: 'save it as UTF-8' });
  }
}

function checkSecret(
  value: string,
  what: string,
  warnings: readonly string[],
  { blame }: Required<SecretUse>,
): ResolvedSecret {
  if (value === '') throw new AppError(blame, `${what} is empty`);
  // Around a key in PEM it counts for nothing.
  const isClean = value === value.trim() || PEM.test(value);
  const edge = isClean ? [] : [`${what} begins or ends with white space, which is part of it`];
  return { value, warnings: [...warnings, ...edge] };
}

const PEM = /^\s*-----BEGIN [A-Z ]+-----/;
