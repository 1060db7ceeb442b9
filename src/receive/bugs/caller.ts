import { readHeader } from '../../vendors/event-key.ts';
import type { CALLER_MISTAKES } from '../../vendors/mistakes/caller.ts';
import type { ShownMistakeId } from '../../vendors/receiver-mistakes.ts';
import type { BehaviourChange, StepContext, StepRequest } from '../receiver-behaviour.ts';

const CLIENT_IP_HEADERS = [
  'x-client-ip',
  'client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-proxyuser-ip',
];
const CDN_HEADERS = ['cf-connecting-ip', 'true-client-ip', 'fastly-client-ip'];

/** Mistakes in who may call. */
export const CALLER_BUGS: Record<ShownMistakeId<typeof CALLER_MISTAKES>, BehaviourChange> = {
  'trusts-forwarded-for': believes(claimedAddress),
  'counts-forwarding-hops': believes(
    ({ headers }) => readHeader(headers, 'x-forwarded-for')?.split(',').at(-2)?.trim() ?? null,
  ),
  'trusts-client-ip': believes((request) => firstHeader(request, CLIENT_IP_HEADERS)),
  'trusts-cdn-headers': believes((request) => firstHeader(request, CDN_HEADERS)),
  'drops-by-forwarded-for': (correct) => ({
    caller: (context) => correct.caller(context) ?? (claimsElsewhere(context) ? correct.success(context) : null),
  }),
  'optional-client-certificate': seesCallerAs(() => ({ hasClientCertificate: true })),
  'trusts-certificate-header': seesCallerAs((request) => ({
    hasClientCertificate: request.hasClientCertificate || claimsCertificate(request),
  })),
  'takes-plain-http': seesCallerAs(() => ({ isSecure: true, hasClientCertificate: true })),
};

/** Takes the address of the caller from what the caller claims. */
function believes(claimed: (request: StepRequest) => string | null): BehaviourChange {
  return seesCallerAs((request) => ({ remoteAddress: claimed(request) ?? request.remoteAddress }));
}

/** Judges the caller by a request of which something is changed. */
function seesCallerAs(change: (request: StepRequest) => Partial<StepRequest>): BehaviourChange {
  return (correct) => ({
    caller: (context) => correct.caller({ ...context, request: { ...context.request, ...change(context.request) } }),
  });
}

function claimsElsewhere({ request, setup: { allow } }: StepContext): boolean {
  const claimed = claimedAddress(request);
  return claimed !== null && allow !== undefined && !allow.includes(claimed);
}

/** The address that the caller claims in the headers of common proxies. */
export function claimedAddress({ headers }: StepRequest): string | null {
  const forwarded = /for="?\[?([^\]";,]+)/i.exec(readHeader(headers, 'forwarded') ?? '')?.[1];
  return (
    readHeader(headers, 'x-forwarded-for')?.split(',')[0]?.trim() ??
    readHeader(headers, 'x-real-ip') ??
    forwarded ??
    null
  );
}

/** The address claimed in a header that a rarer proxy or a CDN writes. */
export function rarelyClaimedAddress(request: StepRequest): string | null {
  return firstHeader(request, [...CLIENT_IP_HEADERS, ...CDN_HEADERS]);
}

function firstHeader({ headers }: StepRequest, names: readonly string[]): string | null {
  return names.map((name) => readHeader(headers, name)).find((value) => value !== null) ?? null;
}

function claimsCertificate({ headers }: StepRequest): boolean {
  return (
    readHeader(headers, 'x-ssl-client-verify') === 'SUCCESS' || readHeader(headers, 'x-forwarded-client-cert') !== null
  );
}
