import { openTransport, type Transport } from '../../deliver/transport.ts';
import type { HistoryWriter } from '../../history/history.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { Answer, ReceivedRequest } from '../../receive/received-request.ts';
import { openReceiver } from '../../receive/receiver.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { findVendor, VENDORS } from '../../vendors/index.ts';
import { makeEvent } from './make-event.ts';
import { sendEvent } from './send-event.ts';

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
}

const SECRET = 'whsec_demonstration';
const MAX_BODY_BYTES = 1024 * 1024;
const TIMEOUT_MS = 3000;

/** Sends every event of every vendor to a receiver of our own that verifies signatures, then three that must fail. */
export async function runDemo(environment: DemoEnvironment, onStep: (step: DemoStep) => void): Promise<void> {
  const receiver = await openReceiver({ host: '127.0.0.1', port: 0, maxBodyBytes: MAX_BODY_BYTES }, (request) =>
    answerAsVendor(request, environment.clock),
  );
  const closed = await openReceiver({ host: '127.0.0.1', port: 0, maxBodyBytes: 0 }, () => ({ status: 500 }));
  await closed.close();
  const transport = await openTransport({
    timeoutMs: TIMEOUT_MS,
    tls: {},
    resolve: [],
    connectTo: [],
    connections: 1,
    expectedRequests: 20,
  });
  const step = makeStep(environment, transport, onStep);
  try {
    for (const vendor of VENDORS) {
      for (const event of vendor.events)
        await step(vendor, event.name, 'sample', `${receiver.origin}/${vendor.id}`, SECRET, 'delivered');
    }
    const signed = VENDORS.filter(({ signature }) => signature.value !== null);
    for (const vendor of signed)
      await step(
        vendor,
        vendor.events[0]?.name ?? '',
        'signed with a wrong secret',
        `${receiver.origin}/${vendor.id}`,
        'whsec_of_an_attacker',
        'refused',
      );
    const [first] = VENDORS;
    if (first !== undefined)
      await step(
        first,
        first.events[0]?.name ?? '',
        'to a port nobody listens on',
        `${closed.origin}/${first.id}`,
        SECRET,
        'unreachable',
      );
  } finally {
    await Promise.all([transport.close(), receiver.close()]);
  }
}

type SendStep = (
  vendor: Vendor,
  event: string,
  attempted: string,
  url: string,
  secret: string,
  expected: Attempt['outcome'],
) => Promise<void>;

function makeStep(
  { history, clock, ids, webhookUuid, signal }: DemoEnvironment,
  transport: Transport,
  onStep: (step: DemoStep) => void,
): SendStep {
  return async (vendor, event, attempted, url, secret, expected) => {
    const options = {
      event,
      url: new URL(url),
      webhookUuid,
      deliveryId: ids.uuidV7(clock.now()),
      sample: { sample: 'full' },
      overrides: { set: [], add: [], remove: [] },
      jsonStyle: 'compact',
      headers: [],
    } as const;
    const plan = await makeEvent(options, vendor, secret, clock, ids);
    const { attempts } = await sendEvent(
      plan,
      { secret },
      { transport, history, clock, recordClock: clock, recordIds: ids, signal },
    );
    for (const attempt of attempts) onStep({ vendor, event, attempted, expected, attempt });
  };
}

/** What a receiver that does everything right answers. The vendor is the path. */
function answerAsVendor(request: ReceivedRequest, clock: Clock): Answer {
  const vendor = findVendor(request.path.slice(1));
  if (vendor.signature.value === null) return { status: 200 };
  const { verdict } = verifyRequest(vendor.signature.value, SECRET, request.headers, request.body, clock.now());
  return verdict === 'valid'
    ? { status: 200, body: '{"status":"ok"}' }
    : { status: 401, body: `the signature is ${verdict}` };
}
