import { AppError } from '../model/error.ts';
import type { Header } from '../model/plan.ts';
import { describePlace, type Signature } from '../model/signature.ts';
import type { Vendor, VendorVector } from '../model/vendor.ts';
import { idHeaderOf, signaturesOf } from '../vendors/facts.ts';
import { describeMessage } from './explain/describe-message.ts';
import { computeSignature, encodingOf } from './scheme/compute.ts';
import { isPublicKey } from './scheme/sign-bytes.ts';
import { describeEncoding } from './scheme/encoding.ts';
import { describeKeyForm } from './scheme/keys.ts';
import { calledUnder, type SignedSubject } from './scheme/message.ts';
import { readPlace, writePlace } from './scheme/place.ts';
import { readSignatureTexts, writeSignatureText } from './scheme/signature-place.ts';
import { formatSignature, parseSignature } from './scheme/signature-text.ts';
import { NO_MATCH, verifyRequest } from './verify.ts';

/** A vector that the description of the vendor's signature does not fit. */
export interface VectorProblem {
  /** Where in the list it stands, from 0. */
  index: number;
  /** Names the vector, and says what was computed from what. No secret is in it. */
  message: string;
}

/**
 * Verifies each of the vendor's vectors as a receiver would, each at its own time. Nothing is asked of a vendor without
 * vectors, and nothing is proved of it.
 */
export function checkVectors(vendor: Vendor): VectorProblem[] {
  return (vendor.vectors ?? []).flatMap((vector, index) => {
    const reason = findContradiction(vendor, vector);
    return reason === null ? [] : [{ index, message: `${nameVector(vector, index)}: ${reason}` }];
  });
}

/** Those of the vendor's signatures that no vector fits: what proves one of them says nothing of another. */
export function findUnproved(vendor: Vendor): Signature[] {
  const vectors = vendor.vectors ?? [];
  return signaturesOf(vendor).filter((spec) => vectors.every((vector) => judgeVector(vendor, spec, vector) !== null));
}

/** Throws AppError `config` where a description contradicts its own vectors: what it would sign is wrong somewhere. */
export function requireVectors(vendor: Vendor, file: string): void {
  const [first, ...others] = checkVectors(vendor);
  if (first === undefined) return;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  throw new AppError('config', `${file} contradicts its own vectors: ${first.message}${more}`, {
    hint: 'nothing was sent: correct "signature" or the vector; webhook vendor check checks every vector',
  });
}

const nameVector = ({ name }: VendorVector, index: number): string =>
  `vector ${index + 1}${name === undefined ? '' : ` (${name})`}`;

/** What is wrong; null where one of the vendor's signatures is that of the vector. */
function findContradiction(vendor: Vendor, vector: VendorVector): string | null {
  const specs = signaturesOf(vendor);
  if (specs.length === 0) return 'the file describes no signature, so no vector can match';
  const reasons = specs.map((spec) => judgeVector(vendor, spec, vector));
  return reasons.includes(null) ? null : (reasons[0] ?? null);
}

function judgeVector(vendor: Vendor, spec: Signature, vector: VendorVector): string | null {
  const needed = isPublicKey(spec.algorithm) ? 'publicKey' : 'secret';
  const key = vector[needed];
  if (key === undefined) return `it has no "${needed}", which verifying ${spec.algorithm} needs`;
  if (vector.url !== undefined && !URL.canParse(vector.url)) return `its url is not a valid URL: ${vector.url}`;
  try {
    const request = requestOfVector(vendor, spec, vector);
    const verification = verifyRequest(spec, key, request, 0, 0);
    if (verification.verdict === 'valid') return null;
    if (verification.verdict !== 'forged')
      return `the ${describePlace(spec.at)}, where the signature belongs, is missing`;
    return verification.reason === NO_MATCH ? tellMismatch(spec, key, request) : verification.reason;
  } catch (error) {
    // A secret, a key or a body that this signature cannot be made of.
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** The request that the vector describes. */
export function requestOfVector(
  vendor: Vendor,
  spec: Signature,
  vector: VendorVector,
): SignedSubject & { headers: readonly Header[] } {
  const { id, timestamp, method = 'POST', url, headers = {}, event, body, signature } = vector;
  const idHeader = idHeaderOf(vendor);
  const bare: SignedSubject = {
    method,
    ...calledUnder(url),
    headers: Object.entries(headers),
    body: Buffer.from(body, 'utf8'),
    idHeader,
    ...(event === undefined ? {} : { event }),
  };
  const named = id === undefined || idHeader === null ? bare : writePlace({ header: idHeader }, bare, id);
  const time = spec.timestamp?.at;
  const timed = timestamp === undefined || time === undefined ? named : writePlace(time, named, timestamp);
  const text = 'reason' in parseSignature(spec, signature) ? formatSignature(spec, signature, timestamp) : signature;
  return writeSignatureText(spec, timed, text);
}

function tellMismatch(spec: Signature, key: string, request: SignedSubject): string {
  const keyWords = spec.key === undefined ? '' : `, with the key as ${describeKeyForm(spec.key)}`;
  const encoding = encodingOf(spec);
  const written = encoding.length === 0 ? '' : `, written as ${describeEncoding(encoding)}`;
  const recipe = `${spec.algorithm} over ${describeMessage(spec.message)}${keyWords}${written}`;
  if (!spec.algorithm.startsWith('hmac-')) return `its signature is not ${recipe}`;
  const [text = ''] = readSignatureTexts(spec, request);
  const parsed = parseSignature(spec, text);
  const { values, timestamp } = 'values' in parsed ? parsed : { values: [text], timestamp: undefined };
  const time = spec.timestamp?.at === undefined ? timestamp : readPlace(spec.timestamp.at, request)[0];
  return (
    `its signature is ${values.join(' ')}, but ${computeSignature(spec, key, request, time)} was computed: ` +
    `${recipe}`
  );
}
