import { AppError } from '../model/error.ts';
import { announcedLength } from '../model/header.ts';
import { displayUrl } from '../model/http-url.ts';
import { describePlace, jwtOf } from '../model/signature.ts';
import { readsUrl } from '../vendors/facts.ts';
import { diagnoseAddedQuery } from './diagnose-added-query.ts';
import { diagnoseJwt, diagnoseToken } from './diagnose-token.ts';
import { diagnosis, lookAlike, type DiagnosedRequest, type SignatureDiagnosis, type Subject } from './diagnosis.ts';
import { isWritable, MAX_COPIED_BYTES, MAX_WRITTEN_VALUES } from './explain/body-variants.ts';
import { describeMessage } from './explain/describe-message.ts';
import type { Deviation } from './explain/deviation.ts';
import {
  findExplanation,
  largestRewrittenBytes,
  type Effort,
  type SignatureExplanation,
} from './explain/find-explanation.ts';
import { readLoosely, TIME_TEXT, type LooseDigest, type LooseSignature } from './explain/read-loosely.ts';
import { diagnoseRepeated, findRepetition } from './repeated-signature.ts';
import { describeValue, encodingOf } from './scheme/compute.ts';
import { isPublicKey } from './scheme/sign-bytes.ts';
import { encodeValue } from './scheme/encoding.ts';
import { calledUnder, urlTextOf } from './scheme/message.ts';
import { signedPart } from './scheme/place.ts';
import { readSignatureTexts } from './scheme/signature-place.ts';
import { MAX_CHARACTERS, NO_MATCH, timeTextOf, type ForgedCause, type Verification } from './verify.ts';

type ForgedVerification = Extract<Verification, { verdict: 'forged' }>;

/** Explains why a signature does not fit: what was signed instead where that is found, else what the request shows. */
export function diagnoseForged(subject: Subject, { reason, cause }: ForgedVerification): SignatureDiagnosis {
  const { vendor, spec, signed } = subject;
  const values = readSignatureTexts(spec, signed);
  if (values.every((value) => value.trim() === ''))
    return diagnosis(
      'forged',
      'empty-signature',
      `the ${describePlace(spec.at)} is empty`,
      'look for a proxy that blanks it, or a signer that failed',
    );
  // To try what it may be made of would take too long, and anybody may have sent it.
  if (values.some((value) => value.length > MAX_CHARACTERS))
    return diagnosis('forged', 'malformed-signature', reason, `compare it with one that ${vendor.title} sent`);
  const misfit = diagnoseAddedQuery(subject, reason, cause);
  if (misfit !== null) return misfit;
  if (spec.algorithm === 'token') return diagnoseToken(subject, values, reason);
  if (jwtOf(spec) !== null)
    return cause === undefined ? diagnoseJwt(subject, values, reason) : describeIncomplete(subject, reason, cause);
  const loose = readLoosely(
    values.map((value) => repaired(subject, value)),
    spec.algorithm,
  );
  const repeated = diagnoseRepeated(subject, loose);
  if (repeated !== null) return repeated;
  for (const secret of subject.secrets) {
    const found = explain(subject, loose, secret);
    if (found !== null) return describeFound(subject, loose, found, reason);
  }
  return cause === undefined ? describeUnknown(subject, loose, reason) : describeIncomplete(subject, reason, cause);
}

/** A + that was not percent-encoded is read as a blank. */
const repaired = ({ spec }: Subject, value: string): string =>
  'header' in spec.at || 'json' in spec.at ? value : value.trim().replaceAll(' ', '+');

function explain(subject: Subject, loose: LooseSignature, secret: string): SignatureExplanation | null {
  const { vendor, spec, secrets, request, signed, others, effort } = subject;
  const bare = signedPart(spec.at, signed);
  const own = urlTextOf(bare);
  const urls = own === undefined ? [] : [...(request.urls?.() ?? []), ...(request.otherUrls?.() ?? [])];
  try {
    return findExplanation({
      vendor,
      spec,
      secret,
      secretCount: secrets.length,
      request: bare,
      digests: loose.digests,
      timestamps: listTimestamps(subject, loose),
      urls: urls
        .map((url) => urlTextOf(signedPart(spec.at, { ...signed, ...calledUnder(url) })) ?? url)
        .filter((url) => url !== own),
      others,
      effort,
    });
  } catch (error) {
    // A secret that is no key of the vendor's explains nothing.
    if (error instanceof AppError && error.kind === 'usage') return null;
    throw error;
  }
}

