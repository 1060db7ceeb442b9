import { findWebhook } from '../../config/select-webhook.ts';
import { AppError } from '../../model/error.ts';
import type { StoredDelivery } from '../../model/attempt.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, SecretOptions, Webhook } from '../../model/webhook.ts';
import { calledUrl, keptUrl, listCalledUrls, targetOf } from '../../receive/capture/called-urls.ts';
import { UNSAID, type CapturedRequest } from '../../receive/capture/captured-request.ts';
import { diagnoseRequest } from '../../sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../sign/diagnosis.ts';
import { recogniseVendor } from '../../sign/recognise-vendors.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import { readSecrets, type NamedSecret } from '../../config/secrets.ts';

export interface VerifyOptions extends SecretOptions {
  /** Id of the vendor; without one the capture's own, or the one that is recognised. */
  vendor?: string;
  /** A configured webhook, by name or uuid: its vendor and its secret. */
  to?: string;
  /** Milliseconds since the epoch: when it is judged; without one when it arrived, or now. */
  atMs?: number;
  /** How far the time may be off; 0 for any; without one the vendor's rule. */
  toleranceMs?: number;
}

/** One capture and what is to be thought of it. */
export interface VerifiedCapture {
  request: CapturedRequest;
  /** Null: among others there was one that is nobody's. */
  vendor: Vendor | null;
  /** Nobody named the vendor: the request looks like one of its. */
  isRecognised: boolean;
  /** Milliseconds since the epoch. */
  judgedAtMs: number;
  /** Where the secret that fits comes from; null when none does. */
  secretFrom: string | null;
  /** What the user should know of the secrets; without them. */
  warnings: readonly string[];
  diagnosis: SignatureDiagnosis;
}

/** Judges captured requests one by one. Throws AppError `usage` when vendor or secret are not known. */
export async function verifyCaptures(
  requests: readonly CapturedRequest[],
  options: VerifyOptions,
  config: Config,
  vendors: VendorRegistry,
  environment: SecretEnvironment,
  nowMs: number,
): Promise<VerifiedCapture[]> {
  const { to, vendor: named } = options;
  const given = named === undefined ? null : await vendors.load(named);
  const webhook = to === undefined ? undefined : findWebhook(config.webhooks, to, { vendor: given?.id });
  const secretsOf = secretReader(options, webhook, config, environment);
  const chosen = given ?? (webhook === undefined ? null : await vendors.load(webhook.vendor));
  const all = await vendors.loadAll();
  const verified: VerifiedCapture[] = [];
  for (const request of requests) {
    const { vendor, isRecognised } = vendorOfCapture(request, chosen, all);
    const judgedAtMs = options.atMs ?? request.receivedAtMs ?? nowMs;
    if (vendor === null) {
      if (requests.length === 1) throw new AppError('usage', LIKE_NONE, { hint: nameOneOf(all) });
      const diagnosis = { ...NOBODYS, fix: nameOneOf(all) };
      verified.push({ request, vendor, isRecognised, judgedAtMs, secretFrom: null, warnings: [], diagnosis });
      continue;
    }
    const secrets = vendor.signature.value === null ? [] : await secretsOf(vendor);
    verified.push({
      request,
      vendor,
      isRecognised,
      judgedAtMs,
      warnings: secrets.flatMap(({ warnings }) => warnings),
      ...judge(request, vendor, secrets, judgedAtMs, { vendors: all, toleranceMs: options.toleranceMs }),
    });
  }
  return verified;
}

/** A stored delivery as its last attempt went over the wire. Throws AppError `input` when there was none. */
export function captureOf({ method, vendor, direction, attempts, ...kept }: StoredDelivery): CapturedRequest {
  const attempt = attempts.at(-1);
  if (attempt === undefined) throw new AppError('input', 'this delivery has no attempt, so it has no request');
  const isInUrl = method === 'GET' && kept.body.length > 0;
  const url = isInUrl ? withQuery(kept.url, Buffer.from(kept.body).toString('utf8')) : kept.url;
  const body = isInUrl ? new Uint8Array() : kept.body;
  const path = targetOf(url);
  return {
    ...UNSAID,
    source: 'history',
    method,
    path,
    // What came in is kept under the address of `listen`, and was called by another behind a tunnel.
    ...keptUrl(direction === 'out' ? calledUrl(url) : null, path),
    headers: attempt.requestHeaders,
    body,
    receivedAtMs: attempt.startedAt,
    vendor,
  };
}

/** What is kept of a request that had its event in the URL. */
const withQuery = (url: string, query: string): string => `${url}${url.includes('?') ? '&' : '?'}${query}`;

/** The capture's own word is that of whoever wrote it: a vendor we do not know is then looked for. */
function vendorOfCapture(
  request: CapturedRequest,
  chosen: Vendor | null,
  all: readonly Vendor[],
): { vendor: Vendor | null; isRecognised: boolean } {
  const named = chosen ?? all.find(({ id }) => id === request.vendor);
  if (named !== undefined) return { vendor: named, isRecognised: false };
  const vendor = recogniseVendor(request, all);
  return { vendor, isRecognised: vendor !== null };
}

const LIKE_NONE = 'the request matches no known vendor';
const nameOneOf = (vendors: readonly Vendor[]): string =>
  `give the vendor that sent it with --vendor: ${vendors.map(({ id }) => id).join(', ')}`;
/** One stranger in a file of requests is no reason to say nothing of the others. */
const NOBODYS: Omit<SignatureDiagnosis, 'fix'> = {
  verdict: 'missing',
  byMs: null,
  cause: 'unknown-vendor',
  explanation: LIKE_NONE,
};

/**
 * A flag's secret, else the chosen webhook's, else those of all configured webhooks of the vendor. Each is read once.
 */
function secretReader(
  options: SecretOptions,
  webhook: Webhook | undefined,
  { webhooks }: Config,
  environment: SecretEnvironment,
): (vendor: Vendor) => Promise<readonly NamedSecret[]> {
  const known = new Map<string, Promise<readonly NamedSecret[]>>();
  return (vendor) => {
    const candidates = webhook === undefined ? webhooks.filter((one) => one.vendor === vendor.id) : [webhook];
    const reading = known.get(vendor.id) ?? readSecrets(options, candidates, environment);
    known.set(vendor.id, reading);
    return reading;
  };
}

function judge(
  captured: CapturedRequest,
  vendor: Vendor,
  secrets: readonly NamedSecret[],
  nowMs: number,
  rules: { vendors: readonly Vendor[]; toleranceMs: number | undefined },
): Pick<VerifiedCapture, 'diagnosis' | 'secretFrom'> {
  const options = { ...rules, effort: 'thorough' as const };
  const urlsOf = (url: string | null): string[] =>
    listCalledUrls({ ...captured, url }).filter((one) => URL.canParse(one));
  const request = { ...captured, urls: () => urlsOf(captured.url), otherUrls: () => urlsOf(null) };
  const values = secrets.map(({ value }) => value);
  const diagnosis = diagnoseRequest(vendor, values, request, nowMs, options);
  const isFound = diagnosis.verdict === 'valid' || diagnosis.verdict === 'stale';
  const fitting = isFound
    ? secrets.find(
        ({ value }) =>
          diagnoseRequest(vendor, [value], request, nowMs, { ...options, effort: 'brief' }).verdict ===
          diagnosis.verdict,
      )
    : undefined;
  return { diagnosis, secretFrom: fitting?.from ?? null };
}
