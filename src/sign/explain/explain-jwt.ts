import { AppError } from '../../model/error.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Signature } from '../../model/signature.ts';
import { findTokenProblem } from '../scheme/compute.ts';
import { algName, OTHER_SIGNATURE, readToken } from '../scheme/jwt.ts';
import { calledUnder, MissingPartError, type SignedSubject } from '../scheme/message.ts';
import type { Deviation } from './deviation.ts';
import { listKeyVariants } from './key-variants.ts';

/** A token that does not prove the request, and what else may be tried. */
export interface OddToken {
  spec: Signature;
  secrets: readonly string[];
  request: SignedSubject;
  /** The text where it stands. */
  text: string;
  /** Others that the request may have been called under. */
  urls: readonly string[];
}

/** The explanation as a whole sentence in `fits`. */
export function explainJwt(odd: OddToken): Deviation {
  const { spec, request, secrets, text } = odd;
  const token = TOKEN.exec(text)?.[0] ?? text;
  const problems = secrets.map((secret) => problemOf(spec, secret, request, token));
  if (problems.includes(null))
    return {
      cause: 'malformed-signature',
      fits: `the token matches this request, but it is not written as ${spec.format}`,
      fix: `write it as ${spec.format.replace('{v}', '<token>')}`,
    };
  const [first = ''] = problems.toSorted((one, other) => weightOf(one) - weightOf(other));
  if (first === OTHER_SIGNATURE) return otherKey(odd, token);
  const read = readToken(token);
  if ('reason' in read)
    return {
      cause: 'malformed-signature',
      fits: read.reason,
      fix: `write it as ${spec.format.replace('{v}', '<token>')}`,
    };
  if (first?.includes('its alg is')) return otherAlgorithm(spec, read.header['alg'], first);
  return otherRequest(odd, token) ?? otherClaim(first ?? '');
}

/** From where a word begins: anybody may have sent it, and to look from each of its letters takes too long. */
const TOKEN = /(?<![\w-])[\w-]+\.[\w-]+\.[\w-]*/;

/** What a claim says comes after a signature that fits. */
const weightOf = (problem: string | null): number => (problem === OTHER_SIGNATURE ? 1 : 0);

function problemOf(spec: Signature, secret: string, request: SignedSubject, token: string): string | null {
  try {
    return findTokenProblem(spec, secret, request, token);
  } catch (error) {
    if (error instanceof MissingPartError || error instanceof AppError) return error.message;
    throw error;
  }
}

function otherKey({ spec, secrets, request }: OddToken, token: string): Deviation {
  const isShared = spec.algorithm.startsWith('hmac-');
  for (const secret of isShared ? secrets : []) {
    const found = listKeyVariants(secret, spec).find(({ key }) => {
      const hex = Buffer.from(key).toString('hex');
      return problemOf({ ...spec, key: { encoding: 'hex' } }, hex, request, token) !== OTHER_SIGNATURE;
    });
    if (found !== undefined) return { ...found, fits: `the token is signed with ${found.fits}` };
  }
  const key = isShared ? 'secret' : 'key';
  return {
    cause: 'other-secret',
    fits: `${OTHER_SIGNATURE}: the ${key} is a different one, or the token was changed`,
    fix: `compare the ${key} with the one at the vendor`,
  };
}

function otherAlgorithm(spec: Signature, alg: unknown, problem: string): Deviation {
  const own = algName(spec.algorithm);
  return String(alg).toLowerCase() === 'none'
    ? {
        cause: 'unsigned-token',
        fits: `${problem}: anyone can write such a token`,
        fix: 'refuse it, and make sure that your receiver does too',
      }
    : {
        cause: 'other-algorithm',
        fits: problem,
        fix: `sign with ${own}; a receiver must not take the algorithm from the token`,
      };
}

/** Called under another URL it would fit. */
function otherRequest({ spec, secrets, request, urls }: OddToken, token: string): Deviation | null {
  const found = urls.find((url) =>
    secrets.some((secret) => problemOf(spec, secret, { ...request, ...calledUnder(url) }, token) === null),
  );
  if (found === undefined) return null;
  return {
    cause: 'other-url',
    fits: `the token matches this request as called at ${displayUrl(found)}`,
    fix:
      'verify with the exact URL that the vendor calls: behind a proxy, set it in the configuration instead of ' +
      'using the scheme, host and port of the request',
  };
}

const otherClaim = (problem: string): Deviation => ({
  cause: 'other-claim',
  fits: `the token is signed with this secret, but ${problem}`,
  fix: 'create a new token for each request, from the exact bytes and URL that are sent',
});
