import type { Header } from '../../model/plan.ts';
import { signatureOf } from '../../vendors/facts.ts';
import type { Signature } from '../../model/vendor.ts';
import type { BehaviourStep, Signing, StepContext } from '../receiver-behaviour.ts';

/** What is wrong in a check of signatures; what is left out is right. */
export interface Laxity {
  /** How the header is looked up: in any letter case, unless a spelling is given. */
  spelling?: (name: string) => string;
  /** Which of several headers counts; without it such a request is refused. */
  pick?: 'first' | 'last';
  /** Any one of several digests in the header may fit. */
  takesAnyPart?: boolean;
  /** Which of several times in the header the digest is made with; default: the first. */
  signedTime?: 'first' | 'last';
  /** Which of them must be fresh; default: the first. */
  judgedTime?: 'first' | 'last';
  /** The digests that would do. */
  expected?: (signing: Signing, body: Uint8Array, timestamp: string) => string[];
  /** The digests given in the header, of which one must do. */
  given?: (text: string) => string;
  isEqual?: (given: string, expected: string) => boolean;
  /** Is a request of this age in milliseconds fresh enough? Positive is the past. */
  isFresh?: (ageMs: number, toleranceMs: number) => boolean;
  /** Milliseconds of the time in the header. */
  readTime?: (timestamp: number, spec: Signature) => number;
}

/** A check of signatures as receivers write it by hand, with the given mistakes. */
export function checkLaxly(laxity: Laxity): BehaviourStep {
  return (context) => {
    const spec = signatureOf(context.setup.vendor);
    const { signing } = context.setup;
    if (spec === null || signing === null) return null;
    const text = findHeader(context.request.headers, spec, laxity);
    if (text === null) return { status: 401, body: 'no signature' };
    return fits(text, spec, signing, context, laxity) ? null : { status: 401, body: 'bad signature' };
  };
}

function fits(text: string, spec: Signature, signing: Signing, { request }: StepContext, laxity: Laxity): boolean {
  const times = readParts(text, spec, '{t}');
  const pick = (which: 'first' | 'last' = 'first'): string => times.at(which === 'first' ? 0 : -1) ?? '';
  const [timestamp, judged] = [pick(laxity.signedTime), pick(laxity.judgedTime)];
  if (spec.timestampUnit !== undefined && !(/^\d+$/.test(timestamp) && /^\d+$/.test(judged))) return false;
  const given = readParts(text, spec, '{v}').map((digest) => laxity.given?.(digest) ?? digest);
  const expected = laxity.expected?.(signing, request.body, timestamp) ?? [signing.digest(request.body, { timestamp })];
  const isEqual = laxity.isEqual ?? ((one, other) => one === other);
  if (given.length > 1 && !laxity.takesAnyPart) return false;
  if (!given.some((one) => expected.some((other) => isEqual(one, other)))) return false;
  if (spec.timestampUnit === undefined) return true;
  const timeMs = (laxity.readTime ?? timeIn)(Number(judged), spec);
  const isFresh = laxity.isFresh ?? ((ageMs, toleranceMs) => Math.abs(ageMs) <= toleranceMs);
  return isFresh(request.receivedAtMs - timeMs, spec.toleranceMs?.value ?? 0);
}

const timeIn = (timestamp: number, { timestampUnit }: Signature): number =>
  timestamp * (timestampUnit === 's' ? 1000 : 1);

function findHeader(headers: readonly Header[], { header }: Signature, { spelling, pick }: Laxity): string | null {
  const name = spelling?.(header);
  const values = headers
    .filter(([other]) => (name === undefined ? other.toLowerCase() === header.toLowerCase() : other === name))
    .map(([, value]) => value.trim());
  if (values.length > 1 && pick === undefined) return null;
  return (pick === 'last' ? values.at(-1) : values[0]) ?? null;
}

/** What stands in the header where the format has `slot`. */
function readParts(text: string, { format }: Signature, slot: '{t}' | '{v}'): string[] {
  if (format === slot) return [text];
  const key = format
    .split(',')
    .find((part) => part.endsWith(slot))
    ?.slice(0, -slot.length);
  if (key === undefined) return [];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(key))
    .map((part) => part.slice(key.length));
}
