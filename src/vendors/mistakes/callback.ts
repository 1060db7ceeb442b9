import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes with a question of the vendor's that has an address in it to be called. */
export const CALLBACK_MISTAKES = {
  'never-calls-back': {
    text: 'not calling the address that the vendor sends: it never starts sending events',
    appliesTo: 'callback',
    foundBy: ['handshake-*'],
  },
  'calls-unverified': {
    text: "calling an address before verifying the vendor's signature: anyone can make it call any address (SSRF)",
    appliesTo: ['callback', 'signature'],
    foundBy: ['callback-forged'],
  },
  'calls-any-host': {
    text: "calling any address, not only those on the vendor's hosts (SSRF)",
    appliesTo: 'callback',
    foundBy: ['callback-foreign-host'],
  },
  'calls-for-anyone': {
    text: 'calling an address for any customer of the vendor, whose events then arrive correctly signed',
    appliesTo: 'callback-account',
    foundBy: ['callback-other-account'],
  },
  'kind-by-header': {
    text: 'trusting a header for the kind of message, and calling an unsigned address (SSRF)',
    appliesTo: ['callback', 'signature'],
    foundBy: ['callback-unsigned'],
  },
  'kind-by-body-alone': {
    text: 'not comparing the header that says what kind of message it is with the body',
    appliesTo: 'callback',
    foundBy: ['callback-contradicted'],
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
