import { MAX_TEXT_FILE_BYTES } from '../../config/read-text-file.ts';
import { readVendorText, VENDOR_SCHEMA_PATH } from '../../config/read-vendor-file.ts';
import { draftVendor, type DraftedEvent, type DraftedVendor } from '../../config/vendor-draft/draft-vendor.ts';
import { readSample } from '../../config/vendor-draft/read-sample.ts';
import { JSON_STYLES } from '../../model/body-format.ts';
import { AppError } from '../../model/error.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Vendor } from '../../model/vendor.ts';
import { listSome, plural } from '../../model/wording.ts';
import { encodeJson } from '../../plan/encode-json.ts';
import { listCalledUrls } from '../../receive/capture/called-urls.ts';
import type { CapturedRequest } from '../../receive/capture/captured-request.ts';
import { describeKeys, listIdeas } from '../../sign/learn/ideas.ts';
import type { LearnedSignature } from '../../sign/learn/choose-signature.ts';
import { listUnread } from '../../sign/learn/jwts.ts';
import { learnSignature, type LearnOutcome } from '../../sign/learn/learn-signature.ts';
import type { Party } from '../../sign/learn/parties.ts';
import { readingsOf, type LearnSubject } from '../../sign/learn/learn-subject.ts';
import { makeSecretFinder } from '../../sign/learn/secret-forms.ts';
import { subjectOf } from '../../sign/scheme/message.ts';
import { readTimestamp } from '../../sign/scheme/signature-text.ts';
import { timeTextOf, verifyRequest } from '../../sign/verify.ts';
import { signaturesOf } from '../../vendors/facts.ts';

export interface LearnOptions {
  id: string;
  /** The event's name, where the request does not say it. */
  event?: string;
  /** Personal data stays in the sample. */
  keepValues?: boolean;
  /** What each capture is called, such as the name of its file. */
  names?: readonly string[];
}

/** What was learned from captured requests; `file` is null where nothing fits all of them. */
export interface LearnedVendor {
  file: { text: string; vendor: Vendor; learned: LearnedSignature; events: readonly DraftedEvent[] } | null;
  tried: number;
  /** Where nothing fits all captures: those of one scheme each, the most first. */
  parties: readonly Party[];
  /** The captures, by their index, that what fits the most of them does not fit. */
  misfits: readonly number[];
  /** What looks like a signature, where none was found. */
  ideas: readonly string[];
  /** What would help. */
  help: readonly string[];
}

/** More is of no use: they are all alike. */
const MAX_CAPTURES = 1000;

/**
 * Finds the vendor's signature in the captures and writes its file. Throws AppError `input` for a capture of no use,
 * and an Error where the file would hold the secret, which is a fault of ours.
 */
export function learnVendor(
  captures: readonly CapturedRequest[],
  secret: string,
  options: LearnOptions,
  nowMs: number,
): LearnedVendor {
  const names = options.names ?? captures.map((_, index) => `request ${index + 1} of ${captures.length}`);
  checkCaptures(captures, names);
  const subjects = captures.map(subjectOfCapture);
  const outcome = learnSignature(subjects, secret);
  const { found, tried, parties } = outcome;
  if (found === null) return { file: null, tried, parties, ...explainNothing(captures, names, secret, outcome) };
  const { content, events } = draftOf(captures, found, secret, options, { nowMs, tried });
  const text = `${JSON.stringify(content, null, 2)}\n`;
  refuseLength(text);
  refuseSecret(text, content, secret);
  const vendor = checkText(text, options.id, nowMs);
  checkVendor(vendor, secret, subjects);
  const help = helpToTell(captures, found);
  return { file: { text, vendor, learned: found, events }, tried, parties, misfits: [], ideas: [], help };
}

function checkCaptures(captures: readonly CapturedRequest[], names: readonly string[]): void {
  if (captures.length > MAX_CAPTURES)
    throw new AppError('input', `${captures.length} requests are more than ${MAX_CAPTURES}`, {
      hint: 'two or three from one vendor are enough',
    });
  const broken = captures.findIndex(({ isCutOff }) => isCutOff);
  if (broken !== -1)
    throw new AppError(
      'input',
      `${captures.length === 1 ? 'the captured request' : names[broken]} is cut off: some of what was signed ` +
        'is missing',
      {
        hint: 'capture it completely, or leave it out',
      },
    );
}

