/**
 * What is a secret, by its name and by its looks: one answer for the query of a URL and for the headers of a request.
 */

/** Stands where a secret stood. */
export const HIDDEN = '***';

/** Names that tell of a secret wherever these words stand in them: `access_token`, `clientSecret`, `X-Api-Key`. */
const SECRET = /token|secret|passw|passphrase|passcode|pwd|credential|auth(?!or(?!i))|jwt|session|api-?_?key/i;
/** Short words would be found in harmless names, too (`keyword`, `spinner`), so they stand alone: `key`, `app_key`. */
const SECRET_WORDS = new Set(['key', 'pass', 'pin', 'otp', 'sid']);
/**
 * What proves that somebody knows a secret. In the query of a link it opens the link for whoever holds it; in a header
 * it is good for this body alone, and `verify` and `replay --exact` need it.
 */
const PROOF = /signature|hmac/i;
const PROOF_WORDS = new Set(['sig', 'sign', 'hash', 'mac', 'digest', 'checksum', 'md5', 'crc32']);
/** Beside them in a query alone: what is passed on once, and what opens the link. */
const QUERY_WORDS = new Set(['code', 'sig', 'sign', 'hash', 'mac']);
/** Whatever it is called: nobody types this, so it was given out by a machine. */
const RANDOM = /^(?=.*\d)(?=.*[a-z])[\w.~+/=-]{16,}$/i;

/** What the user names (`--mask`), lower-case. */
const named = new Set<string>();

/**
 * From now on the header and the query parameter of this name are secrets, whatever they are called: in all that this
 * process shows and keeps, its errors too, which know nothing of flags. Letter case does not count.
 */
export function nameSecret(name: string): void {
  if (name === '') return;
  named.add(name.toLowerCase());
  known.clear();
}

/** All that were named: what another thread of this program must be told as well. */
export const namedSecrets = (): string[] => [...named];

/** Whether the query parameter is one whose value is a secret. */
export function isSecretParameter(name: string, value: string): boolean {
  if (named.size > 0 && named.has(name.toLowerCase())) return true;
  if (SECRET.test(name) || PROOF.test(name)) return true;
  return RANDOM.test(value) || wordsOf(name).some((word) => SECRET_WORDS.has(word) || QUERY_WORDS.has(word));
}

/**
 * How much the name of a header says of its value. `proof`: good for this body alone. `public`: no secret, unless one
 * gives itself away. `looks`: nothing, so its looks decide.
 */
type NameVerdict = 'secret' | 'proof' | 'public' | 'looks';

/** Credentials whose names do not say so: Flutterwave's shared secret, what CloudFront shows to its origin, WSSE. */
const CREDENTIALS = new Set(['cookie', 'set-cookie', 'verif-hash', 'x-origin-verify', 'x-wsse']);
/** Signatures whose names do not say so: Trello's, Plaid's. */
const SIGNATURES = new Set(['x-trello-webhook', 'plaid-verification']);
/** The proof is what the name ends with, but for a version, an algorithm or a form: `X-Auth-Signature-V2`, `-JWT`. */
const ENDS_AS_PROOF =
  /(?:signature|hmac|digest|sig|sign|mac|checksum)(?:[-_](?:v?\d+|sha-?\d+|md5|ed25519|hex|base64|jwt|jws))?$/;
