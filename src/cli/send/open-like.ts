import { chooseLikeTargets, likeContent, noteSameEvent } from '../../flows/send/like-delivery.ts';
import type { EventContent } from '../../flows/send/make-event.ts';
import { nameStoredSecrets } from '../../flows/send/replay-delivery.ts';
import type { TargetedEvent, TargetOptions } from '../../flows/session/choose-targets.ts';
import type { Plan } from '../../model/plan.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import type { Overrides } from '../../plan/overrides.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';

/** A recorded event that others are to be like (`--like`). */
export interface Recorded {
  chooseTargets(options: TargetOptions, config: Config, vendors: VendorRegistry): Promise<TargetedEvent[]>;
  contentFor(targets: readonly TargetedEvent[], overrides: Overrides): Partial<EventContent>;
  /** What a receiver may take a planned event for; null: for a new one. */
  noteOf(plan: Plan): string | null;
}

export async function openLike(id: string, environment: CommandEnvironment): Promise<Recorded> {
  const history = await environment.openReader();
  const stored = await history.find(id).finally(() => history.close());
  nameStoredSecrets(stored);
  return {
    chooseTargets: (options, config, vendors) => chooseLikeTargets(stored, options, config, vendors),
    contentFor: ([target], overrides) => (target === undefined ? {} : likeContent(stored, target, overrides)),
    noteOf: (plan) => noteSameEvent(stored, plan),
  };
}