const MAX_TIMESTAMPS = 4;

/** What may be the time, that of the signature first. */
function listTimestamps({ spec, signed, request }: Subject, loose: LooseSignature): string[] {
  const own = timeTextOf(spec, signed);
  const elsewhere = request.headers
    .filter(([name]) => /timestamp/i.test(name))
    .map(([, value]) => value.trim())
    .filter((value) => TIME_TEXT.test(value));
  return [...new Set([...(own === null ? [] : [own]), ...loose.timestamps, ...elsewhere])].slice(0, MAX_TIMESTAMPS);
}

function describeFound(
  subject: Subject,
  loose: LooseSignature,
  { digest, deviations }: SignatureExplanation,
  reason: string,
): SignatureDiagnosis {
  const form = describeForm(subject, loose, digest, reason);
  const causes = [...deviations, ...(form === null ? [] : [form])];
  const [first] = causes;
  if (first === undefined)
    return diagnosis(
      'forged',
      'malformed-signature',
      reason,
      `write the ${carrierOf(subject)} as ${subject.spec.format}`,
    );
  const also = first.cause.includes('-for-') ? lookAlike(subject) : '';
  return diagnosis(
    'forged',
    first.cause,
    `the signature matches ${causes.map(({ fits }) => fits).join(', and ')}${also}`,
    causes.map(({ fix }) => fix).join('; '),
  );
}

/** What is wrong with how the signature is written, beside what was signed. */
function describeForm(subject: Subject, loose: LooseSignature, digest: LooseDigest, reason: string): Deviation | null {
  const { spec } = subject;
  const form = spec.format.replace('{v}', `<${describeValue(spec)}>`).replace('{t}', '<time>');
  const expected = `write the ${carrierOf(subject)} as ${form}`;
  const repetition = findRepetition(subject, loose);
  if (repetition !== null)
    return {
      cause: repetition.cause,
      fits: `these bytes, but ${repetition.what}: ${repetition.received}`,
      fix: repetition.fix,
    };
  if (encodeValue(digest.bytes, encodingOf(spec)) !== digest.text) return describeEncodingOf(subject, digest, expected);
  if (reason !== NO_MATCH)
    return {
      cause: 'malformed-signature',
      fits: `these bytes, but its ${carrierOf(subject)} is not in the vendor's format (${reason})`,
      fix: expected,
    };
  return null;
}

const carrierOf = ({ spec }: Subject): string => ('header' in spec.at ? 'header' : 'value');

/** Causes have one name for each way of writing, whatever belongs there. */
const ENCODING_NAMES: Readonly<Record<LooseDigest['encoding'], string>> = {
  hex: 'hex',
  'upper-case hex': 'upper-case-hex',
  base64: 'base64',
  'base64 without padding': 'base64-without-padding',
  base64url: 'base64url',
  'base64 of hex': 'base64-of-hex',
  'percent-encoded base64': 'percent-encoding',
};

function describeEncodingOf({ spec }: Subject, { encoding }: LooseDigest, fix: string): Deviation {
  const own = encodingOf(spec).join('-');
  const isHex = own === 'hex' || own === 'HEX';
  if (isHex && (encoding === 'hex' || encoding === 'upper-case hex'))
    return {
      cause: own === 'hex' ? 'upper-case' : 'lower-case',
      fits: 'if its hex digits are read case-insensitively',
      fix,
    };
  return {
    cause: `${ENCODING_NAMES[encoding]}-for-${own.toLowerCase()}`,
    fits: `if it is read as ${encoding}`,
    fix,
  };
}

/** The request, or the secret, does not even allow to compute a signature. */
function describeIncomplete({ vendor }: Subject, reason: string, cause: ForgedCause): SignatureDiagnosis {
  if (cause === 'unknown-url')
    return diagnosis('missing', cause, reason, 'name the URL that the vendor calls: --public-url URL');
  if (cause === 'unusable-secret')
    return diagnosis('forged', cause, reason, `compare the secret with the one at ${vendor.title}`);
  return diagnosis(
    'forged',
    cause,
    reason,
    'capture the whole request, and make proxies and frameworks pass on all headers',
  );
}

