import type { Header } from '../../model/plan.ts';
import { headerAt, type Signature } from '../../model/signature.ts';
import { signatureOf, toleranceMs } from '../../vendors/facts.ts';
import type { BehaviourStep, Signing, StepContext, StepRequest } from '../receiver-behaviour.ts';

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
  expected?: (signing: Signing, request: StepRequest, timestamp: string) => string[];
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
    const text = findHeader(context.request.headers, headerAt(spec.at) ?? '', laxity);
    if (text === null) return { status: 401, body: 'no signature' };
    return fits(text, spec, signing, context, laxity) ? null : { status: 401, body: 'bad signature' };
  };
}

function fits(
  text: string,
  spec: Signature,
  signing: Signing,
  { request, setup }: StepContext,
  laxity: Laxity,
): boolean {
  const times = readParts(text, spec, '{t}');
  const pick = (which: 'first' | 'last' = 'first'): string => times.at(which === 'first' ? 0 : -1) ?? '';
  const [timestamp, judged] = [pick(laxity.signedTime), pick(laxity.judgedTime)];
  if (spec.timestamp !== undefined && !(/^\d+$/.test(timestamp) && /^\d+$/.test(judged))) return false;
  const given = readParts(text, spec, '{v}').map((digest) => laxity.given?.(digest) ?? digest);
  const expected = laxity.expected?.(signing, request, timestamp) ?? [signing.compute(request, { timestamp })];
  const isEqual = laxity.isEqual ?? ((one, other) => one === other);
  if (given.length > 1 && !laxity.takesAnyPart) return false;
  if (!given.some((one) => expected.some((other) => isEqual(one, other)))) return false;
  if (spec.timestamp === undefined) return true;
  const timeMs = (laxity.readTime ?? timeIn)(Number(judged), spec);
  const isFresh = laxity.isFresh ?? ((ageMs, allowedMs) => Math.abs(ageMs) <= allowedMs);
  return isFresh(request.receivedAtMs - timeMs, toleranceMs(setup.vendor));
}

const timeIn = (timestamp: number, { timestamp: time }: Signature): number =>
  timestamp * (time?.unit === 's' ? 1000 : 1);

function findHeader(headers: readonly Header[], header: string, { spelling, pick }: Laxity): string | null {
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
