import { resolveSecret, secretSourceOfFlags, type ResolvedSecret } from '../../config/resolve-secret.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import type { CertificateOptions, SecretOptions, SecretSource, Webhook } from '../../model/webhook.ts';

/** Where a secret comes from that a flag names. */
export const FROM_FLAG = 'the flag';

/** A secret and where it comes from, for people: `the flag`, `the webhook "shop"`. */
export interface NamedSecret extends ResolvedSecret {
  from: string;
}

/** The secret that a flag names; null when none does. Throws AppError `usage`. */
export async function readFlaggedSecret(
  { secretEnv, secretFile, secret }: SecretOptions,
  environment: SecretEnvironment,
): Promise<ResolvedSecret | null> {
  const source = secretSourceOfFlags({ env: secretEnv, file: secretFile, literal: secret });
  return source === undefined ? null : resolveSecret(source, environment);
}

/** The secret of a configured webhook; null when it has none. Throws AppError `config`. */
export async function readConfiguredSecret(
  { secret }: Pick<Webhook, 'secret'>,
  environment: SecretEnvironment,
): Promise<ResolvedSecret | null> {
  return secret === undefined ? null : resolveSecret(secret, environment, { blame: 'config' });
}

/**
 * The secret that a flag names, alone; without one those of the webhooks. Throws AppError when one that is named is
 * missing.
 */
export async function readSecrets(
  options: SecretOptions,
  webhooks: readonly Webhook[],
  environment: SecretEnvironment,
): Promise<NamedSecret[]> {
  const flagged = await readFlaggedSecret(options, environment);
  if (flagged !== null) return [{ ...flagged, from: FROM_FLAG }];
  const secrets = webhooks.map(async (webhook): Promise<NamedSecret[]> => {
    const secret = await readConfiguredSecret(webhook, environment);
    return secret === null ? [] : [{ ...secret, from: `the webhook ${JSON.stringify(webhook.name)}` }];
  });
  return (await Promise.all(secrets)).flat();
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
