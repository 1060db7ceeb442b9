import { isLoopbackHost } from '../../model/http-url.ts';
import type { Vendor } from '../../model/vendor.ts';
import { plural } from '../../model/wording.ts';
import { readObject, readScalar } from '../../vendors/event-key.ts';
import { signatureHeaderOf, signatureOf, successText } from '../../vendors/facts.ts';
import { hashName, signsUrl, signsUrlPart } from '../../vendors/signing-facts.ts';
import { DECODE_SECRET } from '../cases/refuse-algorithm.ts';
import { textFor, type CaseText } from '../conformance-case.ts';
import type { CausePattern } from './cause-pattern.ts';
import {
  answerOf,
  goodExchanges,
  isGood,
  isTaken,
  quoteAnswer,
  SEVERAL,
  usualAnswer,
  type Divided,
  type Exchange,
  type JudgedCase,
  type SuiteEvidence,
} from './judged-case.ts';

interface UsualRefusal {
  status: number;
  refused: readonly Exchange[];
  good: readonly Exchange[];
}

/** Good requests that were answered as most of them, where none was taken; null: one was, or none was answered. */
function usualRefusal(good: readonly Exchange[]): UsualRefusal | null {
  const status = usualAnswer(good);
  if (status === null || good.some(isTaken)) return null;
  return { status, refused: good.filter((one) => answerOf(one) === status), good };
}

const isRefusedAs = (decisive: Exchange | null, status: number): boolean =>
  decisive !== null && isGood(decisive) && !isTaken(decisive) && answerOf(decisive) === status;

/** Nobody can tell a refusal from the answer that good events get. */
const isVoid = ({ one, exchanges }: JudgedCase, status: number): boolean =>
  one.group === 'refuse' && exchanges.some((exchange) => answerOf(exchange) === status);

/** Where a refusal of everything is of such a status. */
function refusalOfAll(evidence: SuiteEvidence, isMeant: (status: number) => boolean): UsualRefusal | null {
  const refusal = usualRefusal(goodExchanges(evidence));
  return refusal !== null && isMeant(refusal.status) ? refusal : null;
}

function detailOf({ status, refused, good }: UsualRefusal): string {
  const which = refused.length === good.length ? `all ${good.length}` : `${refused.length} of ${good.length}`;
  return `${which} good requests are answered ${status}${quoteAnswer(refused)}`;
}

const hintOf = ({ refused: [first] }: UsualRefusal, otherwise: string): string => first?.attempt.hint ?? otherwise;

const LOG = "the endpoint's log shows why";

/** A path, method or type that is refused has a status of its own. */
const OF_SIGNATURE: ReadonlySet<number> = new Set([400, 401, 403, 422]);

/** Where the URL is signed, it is wrong more often than the secret: proxies and frameworks change it. */
function urlAdvice(vendor: Vendor, status: number): string[] {
  if (!signsUrl(vendor) || !OF_SIGNATURE.has(status)) return [];
  const query = signsUrlPart(vendor, 'query') ? ', including its query' : '';
  return [`the URL is signed: does the receiver verify the exact URL that was called${query}?`];
}

/** An endpoint that fetches the certificate, and may not or cannot, can only refuse. */
function keyAdvice(vendor: Vendor, { status, refused: [first] }: UsualRefusal): string[] {
  const path = signatureOf(vendor)?.keyUrl?.json;
  if (path === undefined || first === undefined || !(OF_SIGNATURE.has(status) || status >= 500)) return [];
  const address = readScalar(readObject(first.request.body), path) ?? '';
  if (!URL.canParse(address) || isLoopbackHost(new URL(address).hostname)) return [];
  const serve = 'if the endpoint fetches it, serve one with --callbacks-at, and make it trust that origin';
  return [`no certificate lies at ${path}: ${serve}`];
}

