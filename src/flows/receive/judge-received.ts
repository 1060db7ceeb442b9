import type { JsonObject } from '../../model/json.ts';
import { cpuMs } from '../../model/clock.ts';
import type { Handshake } from '../../model/handshake.ts';
import type { Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Drift } from '../../vendors/drift.ts';
import { holdsMoreValues, MAX_UNPROVED_VALUES, readEvents, shortened } from '../../vendors/read-body.ts';
import { matchHandshake } from '../../receive/handshake.ts';
import { recogniseEvent } from '../../receive/match-event.ts';
import type { ReceivedRequest } from '../../receive/received-request.ts';
import { diagnoseRequest } from '../../sign/diagnose.ts';
import { listSubjects, type DiagnosedRequest, type SignatureDiagnosis } from '../../sign/diagnosis.ts';
import { recogniseVendor } from '../../sign/recognise-vendors.ts';
import { verifyAny } from '../../sign/verify.ts';
import { listCalledUrls, publicUrlOf } from '../../receive/capture/called-urls.ts';
import { driftOfEvents, nameEvents, type FindEvent, type ContainedEvent } from './received-content.ts';

/** What is known of a request before it is answered. */
export interface Judged {
  /** Null when nobody's rules fit. */
  vendor: Vendor | null;
  /** The events in the request; null when it holds none. */
  payloads: readonly JsonObject[] | null;
  /** Of a batch the names in it: `delivered+opened`. */
  event: string | null;
  /** The vendor's id of the event: what a receiver dedupes by. Null for several. */
  eventId: string | null;
  /** By what it is known again: the number 1 and the text "1" are two ids. */
  eventMark: string | null;
  /** The events of a batch of several; else null. */
  batch: readonly ContainedEvent[] | null;
  /** Null when nothing was verified: see `explanation`. */
  verdict: SignatureDiagnosis['verdict'] | null;
  /** How far the time of a stale request is off, in milliseconds. */
  byMs: number | null;
  cause: string | null;
  explanation: string;
  fix: string | null;
  /** Of several secrets the one that fits, by where it comes from. */
  secretFrom: string | null;
  drift: readonly Drift[];
  /** Before a wait: what it takes memory to keep, and can be read again, is let go. */
  letGo(): void;
}

/** Whose requests are expected. */
export interface Expected {
  /** Null: recognised, request by request. */
  vendor: Vendor | null;
  /** Whom a request may be recognised as, or taken for. */
  vendors: readonly Vendor[];
  /** Of a configured webhook: the events it lists. */
  events?: readonly string[] | undefined;
  /** False for `--no-verify`. */
  verifies: boolean;
  /** What the vendor calls, where it is not what the request says: its origin, or the whole URL. */
  publicUrl?: string | undefined;
  secretsOf(vendor: Vendor): readonly string[];
  /** Where one of them comes from, in words; where it is left out nobody asks which one fits. */
  nameOf?: ((secret: string) => string | null) | undefined;
}

/** Its signature is not in order. */
export const isSuspicious = ({ verdict }: Judged): boolean =>
  verdict === 'forged' || verdict === 'missing' || verdict === 'stale';

/**
 * Judges one request at `nowMs`: whose it is, whether it is genuine, and how its payload differs from the vendor's
 * fields.
 * @param isSecure it came over TLS
 */
export function judgeReceived(request: ReceivedRequest, expected: Expected, nowMs: number, isSecure = false): Judged {
  const vendor = expected.vendor ?? recogniseVendor(request, expected.vendors);
  if (vendor === null) return NOBODYS;
  const asked = matchHandshake(vendor, request);
  if (asked !== null && !asked.handshake.isSigned) return questionOf(vendor, asked.handshake);
  const called = asCalled(request, expected, isSecure);
  const { verdict, byMs, cause, explanation, fix } = diagnose(vendor, called, expected, nowMs);
  const secretFrom = verdict === 'valid' || verdict === 'stale' ? whichSecret(vendor, called, expected, nowMs) : null;
  // What somebody with the secret signed is read whatever it takes.
  const isTooMuch = verdict !== 'valid' && verdict !== 'stale' && holdsMoreValues(vendor, request, MAX_UNPROVED_VALUES);
  const payloads = isTooMuch ? null : readPayloads(vendor, request);
  const find: FindEvent = (payload) => recogniseEvent(vendor, payload, expected.events, request.headers);
  const signed = { verdict, byMs, cause, explanation, fix, secretFrom };
  const named = asked === null ? nameEvents(vendor, request, payloads, find) : nameQuestion(asked.handshake);
  const drift = asked !== null ? [] : isTooMuch ? TOO_MUCH : undefined;
  return new LazilyJudged({ vendor, ...named, ...signed }, find, payloads, request, drift);
}

