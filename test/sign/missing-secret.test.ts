import { expect, test } from 'vitest';
import { missingLinkSecret, missingSecret } from '../../src/sign/missing-secret.ts';
import { mailkite } from '../../src/vendors/mailkite.ts';

const FLAGS = 'name where it is: --secret-env NAME or --secret-file FILE';

test.each([
  [missingSecret(mailkite, 'sign'), 'MailKite signs its requests, and there is no secret to sign with', FLAGS],
  [
    missingSecret(mailkite, 'verify', { also: '; --no-verify accepts every request' }),
    'MailKite signs its requests, and there is no secret to verify with',
    `${FLAGS}; --no-verify accepts every request`,
  ],
  [
    missingSecret(mailkite, 'sign', { webhook: 'shop' }),
    'MailKite, vendor of the webhook "shop", signs its requests, and there is no secret to sign with',
    `${FLAGS}, or "secret" in the configuration`,
  ],
  [missingLinkSecret('check'), 'links to attachments are signed, and there is no secret to check them with', FLAGS],
])('%s', (error, message, hint) => {
  expect(error).toMatchObject({ kind: 'usage', message, hint });
});
