import { plural } from '../../model/wording.ts';
import { signatureOf, successText } from '../../vendors/facts.ts';
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

/** Good requests that were answered as most of them, where none was taken; null: one was, or none was answered. */
function usualRefusal(good: readonly Exchange[]): { status: number; refused: Exchange[] } | null {
  const status = usualAnswer(good);
  if (status === null || good.some(isTaken)) return null;
  return { status, refused: good.filter((one) => answerOf(one) === status) };
}

const isRefusedAs = (decisive: Exchange | null, status: number | undefined): boolean =>
  decisive !== null && isGood(decisive) && !isTaken(decisive) && answerOf(decisive) === status;

/** Nobody can tell a refusal from the answer that good events get. */
const isVoid = ({ one, exchanges }: JudgedCase, status: number | undefined): boolean =>
  one.group === 'refuse' && exchanges.some((exchange) => answerOf(exchange) === status);

const statusOfAll = (evidence: SuiteEvidence): number => usualRefusal(goodExchanges(evidence))?.status ?? 0;

function detailOfAll(evidence: SuiteEvidence): string {
  const good = goodExchanges(evidence);
  const { status, refused = [] } = usualRefusal(good) ?? {};
  const which = refused.length === good.length ? `all ${good.length}` : `${refused.length} of ${good.length}`;
  return `${which} good requests are answered ${status}${quoteAnswer(refused)}`;
}

const hintOfAll = (evidence: SuiteEvidence): string | null =>
  usualRefusal(goodExchanges(evidence))?.refused[0]?.attempt.hint ?? null;

export const REFUSES_EVERYTHING: CausePattern = {
  id: 'refuses-everything',
  holds: (evidence) => statusOfAll(evidence) >= 400 && statusOfAll(evidence) < 500 && statusOfAll(evidence) !== 429,
  title: (evidence) => `the endpoint refuses everything: good events are answered ${statusOfAll(evidence)}`,
  detail: detailOfAll,
  fix: (evidence) => hintOfAll(evidence) ?? "the endpoint's log shows why",
  explains: ({ decisive }, evidence) => isRefusedAs(decisive, statusOfAll(evidence)),
  voids: (judged, evidence) => isVoid(judged, statusOfAll(evidence)),
};

export const FAILS_AT_EVERYTHING: CausePattern = {
  id: 'fails-at-everything',
  holds: (evidence) => statusOfAll(evidence) >= 500,
  title: (evidence) => `the endpoint fails at every event: good ones are answered ${statusOfAll(evidence)}`,
  detail: detailOfAll,
  fix: (evidence) => hintOfAll(evidence) ?? "the endpoint's log shows why",
  explains: ({ decisive }, evidence) => decisive !== null && answerOf(decisive) === statusOfAll(evidence),
};