/** While a secret is being replaced: has the vendor gone over to the new one? */
function whichSecret(vendor: Vendor, request: DiagnosedRequest, expected: Expected, nowMs: number): string | null {
  const [spec, secrets] = [vendor.signature.value, expected.secretsOf(vendor)];
  if (spec === null || secrets.length < 2) return null;
  const fits = (secret: string): boolean =>
    ['valid', 'stale'].includes(verifyAny(spec, [secret], listSubjects(vendor, request), nowMs).verification.verdict);
  const fitting = secrets.find(fits);
  return fitting === undefined ? null : (expected.nameOf?.(fitting) ?? null);
}

/** With the URLs that the vendor may have called. Written out: a spread takes longer than the rest. */
function asCalled(request: ReceivedRequest, expected: Expected, isSecure: boolean): DiagnosedRequest {
  const { method, headers, body } = request;
  const urls = (publicUrl?: string): string[] => urlsOf(request, publicUrl, isSecure);
  return { method, headers, body, urls: () => urls(expected.publicUrl), otherUrls: urls };
}

function urlsOf({ path, headers }: ReceivedRequest, publicUrl: string | undefined, isSecure: boolean): string[] {
  const known = publicUrl === undefined ? null : publicUrlOf(path, publicUrl);
  const urls = known === null ? listCalledUrls({ url: null, path, headers }, isSecure) : [known];
  return urls.filter((url) => URL.canParse(url));
}

/** What was read from a larger body is not kept while the request waits: it takes as much again, or twice that. */
const LARGE_BYTES = 1024 * 1024;

/** Of a large body the long texts only begin: nothing here asks for more. */
const readPayloads = (vendor: Vendor, request: ReceivedRequest): readonly JsonObject[] | null =>
  readEvents(vendor, request.body.length > LARGE_BYTES ? shortened(vendor, request) : request);

const TOO_MUCH: readonly Drift[] = [
  {
    kind: 'type',
    field: '',
    expected: 'object',
    observed: `JSON with more than ${MAX_UNPROVED_VALUES} values, which is not read unless its signature is valid`,
  },
];

/**
 * Looks for drift when somebody wants to see it: with --quiet nobody does. A class, since a getter of an object's own
 * takes thirty times as long to make.
 */
class LazilyJudged implements Judged {
  readonly vendor: Vendor;
  readonly event: string | null;
  readonly eventId: string | null;
  readonly eventMark: string | null;
  readonly verdict: Judged['verdict'];
  readonly byMs: number | null;
  readonly cause: string | null;
  readonly explanation: string;
  readonly fix: string | null;
  readonly secretFrom: string | null;
  readonly batch: Judged['batch'];
  readonly #find: FindEvent;
  readonly #request: ReceivedRequest;
  /** Undefined: to be read again. */
  #payloads: readonly JsonObject[] | null | undefined;
  #drift: readonly Drift[] | undefined;

  constructor(
    judged: Omit<Judged, 'drift' | 'letGo' | 'payloads' | 'vendor'> & { vendor: Vendor },
    find: FindEvent,
    payloads: readonly JsonObject[] | null,
    request: ReceivedRequest,
    drift: readonly Drift[] | undefined,
  ) {
    this.vendor = judged.vendor;
    this.event = judged.event;
    this.eventId = judged.eventId;
    this.eventMark = judged.eventMark;
    this.verdict = judged.verdict;
    this.byMs = judged.byMs;
    this.cause = judged.cause;
    this.explanation = judged.explanation;
    this.fix = judged.fix;
    this.secretFrom = judged.secretFrom;
    this.batch = judged.batch;
    this.#find = find;
    this.#payloads = payloads;
    this.#request = request;
    this.#drift = drift;
  }

