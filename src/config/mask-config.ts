import { maskUrl } from '../model/http-url.ts';
import { HIDDEN } from '../model/secret-name.ts';
import { sourcesOf, type Config, type SecretSource, type SecretSources, type Webhook } from '../model/webhook.ts';

/** The configuration as it is shown: its vendors by their files. */
export interface ShownConfig extends Omit<Config, 'vendors'> {
  vendors?: readonly string[];
}

/** The configuration as it may be shown: literal secrets and credentials in URLs become `***`, references stay. */
export function maskConfig({ vendors, ...config }: Config): ShownConfig {
  return {
    ...config,
    vendors: vendors?.map(({ file }) => file),
    history: config.history && maskUrl(config.history),
    webhooks: config.webhooks.map(maskWebhook),
  };
}

export function maskWebhook(webhook: Webhook): Webhook {
  const { secret, tls } = webhook;
  return {
    ...webhook,
    url: maskUrl(webhook.url),
    secret: secret && maskSecrets(secret),
    tls: tls && { ...tls, passphrase: tls.passphrase && maskSecret(tls.passphrase) },
  };
}

/** Whether a secret itself stands in it, and not only where one comes from. */
export const holdsSecret = (webhook: Webhook): boolean =>
  JSON.stringify(maskWebhook(webhook)) !== JSON.stringify(webhook);

function maskSecrets(secret: SecretSources): SecretSources {
  const masked = sourcesOf(secret).map(maskSecret);
  return Array.isArray(secret) ? masked : (masked[0] ?? HIDDEN);
}

function maskSecret(source: SecretSource): SecretSource {
  return typeof source === 'string' ? HIDDEN : source;
}
