import { AppError } from '../model/error.ts';
import type { Vendor } from '../model/vendor.ts';

/** Throws `usage` for several events in one request that the vendor would not send so. */
export function checkBatch({ title, batch }: Pick<Vendor, 'title' | 'batch'>, names: readonly string[]): void {
  if (names.length === 1) return;
  if (batch === undefined)
    throw new AppError('usage', `${title} sends each event in a request of its own`, { hint: 'send one event' });
  const { max, mixesEvents } = batch.value;
  if (names.length > max)
    throw new AppError('usage', `${title} sends at most ${max} events in one request, not ${names.length}`);
  const other = names.find((name) => name !== names[0]);
  if (!mixesEvents && other !== undefined)
    throw new AppError('usage', `${title} sends events of one name in a request, not ${names[0]} and ${other}`);
}
