import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

const REVERSE_DNS = 'only whoever controls the reverse DNS of an address can show it';

/** Mistakes in who may call: by address, client certificate or TLS. */
export const CALLER_MISTAKES = {
  'trusts-forwarded-for': {
    text: "reading the caller's address from X-Forwarded-For, no matter who sends it",
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for', 'real-ip', 'forwarded'],
  },
  'counts-forwarding-hops': {
    text: 'reading the second-to-last address in X-Forwarded-For, as if a proxy had added the last one',
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for'],
  },
  'trusts-client-ip': {
    text: "trying a list of headers for the caller's address (X-Client-IP, Client-IP …), no matter who sends them",
    appliesTo: 'unauthenticated',
    foundBy: ['client-ip'],
  },
  'trusts-cdn-headers': {
    text: "reading the caller's address from a CDN's header (CF-Connecting-IP …), no matter who sends it",
    appliesTo: 'unauthenticated',
    foundBy: ['cdn-client-ip'],
  },
  'drops-by-forwarded-for': {
    text:
      'answering success to everyone, and dropping what X-Forwarded-For says is from elsewhere, no matter ' +
      'who sends it',
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for', 'real-ip', 'forwarded'],
  },
  'optional-client-certificate': {
    text: 'requesting a client certificate without requiring it',
    foundBy: ['no-client-certificate'],
  },
  'trusts-certificate-header': {
    text: 'trusting a header that says a client certificate was verified, no matter who sends it',
    foundBy: ['claimed-certificate'],
  },
  'takes-plain-http': {
    text: 'accepting events over plain http as well as https',
    foundBy: ['plain-http'],
  },
  'ptr-suffix': {
    text: 'comparing the end of a PTR without the dot before the domain, so that a name with the same ending passes',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-letter-case': {
    text: 'refusing a PTR in upper case or with a trailing dot',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-one-address': {
    text: 'looking up only one IPv4 address: IPv6 and hosts with several addresses fail',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-lookup-fails': {
    text: 'answering 500 when the forward lookup fails: whoever controls a PTR can force that',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