/** What the request itself shows, when no known mistake makes the signature fit. */
function describeUnknown(subject: Subject, loose: LooseSignature, reason: string): SignatureDiagnosis {
  const { vendor, spec, request } = subject;
  const malformed = (): SignatureDiagnosis =>
    diagnosis('forged', 'malformed-signature', reason, `write the ${carrierOf(subject)} as ${spec.format}`);
  if (loose.digests.length === 0) return malformed();
  const truncated = findTruncated(request);
  if (truncated !== null) return truncated;
  const repetition = findRepetition(subject, loose);
  if (repetition !== null)
    return diagnosis(
      'forged',
      repetition.cause,
      `${repetition.what}, and none of them matches these bytes and this secret`,
      `compare the secret with the one at ${vendor.title}`,
    );
  const announced = announcedLength(request.headers);
  if (announced !== null && announced < request.body.byteLength) {
    return diagnosis(
      'forged',
      'altered-body',
      `the body has ${request.body.byteLength} bytes, but Content-Length says ${announced}: it was changed in transit`,
      'verify the raw bytes as received, before any JSON parser',
    );
  }
  return reason === NO_MATCH ? describeOtherSecret(subject) : malformed();
}

function findTruncated(request: DiagnosedRequest): SignatureDiagnosis | null {
  const announced = announcedLength(request.headers);
  const length = request.body.byteLength;
  if (announced !== null && announced > length) {
    return diagnosis(
      'forged',
      'truncated-body',
      `the body has ${length} bytes, but Content-Length says ${announced}: the rest is missing`,
      length === 0
        ? 'capture the body before something else reads it'
        : 'capture the whole body: look for a limit on its size, or a log that truncates it',
    );
  }
  return request.isCutOff
    ? diagnosis(
        'forged',
        'truncated-body',
        `the body ends early, after ${length} bytes: its last chunk is missing`,
        'capture the whole body',
      )
    : null;
}

function describeOtherSecret(subject: Subject): SignatureDiagnosis {
  const { vendor, spec, request, effort } = subject;
  const key = isPublicKey(spec.algorithm) ? 'key' : 'secret';
  const compare = `compare the ${key} with the one at ${vendor.title}`;
  const signed = `the signature is over ${describeMessage(spec.message)}`;
  const untried = describeUntried(request.body, effort);
  const reasons = [`the ${key} is a different one`, 'the bytes were changed', ...otherCall(subject)];
  const last = reasons.pop();
  const what = `${reasons.join(', ')}, or ${last}`;
  if (untried === null) {
    return diagnosis(
      'forged',
      'other-secret',
      `the signature matches neither these bytes with this ${key} nor any common mistake: ${what}`,
      `${compare}; ${signed}`,
    );
  }
  const further = effort === 'brief' ? '; webhook verify searches longer for the cause' : '';
  return diagnosis(
    'forged',
    'other-secret',
    `the signature does not match these bytes with this ${key}: ${what} (${untried})`,
    `${compare}; ${signed}${further}`,
  );
}

/** Where the URL is signed, another host or path may be all that is wrong. */
function otherCall({ vendor, signed }: Subject): string[] {
  const url = urlTextOf(signed);
  if (url === undefined || !readsUrl(vendor)) return [];
  return [`it was called at a URL other than ${displayUrl(url)} (--public-url)`];
}

/** What the search left out because the body is too large; null when it left out nothing. */
function describeUntried(body: Uint8Array, effort: Effort): string | null {
  const maxBytes = largestRewrittenBytes(effort);
  const limits = `${maxBytes / MIB} MiB or ${MAX_WRITTEN_VALUES} values`;
  if (!isWritable(body, maxBytes)) return `re-serialised JSON is not searched for in bodies over ${limits}`;
  return body.length > MAX_COPIED_BYTES
    ? `other line endings and charsets are not searched for in bodies over ${MAX_COPIED_BYTES / MIB} MiB`
    : null;
}

const MIB = 1024 * 1024;
