import { AppError } from '../model/error.ts';
import type { Vendor } from '../model/vendor.ts';

interface MissingSecretOptions {
  /** The configured webhook that is meant: its entry may hold the secret. */
  webhook?: string;
  /** Continues the hint, which names the flags. */
  also?: string;
}

/** The error where a vendor's requests are to be signed or verified, and no secret was given. */
export function missingSecret(
  { title }: Vendor,
  use: 'sign' | 'verify',
  { webhook, also = '' }: MissingSecretOptions = {},
): AppError {
  if (webhook === undefined) return makeError(`${title} signs its requests`, `${use} with`, also);
  const who = `${title}, vendor of the webhook ${JSON.stringify(webhook)},`;
  return makeError(`${who} signs its requests`, `${use} with`, `, or "secret" in the configuration${also}`);
}

/** The same for links to attachments, which the vendor signs with the secret of its requests. */
export function missingLinkSecret(use: 'sign' | 'check', also = ''): AppError {
  return makeError('links to attachments are signed', `${use} them with`, also);
}

function makeError(what: string, use: string, also: string): AppError {
  return new AppError('usage', `${what}, but there is no secret to ${use}`, {
    hint: `give one with --secret-env NAME or --secret-file FILE${also}`,
  });
}
