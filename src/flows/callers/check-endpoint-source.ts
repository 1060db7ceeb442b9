import { setMaxListeners } from 'node:events';
import { isIPv6 } from 'node:net';
import { findAddresses } from '../../certs/probe/find-addresses.ts';
import { goodRequest } from '../../conform/change-request.ts';
import type { EventFactory } from '../../conform/conformance-case.ts';
import { statusOf } from '../../conform/case-verdict.ts';
import { listAddressCases } from '../../conform/cases/list-cases.ts';
import { findRoute } from '../../deliver/connect-rules.ts';
import type { TransportOptions } from '../../deliver/transport.ts';
import type { Environment } from '../../model/environment.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { Vendor } from '../../model/vendor.ts';
import {
  judgeEndpointSource,
  type AddressAnswer,
  type EndpointSource,
} from '../../source/endpoint/judge-endpoint-source.ts';
import { findingOf } from '../test/case-finding.ts';
import type { OpenTarget } from '../session/open-target.ts';
import type { ExpectedCallers } from './accepted-sources.ts';
import { settingOf } from '../test/suite-choice.ts';
import { makeEventFactory } from '../test/event-factory.ts';
import { openSuiteSender, type SuiteSender } from '../test/suite-sender.ts';
import { tryCases } from '../test/try-cases.ts';

export interface EndpointSourceOptions {
  /** Milliseconds for everything together. */
  maxTimeMs: number;
  /** The command line that tries one of the suite's cases again. */
  rerun: (id: string) => string;
}

interface EndpointSourceContext extends Pick<Environment, 'clock' | 'recordIds' | 'signal'> {
  /** Shows what is being done. */
  showProgress: (text: string) => void;
}

/**
 * Calls the endpoint from this machine, which is no vendor's: on every address of its host, and with headers that claim
 * a vendor's address. Throws AppError `usage` for what cannot be sent.
 */
export async function checkEndpointSource(
  given: OpenTarget,
  expected: ExpectedCallers,
  options: EndpointSourceOptions,
  context: EndpointSourceContext,
): Promise<{ report: Report; answered: boolean }> {
  const [startedAt, beganAt] = [context.clock.now(), performance.now()];
  const target = { ...given, vendor: claimable(given.vendor, expected) };
  const { answers, lookupError, claims } = await callEndpoint(target, options, context);
  const { findings, conclusion, isGood, answered } = judgeEndpointSource({
    answers,
    lookupError,
    claims,
    isSigned: target.vendor.signature.value !== null,
    hasSecret: target.signingSecret !== null,
  });
  return {
    answered,
    report: {
      command: 'check-source',
      target: target.shownUrl,
      facts: {
        vendor: target.vendor.id,
        addresses: answers.map(({ address, outcome }) => ({ address, status: outcome.status, error: outcome.error })),
      },
      conclusion,
      isGood,
      findings,
      startedAt,
      durationMs: performance.now() - beganAt,
    },
  };
}

/** Calls every address, and claims the vendor's address where the endpoint refuses a call without a claim. */
async function callEndpoint(
  target: OpenTarget,
  { maxTimeMs, rerun }: EndpointSourceOptions,
  { clock, recordIds: ids, signal: interrupted, showProgress }: EndpointSourceContext,
): Promise<Pick<EndpointSource, 'answers' | 'lookupError' | 'claims'>> {
  const limit = AbortSignal.timeout(Math.ceil(maxTimeMs));
  const signal = AbortSignal.any([interrupted, limit]);
  setMaxListeners(0, signal);
  const transport = await target.transportOptions();
  const factory = makeEventFactory({
    vendor: target.vendor,
    url: target.url,
    secret: target.signingSecret,
    clock,
    ids,
  });
  const openSender = (over: TransportOptions): Promise<SuiteSender> =>
    openSuiteSender({ target, transport: over, clock, ids, signal });
  showProgress('calling every address of the host');
  const { answers, lookupError } = await callAddresses(target.url, transport, factory, {
    openSender,
    limit,
    maxTimeMs,
  });
  const isRefused = answers.some(({ outcome }) => outcome.status !== null && outcome.status >= 400);
  showProgress("claiming the vendor's address");
  if (!isRefused) return { answers, lookupError, claims: [] };
  const whyStopped = (): string => (interrupted.aborted ? 'interrupted' : 'not finished within --max-time');
  const sender = await openSender(transport);
  const claims = await claimAddresses(target, sender, factory, { rerun, signal, whyStopped, showProgress });
  return { answers, lookupError, claims };
}

/** Claims an address that the endpoint is configured to admit, where one is known. */
function claimable(vendor: Vendor, { networks: [first] }: ExpectedCallers): Vendor {
  return first === undefined
    ? vendor
    : { ...vendor, trust: { ...vendor.trust, networks: { value: [first.network.text], certainty: 'us' } } };
}

/** Sends a good request to each address of the host, one after the other. */
async function callAddresses(
  url: URL,
  transport: TransportOptions,
  factory: EventFactory,
  {
    openSender,
    limit,
    maxTimeMs,
  }: { openSender: (over: TransportOptions) => Promise<SuiteSender>; limit: AbortSignal; maxTimeMs: number },
): Promise<{ answers: AddressAnswer[]; lookupError: string | null }> {
  const { hostname, port, protocol } = url;
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const route = findRoute(host, Number(port) || (protocol === 'https:' ? 443 : 80), {
    resolve: transport.resolve ?? [],
    connectTo: transport.connectTo ?? [],
  });
  const { addresses, lookupError } = await findAddresses(route.host, route.addresses, maxTimeMs);
  if (lookupError !== null) return { answers: [], lookupError };
  const answers: AddressAnswer[] = [];
  for (const address of addresses) {
    const toAddress = {
      ...transport,
      resolve: [],
      connectTo: [{ fromHost: null, fromPort: null, toHost: address, toPort: route.port }],
    };
    const outcome = await callOnce(await openSender(toAddress), factory);
    const isLate = outcome.status === null && limit.aborted;
    answers.push({
      address,
      family: isIPv6(address) ? 6 : 4,
      outcome: isLate ? { ...outcome, error: `not finished within --max-time (${maxTimeMs / 1000} s)` } : outcome,
    });
  }
  return { answers, lookupError: null };
}

async function callOnce(sender: SuiteSender, factory: EventFactory): Promise<AddressAnswer['outcome']> {
  try {
    const attempt = await sender.send(goodRequest(factory));
    return { status: statusOf(attempt), error: attempt.error, durationMs: attempt.timings.totalMs };
  } finally {
    await sender.close();
  }
}

/** Tries the cases of the conformance suite in which a caller claims the vendor's address. */
async function claimAddresses(
  target: OpenTarget,
  sender: SuiteSender,
  factory: EventFactory,
  {
    rerun,
    signal,
    whyStopped,
    showProgress,
  }: Pick<EndpointSourceOptions, 'rerun'> & {
    signal: AbortSignal;
    whyStopped: () => string;
    showProgress: (text: string) => void;
  },
): Promise<Finding[]> {
  const cases = listAddressCases(settingOf(target));
  try {
    const run = await tryCases(cases, {
      factory,
      sender,
      effects: null,
      effectsWaitMs: 0,
      signal,
      whyStopped,
      showProgress,
    });
    return cases.map((one) => findingOf(one, run, target, { severity: 'must', effects: null, rerun }));
  } finally {
    await sender.close();
  }
}