/** A 2xx that the vendor does not count, or a redirect that it does not follow. */
export const NO_SUCCESS: CausePattern = {
  id: 'no-success',
  holds: (evidence) => statusOfAll(evidence) >= 200 && statusOfAll(evidence) < 400,
  title: (evidence) =>
    `no answer counts as success: good events are answered ${statusOfAll(evidence)}, ` +
    `and ${evidence.vendor.title} wants ${successText(evidence.vendor.success.value)}`,
  detail: detailOfAll,
  fix: (evidence) => hintOfAll(evidence) ?? `answer ${successText(evidence.vendor.success.value)}`,
  explains: ({ decisive }, evidence) => isRefusedAs(decisive, statusOfAll(evidence)),
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
function spelledNames(evidence: SuiteEvidence): readonly [own: string, found: string] | null {
  const { status } = usualRefusal(asVendorSpells(evidence)) ?? {};
  const own = status === 415 ? 'Content-Type' : signatureOf(evidence.vendor)?.header;
  const headers = otherSpellings(evidence)[0]?.taken.request.headers ?? [];
  const found = headers.find(([name]) => name.toLowerCase() === own?.toLowerCase())?.[0];
  return own === undefined || found === undefined || found === own ? null : [own, found];
}

/** All but those that write the names of headers otherwise. */
function asVendorSpells(evidence: SuiteEvidence): Exchange[] {
  return goodExchanges({ ...evidence, cases: evidence.cases.filter(({ one }) => SPELLINGS[one.id] === undefined) });
}

export const ONE_SPELLING: CausePattern = {
  id: 'one-spelling',
  holds: (evidence) => otherSpellings(evidence).length > 0 && usualRefusal(asVendorSpells(evidence)) !== null,
  title: (evidence) =>
    `header names are found in ${otherSpellings(evidence)
      .map(({ name }) => name)
      .join(' and in ')} alone`,
  detail(evidence) {
    const { status, refused = [] } = usualRefusal(asVendorSpells(evidence)) ?? {};
    const [other] = otherSpellings(evidence);
    const spelled = spelledNames(evidence);
    const [before, after] = spelled === null ? ['', `in ${other?.name}`] : spelled.map((name) => `with ${name}`);
    return (
      `${plural(refused.length, 'good request')} ${before} are answered ${status}, ` +
      `and one ${after} is answered ${other === undefined ? '' : answerOf(other.taken)}`
    );
  },
  fix(evidence) {
    const { vendor } = evidence;
    const text = vendor.receiverMistakes?.find(({ id }) => id === 'case-sensitive-header')?.text;
    const isThis = text?.includes(spelledNames(evidence)?.[1] ?? ' ') === true;
    return `look headers up without regard to case${isThis ? `; receivers of ${vendor.title} fail by ${text}` : ''}`;
  },
  explains: ({ decisive }, evidence) => isRefusedAs(decisive, usualRefusal(asVendorSpells(evidence))?.status),
  voids: (judged, evidence) => isVoid(judged, usualRefusal(asVendorSpells(evidence))?.status),
};

/** Every other spelling has one refusal, where the same event is taken as the vendor spells it; null: it is not so. */
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
  holds: (evidence) => refusedSpellings(evidence) !== null,
  title: () => 'header names are found as the vendor writes them alone',
  detail(evidence) {
    const { refused = [], taken = [], status } = refusedSpellings(evidence) ?? {};
    const own = signatureOf(evidence.vendor)?.header;
    return (
      `${refused.length} good requests with other spellings are answered ${status}, ` +
      `and ${taken.length} of the same event ${own === undefined ? 'as it is sent' : `with ${own}`} are taken`
    );
  },
  fix: () => 'look headers up without regard to case: proxies and HTTP/2 write them in lower case',
  explains: ({ one, decisive }) =>
    SPELLINGS[one.id] !== undefined && decisive !== null && isGood(decisive) && !isTaken(decisive),
};

/** What is signed right, but not as this vendor does: its case, what is wrong, and what to do. */
const FORMS: Readonly<Record<string, readonly [title: string, fix: string]>> = {
  'secret-base64-decoded': [
    'the secret is base64-decoded before it is the key',
    'use the whole secret as text, prefix and all',
  ],
  'secret-without-prefix': ['the prefix is cut off the secret', 'use the whole secret, its prefix included'],
  'algorithm-sha1': ['the signature is compared with a SHA-1', 'compute HMAC-SHA-256'],
  'algorithm-sha512': ['the signature is compared with a SHA-512', 'compute HMAC-SHA-256'],
  'base64-digest': ['the signature is compared in base64', 'compare the digest in lower-case hex'],
  'time-unit': ['the signed time is read in another unit', "read the time in the vendor's unit"],
};

function takenForms({ cases }: SuiteEvidence): { judged: JudgedCase; title: string; fix: string }[] {
  return cases.flatMap((judged) => {
    const [title, fix] = FORMS[judged.one.id] ?? [];
    const isIn = judged.exchanges.length > 0 && judged.exchanges.every(isTaken);
    return isIn && title !== undefined && fix !== undefined ? [{ judged, title, fix }] : [];
  });
}

export const ANOTHER_FORM: CausePattern = {
  id: 'another-form',
  holds: (evidence) => takenForms(evidence).length === 1 && statusOfAll(evidence) !== 0,
  title: (evidence) => takenForms(evidence)[0]?.title ?? '',
  detail: (evidence) =>
    `${detailOfAll(evidence)}; what is signed that way is taken (${takenForms(evidence)[0]?.judged.one.id})`,
  fix: (evidence) => takenForms(evidence)[0]?.fix ?? '',
  explains: (judged, evidence) =>
    isRefusedAs(judged.decisive, statusOfAll(evidence)) || takenForms(evidence)[0]?.judged === judged,
  voids: (judged, evidence) => isVoid(judged, statusOfAll(evidence)),
};
