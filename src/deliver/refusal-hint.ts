import { namesSignature, wordsOf } from '../model/answer-words.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { isSigned, isTimed, mediaTypesOf, timeUnitOf } from '../vendors/facts.ts';

/** Who is refused. */
export interface RefusedSender {
  vendor: Vendor;
  /** A client certificate was at hand. */
  hasClientCertificate: boolean;
}

interface RefusedAnswer {
  status: number;
  headers: readonly Header[];
  /** What was kept of it. */
  body: Uint8Array;
}

/** What to look at next. Null for the sender: it is not known who sends. */
type Hint = (sender: RefusedSender | null, answer: RefusedAnswer) => string;

interface Rule {
  /** Left out: any 4xx that no rule above it is for. */
  statuses?: readonly number[];
  says?: (words: string) => boolean;
  asks?: RegExp;
  hint: Hint | string;
  /** It may be for want of a credential. */
  isOfCredentials?: true;
}

const OLD =
  /\b(stale|outdated|too old|too early|too late|(in|from) the (future|past)|skew|clock|tolerance|replay window)\b/i;
const EXPIRED = /\bexpired?\b/i;
/** What can expire, too, and is no event. */
const OTHER_THAN_TIME = new RegExp(
  '\\b(certificate|cert|token|session|licen[cs]e|subscription|password|credentials?|api.?key|account|trial|domain|' +
    'cookie)\\b',
  'i',
);
const TIME = /\btime ?stamp\b/i;
const FORMS = /\bcsrf|\bxsrf|forgery protection|\bpage expired\b/i;
const CERTIFICATE = /\b(client|ssl|tls) certificate\b/i;
const KNOWN =
  /\balready (been )?(processed|received|handled|seen|known)\b|\bduplicate (event|id|delivery|webhook|request)\b/i;
const ADDRESS = /\b(ip|address)\b.{0,60}\b(allow|permit|block|whitelist|forbid|denied|ban)|\b(allow|white) ?list/i;

const isOfBoth = (words: string): boolean => TIME.test(words) && namesSignature(words) && !OLD.test(words);
const isOld = (words: string): boolean =>
  OLD.test(words) || (EXPIRED.test(words) && !OTHER_THAN_TIME.test(words)) || (TIME.test(words) && !isOfBoth(words));

const KNOWN_HINT = 'the endpoint has already seen the event: vendors repeat events, and expect success again';

/** The first that fits: a status that is plain by itself, then what the answer says, then the status alone. */
const RULES: readonly Rule[] = [
  { statuses: [404, 410], hint: 'is the path in the URL right?' },
  { statuses: [405], hint: (_, { headers }) => `the endpoint must accept POST at this path${allowed(headers)}` },
  { statuses: [407], hint: 'a proxy in between asks for credentials: this is not the endpoint yet' },
  { statuses: [411], hint: 'the endpoint requires a Content-Length' },
  { statuses: [413], hint: 'raise the limit for the size of request bodies at the endpoint' },
  { statuses: [415], hint: (sender) => `the endpoint must accept Content-Type: ${mediaTypesText(sender)}` },
  { statuses: [421], hint: 'the name in the Host header differs from the one in the TLS handshake' },
  { statuses: [426, 505], hint: 'webhooks are sent over HTTP/1.1: the endpoint must accept it' },
  // A limit looks at no signature: whoever names it did.
  { statuses: [429], says: namesSignature, hint: hintOfSignature },
  { statuses: [429], hint: 'the endpoint limits the request rate, but vendors deliver in bursts' },
  { statuses: [502, 504], hint: 'a gateway answers, but nothing behind it: is the application running?' },
  { statuses: [503], hint: 'the endpoint, or a gateway in front of it, is not ready or is overloaded' },
  {
    says: (words) => FORMS.test(words),
    hint: "the framework's CSRF protection refuses it: exempt this path",
  },
  {
    says: (words) => CERTIFICATE.test(words),
    hint: (sender) =>
      sender?.hasClientCertificate
        ? 'webhook verify-cert shows what the endpoint expects'
        : 'add --cert FILE --key FILE',
  },
  { statuses: [409], hint: KNOWN_HINT },
  { says: (words) => KNOWN.test(words), hint: KNOWN_HINT },
  { says: isOld, hint: hintOfAge },
  { says: isOfBoth, hint: hintOfBoth },
  { says: namesSignature, hint: hintOfSignature },
  {
    says: (words) => ADDRESS.test(words),
    hint: 'the answer is about the address this machine calls from: webhook check-source shows whom it lets in',
  },
  {
    statuses: [401],
    asks: /^\s*basic\b/i,
    hint: 'the endpoint asks for a user name and a password (Basic): are they in the URL, and right?',
    isOfCredentials: true,
  },
  { statuses: [401], asks: /^\s*(bearer|digest|negotiate|ntlm)\b/i, hint: hintOfScheme, isOfCredentials: true },
  { statuses: [401, 403], hint: hintOfIdentity, isOfCredentials: true },
];

