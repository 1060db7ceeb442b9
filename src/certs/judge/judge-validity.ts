import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { daysLeft, readDetails } from '../file/certificate-details.ts';
import { listSome, nameOf, plural } from './client-chain.ts';
import { makeFinding, type Conclusion } from './finding.ts';

const DAY_MS = 86_400_000;

export interface ValidityOptions {
  nowMs: number;
  /** From how many days before its end on a certificate is a warning. */
  daysWarning: number;
}

/** L5: of every certificate of a chain; the worst decides. */
export function judgeValidity(certificates: readonly X509Certificate[], options: ValidityOptions): Finding {
  const judged = certificates.map((one) => judgeDates(one, options));
  const bad = [...judged.filter((one) => one.status === 'fail'), ...judged.filter((one) => one.status === 'warn')];
  const status = bad[0]?.status ?? 'pass';
  if (status === 'pass')
    return makeFinding(CHECKS.L5, null, { status, detail: describeFirstEnd(certificates, options) }, 0);
  const observed = listSome(bad.map((one) => one.observed ?? ''));
  return makeFinding(
    CHECKS.L5,
    null,
    {
      status,
      detail: listSome(bad.map(({ detail }) => detail)),
      expected: `valid today and for ${plural(options.daysWarning, 'day')} more`,
      observed,
      fix: bad[0]?.fix ?? null,
    },
    0,
  );
}

/** One certificate: expired and not yet valid fail, near its end is a warning. */
export function judgeDates(certificate: X509Certificate, { nowMs, daysWarning }: ValidityOptions): Conclusion {
  const { notBefore, notAfter } = readDetails(certificate);
  const name = nameOf(certificate);
  const observed = `${name}: ${dayOf(notBefore)} to ${dayOf(notAfter)}`;
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter))
    return { status: 'fail', detail: `the dates of ${name} cannot be read`, observed, fix: 'have it issued again' };
  if (nowMs > notAfter)
    return {
      status: 'fail',
      detail: `${name} expired ${dayOf(notAfter)}, ${plural(daysBetween(notAfter, nowMs), 'day')} ago`,
      observed,
      fix: 'renew it',
    };
  if (nowMs < notBefore)
    return {
      status: 'fail',
      detail: `${name} is not valid before ${dayOf(notBefore)}`,
      observed,
      fix: 'compare the clock of the machine that issued it with yours, or wait',
    };
  if (notAfter - nowMs < daysWarning * DAY_MS)
    return {
      status: 'warn',
      detail: `${name} expires ${dayOf(notAfter)}, in ${plural(daysLeft(certificate, nowMs), 'day')}`,
      observed,
      fix: 'renew it',
    };
  return { status: 'pass', detail: `${name} is valid until ${dayOf(notAfter)}`, observed };
}

function describeFirstEnd(certificates: readonly X509Certificate[], { nowMs }: ValidityOptions): string {
  const [first] = certificates.toSorted((a, b) => readDetails(a).notAfter - readDetails(b).notAfter);
  if (first === undefined) return 'there is no certificate';
  return `${certificates.length === 1 ? 'valid' : `${nameOf(first)} ends first: valid`} until ${dayOf(readDetails(first).notAfter)}, ${plural(daysLeft(first, nowMs), 'day')} more`;
}

const daysBetween = (fromMs: number, toMs: number): number => Math.floor((toMs - fromMs) / DAY_MS);

/** `2026-11-27`; a year that no calendar has is told as such. */
export function dayOf(ms: number): string {
  return Number.isNaN(ms) ? 'no date' : new Date(ms).toISOString().slice(0, 10);
}
