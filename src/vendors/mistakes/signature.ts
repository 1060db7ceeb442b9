import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes in verifying a signature, and in trusting what is not signed. */
export const SIGNATURE_MISTAKES = {
  'no-verification': {
    text: 'not verifying the signature at all',
    appliesTo: 'authenticated',
    foundBy: ['no-signature', 'wrong-secret', 'other-body'],
  },
  'presence-only': {
    text: 'looking only whether there is a signature, not whether it fits',
    appliesTo: 'authenticated',
    foundBy: ['wrong-secret', 'body-changed', 'signature-changed', 'other-body'],
  },
  'skips-without-signature': {
    text: 'verifying only when there is a signature: whoever sends none, or an empty one, passes',
    appliesTo: 'authenticated',
    foundBy: ['no-signature', 'empty-signature'],
  },
  'processes-refused': {
    text: 'answering 401 to a bad signature and processing the event all the same',
    appliesTo: ['authenticated', 'countable'],
    foundBy: ['wrong-secret', 'no-signature'],
  },
  'answers-before-verifying': {
    text: 'answering 200 before verifying',
    appliesTo: 'authenticated',
    foundBy: ['wrong-secret', 'no-signature'],
  },
  'server-error-on-bad-signature': {
    text: 'answering 500 to a bad signature: the vendor takes that for an outage and retries',
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
    text: 'reading the body as Latin-1 text before the HMAC: it fails with the first letter beyond ASCII',
    appliesTo: ['signed-body', 'raw-json', 'unescaped-letters', 'prose'],
    foundBy: ['unicode'],
  },
  'base64-decoded-secret': {
    text: 'base64-decoding the secret',
    appliesTo: 'text-key',
    foundBy: ['secret-base64-decoded', 'event-full-*'],
  },
  'prefix-cut-off': {
    text: 'cutting the prefix off the secret: it belongs to the key',
    appliesTo: 'secret-prefix',
    foundBy: ['secret-without-prefix', 'event-full-*'],
  },
  'undecoded-secret': {
    text: 'taking the secret for the key as it is shown: it has to be decoded',
    appliesTo: 'decoded-key',
    foundBy: ['secret-as-text', 'event-full-*'],
  },
  'any-algorithm': {
    text: 'letting the length of the digest choose the algorithm',
    appliesTo: 'digest',
    foundBy: ['algorithm-sha1', 'algorithm-sha512'],
  },
  'base64-digest': {
    text: 'accepting the digest in other encodings, too',
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
    text: 'looking only whether the digest ends as what was sent',
    appliesTo: 'compared-text',
    foundBy: ['signature-truncated'],
  },
  'ignores-letter-case': {
    text: 'comparing the secret without regard to letter case',
    appliesTo: 'cased-secret',
    foundBy: ['secret-letter-case'],
  },
  'first-of-two-headers': {
    text: 'taking the first of two signature headers',
    appliesTo: ['signature-header', 'one-signature'],
    foundBy: ['two-headers-good-first'],
  },
  'last-of-two-headers': {
    text: 'taking the last of two signature headers',
    appliesTo: ['signature-header', 'one-signature'],
    foundBy: ['two-headers-bad-first'],
  },
  'verifies-first-event-only': {
    text: 'verifying in the handler of one event, and not in those of the others',
    appliesTo: ['authenticated', 'several-events', 'event-names'],
    foundBy: ['no-signature', 'wrong-secret'],
  },
  'skips-verification-when-chunked': {
    text: 'not verifying a body that comes without Content-Length',
    appliesTo: ['authenticated', 'has-body'],
    foundBy: ['forged-chunked'],
  },
  'skips-verification-of-put': {
    text: 'verifying POST alone, and taking PUT, too',
    appliesTo: ['authenticated', 'not-by-put'],
    foundBy: ['forged-put'],
  },
  'trusts-forwarding-for-signed': {
    text: 'not verifying what says in X-Forwarded-For that it comes from inside',
    appliesTo: 'authenticated',
    foundBy: ['forged-from-inside'],
  },
  'trusts-client-ip-for-signed': {
    text: 'not verifying what says in X-Client-IP, CF-Connecting-IP or their kind that it comes from inside',
    appliesTo: 'authenticated',
    foundBy: ['forged-from-inside'],
  },
  'takes-doubled-header': {
    text: 'not verifying where the signature header appears twice, so that its value is a list',
    appliesTo: 'signature-header',
    foundBy: ['two-headers-both-bad'],
  },
  'any-signature-part': {
    text: 'accepting a header in which any one of several digests fits',
    appliesTo: ['signature-parts', 'one-signature'],
    foundBy: ['two-digests'],
  },
  'first-signature-only': {
    text: 'looking at the first of several signatures alone: while a secret is being replaced every event is refused',
    appliesTo: 'rotation',
    foundBy: ['several-signatures'],
  },
  'last-signature-only': {
    text: 'looking at the last of several signatures alone: while a secret is being replaced every event is refused',
    appliesTo: 'rotation',
    foundBy: ['several-signatures'],
  },
  'refuses-unknown-scheme': {
    text: 'refusing a header in which a signature of an unknown scheme stands beside the right one',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['unknown-scheme-first'],
  },
  'passes-unknown-scheme': {
    text: 'passing over what is of no known scheme, so that nothing is left that has to fit',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['unknown-scheme'],
  },
  'any-scheme': {
    text: 'not looking at the name of the scheme: who may choose it can choose a weaker one',
    appliesTo: ['rotation', 'named-scheme'],
    foundBy: ['scheme-downgrade'],
  },
  'secret-anywhere': {
    text: 'looking for the secret in several places, a URL among them',
    appliesTo: 'static-secret',
    foundBy: ['secret-elsewhere'],
  },
  'drops-query': {
    text: 'leaving the query out of the URL that is signed',
    appliesTo: 'signed-query',
    foundBy: ['other-url', 'event-full-*'],
  },
  'query-of-another': {
    text: 'verifying the signature of the URL, and not whether what the vendor adds to it is of this body',
    appliesTo: ['added-query', 'signed-body'],
    foundBy: ['body-changed'],
  },
  'added-query-optional': {
    text: 'accepting a signature for the URL without what the vendor adds to it, too',
    appliesTo: 'added-query',
    foundBy: ['added-query-missing'],
  },
  'part-optional': {
    text: 'accepting a signature that leaves out one of the signed parts, too',
    appliesTo: 'signed-parts',
    foundBy: ['signed-part-left-out'],
  },
  'query-optional': {
    text: 'accepting a signature for the URL without its query, too',
    appliesTo: 'signed-query',
    foundBy: ['other-url'],
  },
  'slash-optional': {
    text: 'accepting a signature for the path with or without its trailing slash',
    appliesTo: 'signed-path',
    foundBy: ['other-url'],
  },
  'lower-case-url': {
    text: 'accepting a signature for the URL in lower case, too',
    appliesTo: 'signed-query',
    foundBy: ['other-url'],
  },
  'decoded-url': {
    text: 'accepting a signature for the URL with its escapes decoded, too',
    appliesTo: 'signed-query',
    foundBy: ['url-spelling'],
  },
  'judges-last-time': {
    text: 'signing with the first of two times in a header, and holding the last one against the window',
    appliesTo: 'signature-parts',
    foundBy: ['two-times'],
  },
  'judges-first-time': {
    text: 'signing with the last of two times in a header, and holding the first one against the window',
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
    text: 'not looking at the time of the signature: a captured request can be sent for ever',
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
    text: 'guessing by its size whether the time is in seconds or milliseconds',
    appliesTo: ['numeric-time', 'future-limit'],
    foundBy: ['time-unit'],
  },
  'tight-window': {
    text: 'setting a tight window, which refuses honest late requests',
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
      'knowing a repeated event by its id alone, which is not signed: ' +
      'a captured request counts again under a new id',
    appliesTo: ['untimed-signature', 'id-header', 'unsigned-id'],
    foundBy: ['replay-new-id'],
  },
  'trusts-any-key-url': {
    text: "fetching the public key from wherever the request says, not from the vendor's hosts alone: anybody can sign",
    appliesTo: 'key-address',
    foundBy: ['foreign-key-url'],
  },
  'leaky-comparison': {
    text: 'comparing signatures with === instead of in constant time',
    appliesTo: 'compared-text',
    outOfReach: 'a matter of nanoseconds: nothing over a network measures it reliably',
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
