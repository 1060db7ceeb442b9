import { signatureHeaderOf } from '../../vendors/facts.ts';
import { futureWindowMs, windowMs } from '../../vendors/signing-facts.ts';
import type { Vendor } from '../../model/vendor.ts';
import type {
  BehaviourStep,
  ComputeOptions,
  ReadSignature,
  Signing,
  StepContext,
  StepRequest,
} from '../receiver-behaviour.ts';

/** What is wrong in a check of signatures; what is left out is right. */
export interface Laxity {
  /** How the header is looked up: in any letter case, unless a spelling is given. */
  spelling?: (name: string) => string;
  /** Which of several signatures of a request counts; without it such a request is refused. */
  pick?: 'first' | 'last';
  /** Which of several digests in one text may fit; default: any where the vendor sends several, else there is one. */
  pickValue?: 'first' | 'last' | 'any';
  /** The name of the scheme before a signature is not looked at. */
  ignoresScheme?: true;
  /** Which of several times in the header the digest is made with; default: the first. */
  signedTime?: 'first' | 'last';
  /** Which of them must be fresh; default: the first. */
  judgedTime?: 'first' | 'last';
  /** The request as it is taken for what was signed. */
  seen?: (request: StepRequest) => StepRequest;
  /** The ways to compute it that would do; default: the right one. */
  mistakes?: readonly ComputeOptions[];
  /** Other texts that are read as encoded signatures. */
  given?: (text: string) => string[];
  isEqual?: (given: string, expected: string) => boolean;
  /** Is a request of this age in milliseconds fresh enough? Positive is the past. */
  isFresh?: (ageMs: number, toleranceMs: number) => boolean;
  /** Milliseconds of a time that is a number. */
  readTime?: (timestamp: number) => number;
}

/** A check of signatures as receivers write it by hand, with the given mistakes. */
export function checkLaxly(laxity: Laxity): BehaviourStep {
  return (context) => {
    const { signing, vendor } = context.setup;
    if (signing === null) return null;
    const texts = signing.read(withSpelling(context.request, vendor, laxity), laxity.ignoresScheme);
    const read = texts.length > 1 && laxity.pick === undefined ? undefined : texts.at(laxity.pick === 'last' ? -1 : 0);
    if (read === undefined) return { status: 401, body: 'no signature' };
    return fits(read, signing, context, laxity) ? null : { status: 401, body: 'bad signature' };
  };
}

/** Without the signatures whose header is spelled in another way. */
function withSpelling(request: StepRequest, vendor: Vendor, { spelling }: Laxity): StepRequest {
  const header = signatureHeaderOf(vendor);
  if (spelling === undefined || header === null) return request;
  const wanted = spelling(header);
  const isOther = (name: string): boolean => name !== wanted && name.toLowerCase() === header.toLowerCase();
  return { ...request, headers: request.headers.filter(([name]) => !isOther(name)) };
}

function fits(read: ReadSignature, signing: Signing, { request, setup }: StepContext, laxity: Laxity): boolean {
  const { vendor } = setup;
  const pick = (which: 'first' | 'last' = 'first'): string | undefined => read.times.at(which === 'first' ? 0 : -1);
  const [timestamp, judged] = [pick(laxity.signedTime), pick(laxity.judgedTime)];
  const isTimed = vendor.signature.value?.timestamp !== undefined;
  const timeMs = judged === undefined ? null : readTime(judged, signing, laxity);
  if (isTimed && timeMs === null) return false;
  const values = chooseValues(read, vendor, laxity);
  const seen = laxity.seen?.(request) ?? request;
  const mistakes = laxity.mistakes ?? [{}];
  const isRight = (value: string): boolean =>
    mistakes.some((mistake) => isSame(value, signing, seen, { timestamp, ...mistake }, laxity));
  if (!values.flatMap((value) => laxity.given?.(value) ?? [value]).some(isRight)) return false;
  return timeMs === null || isFresh(request.receivedAtMs - timeMs, vendor, laxity);
}

function readTime(text: string, signing: Signing, { readTime: readNumber }: Laxity): number | null {
  if (readNumber === undefined) return signing.readTime(text);
  return /^\d+$/.test(text) ? readNumber(Number(text)) : null;
}

function chooseValues({ values }: ReadSignature, vendor: Vendor, { pickValue }: Laxity): readonly string[] {
  if (pickValue === 'first') return values.slice(0, 1);
  if (pickValue === 'last') return values.slice(-1);
  const maySeveral = pickValue === 'any' || vendor.signature.value?.several !== undefined;
  return values.length > 1 && !maySeveral ? [] : values;
}

function isSame(
  value: string,
  signing: Signing,
  request: StepRequest,
  options: ComputeOptions,
  { isEqual }: Laxity,
): boolean {
  if (isEqual === undefined) return signing.fits(request, value, options);
  const expected = signing.compute(request, options);
  return expected !== null && isEqual(value, expected);
}

function isFresh(ageMs: number, vendor: Vendor, laxity: Laxity): boolean {
  const pastMs = windowMs(vendor);
  if (laxity.isFresh !== undefined) return laxity.isFresh(ageMs, pastMs);
  const futureMs = futureWindowMs(vendor);
  return pastMs === 0 || (ageMs <= pastMs && (futureMs === null || -ageMs <= futureMs));
}
