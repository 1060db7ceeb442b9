import type { ReceiverMistake } from '../../model/receiver-mistake.ts';

/** Mistakes with the request as HTTP: its path, method, headers, size and connection, and with the answer. */
export const REQUEST_MISTAKES = {
  'not-found': {
    text: 'listening at another path',
    isBlunt: true,
    foundBy: ['event-full-*'],
  },
  'answers-201': {
    text: 'answering 201',
    appliesTo: 'listed-statuses',
    foundBy: ['event-full-*'],
  },
  redirects: {
    text: 'answering with a redirect, which no vendor follows',
    isBlunt: true,
    foundBy: ['event-full-*'],
  },
  'works-before-answering': {
    text: 'doing the work before answering: the vendor does not wait that long',
    isBlunt: true,
    foundBy: ['quick-answer'],
  },
  slow: {
    text: 'doing some of the work before answering',
    foundBy: ['quick-answer'],
  },
  'any-method': {
    text: 'accepting events by GET and PUT too',
    appliesTo: 'not-by-get',
    foundBy: ['method-get', 'method-put'],
  },
  'any-content-type': {
    text: 'ignoring the content type',
    appliesTo: 'structured-body',
    foundBy: ['content-type-text', 'content-type-form'],
  },
  'strict-content-type': {
    text: 'comparing the content type as a whole: application/json; charset=utf-8 is refused',
    appliesTo: 'has-body',
    foundBy: ['content-type-charset'],
  },
  'case-sensitive-content-type': {
    text: 'expecting header names in one letter case',
    appliesTo: 'has-body',
    foundBy: ['headers-lower-case'],
  },
  'lower-case-content-type': {
    text: 'expecting header names in lower case',
    appliesTo: 'has-body',
    foundBy: ['headers-title-case'],
  },
  'no-chunked': {
    text: 'requiring a Content-Length: chunked bodies are answered 411',
    appliesTo: 'has-body',
    foundBy: ['chunked'],
  },
  'no-expect': {
    text: 'refusing Expect: 100-continue with 417',
    appliesTo: 'has-body',
    foundBy: ['expect-continue'],
  },
  'one-request-per-connection': {
    text: 'not reading refused bodies to their end: the next request on the connection is misread',
    foundBy: ['keep-alive'],
  },
  'body-limit-100kb': {
    text: "keeping a framework's limit of 100 KB for bodies",
    appliesTo: 'structured-body',
    foundBy: ['large-1mib'],
  },
  'body-limit-1mb': {
    text: 'limiting bodies to 1 MiB',
    appliesTo: 'structured-body',
    foundBy: ['large-5mib'],
  },
  'rate-limited': {
    text: "setting a rate limit so low that a vendor's burst is answered 429",
    foundBy: ['burst'],
  },
  'crashes-on-large-header': {
    text: 'answering 500 to a large header',
    foundBy: ['large-header'],
  },
  'broken-by-bad-input': {
    text: 'not recovering from an internal error',
    appliesTo: 'raw-json',
    foundBy: ['invalid-utf8'],
  },
} as const satisfies Readonly<Record<string, ReceiverMistake>>;
