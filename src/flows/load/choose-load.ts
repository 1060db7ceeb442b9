import { findWebhook } from '../../config/select-webhook.ts';
import { parseEventMix, type WeightedEvent } from '../../load/event-mix.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import { withDistinctEvents } from '../../plan/distinct-event.ts';
import { chooseTargets, type TargetedEvent, type TargetOptions } from '../session/choose-targets.ts';

/** Whom the load goes to, and which events it is made of. */
export interface ChosenLoad {
  target: TargetedEvent;
  mix: WeightedEvent[];
}

/**
 * The endpoint that the flags mean. Without `event`, a configured webhook gets each of its events as often as the
 * others. Throws AppError `usage`.
 * @param options `event` is a mix: `optin=3,optout=1`
 */
export async function chooseLoad(options: TargetOptions, config: Config, vendors: VendorRegistry): Promise<ChosenLoad> {
  const given = mixOf(options, config);
  const [target] = await chooseTargets({ ...options, event: given?.[0]?.name }, config, vendors);
  if (target === undefined) throw new Error('one endpoint makes one target');
  const mix = given ?? [{ name: target.event.name, weight: 1 }];
  // Each must be an event of the same vendor and webhook.
  const same = { ...options, to: target.name, vendor: options.vendor ?? target.vendor.id };
  for (const { name } of mix.slice(1)) await chooseTargets({ ...same, event: name }, config, vendors);
  return { target: { ...target, vendor: withDistinctEvents(target.vendor) }, mix };
}

function mixOf({ event, to, url }: TargetOptions, { webhooks }: Config): WeightedEvent[] | undefined {
  if (event !== undefined) return parseEventMix(event);
  if (to === undefined || url !== undefined) return undefined;
  return findWebhook(webhooks, to).events.map((name) => ({ name, weight: 1 }));
}
