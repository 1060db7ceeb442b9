import { readSecretFile } from '../../config/read-secret-file.ts';
import { resolveSecret, secretSourceOfFlags } from '../../config/resolve-secret.ts';
import type { SecretOptions, Webhook } from '../../model/webhook.ts';
import type { SecretEnvironment } from '../../model/environment.ts';

/** Where a secret comes from that a flag names. */
export const FROM_FLAG = 'the flag';

/** A secret and where it comes from, for people: `the flag`, `the webhook "shop"`. */
export interface NamedSecret {
  value: string;
  from: string;
  warnings: readonly string[];
}

/**
 * The secret that a flag names, alone; without one those of the webhooks. Throws AppError when one that is named is
 * missing.
 */
export async function readSecrets(
  { secretEnv, secretFile, secret }: SecretOptions,
  webhooks: readonly Webhook[],
  environment: SecretEnvironment,
): Promise<NamedSecret[]> {
  const access = {
    env: environment.env,
    baseDirectory: environment.workingDirectory,
    readFile: (path: string) => readSecretFile(path, environment.stdin),
  };
  const source = secretSourceOfFlags({ env: secretEnv, file: secretFile, literal: secret });
  if (source !== undefined) return [{ ...(await resolveSecret(source, access)), from: FROM_FLAG }];
  const named = webhooks.flatMap(({ name, secret: configured }) =>
    configured === undefined ? [] : [{ name, configured }],
  );
  return Promise.all(
    named.map(async ({ name, configured }) => ({
      ...(await resolveSecret(configured, { ...access, blame: 'config' })),
      from: `the webhook ${JSON.stringify(name)}`,
    })),
  );
}
