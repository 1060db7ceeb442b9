import { subjectOf } from '../../sign/scheme/message.ts';
import { openTransport, type Transport } from '../../deliver/transport.ts';
import type { HistoryWriter } from '../../history/history.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Answer, ReceivedRequest } from '../../receive/received-request.ts';
import { openReceiver } from '../../receive/receiver.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { isSigned } from '../../vendors/facts.ts';
import { FULL_SAMPLE, makeEvent } from '../send/make-event.ts';
import { sendEvent, type SentDelivery } from '../send/send-event.ts';

/** One delivery of the demonstration, with what had to come of it. */
export interface DemoStep {
  vendor: Vendor;
  event: string;
  /** What is tried: `sample`, or the mistake made on purpose. */
  attempted: string;
  expected: Attempt['outcome'];
  attempt: Attempt;
}

export interface DemoEnvironment extends Pick<Environment, 'clock' | 'ids' | 'signal'> {
  history: HistoryWriter;
  /** Kept under this webhook, so that one export shows everything. */
  webhookUuid: string;
  vendors: VendorRegistry;
}

const SECRET = 'whsec_demonstration';
const MAX_BODY_BYTES = 1024 * 1024;
const TIMEOUT_MS = 3000;

/**
 * Sends every event of every original vendor to a receiver of our own that verifies signatures, then three that must
 * fail.
 */
export async function runDemo(environment: DemoEnvironment, onStep: (step: DemoStep) => void): Promise<void> {
  const original = environment.vendors.entries.filter(({ isOriginal }) => isOriginal);
  const vendors = await Promise.all(original.map(({ id }) => environment.vendors.load(id)));
  const receiver = await openReceiver({ host: '127.0.0.1', port: 0, maxBodyBytes: MAX_BODY_BYTES }, (request) =>
    answerAsVendor(request, vendors, environment.clock),
  );
  const closed = await openReceiver({ host: '127.0.0.1', port: 0, maxBodyBytes: 0 }, () => ({ status: 500 }));
  await closed.close();
  const transport = await openTransport({ timeoutMs: TIMEOUT_MS });
  try {
    for (const delivery of listDeliveries(vendors, receiver.origin, closed.origin)) {
      const { attempts } = await sendSample(delivery, transport, environment);
      const attempt = attempts[0] as Attempt;
      const { vendor, event, attempted, expected } = delivery;
      onStep({ vendor, event, attempted, expected, attempt });
    }
  } finally {
    await Promise.all([transport.close(), receiver.close()]);
  }
}

interface DemoDelivery extends Omit<DemoStep, 'attempt'> {
  url: URL;
  secret: string;
}

function listDeliveries(vendors: readonly Vendor[], origin: string, closedOrigin: string): DemoDelivery[] {
  const samples = vendors.flatMap((vendor) =>
    vendor.events.map(({ name }): DemoDelivery => ({
      ...firstEvent(vendor, origin),
      event: name,
      attempted: 'sample',
      expected: 'delivered',
    })),
  );
  const forged = vendors.filter(isSigned).map((vendor): DemoDelivery => ({
    ...firstEvent(vendor, origin),
    secret: 'whsec_of_an_attacker',
    attempted: 'signed with a wrong secret',
    expected: 'refused',
  }));
  const unheard = vendors.slice(0, 1).map((vendor): DemoDelivery => ({
    ...firstEvent(vendor, closedOrigin),
    attempted: 'to a port that nothing listens on',
    expected: 'unreachable',
  }));
  return [...samples, ...forged, ...unheard];
}

function firstEvent(vendor: Vendor, origin: string): Pick<DemoDelivery, 'vendor' | 'event' | 'url' | 'secret'> {
  return { vendor, event: vendor.events[0]?.name ?? '', url: new URL(`${origin}/${vendor.id}`), secret: SECRET };
}

/** Where a sample goes, and what it is signed with. */
export interface SampleDelivery {
  vendor: Vendor;
  event: string;
  url: URL;
  /** Null: nothing is signed. */
  secret: string | null;
}

export interface SampleEnvironment extends Pick<Environment, 'clock' | 'ids' | 'signal'> {
  webhookUuid: string;
  /** Where it is kept; null keeps it nowhere. */
  history: HistoryWriter | null;
}

/** Sends the full sample of an event, once. */
export async function sendSample(
  { vendor, event, url, secret }: SampleDelivery,
  transport: Transport,
  { history, clock, ids, webhookUuid, signal }: SampleEnvironment,
): Promise<SentDelivery> {
  const deliveryId = ids.uuidV7(clock.now());
  const options = { ...FULL_SAMPLE, event, url, webhookUuid, deliveryId, jsonStyle: 'compact' as const };
  const plan = await makeEvent(options, vendor, secret, clock, ids);
  const sending = { transport, history, clock, recordClock: clock, recordIds: ids, signal };
  return sendEvent(plan, { secret }, sending);
}

/** What a receiver that does everything right answers. The vendor is the path. */
function answerAsVendor(request: ReceivedRequest, vendors: readonly Vendor[], clock: Clock): Answer {
  const vendor = vendors.find(({ id }) => id === request.path.slice(1));
  if (vendor === undefined) return { status: 404 };
  if (vendor.signature.value === null) return { status: 200 };
  const { verdict } = verifyRequest(vendor.signature.value, SECRET, subjectOf(vendor, request), clock.now());
  return verdict === 'valid'
    ? { status: 200, body: '{"status":"ok"}' }
    : { status: 401, body: `the signature is ${verdict}` };
}
