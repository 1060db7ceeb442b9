import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes in verifying a JWT, beside those of every signature. */
export const JWT_MISTAKES = {
  'unsigned-jwt': {
    text: 'letting the token choose its algorithm, so that one with alg: none passes',
    appliesTo: 'jwt',
    foundBy: ['jwt-unsigned'],
  },
  'unverified-jwt': {
    text: 'decoding the token and believing its claims without verifying it',
    appliesTo: 'jwt',
    foundBy: ['wrong-secret', 'jwt-unsigned'],
  },
  'public-key-as-secret': {
    text: 'letting the token choose its algorithm, so that the public key becomes the secret of an HMAC',
    appliesTo: 'public-key-jwt',
    foundBy: ['jwt-key-confusion'],
  },
} as const satisfies Record<string, ReceiverMistake>;
