import type { Finding } from '../../model/finding.ts';
import { readPeer } from '../address/address.ts';

/** What one address of the endpoint's host answered to a caller who is not the vendor. */
export interface AddressAnswer {
  address: string;
  family: 4 | 6;
  outcome: {
    /** Null without an answer. */
    status: number | null;
    error: string | null;
    durationMs: number;
  };
}

export interface EndpointSource {
  /** In the order the system gives the addresses. */
  answers: readonly AddressAnswer[];
  /** Why the name of the host leads nowhere; null when it leads somewhere. */
  lookupError: string | null;
  /** Of the same request with headers that claim the vendor's address. */
  claims: readonly Finding[];
  isSigned: boolean;
  hasSecret: boolean;
}

export interface EndpointJudgement {
  findings: readonly Finding[];
  conclusion: string;
  isGood: boolean;
  /** Something there answers at all. */
  answered: boolean;
}

type Said = Pick<Finding, 'status' | 'detail'> & Partial<Pick<Finding, 'expected' | 'observed' | 'fix'>>;

/** Judges an endpoint by how it answers this machine. */
export function judgeEndpointSource(source: EndpointSource): EndpointJudgement {
  const { answers, claims, lookupError } = source;
  const answered = answers.some(({ outcome }) => outcome.status !== null);
  const findings = [judgeFamilies(source), ...answers.map((answer) => judgeRefusal(answer, source)), ...claims];
  const isAdmitted = answers.some(({ outcome }) => isTaken(outcome.status));
  const believes = claims.filter(({ status }) => status === 'fail');
  const isOpen = findings.some(({ status }) => status === 'warn');
  const isGood =
    answered &&
    !isAdmitted &&
    believes.length === 0 &&
    !findings.some(({ id, status }) => id === 'stranger-refused' && status !== 'pass') &&
    claims.some(({ status }) => status === 'pass');
  return { findings, answered, isGood, conclusion: conclude() };

  function conclude(): string {
    if (lookupError !== null) return `the name of the host leads nowhere (${lookupError})`;
    if (!answered) return 'the endpoint does not answer';
    if (isAdmitted) return 'takes events from this machine, which is not the vendor';
    if (believes.length > 0)
      return `believes the address that a caller claims (${believes.map(({ id }) => id).join(', ')})`;
    if (isGood) return 'refuses this machine, whatever it claims';
    return isOpen
      ? 'refuses this machine, but whether for its address cannot be told'
      : 'not everything could be tried';
  }
}

/** Only an answer below 300 means that the event was taken. */
const isTaken = (status: number | null): boolean => status !== null && status < 300;

function judgeFamilies({ answers, lookupError }: EndpointSource): Finding {
  const check = { id: 'address-family', title: 'every address of the host answers, and all alike' };
  if (lookupError !== null) return finding(check, { status: 'fail', detail: `its name leads nowhere: ${lookupError}` });
  const [first] = answers;
  const used = first === undefined ? '' : `calls go to ${first.address} (IPv${first.family}) first`;
  const silent = answers.filter(({ outcome }) => outcome.status === null);
  const rest = answers.length === 1 ? '; it is the only address' : ` of ${answers.length} addresses`;
  const kinds = new Set(
    answers.filter(({ outcome }) => outcome.status !== null).map(({ outcome }) => isTaken(outcome.status)),
  );
  if (kinds.size > 1)
    return finding(check, {
      status: 'fail',
      detail: `${used}${rest}; some take the event and some do not: ${answers.map(tell).join(', ')}`,
      expected: 'the same rules on every address',
      observed: 'different ones',
      fix: 'write the rules for IPv4 and IPv6 alike',
    });
  if (silent.length > 0)
    return finding(check, {
      status: 'warn',
      detail: `${used}${rest}; no answer from ${silent.map(({ address, outcome }) => `${address} (${outcome.error ?? 'silent'})`).join(', ')}`,
      expected: 'an answer',
      observed: 'none',
      fix:
        answers.length === silent.length
          ? 'is it running, and is the port right?'
          : 'take out the DNS record of an address that does not serve',
    });
  return finding(check, { status: 'pass', detail: `${used}${rest}` });
}

const tell = ({ address, outcome }: AddressAnswer): string => `${address} ${outcome.status ?? 'no answer'}`;

function judgeRefusal(
  { address, family, outcome: { status, error, durationMs } }: AddressAnswer,
  { isSigned, hasSecret }: EndpointSource,
): Finding {
  const check = {
    id: 'stranger-refused',
    title: `${address} (IPv${family}) refuses this machine, which is not the vendor`,
  };
  const of = (said: Said): Finding => ({ ...finding(check, said), durationMs });
  const near = isOwn(address) ? '; it is this very machine, which rules often let in: try it from elsewhere, too' : '';
  if (status === null)
    return of({
      status: 'warn',
      detail: `no answer: ${error ?? 'silent'}`,
      expected: '403',
      observed: 'no answer',
      fix: 'a firewall that drops strangers looks like this, and so does a server that is down: check-source with --nginx or --apache reads the rules themselves',
    });
  if (isTaken(status))
    return of({
      status: 'fail',
      detail: `answered ${status}${near}`,
      expected: '403',
      observed: String(status),
      fix: 'allow the networks of the vendor, and deny everybody else',
    });
  if (status === 403) return of({ status: 'pass', detail: 'answered 403' });
  if (status === 401 && isSigned && !hasSecret)
    return of({
      status: 'warn',
      detail: 'answered 401, for the request is not signed: whether the address matters cannot be told',
      expected: '403',
      observed: '401',
      fix: 'give the secret (--secret-env NAME), so that nothing but the address is wrong',
    });
  return of({
    status: 'warn',
    detail: `answered ${status}: is that for the address, or for the request?`,
    expected: '403',
    observed: String(status),
    fix: 'answer 403 to strangers, before anything else is looked at; for the right --vendor and path see webhook test',
  });
}

function isOwn(text: string): boolean {
  const address = readPeer(text);
  return address !== null && (address.family === 4 ? address.value >> 24n === 127n : address.value === 1n);
}

function finding(
  { id, title }: { id: string; title: string },
  { status, detail, expected = null, observed = null, fix = null }: Said,
): Finding {
  return { id, title, status, detail, expected, observed, fix, serverFixes: [], reference: null, durationMs: 0 };
}
