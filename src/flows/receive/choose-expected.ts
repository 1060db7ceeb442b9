import { nameStaticSecret } from '../session/static-secret.ts';
import { findWebhook } from '../../config/select-webhook.ts';
import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, SecretOptions, Webhook } from '../../model/webhook.ts';
import { readWebhookUuid } from '../session/read-webhook-uuid.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import type { Expected } from './judge-received.ts';
import { readSecrets } from '../../config/secrets.ts';
import { missingSecret } from '../../sign/missing-secret.ts';
import { findUnusable } from '../../sign/scheme/compute.ts';
import { parseHttpUrl } from '../../model/http-url.ts';

export interface ExpectedOptions extends SecretOptions {
  /** A configured webhook, by name or uuid: its vendor, events, secret and uuid. */
  webhook?: string;
  vendor?: string;
  /** What requests are recorded under. */
  uuid?: string;
  /** False for `--no-verify`. */
  verify: boolean;
  /** What the vendor calls, where a proxy changes it. */
  publicUrl?: string;
}

export interface ChosenExpected {
  expected: Expected;
  /** Null: made from the vendor and the URL, as `send` makes it. */
  webhookUuid: string | null;
  warnings: readonly string[];
}

/**
 * Whose requests are expected, with their secrets read. Throws AppError `usage` or `config`: unknown names, a missing
 * secret.
 */
export async function chooseExpected(
  options: ExpectedOptions,
  config: Config,
  vendors: VendorRegistry,
  environment: SecretEnvironment,
): Promise<ChosenExpected> {
  const { webhook: name, vendor: named } = options;
  const publicUrl = options.publicUrl === undefined ? undefined : checkedUrl(options.publicUrl);
  const given = named === undefined ? null : await vendors.load(named);
  const webhook = name === undefined ? undefined : findWebhook(config.webhooks, name, { vendor: given?.id });
  const vendor = given ?? (webhook === undefined ? null : await vendors.load(webhook.vendor));
  const webhookUuid =
    options.uuid === undefined ? (webhook?.uuid ?? null) : readWebhookUuid(options.uuid, config.webhooks);
  const others = (await vendors.loadAll()).filter(({ id }) => id !== vendor?.id);
  const known = vendor === null ? others : [vendor, ...others];
  known.forEach(nameStaticSecret);
  const common = { vendor, vendors: known, events: webhook?.events, verifies: options.verify, publicUrl };
  if (!options.verify || (vendor !== null && vendor.signature.value === null))
    return { expected: { ...common, secretsOf: () => [] }, webhookUuid, warnings: [] };
  const { secretsOf, nameOf, warnings } = await readAll(
    options,
    webhook === undefined ? config.webhooks : [webhook],
    vendor,
    environment,
  );
  if (vendor !== null && secretsOf(vendor).length === 0) {
    throw missingSecret(vendor, 'verify', { also: '; --no-verify accepts every request' });
  }
  if (vendor !== null) requireUsable(vendor, secretsOf(vendor));
  return { expected: { ...common, secretsOf, nameOf }, webhookUuid, warnings };
}

/** Letter by letter: some vendors sign it. */
function checkedUrl(text: string): string {
  parseHttpUrl(text);
  return text.trim();
}

/** With a secret that is no key of the vendor's everything would be refused. Throws AppError `usage`. */
function requireUsable({ signature }: Vendor, secrets: readonly string[]): void {
  const spec = signature.value;
  if (spec === null) return;
  const [first, ...others] = secrets.map((secret) => findUnusable(spec, secret));
  if (first !== undefined && first !== null && !others.includes(null)) throw first;
}

/** A secret that a flag names counts for every vendor; one of the configuration for its own. */
async function readAll(
  options: ExpectedOptions,
  webhooks: readonly Webhook[],
  vendor: Vendor | null,
  environment: SecretEnvironment,
): Promise<Pick<Expected, 'secretsOf' | 'nameOf'> & { warnings: string[] }> {
  const names = new Map<string, string>();
  const nameOf = (secret: string): string | null => names.get(secret) ?? null;
  const flagged = await readSecrets(options, [], environment);
  if (flagged.length > 0) {
    const values = flagged.map(({ value }) => value);
    for (const { value, from } of flagged) names.set(value, from);
    return { secretsOf: () => values, nameOf, warnings: flagged.flatMap(({ warnings }) => warnings) };
  }
  const byVendor = new Map<string, string[]>();
  const warnings: string[] = [];
  for (const webhook of webhooks.filter((one) => vendor === null || one.vendor === vendor.id)) {
    try {
      const secrets = await readSecrets({}, [webhook], environment);
      for (const { value, from } of secrets) names.set(value, from);
      byVendor.set(webhook.vendor, [...(byVendor.get(webhook.vendor) ?? []), ...secrets.map(({ value }) => value)]);
      warnings.push(...secrets.flatMap((one) => one.warnings));
    } catch (error) {
      // Of several webhooks one whose secret is elsewhere is no reason not to listen for the others.
      if (!(error instanceof AppError) || options.webhook !== undefined) throw error;
      warnings.push(`requests for the webhook ${JSON.stringify(webhook.name)} cannot be verified: ${error.message}`);
    }
  }
  return { secretsOf: ({ id }) => byVendor.get(id) ?? [], nameOf, warnings };
}