/** Says something about a secret, or only sounds like one: challenges, verdicts, keys of queues and caches. */
const NO_SECRET = new RegExp(
  [
    '^(?:www|proxy)-authenticate$|authentication-(?:results|info)$|ratelimit|rate-limit|^:?authority$|author$',
    '(?:idempotency|event|routing|partition|ordering|surrogate|cache|message|sort|dedup\\w*)-?keys?$',
    '(?:public|websocket|pusher|ably)-?keys?$',
    '(?:key|token|secret|credential)-?id$',
    '-(?:algo|algorithm|version|type|scheme|method|expiry|expires|timestamp|time|date|status|mode)$',
  ].join('|'),
  'i',
);
/** A header of these words holds an id, a date, an address, a description: random perhaps, and no secret. */
const PUBLIC_WORDS = new Set(
  (
    'id ids uid uuid guid event topic delivery message request trace traceparent tracestate span correlation baggage ' +
    'transaction nonce etag match ref date time timestamp modified age since version attempt retry ray range host ' +
    'agent type length encoding language origin referer uri url path ip forwarded proto port via accept cache ' +
    'content cert certificate fingerprint thumbprint serial server location link connection policy vary pop ' +
    'sha1 sha256 sha512 b3 commit release build device'
  ).split(' '),
);
/** Secrets that give themselves away: a JSON Web Token, the marks of well-known issuers. */
const TELLTALE = new RegExp(
  [
    String.raw`^eyJ[\w-]{8,}\.[\w-]+\.[\w-]*`,
    String.raw`^(?:whsec_|whsk_|sk_|rk_|sk-|gh[opsur]_|github_pat_|glpat-)\S{8,}`,
    String.raw`^(?:xox[abeprs]-|shp(?:at|ca|pa|ss)_|npm_|AIza|SG\.)\S{8,}`,
    String.raw`^key-[\da-f]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY`,
  ].join('|'),
);
/** A scheme of RFC 9110, in any letter case, and a token that no word is; a challenge (`Basic realm="…"`) has none. */
const WITH_SCHEME = /^(?:Basic|Bearer|Digest|Negotiate|Token|ApiKey) +(?!\S*=")(?=\S*\d|\S{8})\S{6,}/i;
/** Letters and digits mixed, 16 or more without a break; a UUID, a host, a version and a time are none. */
const RANDOM_RUN = /^[\w.~+/=-]+$/;
const RUN = /(?<![a-z\d])(?!\d{8}T\d{6}Z?(?![a-z\d]))(?=\d*[a-z])(?=[a-z]*\d)[a-z\d]{16,}/i;
/** No value of this many characters or fewer looks like a secret. */
const SHORT = 13;

/** Names as they came: history asks this of every header, and the same few come again and again. */
const known = new Map<string, NameVerdict>();
/** Whoever makes up names must not fill memory with them. */
const MAX_KNOWN = 1000;

/** Whether the header is one whose value is a secret: by its name, or where that says nothing, by the value's looks. */
export function isSecretHeader(name: string, value: string): boolean {
  let verdict = known.get(name);
  if (verdict === undefined) {
    verdict = judgeName(name);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, verdict);
  }
  switch (verdict) {
    case 'secret':
      return true;
    case 'proof':
      return false;
    case 'public':
      return givesItselfAway(value);
    case 'looks':
      return looksSecret(value);
  }
}

/** Whether a text gives itself away as a secret, whatever it is called. */
export function looksSecret(value: string): boolean {
  return givesItselfAway(value) || (value.length > SHORT && RANDOM_RUN.test(value) && RUN.test(value));
}

function givesItselfAway(value: string): boolean {
  return value.length > SHORT && (TELLTALE.test(value) || WITH_SCHEME.test(value));
}

function judgeName(name: string): NameVerdict {
  const lower = name.toLowerCase();
  if (named.has(lower) || CREDENTIALS.has(lower)) return 'secret';
  const words = wordsOf(name);
  const isSecret = SECRET.test(lower) || words.some((word) => SECRET_WORDS.has(word));
  if (SIGNATURES.has(lower)) return 'proof';
  if (PROOF.test(lower) || words.some((word) => PROOF_WORDS.has(word)))
    return isSecret && !ENDS_AS_PROOF.test(lower) ? 'secret' : 'proof';
  if (NO_SECRET.test(lower)) return 'public';
  if (isSecret) return 'secret';
  return words.some((word) => PUBLIC_WORDS.has(word)) ? 'public' : 'looks';
}

/** The words of a name in small letters: `accessToken`, `access_token` and `Access-Token` are the same two. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
}