function subjectOfCapture(capture: CapturedRequest): LearnSubject {
  const { method, headers, body } = capture;
  const called = listCalledUrls(capture).filter((url) => URL.canParse(url));
  // Path and query are known all the same.
  const path = capture.path.startsWith('/') ? capture.path : `/${capture.path}`;
  const urls = called.length > 0 ? called : [`https://not-known.invalid${path}`].filter((url) => URL.canParse(url));
  return { method, headers, body, urls };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function draftOf(
  captures: readonly CapturedRequest[],
  { signature, further, alternatives }: LearnedSignature,
  secret: string,
  { id, event, keepValues }: LearnOptions,
  { nowMs, tried }: { nowMs: number; tried: number },
): DraftedVendor {
  const [request] = captures as [CapturedRequest, ...CapturedRequest[]];
  const many = captures.length === 1 ? 'a captured request' : `${captures.length} captured requests`;
  const open = alternatives.length === 0 ? '' : `; it can also be read in ${plural(alternatives.length, 'other way')}`;
  return draftVendor({
    id,
    title: id
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(' '),
    asOf: dayOf(nowMs),
    schemaPath: VENDOR_SCHEMA_PATH,
    requests: captures.map((capture) => ({
      ...capture,
      madeAtMs: signedAt(capture, signature) ?? capture.receivedAtMs,
    })),
    signature,
    further,
    proof: `learned: it matches ${many}, one of ${tried} candidates${open}`,
    jsonStyle: styleOf(request),
    ...(event !== undefined && { event }),
    keepsValues: keepValues === true,
    holdsSecret: makeSecretFinder(secret, 'whole'),
  });
}

function signedAt(capture: CapturedRequest, spec: LearnedSignature['signature']): number | null {
  const [subject] = readingsOf(subjectOfCapture(capture));
  const text = subject === undefined ? null : timeTextOf(spec, subject);
  return text === null || spec.timestamp === undefined ? null : readTimestamp(spec.timestamp, text);
}

/** The style that writes the body's very bytes; null where none does. */
function styleOf({ body, method, headers, path }: CapturedRequest): string | null {
  const { format } = readSample({ body, method, headers, path });
  if (format !== null || body.length === 0) return null;
  const text = Buffer.from(body).toString('utf8').trim();
  const value = JSON.parse(text) as JsonValue;
  return JSON_STYLES.find((style) => Buffer.from(encodeJson(value, style)).toString('utf8') === text) ?? null;
}

/** No command would read it. */
function refuseLength(text: string): void {
  if (Buffer.byteLength(text) > MAX_TEXT_FILE_BYTES)
    throw new AppError(
      'input',
      `with its samples the vendor file would be larger than ${MAX_TEXT_FILE_BYTES / 1024 / 1024} MiB`,
      {
        hint: 'give captures with shorter bodies, or fewer events',
      },
    );
}

/** Such files are committed. */
function refuseSecret(text: string, content: JsonObject, secret: string): void {
  // A word such as `test` may be the name of an event, too.
  const holdsSecret = makeSecretFinder(secret, 'ignored');
  if (holdsSecret(text) || listTexts(content).some(holdsSecret))
    throw new Error('the vendor file would contain the secret, so it was not written');
}

function listTexts(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [key, ...listTexts(one as JsonValue)]);
}

/** It is read as any vendor file is: a request may be one that no such file can describe. */
function checkText(text: string, id: string, nowMs: number): Vendor {
  try {
    return readVendorText(`${id}.vendor.json`, text, dayOf(nowMs));
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError('input', `no vendor file describes such a request: ${cause.message}`, {
      hint: 'check that the capture is what the vendor sent',
      cause,
    });
  }
}

/** The file is believed only when it verifies what it was learned from. */
function checkVendor(vendor: Vendor, secret: string, subjects: readonly LearnSubject[]): void {
  for (const spec of signaturesOf(vendor))
    for (const subject of subjects) {
      const fits = readingsOf(subject).some(
        (one) => verifyRequest(spec, secret, subjectOf(vendor, one), 0, 0).verdict === 'valid',
      );
      if (!fits) throw new Error('the vendor file does not verify the request that it was learned from');
    }
}

function explainNothing(
  captures: readonly CapturedRequest[],
  names: readonly string[],
  secret: string,
  { parties, trace }: LearnOutcome,
): Pick<LearnedVendor, 'ideas' | 'help' | 'misfits'> {
  const [party] = parties;
  const notes = captures.flatMap((one) => one.notes);
  if (party !== undefined) {
    const misfits = [...captures.keys()].filter((index) => !party.members.includes(index));
    return { ideas: [], misfits, help: [...new Set([...explainMisfits(names, parties, misfits), ...notes])] };
  }
  const help = [
    ...notes,
    `the secret: it was read as ${describeKeys(secret).join(', ')}; check that it is complete, belongs to ` +
      'this endpoint and is not an API key',
    ...(captures.some(({ url }) => url === null)
      ? ['the URL that the vendor calls: --public-url URL, because it may be signed, and proxies change it']
      : []),
    'the raw body: raw HTTP or webhook listen --json keep every byte, and copies from a browser do not',
  ];
  return { ideas: listIdeas(trace), misfits: [], help: [...new Set(help)] };
}

const does = (indices: readonly number[]): string => (indices.length === 1 ? 'does' : 'do');

/** `one.http fits, two.http does not: …` */
function explainMisfits(names: readonly string[], parties: readonly Party[], misfits: readonly number[]): string[] {
  const [party, ...others] = parties as [Party, ...Party[]];
  const nameAll = (indices: readonly number[]): string => listSome(indices.map((index) => names[index] ?? ''));
  const fitting = `${nameAll(party.members)} ${party.members.length === 1 ? 'fits' : 'fit'}`;
  const inAnotherWay = misfits.filter((index) => others.some(({ members }) => members.includes(index)));
  const alone = misfits.filter((index) => !inAnotherWay.includes(index));
  return [
    ...(alone.length === 0
      ? []
      : [
          `${fitting}, ${nameAll(alone)} ${does(alone)} not: check whether ` +
            `${alone.length === 1 ? 'it was' : 'they were'} changed, or signed with another secret`,
        ]),
    ...(inAnotherWay.length === 0
      ? []
      : [
          `${fitting}, ${nameAll(inAnotherWay)} ${does(inAnotherWay)} not: signed with this secret in another ` +
            'way; learn from captures of one vendor only',
        ]),
  ];
}

function helpToTell(captures: readonly CapturedRequest[], { signature, alternatives }: LearnedSignature): string[] {
  const unread = [...new Set(captures.flatMap((capture) => listUnread(signature, capture)))];
  const ofClaims =
    unread.length === 0
      ? []
      : [`the token also contains ${unread.join(', ')}: its source was not found, so the file leaves it out`];
  if (alternatives.length === 0) return ofClaims;
  return [
    ...ofClaims,
    captures.length === 1
      ? 'a second captured request settles most of these: give both'
      : 'a captured request in which these differ would settle it',
  ];
}