export const REFUSES_EVERYTHING: CausePattern = {
  id: 'refuses-everything',
  find(evidence) {
    const refusal = refusalOfAll(evidence, (status) => status >= 400 && status < 500 && status !== 429);
    if (refusal === null) return null;
    const { status } = refusal;
    const { vendor } = evidence;
    return {
      title: `the endpoint refuses everything: good events are answered ${status}`,
      detail: detailOf(refusal),
      fix: [...urlAdvice(vendor, status), ...keyAdvice(vendor, refusal), hintOf(refusal, LOG)].join('; '),
      explains: ({ decisive }) => isRefusedAs(decisive, status),
      voids: (judged) => isVoid(judged, status),
    };
  },
};

export const FAILS_AT_EVERYTHING: CausePattern = {
  id: 'fails-at-everything',
  find(evidence) {
    const refusal = refusalOfAll(evidence, (status) => status >= 500);
    if (refusal === null) return null;
    const { status } = refusal;
    return {
      title: `the endpoint fails on every event: good ones are answered ${status}`,
      detail: detailOf(refusal),
      fix: [...keyAdvice(evidence.vendor, refusal), hintOf(refusal, LOG)].join('; '),
      explains: ({ decisive }) => decisive !== null && answerOf(decisive) === status,
    };
  },
};

/** A 2xx that the vendor does not count, or a redirect that it does not follow. */
export const NO_SUCCESS: CausePattern = {
  id: 'no-success',
  find(evidence) {
    const refusal = refusalOfAll(evidence, (status) => status >= 200 && status < 400);
    if (refusal === null) return null;
    const { status } = refusal;
    const { title, success } = evidence.vendor;
    const wanted = successText(success.value);
    return {
      title: `no answer counts as success: good events are answered ${status}, but ${title} expects ${wanted}`,
      detail: detailOf(refusal),
      fix: hintOf(refusal, `answer ${wanted}`),
      explains: ({ decisive }) => isRefusedAs(decisive, status),
    };
  },
};

/** The case, and what its name stands for. */
const SPELLINGS: Readonly<Record<string, string>> = {
  'headers-lower-case': 'lower case',
  'headers-title-case': 'Title-Case',
};

interface OtherSpelling {
  taken: Exchange;
  name: string;
}

function otherSpellings({ cases }: SuiteEvidence): OtherSpelling[] {
  return cases.flatMap(({ one, exchanges }) => {
    const [name, taken] = [SPELLINGS[one.id], exchanges.find((exchange) => isGood(exchange) && isTaken(exchange))];
    return name === undefined || taken === undefined ? [] : [{ taken, name }];
  });
}

/** A header as the vendor writes it and as it was found: the one that such an answer is most likely for. */
function spelledNames(vendor: Vendor, status: number, { taken }: OtherSpelling): [own: string, found: string] | null {
  const own = status === 415 ? 'Content-Type' : signatureHeaderOf(vendor);
  const found = taken.request.headers.find(([name]) => name.toLowerCase() === own?.toLowerCase())?.[0];
  return own === null || found === undefined || found === own ? null : [own, found];
}

/** All but those that write the names of headers otherwise. */
function asVendorSpells(evidence: SuiteEvidence): Exchange[] {
  return goodExchanges({ ...evidence, cases: evidence.cases.filter(({ one }) => SPELLINGS[one.id] === undefined) });
}

export const ONE_SPELLING: CausePattern = {
  id: 'one-spelling',
  find(evidence) {
    const { vendor } = evidence;
    const others = otherSpellings(evidence);
    const [other] = others;
    const refusal = usualRefusal(asVendorSpells(evidence));
    if (other === undefined || refusal === null) return null;
    const { status, refused } = refusal;
    const spelled = spelledNames(vendor, status, other);
    const [before, after] = spelled === null ? ['', `in ${other.name}`] : spelled.map((name) => `with ${name}`);
    const mistake = vendor.receiverMistakes?.find(({ id }) => id === 'case-sensitive-header')?.text;
    const isThis = spelled !== null && mistake?.includes(spelled[1]) === true;
    return {
      title: `header names are only found in ${others.map(({ name }) => name).join(' and in ')}`,
      detail:
        `${plural(refused.length, 'good request')} ${before} are answered ${status}, ` +
        `but one ${after} is answered ${answerOf(other.taken)}`,
      fix: `look up headers case-insensitively${isThis ? `; a common mistake: ${mistake}` : ''}`,
      explains: ({ decisive }) => isRefusedAs(decisive, status),
      voids: (judged) => isVoid(judged, status),
    };
  },
};

