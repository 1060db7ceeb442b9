import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes in verifying a signature, and in trusting what is not signed. */
export const SIGNATURE_MISTAKES = {
  'no-verification': {
    text: 'not verifying the signature at all',
    appliesTo: 'authenticated',
    foundBy: ['no-signature', 'wrong-secret', 'other-body'],
  },
  'presence-only': {
    text: 'checking only that there is a signature, not that it matches',
    appliesTo: 'authenticated',
    foundBy: ['wrong-secret', 'body-changed', 'signature-changed', 'other-body'],
  },
  'skips-without-signature': {
    text: 'verifying only if there is a signature: a request with none, or an empty one, passes',
    appliesTo: 'authenticated',
    foundBy: ['no-signature', 'empty-signature'],
  },
  'processes-refused': {
    text: 'answering 401 to a bad signature but processing the event anyway',
    appliesTo: ['authenticated', 'countable'],
    foundBy: ['wrong-secret', 'no-signature'],
  },
  'answers-before-verifying': {
    text: 'answering 200 before verifying',
    appliesTo: 'authenticated',
    foundBy: ['wrong-secret', 'no-signature'],
  },
  'server-error-on-bad-signature': {
    text: 'answering 500 to a bad signature: the vendor treats that as an outage and retries',
    appliesTo: 'authenticated',
    foundBy: ['wrong-secret', 'upper-case-hex'],
  },
  'crashes-on-odd-length': {
    text: 'comparing in constant time without comparing lengths first, which throws: a short signature is answered 500',
    appliesTo: 'compared-text',
    foundBy: ['signature-truncated'],
  },
  'reserialised-body': {
    text: 'computing the HMAC over re-serialised JSON, not over the raw bytes',
    appliesTo: ['signed-body', 'raw-json'],
    foundBy: ['json-escaped', 'json-spaced', 'body-respaced'],
  },
  'latin1-body': {
    text: 'reading the body as Latin-1 text before the HMAC: it fails on the first non-ASCII character',
    appliesTo: ['signed-body', 'raw-json', 'unescaped-letters', 'prose'],
    foundBy: ['unicode'],
  },
  'base64-decoded-secret': {
    text: 'base64-decoding the secret',
    appliesTo: 'text-key',
    foundBy: ['secret-base64-decoded', 'event-full-*'],
  },
  'prefix-cut-off': {
    text: 'removing the prefix from the secret: it is part of the key',
    appliesTo: 'secret-prefix',
    foundBy: ['secret-without-prefix', 'event-full-*'],
  },
  'undecoded-secret': {
    text: 'using the secret as shown as the key: it must be decoded',
    appliesTo: 'decoded-key',
    foundBy: ['secret-as-text', 'event-full-*'],
  },
  'any-algorithm': {
    text: 'letting the length of the digest choose the algorithm',
    appliesTo: 'digest',
    foundBy: ['algorithm-sha1', 'algorithm-sha512'],
  },
  'base64-digest': {
    text: 'accepting the digest in other encodings too',
    appliesTo: 'hex-or-base64',
    foundBy: ['base64-digest', 'hex-digest'],
  },
  'prefix-comparison': {
    text: 'comparing only as many characters as were sent',
    appliesTo: 'compared-text',
    foundBy: ['signature-truncated'],
  },
  'half-comparison': {
    text: 'comparing only the first half of the digest',
    appliesTo: 'compared-text',
    foundBy: ['signature-changed'],
  },
  'last-digits-only': {
    text: 'comparing only the last digits of the digest',
    appliesTo: 'compared-text',
    foundBy: ['signature-changed'],
  },
  'suffix-comparison': {
    text: 'checking only that the digest ends with what was sent',
    appliesTo: 'compared-text',
    foundBy: ['signature-truncated'],
  },
  'ignores-letter-case': {
    text: 'comparing the secret case-insensitively',
    appliesTo: 'cased-secret',
    foundBy: ['secret-letter-case'],
  },
  'first-of-two-headers': {
    text: 'reading the first of two signature headers',
    appliesTo: ['signature-header', 'one-signature'],
    foundBy: ['two-headers-good-first'],
  },
  'last-of-two-headers': {
    text: 'reading the last of two signature headers',
    appliesTo: ['signature-header', 'one-signature'],
    foundBy: ['two-headers-bad-first'],
  },
  'verifies-first-event-only': {
    text: 'verifying in the handler of one event but not in the others',
    appliesTo: ['authenticated', 'several-events', 'event-names'],
    foundBy: ['no-signature', 'wrong-secret'],
  },
  'skips-verification-when-chunked': {
    text: 'not verifying a body that comes without Content-Length',
    appliesTo: ['authenticated', 'has-body'],
    foundBy: ['forged-chunked'],
  },
  'skips-verification-of-put': {
    text: 'verifying only POST, but accepting PUT too',
    appliesTo: ['authenticated', 'not-by-put'],
    foundBy: ['forged-put'],
  },
  'trusts-forwarding-for-signed': {
    text: 'not verifying a request that claims to be internal in X-Forwarded-For',
    appliesTo: 'authenticated',
    foundBy: ['forged-from-inside'],
  },
  'trusts-client-ip-for-signed': {
    text: 'not verifying a request that claims to be internal in X-Client-IP, CF-Connecting-IP or the like',
    appliesTo: 'authenticated',
    foundBy: ['forged-from-inside'],
  },
  'takes-doubled-header': {
    text: 'not verifying if the signature header appears twice, so that its value is a list',
    appliesTo: 'signature-header',
    foundBy: ['two-headers-both-bad'],
  },
  'any-signature-part': {
    text: 'accepting a header in which any one of several digests matches',
    appliesTo: ['signature-parts', 'one-signature'],
    foundBy: ['two-digests'],
  },
  'first-signature-only': {
    text: 'checking only the first of several signatures: during a secret rotation every event is refused',
    appliesTo: 'rotation',
    foundBy: ['several-signatures'],
  },
  'last-signature-only': {
    text: 'checking only the last of several signatures: during a secret rotation every event is refused',
    appliesTo: 'rotation',
    foundBy: ['several-signatures'],
  },
  'refuses-unknown-scheme': {
    text: 'refusing a header that has a signature of an unknown scheme beside the correct one',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['unknown-scheme-first'],
  },
  'passes-unknown-scheme': {
    text: 'skipping signatures of unknown schemes, so that nothing is left that must match',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['unknown-scheme'],
  },
  'any-scheme': {
    text: 'ignoring the name of the scheme: whoever chooses it can choose a weaker one',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['scheme-downgrade'],
  },
  'secret-anywhere': {
    text: 'accepting the secret in several places, including the URL',
    appliesTo: 'static-secret',
    foundBy: ['secret-elsewhere'],
  },
  'drops-query': {
    text: 'leaving the query out of the URL that is signed',
    appliesTo: 'signed-query',
    foundBy: ['other-url', 'event-full-*'],
  },
  'query-of-another': {
    text: 'verifying the signature of the URL, but not that what the vendor adds to it matches the body',
    appliesTo: ['added-query', 'signed-body'],
    foundBy: ['body-changed'],
  },
  'added-query-optional': {
    text: 'accepting a signature for the URL without what the vendor adds to it too',
    appliesTo: 'added-query',
    foundBy: ['added-query-missing'],
  },
  'part-optional': {
    text: 'accepting a signature that leaves out one of the signed parts too',
    appliesTo: 'signed-parts',
    foundBy: ['signed-part-left-out'],
  },
  'query-optional': {
    text: 'accepting a signature for the URL without its query too',
    appliesTo: 'signed-query',
    foundBy: ['other-url'],
  },
  'slash-optional': {
    text: 'accepting a signature for the path with or without its trailing slash',
    appliesTo: 'signed-path',
    foundBy: ['other-url'],
  },
  'lower-case-url': {
    text: 'accepting a signature for the URL in lower case too',
    appliesTo: 'signed-query',
    foundBy: ['other-url'],
  },
  'decoded-url': {
    text: 'accepting a signature for the URL with its escapes decoded too',
    appliesTo: 'signed-query',
    foundBy: ['url-spelling'],
  },
  'judges-last-time': {
    text: 'verifying with the first of two times in a header, but checking the last one against the window',
    appliesTo: 'signature-parts',
    foundBy: ['two-times'],
  },
  'judges-first-time': {
    text: 'verifying with the last of two times in a header, but checking the first one against the window',
    appliesTo: 'signature-parts',
    foundBy: ['two-times'],
  },
  'case-sensitive-header': {
    text: 'expecting the signature header in one letter case',
    appliesTo: 'signature-header',
    foundBy: ['headers-lower-case'],
  },
  'lower-case-header-only': {
    text: 'expecting the signature header in lower case',
    appliesTo: 'signature-header',
    foundBy: ['headers-title-case'],
  },
  'no-window': {
    text: 'not checking the time of the signature: a captured request can be replayed forever',
    appliesTo: 'timed',
    foundBy: ['stale', 'replay'],
  },
  'one-sided-window': {
    text: 'refusing old times but none in the future',
    appliesTo: 'future-limit',
    foundBy: ['future'],
  },
  'seconds-for-milliseconds': {
    text: 'reading the time as seconds',
    appliesTo: ['time-in-milliseconds', 'future-limit'],
    foundBy: ['event-full-*'],
  },
  'milliseconds-for-seconds': {
    text: 'reading the time as milliseconds',
    appliesTo: 'time-in-seconds',
    foundBy: ['event-full-*'],
  },
  'guesses-time-unit': {
    text: 'guessing from its size whether the time is in seconds or milliseconds',
    appliesTo: ['numeric-time', 'future-limit'],
    foundBy: ['time-unit'],
  },
  'tight-window': {
    text: 'setting a tight window, which refuses genuine late requests',
    appliesTo: ['authenticated', 'dated-request'],
    foundBy: ['within-window', 'late-retry'],
  },
  'trusts-event-headers': {
    text: 'trusting headers that are not signed instead of the signed body',
    appliesTo: ['signed-body', 'event-header'],
    foundBy: ['event-header-swapped', 'replay-refreshed'],
  },
  'dedupes-by-id-only': {
    text:
      'recognising a repeated event only by its id, which is not signed: a captured request counts again ' +
      'with a new id',
    appliesTo: ['untimed-signature', 'id-header', 'unsigned-id'],
    foundBy: ['replay-new-id'],
  },
  'trusts-any-key-url': {
    text: "fetching the public key from wherever the request says, not only from the vendor's hosts: anyone can sign",
    appliesTo: 'key-address',
    foundBy: ['foreign-key-url'],
  },
  'leaky-comparison': {
    text: 'comparing signatures with === instead of in constant time',
    appliesTo: 'compared-text',
    outOfReach: 'a matter of nanoseconds: nothing over a network measures it reliably',
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
