import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes with a question of the vendor's that has an address in it to be called. */
export const CALLBACK_MISTAKES = {
  'never-calls-back': {
    text: 'calling nothing when the vendor asks for it: it never begins to send',
    appliesTo: 'callback',
    foundBy: ['handshake-*'],
  },
  'calls-unverified': {
    text: "calling an address before verifying the vendor's signature: anybody can have any address called (SSRF)",
    appliesTo: ['callback', 'signature'],
    foundBy: ['callback-forged'],
  },
  'calls-any-host': {
    text: "calling an address wherever it leads, not at the vendor's hosts alone (SSRF)",
    appliesTo: 'callback',
    foundBy: ['callback-foreign-host'],
  },
  'calls-for-anyone': {
    text: "calling an address for any customer of the vendor's, whose events then arrive rightly signed",
    appliesTo: 'callback-account',
    foundBy: ['callback-other-account'],
  },
  'kind-by-header': {
    text: 'believing a header about what kind of message it is, and calling an address that is not signed (SSRF)',
    appliesTo: ['callback', 'signature'],
    foundBy: ['callback-unsigned'],
  },
  'kind-by-body-alone': {
    text: 'not comparing the header that says what kind of message it is with the body',
    appliesTo: 'callback',
    foundBy: ['callback-contradicted'],
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