/**
 * Every other spelling has one refusal, where the same event is taken as the vendor spells it; null: it is not so.
 */
function refusedSpellings(evidence: SuiteEvidence): Divided | null {
  const spelled = evidence.cases
    .filter(({ one }) => SPELLINGS[one.id] !== undefined)
    .flatMap(({ exchanges }) => exchanges.filter(isGood));
  const [first] = spelled;
  const status = first === undefined ? null : answerOf(first);
  if (first === undefined || status === null) return null;
  const { event, body } = first.request;
  const taken = asVendorSpells(evidence).filter(
    (one) => isTaken(one) && one.request.event === event && one.request.body.length === body.length,
  );
  const isOfAll = spelled.every((one) => !isTaken(one) && answerOf(one) === status);
  return isOfAll && taken.length >= SEVERAL ? { refused: spelled, taken, status } : null;
}

export const AS_VENDOR_SPELLS_ALONE: CausePattern = {
  id: ONE_SPELLING.id,
  find(evidence) {
    const divided = refusedSpellings(evidence);
    if (divided === null) return null;
    const { refused, taken, status } = divided;
    const own = signatureHeaderOf(evidence.vendor);
    return {
      title: 'header names are only found as the vendor writes them',
      detail:
        `${refused.length} good requests with other spellings are answered ${status}, but ${taken.length} ` +
        `of the same event ${own === null ? 'as sent' : `with ${own}`} are accepted`,
      fix: 'look up headers case-insensitively: proxies and HTTP/2 use lower case',
      explains: ({ one, decisive }) =>
        SPELLINGS[one.id] !== undefined && decisive !== null && isGood(decisive) && !isTaken(decisive),
    };
  },
};

const rightHash: CaseText = (vendor) =>
  `compute ${signatureOf(vendor)?.algorithm.startsWith('hmac-') ? 'HMAC-' : ''}${hashName(vendor)}`;

/** What is signed right, but not as this vendor does: its case, what is wrong, and what to do. */
const FORMS: Readonly<Record<string, readonly [title: string, fix: CaseText]>> = {
  'secret-base64-decoded': [
    'the secret is base64-decoded before it is used as the key',
    'use the whole secret as text, including its prefix',
  ],
  'secret-without-prefix': ['the prefix is removed from the secret', 'use the whole secret, including its prefix'],
  'algorithm-sha1': ['the signature is compared with a SHA-1', rightHash],
  'algorithm-sha512': ['the signature is compared with a SHA-512', rightHash],
  'base64-digest': ['the signature is compared in base64', 'compare the digest in lower-case hex'],
  'hex-digest': ['the signature is compared in hex', 'compare the digest in base64'],
  'secret-as-text': ['the secret is used as text, without decoding it first', DECODE_SECRET],
  'signed-part-left-out': [
    'the signature is computed without one of the signed parts',
    'compute it over everything that the vendor signs, in the same order',
  ],
  'time-unit': ['the signed time is read in the wrong unit', "read the time in the vendor's unit"],
};

function takenForms({ cases, vendor }: SuiteEvidence): { judged: JudgedCase; title: string; fix: string }[] {
  return cases.flatMap((judged) => {
    const [title, fix] = FORMS[judged.one.id] ?? [];
    const isIn = judged.exchanges.some(isTaken);
    return isIn && title !== undefined && fix !== undefined ? [{ judged, title, fix: textFor(fix, vendor) }] : [];
  });
}

export const ANOTHER_FORM: CausePattern = {
  id: 'another-form',
  find(evidence) {
    const [form, ...others] = takenForms(evidence);
    const refusal = usualRefusal(goodExchanges(evidence));
    if (form === undefined || others.length > 0 || refusal === null) return null;
    const { judged: taken, title, fix } = form;
    return {
      title,
      detail: `${detailOf(refusal)}; requests signed that way are accepted (${taken.one.id})`,
      fix,
      explains: (judged) => isRefusedAs(judged.decisive, refusal.status) || taken === judged,
      voids: (judged) => isVoid(judged, refusal.status),
    };
  },
};
