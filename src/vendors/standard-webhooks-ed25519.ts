// The second scheme of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import type { Vendor } from '../model/vendor.ts';
import { LIBRARY_VECTOR, STANDARD_WEBHOOKS_SIGNATURE } from './standard-webhooks-scheme.ts';
import { SPECIFIED } from './standard-webhooks.ts';

const { key: _secret, ...SHARED } = STANDARD_WEBHOOKS_SIGNATURE;

export const standardWebhooksEd25519 = {
  id: 'standard-webhooks-ed25519',
  title: 'Standard Webhooks, key pair',
  ...SPECIFIED,
  signature: {
    value: { ...SHARED, algorithm: 'ed25519', format: 'v1a,{v}', keyShown: 'raw-base64' },
    certainty: 'doc',
    note: 'the private key begins with whsk_, the public one with whpk_',
  },
  vectors: [
    {
      name: 'the message of the specification',
      publicKey: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
      id: LIBRARY_VECTOR.id,
      timestamp: LIBRARY_VECTOR.timestamp,
      headers: LIBRARY_VECTOR.headers,
      body: LIBRARY_VECTOR.body,
      signature: 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
      source: 'https://github.com/standard-webhooks/standard-webhooks/blob/b2fa7b8/spec/standard-webhooks.md',
    },
  ],
} as const satisfies Vendor;
