// The one scheme of Standard Webhooks and of those who send by it: what differs is the names of the headers.
import type { Signature } from '../model/signature.ts';
import type { VendorVector } from '../model/vendor.ts';

export const STANDARD_WEBHOOKS_SIGNATURE = {
  at: { header: 'webhook-signature' },
  algorithm: 'hmac-sha256',
  message: ['id', { text: '.' }, 'timestamp', { text: '.' }, 'body'],
  encoding: ['base64'],
  key: { encoding: 'base64', prefix: 'whsec_' },
  format: 'v1,{v}',
  timestamp: {
    unit: 's',
    at: { header: 'webhook-timestamp' },
    toleranceMs: { value: 300_000, certainty: 'pub', note: 'in both directions' },
  },
  several: { repeat: 'all', separator: ' ' },
} as const satisfies Signature;

export const SVIX_SIGNATURE = {
  ...STANDARD_WEBHOOKS_SIGNATURE,
  at: { header: 'svix-signature' },
  timestamp: { ...STANDARD_WEBHOOKS_SIGNATURE.timestamp, at: { header: 'svix-timestamp' } },
} as const satisfies Signature;

/** The message that the libraries of all of them are tested with. */
export const LIBRARY_VECTOR = {
  name: 'the message of the libraries',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  headers: { 'Content-Type': 'application/json' },
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
} as const satisfies VendorVector;

/** 5s, 5m, 30m, 2h, 5h, 10h, 10h: as the server of Svix is configured. */
export const SVIX_DELAYS_MS = [5000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000] as const;

export const MESSAGE_ID_NOTE = 'the same for every attempt: receivers recognise a repeated event by it';
