import { findNamed } from '../../config/select-webhook.ts';
import type { Webhook } from '../../model/webhook.ts';
import { parseUuid } from '../../plan/ids.ts';

/** The uuid that something is kept under: any, or that of the configured webhook which is named so. */
export function readWebhookUuid(given: string, webhooks: readonly Webhook[]): string {
  return findNamed(webhooks, given.trim())?.uuid ?? parseUuid(given.trim());
}
