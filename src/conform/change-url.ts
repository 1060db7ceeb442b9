import { changeUrl, decodeEscapes, toggleSlash, withoutQuery, withPath } from '../model/changed-url.ts';

/** A signature for another URL than the one that is called. */
export interface UrlMismatch {
  label: string;
  /** The URL that is called, letter by letter; left out: the endpoint's own. */
  called?: (url: string) => string;
  /** The one that is signed, made from the one that is called. */
  signed: (url: string) => string;
}

/** What receivers take for the same URL, one by one. Where the vendor does not sign that part, they come to nothing. */
export const URL_MISMATCHES: readonly UrlMismatch[] = [
  { label: 'signed for a path with an extra segment', signed: withPath((path) => `${path}/hookproof`) },
  { label: 'signed for the path with its trailing slash added or removed', signed: toggleSlash },
  {
    label: 'signed for the path with its last segment in a different letter case',
    signed: withPath((path) => path.replace(/[^/]+\/?$/, swapCase)),
  },
  { label: 'signed for the URL in lower case', signed: (url) => url.toLowerCase() },
  { label: 'signed for another host', signed: changeUrl((url) => (url.host = 'elsewhere.example')) },
  {
    label: 'signed for another value in the query',
    signed: changeUrl((url) => (url.search = url.search.replace(/=[^&]*/, '$&1'))),
  },
  { label: 'signed for the URL without its query', signed: withoutQuery },
  { label: 'signed for a longer query', signed: (url) => addToQuery(url, '1') },
  // Nearly every endpoint takes what it does not know in its query, so these reach it.
  {
    label: 'called with a query that was not signed',
    called: (url) => addToQuery(url, '1'),
    signed: (url) => url.replace(/([?&])hookproof=[^&]*&?/, '$1').replace(/[?&]$/, ''),
  },
  {
    label: 'called with capitals in the query, signed in lower case',
    called: (url) => addToQuery(url, 'Ab'),
    signed: (url) => url.toLowerCase(),
  },
];

/**
 * Other spellings of the same URL (RFC 3986, section 6.2.2.2): who takes them lets nobody in that was shut out.
 * Twilio's own SDKs try several.
 */
export const URL_SPELLINGS: readonly UrlMismatch[] = [
  {
    label: 'signed for the path with one character escaped',
    signed: withPath((path) => path.replace(/(?<=\/)[a-z]/i, (letter) => `%${letter.charCodeAt(0).toString(16)}`)),
  },
  { label: 'signed for the URL with its escapes decoded', signed: decodeEscapes },
  {
    label: 'called with an escape in the query, signed with it decoded',
    called: (url) => addToQuery(url, 'a%62'),
    signed: decodeEscapes,
  },
];

const addToQuery = (url: string, value: string): string => `${url}${url.includes('?') ? '&' : '?'}hookproof=${value}`;

const swapCase = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
