import { describePlace } from '../model/signature.ts';
import {
  diagnosis,
  lookAlike,
  textsAt,
  valuesOf,
  type DiagnosedRequest,
  type SignatureDiagnosis,
  type Subject,
} from './diagnosis.ts';
import { isWritable, MAX_COPIED_BYTES, MAX_WRITTEN_VALUES } from './explain/body-variants.ts';
import {
  findExplanation,
  largestRewrittenBytes,
  type Effort,
  type SignatureExplanation,
} from './explain/find-explanation.ts';
import { describeMessage } from './explain/variants.ts';
import { readLoosely, type LooseSignature } from './explain/read-loosely.ts';
import { subjectOf } from './scheme/message.ts';
import { diagnoseRepeated, findRepetition } from './repeated-signature.ts';
import { NO_MATCH } from './verify.ts';

/** Explains why a signature does not fit: what was signed instead where that is found, else what the request shows. */
export function diagnoseForged(subject: Subject, reason: string): SignatureDiagnosis {
  const { spec, request, secrets } = subject;
  const values = textsAt(spec.at, request);
  if (values.every((value) => value.trim() === ''))
    return diagnosis(
      'forged',
      'empty-signature',
      `the ${describePlace(spec.at)} is empty`,
      'look for a proxy that blanks it, or a signer that failed',
    );
  const loose = readLoosely(values);
  const repeated = diagnoseRepeated(subject, loose);
  if (repeated !== null) return repeated;
  for (const secret of secrets) {
    const found = explain(subject, loose, secret);
    if (found !== null) return describeFound(subject, loose, found, reason);
  }
  return describeUnknown(subject, loose, reason);
}

function explain(
  { vendor, spec, secrets, request, others, effort }: Subject,
  loose: LooseSignature,
  secret: string,
): SignatureExplanation | null {
  const webhookId = valuesOf(request.headers, 'webhook-id')[0];
  const timestamps = [
    ...loose.timestamps,
    ...request.headers
      .filter(([name]) => /timestamp/i.test(name))
      .map(([, value]) => value.trim())
      .filter((value) => /^\d{9,16}$/.test(value)),
  ].slice(0, 4);
  return findExplanation({
    vendor,
    spec,
    secret,
    secretCount: secrets.length,
    request: subjectOf(vendor, request),
    digests: loose.digests,
    timestamps,
    webhookId,
    others,
    effort,
  });
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
    return diagnosis('forged', 'malformed-signature', reason, `write the header as ${subject.spec.format}`);
  const also = first.cause.includes('-for-') ? lookAlike(subject) : '';
  return diagnosis(
    'forged',
    first.cause,
    `the signature fits ${causes.map(({ fits }) => fits).join(', and ')}${also}`,
    causes.map(({ fix }) => fix).join('; '),
  );
}

/** What is wrong with how the header is written, beside what was signed. */
function describeForm(
  subject: Subject,
  loose: LooseSignature,
  { encoding }: SignatureExplanation['digest'],
  reason: string,
): { cause: string; fits: string; fix: string } | null {
  const { spec } = subject;
  const form = spec.format.replace('{v}', '<64 lower-case hex digits>').replace('{t}', '<time>');
  const expected = `write the header as ${form}`;
  const repetition = findRepetition(subject, loose);
  if (repetition !== null)
    return {
      cause: repetition.cause,
      fits: `these bytes, but ${repetition.what}: ${repetition.received}`,
      fix: repetition.fix,
    };
  if (encoding === 'upper-case hex')
    return { cause: 'upper-case', fits: 'when its hex digits are read without regard to case', fix: expected };
  if (encoding === 'base64') return { cause: 'base64-for-hex', fits: 'when it is read as base64', fix: expected };
  if (reason !== NO_MATCH)
    return {
      cause: 'malformed-signature',
      fits: `these bytes, but its header is not in the vendor's form (${reason})`,
      fix: expected,
    };
  return null;
}

/** What the request itself shows, when no known mistake makes the signature fit. */
function describeUnknown(subject: Subject, loose: LooseSignature, reason: string): SignatureDiagnosis {
  const { vendor, spec, request } = subject;
  const malformed = (): SignatureDiagnosis =>
    diagnosis('forged', 'malformed-signature', reason, `the header has the form ${spec.format}`);
  if (loose.digests.length === 0) return malformed();
  const truncated = findTruncated(request);
  if (truncated !== null) return truncated;
  const repetition = findRepetition(subject, loose);
  if (repetition !== null)
    return diagnosis(
      'forged',
      repetition.cause,
      `${repetition.what}, and none of them fits these bytes with this secret`,
      `compare the secret with the one at ${vendor.title}`,
    );
  const announced = announcedLength(request);
  if (announced !== null && announced < request.body.byteLength) {
    return diagnosis(
      'forged',
      'altered-body',
      `the body has ${request.body.byteLength} bytes, but Content-Length says ${announced}: it was changed on the way`,
      'verify the raw bytes as they came, before any JSON parser',
    );
  }
  return reason === NO_MATCH ? describeOtherSecret(subject) : malformed();
}

function findTruncated(request: DiagnosedRequest): SignatureDiagnosis | null {
  const announced = announcedLength(request);
  const length = request.body.byteLength;
  if (announced !== null && announced > length) {
    return diagnosis(
      'forged',
      'truncated-body',
      `the body has ${length} bytes, but Content-Length says ${announced}: the rest is missing`,
      length === 0
        ? 'capture the body before something else reads it'
        : 'capture the whole body: look for a limit on its size, or a log that shortens',
    );
  }
  return request.isCutOff
    ? diagnosis(
        'forged',
        'truncated-body',
        `the body breaks off after ${length} bytes: its last chunk is missing`,
        'capture the whole body',
      )
    : null;
}

function announcedLength({ headers }: DiagnosedRequest): number | null {
  const [announced = ''] = valuesOf(headers, 'content-length');
  return /^\d{1,15}$/.test(announced) ? Number(announced) : null;
}

function describeOtherSecret({ vendor, spec, request, effort }: Subject): SignatureDiagnosis {
  const compare = `compare the secret with the one at ${vendor.title}`;
  const signed = `the signature is over ${describeMessage(spec.message)}`;
  const untried = describeUntried(request.body, effort);
  if (untried === null) {
    return diagnosis(
      'forged',
      'other-secret',
      'the signature fits neither these bytes with this secret nor any usual mistake: ' +
        'the secret is another one, or the bytes were changed',
      `${compare}; ${signed}`,
    );
  }
  const further = effort === 'brief' ? '; webhook verify takes more time to look for causes' : '';
  return diagnosis(
    'forged',
    'other-secret',
    'the signature does not fit these bytes with this secret: ' +
      `the secret is another one, or the bytes were changed (${untried})`,
    `${compare}; ${signed}${further}`,
  );
}

/** What the search left out because the body is too large; null when it left out nothing. */
function describeUntried(body: Uint8Array, effort: Effort): string | null {
  const maxBytes = largestRewrittenBytes(effort);
  if (!isWritable(body, maxBytes))
    return `JSON written anew is not looked for in bodies above ${maxBytes / MIB} MiB or ${MAX_WRITTEN_VALUES} values`;
  return body.length > MAX_COPIED_BYTES
    ? `other line ends and charsets are not looked for in bodies above ${MAX_COPIED_BYTES / MIB} MiB`
    : null;
}

const MIB = 1024 * 1024;
