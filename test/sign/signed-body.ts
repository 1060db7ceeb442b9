import { createHmac } from 'node:crypto';
import type { Header } from '../../src/model/plan.ts';
import { diagnoseRequest } from '../../src/sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../src/sign/diagnosis.ts';
import { findVendor, VENDORS } from '../helpers/vendors.ts';
import { NOW_MS } from '../vendors/fixtures.ts';

/** A secret, a body and the signatures of MailKite that fit or do not fit it. */
export const SECRET = 'whsec_c2VjcmV0IG9mIGhvb2twcm9vZg==';
export const T = String(NOW_MS);
export const mailkite = findVendor('mailkite');
export const JSON_BODY =
  '{"type":"email.received","id":"msg_1","subject":"Grüße / <b>",' +
  '"to":[{"address":"a@example.org"}],"text":"a\\r\\nb"}';

export const hmac = (
  message: string | Uint8Array,
  {
    key = SECRET,
    algorithm = 'sha256',
    encoding = 'hex',
  }: { key?: string | Uint8Array; algorithm?: string; encoding?: 'hex' | 'base64' } = {},
): string => createHmac(algorithm, key).update(message).digest(encoding);
export const header = (digest: string, t = T): Header[] => [['x-mailkite-signature', `t=${t},v1=${digest}`]];
export const over = (body: string | Uint8Array): Header[] =>
  header(hmac(Buffer.concat([Buffer.from(`${T}.`), Buffer.from(body)])));

export function diagnose(
  headers: readonly Header[],
  body: string | Uint8Array = JSON_BODY,
  {
    vendor = 'mailkite',
    secrets = [SECRET],
    nowMs = NOW_MS,
  }: { vendor?: string; secrets?: string[]; nowMs?: number } = {},
): SignatureDiagnosis {
  return diagnoseRequest(findVendor(vendor), secrets, { method: 'POST', headers, body: Buffer.from(body) }, nowMs, {
    vendors: VENDORS,
  });
}
