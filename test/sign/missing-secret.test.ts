import { expect, test } from 'vitest';
import { missingLinkSecret, missingSecret } from '../../src/sign/missing-secret.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';

const FLAGS = 'give one with --secret-env NAME or --secret-file FILE';

test.each([
  [missingSecret(mailkite, 'sign'), 'MailKite signs its requests, but there is no secret to sign with', FLAGS],
  [
    missingSecret(mailkite, 'verify', { also: '; --no-verify takes everything' }),
    'MailKite signs its requests, but there is no secret to verify with',
    `${FLAGS}; --no-verify takes everything`,
  ],
  [
    missingSecret(mailkite, 'sign', { webhook: 'shop' }),
    'MailKite, vendor of the webhook "shop", signs its requests, but there is no secret to sign with',
    `${FLAGS}, or "secret" in the configuration`,
  ],
  [missingLinkSecret('check'), 'links to attachments are signed, but there is no secret to check them with', FLAGS],
])('%s', (error, message, hint) => {
  expect(error).toMatchObject({ kind: 'usage', message, hint });
});
