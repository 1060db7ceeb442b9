import { resolve } from 'node:path';
import { readVendorFile } from '../../config/read-vendor-file.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { FileEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import { makeFinding, type Check, type Finding } from '../../model/finding.ts';
import { describePlace } from '../../model/signature.ts';
import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import { listSome } from '../../model/wording.ts';
import type { SampleChoice } from '../../plan/payload.ts';
import { checkVectors, findUnproved } from '../../sign/check-vectors.ts';
import { subjectOf } from '../../sign/scheme/message.ts';
import { signRequest } from '../../sign/signature.ts';
import { makeSecret } from '../../sign/scheme/compute.ts';
import { otherPrivateKey } from '../../sign/scheme/keys.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { listEvidence, type PlacedEvidence } from '../../vendors/evidence.ts';
import { signaturesOf, variantNames } from '../../vendors/facts.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { FULL_SAMPLE, makeEvent } from '../send/make-event.ts';
import { VENDOR_QUESTIONS } from './vendor-gaps.ts';

export interface CheckedVendor {
  vendor: Vendor;
  findings: Finding[];
}

const CHECKS = {
  structure: { id: 'structure', title: 'the file matches the schema and is consistent' },
  sample: { id: 'sample', title: 'samples of the event can be made, signed and verified' },
  vectors: { id: 'vectors', title: 'the signature matches published or captured requests' },
  dates: { id: 'dates', title: 'no fact was looked up more than a year ago' },
} satisfies Record<string, Check>;

/**
 * Tries a vendor file: its content, a sample of every event, its vectors, the age of its facts, and what it leaves
 * open. Throws AppError `input` for a file that cannot be read or whose content is wrong.
 */
export async function checkVendorFile(
  file: string,
  { workingDirectory }: Pick<FileEnvironment, 'workingDirectory'>,
  clock: Clock,
  ids: Ids,
): Promise<CheckedVendor> {
  const path = resolve(workingDirectory, file);
  const { vendor } = await readVendorFile(file, path, { kind: 'input', builtIn: builtInVendors });
  const samples: Finding[] = [];
  for (const event of vendor.events) samples.push(await trySamples(vendor, event, clock, ids));
  return {
    vendor,
    findings: [
      makeFinding(CHECKS.structure, { status: 'pass', detail: `${vendor.title}: ${describeSize(vendor)}` }),
      ...samples,
      ...tryVectors(vendor),
      judgeDates(vendor, clock.now()),
      ...VENDOR_QUESTIONS.flatMap((question) => {
        const conclusion = question.answer(vendor);
        return conclusion === null ? [] : [makeFinding(question, conclusion)];
      }),
    ],
  };
}

const describeSize = ({ events }: Vendor): string =>
  `${events.length === 1 ? 'one event' : `${events.length} events`}: ${listSome(events.map(({ name }) => name))}`;

/** Full, minimal and every variant: what is sent must be what the vendor's own description makes of it again. */
async function trySamples(vendor: Vendor, event: VendorEvent, clock: Clock, ids: Ids): Promise<Finding> {
  const choices: SampleChoice[] = [
    { sample: 'full' },
    { sample: 'minimal' },
    ...variantNames(event).map((variant) => ({ variant })),
  ];
  const problems: string[] = [];
  for (const sample of choices) {
    const problem = await trySample(vendor, event, sample, clock, ids).catch(readProblem);
    if (problem !== null) problems.push(`${'variant' in sample ? sample.variant : sample.sample}: ${problem}`);
  }
  const title = `samples of ${event.name} can be made, signed and verified`;
  if (problems.length === 0)
    return makeFinding(CHECKS.sample, { title, status: 'pass', detail: `${choices.length} samples` });
  return makeFinding(CHECKS.sample, {
    title,
    status: 'fail',
    detail: problems.join('; '),
    fix: 'correct the sample or the fields of the event, or the parts of the signature',
  });
}

function readProblem(error: unknown): string {
  if (error instanceof AppError) return error.message;
  if (error instanceof Error && error.message.startsWith('the sample of ')) return error.message;
  throw error;
}

/** Null when all is well. */
async function trySample(
  vendor: Vendor,
  event: VendorEvent,
  sample: SampleChoice,
  clock: Clock,
  ids: Ids,
): Promise<string | null> {
  const url = new URL('https://hooks.example.com/webhook?source=vendor');
  const target = { event: event.name, url, webhookUuid: ids.uuidV4(), deliveryId: ids.uuidV7(clock.now()) };
  const [first] = signaturesOf(vendor);
  const secret = first === undefined ? null : makeSecret(first, otherPrivateKey);
  const plan = await makeEvent({ ...FULL_SAMPLE, ...target, sample }, vendor, secret, clock, ids);
  const request = signRequest(plan, secret, clock);
  for (const spec of signaturesOf(vendor)) {
    const subject = { ...subjectOf(vendor, request), event: event.name };
    const result = verifyRequest(spec, secret as string, subject, clock.now());
    if (result.verdict !== 'valid')
      return `the generated signature is ${result.verdict}${'reason' in result ? `: ${result.reason}` : ''}`;
  }
  return null;
}

function tryVectors(vendor: Vendor): Finding[] {
  const count = vendor.vectors?.length ?? 0;
  if (signaturesOf(vendor).length === 0 && count === 0) return [];
  if (count === 0)
    return [
      makeFinding(CHECKS.vectors, {
        status: 'warn',
        detail: 'no vectors: nothing proves that the vendor signs as the file says',
        fix: '"vectors": [{ "secret": …, "body": …, "signature": … }], or verify a captured request: webhook verify',
      }),
    ];
  const problems = checkVectors(vendor);
  if (problems.length === 0) return [judgeCoverage(vendor, count)];
  const fix = 'correct "signature" or the vector: a file that contradicts its own vectors cannot send';
  return problems.map(({ message }) => makeFinding(CHECKS.vectors, { status: 'fail', detail: message, fix }));
}

/** What fits one signature of several proves nothing of the others. */
function judgeCoverage(vendor: Vendor, count: number): Finding {
  const fitting = `${count} vector${count === 1 ? ' matches' : 's match'}`;
  const unproved = findUnproved(vendor);
  if (unproved.length === 0) return makeFinding(CHECKS.vectors, { status: 'pass', detail: fitting });
  const places = unproved.map(({ algorithm, at }) => `${algorithm} in the ${describePlace(at)}`);
  return makeFinding(CHECKS.vectors, {
    status: 'warn',
    detail: `${fitting}, but none proves the signature ${listSome(places)}`,
    fix: 'add a vector for each signature that the vendor sends',
  });
}

const YEAR_MS = 366 * 86_400_000;

/** Of facts that somebody documents: what is assumed or one's own was never looked up. */
function judgeDates(vendor: Vendor, nowMs: number): Finding {
  const old = listEvidence(vendor).filter(({ evidence }) => {
    const isLookedUp = evidence.certainty !== 'us' && evidence.certainty !== 'user';
    return isLookedUp && nowMs - Date.parse(evidence.asOf ?? vendor.asOf) > YEAR_MS;
  });
  if (old.length === 0) return makeFinding(CHECKS.dates, { status: 'pass', detail: `as of ${vendor.asOf}` });
  const dated = ({ path, evidence }: PlacedEvidence): string => `${path} (${evidence.asOf ?? vendor.asOf})`;
  return makeFinding(CHECKS.dates, {
    status: 'warn',
    detail: `${old.length} were: ${listSome(old.map(dated))}`,
    fix: 'look them up again, then change "asOf"',
  });
}
