import { hideQuerySecrets } from '../model/http-url.ts';
import type { Config, SecretSource, Webhook } from '../model/webhook.ts';

const MASK = '***';

/** The configuration as it may be shown: literal secrets and credentials in URLs become `***`, references stay. */
export function maskConfig(config: Config): Config {
  return {
    ...config,
    history: config.history && maskUrl(config.history),
    webhooks: config.webhooks.map(maskWebhook),
  };
}

export function maskWebhook(webhook: Webhook): Webhook {
  const { secret, tls } = webhook;
  return {
    ...webhook,
    url: maskUrl(webhook.url),
    secret: secret && maskSecret(secret),
    tls: tls && { ...tls, passphrase: tls.passphrase && maskSecret(tls.passphrase) },
  };
}

/** `https://user:password@host/?token=x` → `https://***@host/?token=***`; the rest stays letter by letter. */
export function maskUrl(url: string): string {
  return hideQuerySecrets(url.replace(/^([a-z][a-z\d+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${MASK}@`));
}

function maskSecret(source: SecretSource): SecretSource {
  return typeof source === 'string' ? MASK : source;
}
