import type { Clock } from '../../model/clock.ts';
import type { Vendor } from '../../model/vendor.ts';
import { refreshLinks } from '../../plan/refresh-links.ts';
import { linkMaker } from '../../sign/attachment-url.ts';

/** A recorded body with its links to attachments made anew, where the vendor signs them and there is a secret. */
export function withFreshLinks(
  body: Uint8Array,
  { attachments }: Vendor,
  secret: string | null,
  clock: Clock,
): Uint8Array {
  if (attachments === undefined || secret === null) return body;
  return refreshLinks(body, (origin, messageId, index) =>
    linkMaker(origin, secret, attachments.validForMs.value)(messageId, index, clock.now()),
  );
}
