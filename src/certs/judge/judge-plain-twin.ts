import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { PlainResult } from '../probe/probe-plain.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';

/** P9: what a POST in plain http gets on the ports that were tried. A redirect does not serve the webhook. */
export function judgePlainTwin(results: readonly PlainResult[]): Finding {
  const durationMs = Math.max(0, ...results.map((result) => result.durationMs));
  const observed = [...new Set(results.map((result) => `port ${result.port}: ${describe(result)}`))].join('; ');
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.P9, null, { expected: 'no success', observed, ...conclusion }, durationMs);
  const open = results.find(({ status }) => status !== null && status >= 200 && status < 300);
  if (open === undefined) return conclude({ status: 'pass', detail: observed });
  return conclude({
    status: 'fail',
    detail: `port ${open.port} takes the POST without TLS: HTTP ${open.status}`,
    ...mend('plain-http-twin'),
  });
}

function describe({ status, connected }: PlainResult): string {
  if (status !== null) return `HTTP ${status}`;
  return connected ? 'no HTTP answer' : 'no connection';
}
