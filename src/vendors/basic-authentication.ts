// The name and password of a URL (RFC 7617), for vendors that prove themselves by nothing else.
import type { Signature } from '../model/signature.ts';
import type { VendorVector } from '../model/vendor.ts';

export const BASIC_AUTHENTICATION = {
  at: { header: 'Authorization' },
  algorithm: 'token',
  message: [{ encode: ['base64'], of: ['secret'] }],
  format: 'Basic {v}',
} as const satisfies Signature;

/** Of any body: nothing of it is signed. */
export const BASIC_VECTOR = {
  name: 'a name and a password',
  secret: 'hook:of the vectors',
  headers: { 'Content-Type': 'application/json' },
  signature: 'Basic aG9vazpvZiB0aGUgdmVjdG9ycw==',
  source: 'basic authentication, RFC 7617: printf "hook:of the vectors" | base64',
} as const satisfies Omit<VendorVector, 'body'>;