/** What to try next after a refusal, as far as the vendor, the status and the words of the answer allow to say it. */
export function refusalHint(answer: RefusedAnswer, sender: RefusedSender | null): string | null {
  const rule = ruleFor(answer);
  if (rule === undefined) return answer.status >= 500 ? 'the endpoint failed internally: its log shows why' : null;
  return typeof rule.hint === 'string' ? rule.hint : rule.hint(sender, answer);
}

/** Nothing in the answer speaks against a credential that is missing. */
export const asksForCredential = (answer: RefusedAnswer): boolean => ruleFor(answer)?.isOfCredentials === true;

function ruleFor(answer: RefusedAnswer): Rule | undefined {
  const words = wordsOf(answer.body);
  const asked = valueOf(answer.headers, 'www-authenticate') ?? '';
  const isRefusal = answer.status >= 400 && answer.status <= 499;
  return RULES.find(
    ({ statuses, says, asks }) =>
      (statuses?.includes(answer.status) ?? isRefusal) && (says?.(words) ?? true) && (asks?.test(asked) ?? true),
  );
}

/** A signature that is too old is not a wrong one. */
function hintOfAge(sender: RefusedSender | null): string {
  if (sender === null) return 'the answer is about the time: compare the clocks of both machines';
  const { vendor } = sender;
  if (isTimed(vendor)) {
    const unit = timeUnitOf(vendor) === 's' ? 'seconds' : 'milliseconds';
    return `the answer is about the time: compare the clocks of both machines, and read the signed time in ${unit}`;
  }
  return (
    `the answer is about the time: ${vendor.title} signs none, so it must be the event's own: compare the clocks, ` +
    "and accept events as old as the vendor's last retry"
  );
}

function hintOfBoth(sender: RefusedSender | null): string {
  return sender === null || isSigned(sender.vendor)
    ? 'the answer is about the signature and a time: are the secret and the clock the same on both sides?'
    : hintOfSignature(sender);
}

function hintOfSignature(sender: RefusedSender | null): string {
  return sender === null || isSigned(sender.vendor)
    ? 'is the secret the same on both sides, and is the raw body verified? webhook verify explains a captured request'
    : `${sender.vendor.title} signs nothing, but the endpoint asks for a signature: is it meant for another vendor?`;
}

function hintOfScheme(sender: RefusedSender | null, { headers }: RefusedAnswer): string {
  const scheme = /[a-z]+/i.exec(valueOf(headers, 'www-authenticate') ?? '')?.[0] ?? '';
  const who = sender === null ? 'webhooks do' : `${sender.vendor.title} does`;
  return `the endpoint asks for credentials of type ${scheme}, which ${who} not send by itself: is the path right?`;
}

/** Of the credentials that there are: who signs nothing has no secret. */
function hintOfIdentity(sender: RefusedSender | null, { status }: RefusedAnswer): string {
  const refused = 'the endpoint rejected the credentials';
  if (sender === null) return refused;
  const { vendor, hasClientCertificate } = sender;
  const certificate = hasClientCertificate
    ? ['the client certificate']
    : vendor.trust.clientCertificate === undefined
      ? []
      : ['a client certificate (--cert FILE --key FILE)'];
  if (isSigned(vendor)) {
    if (status === 401) return `${refused}: is the secret the same on both sides?`;
    return `${refused}: check ${['the secret', ...certificate, 'its IP allowlist'].join(', ')}`;
  }
  const others = [...certificate, 'credentials in the URL', 'its IP allowlist'];
  return `${refused}, and ${vendor.title} signs nothing: check ${others.join(', ')}`;
}

function allowed(headers: readonly Header[]): string {
  const methods = valueOf(headers, 'allow')?.match(/^[A-Z, ]{1,60}$/)?.[0];
  return methods === undefined ? '' : `; it allows ${methods}`;
}

const mediaTypesText = (sender: RefusedSender | null): string =>
  sender === null ? 'application/json' : mediaTypesOf(sender.vendor).join(' or ');

const valueOf = (headers: readonly Header[], name: string): string | undefined =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1];