  get payloads(): readonly JsonObject[] | null {
    return (this.#payloads ??= this.#payloads === undefined ? readPayloads(this.vendor, this.#request) : null);
  }

  letGo(): void {
    if (this.#payloads !== null && this.#request.body.length > LARGE_BYTES) this.#payloads = undefined;
  }

  get drift(): readonly Drift[] {
    return (this.#drift ??= driftOfEvents(this.vendor, this.payloads, this.#find));
  }
}

const NOBODYS: Judged = {
  vendor: null,
  secretFrom: null,
  payloads: null,
  event: null,
  eventId: null,
  eventMark: null,
  batch: null,
  verdict: null,
  byMs: null,
  cause: 'unknown-vendor',
  explanation: 'its headers and body match no vendor',
  fix: 'give the vendor: --vendor ID',
  drift: [],
  letGo: () => undefined,
};

/** A question is no event: it has no id, and none of an event's fields. */
const nameQuestion = ({ id }: Handshake): Pick<Judged, 'event' | 'eventId' | 'eventMark' | 'batch'> => ({
  event: `handshake ${id}`,
  eventId: null,
  eventMark: null,
  batch: null,
});

/** An unsigned question of the vendor's is neither forged nor an event. */
const questionOf = (vendor: Vendor, handshake: Handshake): Judged => ({
  ...NOBODYS,
  vendor,
  ...nameQuestion(handshake),
  cause: 'handshake',
  explanation: `a handshake of ${vendor.title}: ${handshake.title}`,
  fix: null,
});

/**
 * Of each second, so much CPU time is spent on why signatures do not fit: a flood of forged requests must not stop the
 * others.
 */
const EXPLAINING_MS = 300;
const explaining = { second: 0, spentMs: 0 };

function diagnose(
  vendor: Vendor,
  request: DiagnosedRequest,
  { verifies, secretsOf, vendors }: Expected,
  nowMs: number,
): SignatureDiagnosis | (Omit<SignatureDiagnosis, 'verdict'> & { verdict: null }) {
  if (!verifies)
    return {
      verdict: null,
      byMs: null,
      cause: 'not-verified',
      explanation: 'not verified, because of --no-verify',
      fix: null,
    };
  const secrets = secretsOf(vendor);
  if (vendor.signature.value !== null && secrets.length === 0) {
    return {
      verdict: null,
      byMs: null,
      cause: 'no-secret',
      explanation: `not verified: it looks like ${vendor.title}, which signs its requests, but no secret was given`,
      fix: 'give the secret: --secret-env NAME or --secret-file FILE',
    };
  }
  const second = Math.floor(nowMs / 1000);
  if (second !== explaining.second) Object.assign(explaining, { second, spentMs: 0 });
  if (explaining.spentMs > EXPLAINING_MS && vendor.signature.value !== null)
    return verifyOnly(vendor, vendor.signature.value, secrets, request, nowMs);
  const before = cpuMs();
  const diagnosis = diagnoseRequest(vendor, secrets, request, nowMs, { vendors });
  if (diagnosis.verdict === 'forged' || diagnosis.verdict === 'missing') explaining.spentMs += cpuMs() - before;
  return diagnosis;
}

/** The verdict alone. */
function verifyOnly(
  vendor: Vendor,
  spec: Signature,
  secrets: readonly string[],
  request: DiagnosedRequest,
  nowMs: number,
): SignatureDiagnosis {
  const { verification } = verifyAny(spec, secrets, listSubjects(vendor, request), nowMs);
  const { verdict } = verification;
  const explanation = 'reason' in verification ? verification.reason : `the signature is ${verdict}`;
  return {
    verdict,
    byMs: 'byMs' in verification ? verification.byMs : null,
    cause: verdict === 'valid' ? null : 'not-explained',
    explanation,
    fix: verdict === 'valid' ? null : 'too many bad requests at once to find causes: send one on its own',
  };
}
