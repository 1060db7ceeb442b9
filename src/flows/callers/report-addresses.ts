import type { Finding } from '../../model/finding.ts';
import type { JsonValue } from '../../model/json.ts';
import type { Report } from '../../model/report.ts';
import type { CheckedAddress } from './check-addresses.ts';
import type { Tally } from './count-callers.ts';

/** The results of a run as one Report: a Finding for each address. */
export function reportAddresses(
  results: readonly CheckedAddress[],
  { addresses, lines, unreadable }: Tally,
  durationMs: number,
  endedAt: number,
): Report {
  const notAllowed = addresses.fail + addresses.permerror + addresses.temperror;
  return {
    command: 'check-source',
    target: results.length === 1 ? (results[0]?.address ?? '') : `${results.length} addresses`,
    facts: { results: results as unknown as JsonValue, addresses, lines: { ...lines, unreadable } },
    conclusion: `${notAllowed === 0 ? 'all' : addresses.pass} of ${results.length} allowed${addresses.temperror === 0 ? '' : `; of ${addresses.temperror} DNS told nothing`}${unreadable === 0 ? '' : `; ${unreadable} lines without an address`}`,
    isGood: notAllowed === 0 && unreadable === 0,
    findings: results.map(toFinding),
    startedAt: endedAt - durationMs,
    durationMs,
  };
}

/** Whoever DNS could tell nothing of is not allowed either: which of both it was, the verdict says. */
function toFinding({ address, verdict, matched, steps, notes }: CheckedAddress): Finding {
  const isAllowed = verdict === 'pass';
  const decisive = steps.filter(({ result }) =>
    isAllowed ? result === 'ok' || result === 'warn' : result === 'no' || result === 'unknown',
  );
  const by = matched === null ? null : matched.by === 'reverse-dns' ? matched.name : matched.entry;
  return {
    id: 'source',
    title: `${address} is allowed`,
    status: isAllowed ? 'pass' : 'fail',
    detail: [
      `${verdict}${by === null ? '' : ` by ${by}`}`,
      ...new Set(decisive.map(({ detail }) => detail)),
      ...notes,
    ].join('; '),
    expected: isAllowed ? null : 'pass',
    observed: isAllowed ? null : verdict,
    fix: null,
    serverFixes: [],
    reference: null,
    durationMs: 0,
  };
}
