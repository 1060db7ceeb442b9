import type { ConformanceCase, Severity, WireRequest } from '../conform/conformance-case.ts';
import { judgeCase, type Verdict } from '../conform/judge-case.ts';
import { curlCommand, type CurlOptions } from '../deliver/curl-command.ts';
import type { Finding } from '../model/finding.ts';
import type { EquippedTarget } from './equip-target.ts';
import { toSigned } from './suite-sender.ts';
import type { SuiteRun } from './try-cases.ts';

export interface FindingOptions {
  severity: Severity;
  rerun: (id: string) => string;
}

/** A longer body is not for pasting: the case itself is then run again. */
const MAX_CURL_BODY_BYTES = 4096;
/** A report indents what has several lines, and the signature is of the bytes as they were. */
const LINE_FEED = 0x0a;

/** What is told of one case: tried or not. */
export function findingOf(one: ConformanceCase, { tried, effects, stopped }: SuiteRun, target: EquippedTarget, options: FindingOptions): Finding {
  const done = tried.get(one.id);
  if (done === undefined) return { ...blank(one), status: 'skip', detail: `not tried: ${stopped ?? 'the endpoint was gone'}`, severity: one.severity, durationMs: 0 };
  const verdict = judgeCase(one, done.requests, done.outcomes, effects.get(one.group) ?? null, target.vendor);
  if (verdict.isGrave && !takesGoodRequests(tried)) return { ...blank(one), status: 'skip', detail: 'cannot be told: good requests fail without it, too', severity: one.severity, durationMs: done.durationMs };
  const severity = verdict.isGrave ? 'must' : one.severity;
  const status = verdict.status === 'fail' && severity === 'should' && options.severity === 'must' ? 'warn' : verdict.status;
  const { detail, expected, observed } = verdict;
  const finding: Finding = { ...blank(one), status, detail, severity, durationMs: done.durationMs };
  if (status === 'pass' || status === 'skip') return finding;
  return { ...finding, expected, observed, mistake: one.mistake, advice: one.fix, reproduce: status === 'fail' ? reproduce(one, verdict, done.requests, target, options) : options.rerun(one.id) };
}

/** Whether something odd did harm shows only where good requests were taken before it. */
export function takesGoodRequests(tried: SuiteRun['tried']): boolean {
  const accepting = [...tried.values()].filter(({ one }) => one.group === 'accept');
  return accepting.length === 0 || accepting.some(({ outcomes }) => outcomes.some(({ isSuccess }) => isSuccess));
}

function blank({ id, group, title, reference }: ConformanceCase): Omit<Finding, 'status' | 'detail' | 'severity' | 'durationMs'> {
  return { id, title, group, expected: null, observed: null, mistake: null, advice: null, fixes: [], reproduce: null, reference };
}

function reproduce(one: ConformanceCase, { index }: Verdict, requests: readonly WireRequest[], { url, curl }: EquippedTarget, { rerun }: FindingOptions): string {
  const request = requests[index];
  // What takes several requests, or more than a line, is shown again by the case itself; of forgeries each stands alone.
  const isAlone = requests.length === 1 || requests.every(({ expect }) => expect === 'refused');
  if (request === undefined || !isAlone || request.body.byteLength > MAX_CURL_BODY_BYTES || request.body.includes(LINE_FEED)) return rerun(one.id);
  const signed = toSigned(request, url);
  const headers = request.way === 'expect-continue' ? [...signed.headers, ['Expect', '100-continue'] as const] : signed.headers;
  return curlCommand({ ...signed, headers }, request.way === 'without-certificate' ? withoutCertificate(curl) : curl);
}

function withoutCertificate({ cert: _cert, key: _key, pfx: _pfx, passphrase: _passphrase, ...rest }: CurlOptions): CurlOptions {
  return rest;
}
