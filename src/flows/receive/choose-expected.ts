import { isNamed, unknownWebhook } from '../../config/select-webhook.ts';
import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Config, SecretOptions, Webhook } from '../../model/webhook.ts';
import { parseUuid } from '../../plan/ids.ts';
import { findVendor } from '../../vendors/index.ts';
import type { Machine } from '../session/equip-target.ts';
import type { Expected } from './judge-received.ts';
import { readSecrets } from '../session/read-secrets.ts';

export interface ExpectedOptions extends SecretOptions {
  /** A configured webhook, by name or uuid: its vendor, events, secret and uuid. */
  webhook?: string;
  vendor?: string;
  /** What requests are recorded under. */
  uuid?: string;
  /** False for `--no-verify`. */
  verify: boolean;
}

export interface ChosenExpected {
  expected: Expected;
  /** Null: made from the vendor and the URL, as `send` makes it. */
  webhookUuid: string | null;
  warnings: readonly string[];
}

/** Whose requests are expected, with their secrets read. Throws AppError `usage` or `config`: unknown names, a missing secret. */
export async function chooseExpected(
  options: ExpectedOptions,
  config: Config,
  machine: Machine,
): Promise<ChosenExpected> {
  const webhook = options.webhook === undefined ? undefined : findWebhook(options.webhook, config);
  const vendor = chooseVendor(options, webhook);
  const webhookUuid = options.uuid === undefined ? (webhook?.uuid ?? null) : parseUuid(options.uuid);
  const common = { vendor, events: webhook?.events, verifies: options.verify };
  if (!options.verify || (vendor !== null && vendor.signature.value === null))
    return { expected: { ...common, secretsOf: () => [] }, webhookUuid, warnings: [] };
  const { secretsOf, warnings } = await readAll(
    options,
    webhook === undefined ? config.webhooks : [webhook],
    vendor,
    machine,
  );
  if (vendor !== null && secretsOf(vendor).length === 0) {
    throw new AppError('usage', `${vendor.title} signs its requests, and there is no secret to verify with`, {
      hint: 'name where it is: --secret-env NAME or --secret-file FILE; --no-verify takes everything',
    });
  }
  return { expected: { ...common, secretsOf }, webhookUuid, warnings };
}

function findWebhook(name: string, { webhooks }: Config): Webhook {
  const webhook = webhooks.find((one) => isNamed(one, name));
  if (webhook === undefined) throw unknownWebhook(name, webhooks);
  return webhook;
}

function chooseVendor({ vendor }: ExpectedOptions, webhook: Webhook | undefined): Vendor | null {
  if (vendor === undefined) return webhook === undefined ? null : findVendor(webhook.vendor);
  if (webhook !== undefined && webhook.vendor !== vendor) {
    throw new AppError(
      'usage',
      `the webhook ${JSON.stringify(webhook.name)} is one of ${webhook.vendor}, not of ${vendor}`,
      { hint: 'leave out --vendor' },
    );
  }
  return findVendor(vendor);
}

/** A secret that a flag names counts for every vendor; one of the configuration for its own. */
async function readAll(
  options: ExpectedOptions,
  webhooks: readonly Webhook[],
  vendor: Vendor | null,
  machine: Machine,
): Promise<{ secretsOf: Expected['secretsOf']; warnings: string[] }> {
  const flagged = await readSecrets(options, [], machine);
  if (flagged.length > 0) {
    const values = flagged.map(({ value }) => value);
    return { secretsOf: () => values, warnings: flagged.flatMap(({ warnings }) => warnings) };
  }
  const byVendor = new Map<string, string[]>();
  const warnings: string[] = [];
  for (const webhook of webhooks.filter((one) => vendor === null || one.vendor === vendor.id)) {
    try {
      const secrets = await readSecrets({}, [webhook], machine);
      byVendor.set(webhook.vendor, [...(byVendor.get(webhook.vendor) ?? []), ...secrets.map(({ value }) => value)]);
      warnings.push(...secrets.flatMap((one) => one.warnings));
    } catch (error) {
      // Of several webhooks one whose secret is elsewhere is no reason not to listen for the others.
      if (!(error instanceof AppError) || options.webhook !== undefined) throw error;
      warnings.push(`requests for the webhook ${JSON.stringify(webhook.name)} cannot be verified: ${error.message}`);
    }
  }
  return { secretsOf: ({ id }) => byVendor.get(id) ?? [], warnings };
}
