import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

const REVERSE_DNS = 'only who holds the reverse DNS of an address can show it';

/** Mistakes in who may call: by address, client certificate or TLS. */
export const CALLER_MISTAKES = {
  'trusts-forwarded-for': {
    text: 'taking the address of the caller from X-Forwarded-For, whoever sends it',
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for', 'real-ip', 'forwarded'],
  },
  'counts-forwarding-hops': {
    text: 'taking the last but one address in X-Forwarded-For, as if a proxy had added the last one',
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for'],
  },
  'trusts-client-ip': {
    text: 'trying a list of headers for the address of the caller (X-Client-IP, Client-IP …), whoever sends them',
    appliesTo: 'unauthenticated',
    foundBy: ['client-ip'],
  },
  'trusts-cdn-headers': {
    text: "taking the address of the caller from a CDN's header (CF-Connecting-IP …), whoever sends it",
    appliesTo: 'unauthenticated',
    foundBy: ['cdn-client-ip'],
  },
  'drops-by-forwarded-for': {
    text:
      'answering success to everybody, and dropping what X-Forwarded-For says comes from elsewhere, ' +
      'whoever sends it',
    appliesTo: 'unauthenticated',
    foundBy: ['forwarded-for', 'real-ip', 'forwarded'],
  },
  'optional-client-certificate': {
    text: 'asking for a client certificate without insisting on it',
    foundBy: ['no-client-certificate'],
  },
  'trusts-certificate-header': {
    text: 'believing a header that says a client certificate was verified, whoever sends it',
    foundBy: ['claimed-certificate'],
  },
  'takes-plain-http': {
    text: 'taking events over plain http beside https',
    foundBy: ['plain-http'],
  },
  'ptr-suffix': {
    text: 'comparing the end of a PTR without the dot before the domain, so a name that only ends alike passes',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-letter-case': {
    text: 'refusing a PTR in upper case or with a trailing dot',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-one-address': {
    text: 'asking for one IPv4 address only: IPv6 and hosts of several addresses fail',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
  'ptr-lookup-fails': {
    text: 'answering 500 when the forward lookup fails: whoever controls a PTR can force that',
    appliesTo: 'reverse-dns',
    outOfReach: REVERSE_DNS,
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
