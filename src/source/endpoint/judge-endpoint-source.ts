import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { readPeer } from '../address.ts';

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
  /** Why the name of the host does not resolve; null when it does. */
  lookupError: string | null;
  /** From the same request with headers that claim the vendor's address. */
  claims: readonly Finding[];
  isSigned: boolean;
  hasSecret: boolean;
}

export interface EndpointJudgement {
  findings: readonly Finding[];
  conclusion: string;
  isGood: boolean;
  /** At least one address answers. */
  answered: boolean;
}

/** Judges an endpoint by how it answers this machine. */
export function judgeEndpointSource(source: EndpointSource): EndpointJudgement {
  const { answers, claims } = source;
  const findings = [judgeFamilies(source), ...answers.map((answer) => judgeRefusal(answer, source)), ...claims];
  return { findings, ...concludeEndpoint(source, findings) };
}

function concludeEndpoint(
  { answers, claims, lookupError }: EndpointSource,
  findings: readonly Finding[],
): Omit<EndpointJudgement, 'findings'> {
  const answered = answers.some(({ outcome }) => outcome.status !== null);
  const bad = (conclusion: string): Omit<EndpointJudgement, 'findings'> => ({ answered, isGood: false, conclusion });
  if (lookupError !== null) return bad(`the host name does not resolve (${lookupError})`);
  if (!answered) return bad('the endpoint does not answer');
  if (answers.some(({ outcome }) => isAccepted(outcome.status)))
    return bad('the endpoint accepts events from this machine, which is not the vendor');
  const believed = claims.filter(({ status }) => status === 'fail').map(({ id }) => id);
  if (believed.length > 0) return bad(`the endpoint trusts the address that a caller claims (${believed.join(', ')})`);
  const isRefused = findings.every(({ id, status }) => id !== REFUSAL_ID || status === 'pass');
  if (isRefused && claims.some(({ status }) => status === 'pass'))
    return {
      answered,
      isGood: true,
      conclusion: 'the endpoint refuses this machine, including with forged address headers',
    };
  return bad(
    findings.some(({ status }) => status === 'warn')
      ? 'the endpoint refuses this machine, but possibly not because of its address'
      : 'some checks could not be made',
  );
}

const REFUSAL_ID = 'stranger-refused';

/** Only an answer below 300 means that the event was accepted. */
const isAccepted = (status: number | null): boolean => status !== null && status < 300;

function judgeFamilies({ answers, lookupError }: EndpointSource): Finding {
  const check = { id: 'address-family', title: 'every address of the host answers in the same way' };
  if (lookupError !== null)
    return makeFinding(check, { status: 'fail', detail: `its name does not resolve: ${lookupError}` });
  const [first] = answers;
  const used = first === undefined ? '' : `calls go to ${first.address} (IPv${first.family}) first`;
  const silent = answers.filter(({ outcome }) => outcome.status === null);
  const rest = answers.length === 1 ? '; it is the only address' : ` of ${answers.length} addresses`;
  const kinds = new Set(
    answers.filter(({ outcome }) => outcome.status !== null).map(({ outcome }) => isAccepted(outcome.status)),
  );
  if (kinds.size > 1)
    return makeFinding(check, {
      status: 'fail',
      detail: `${used}${rest}; some accept the event and some do not: ${answers.map(statusText).join(', ')}`,
      expected: 'the same rules on every address',
      observed: 'different rules',
      fix: 'write the same rules for IPv4 and IPv6',
    });
  if (silent.length > 0)
    return makeFinding(check, {
      status: 'warn',
      detail: `${used}${rest}; no answer from ${silent.map(silenceText).join(', ')}`,
      expected: 'an answer',
      observed: 'none',
      fix:
        answers.length === silent.length
          ? 'check that it is running and that the port is correct'
          : 'remove the DNS record of an address that does not serve the webhook',
    });
  return makeFinding(check, { status: 'pass', detail: `${used}${rest}` });
}

const silenceText = ({ address, outcome }: AddressAnswer): string => `${address} (${outcome.error ?? 'silent'})`;

const statusText = ({ address, outcome }: AddressAnswer): string => `${address} ${outcome.status ?? 'no answer'}`;

function judgeRefusal({ address, family, outcome }: AddressAnswer, source: EndpointSource): Finding {
  const { status, error, durationMs } = outcome;
  const check = {
    id: REFUSAL_ID,
    title: `${address} (IPv${family}) refuses this machine, which is not the vendor`,
  };
  const of = (conclusion: Conclusion): Finding => makeFinding(check, { ...conclusion, durationMs });
  if (status === null)
    return of({
      status: 'warn',
      detail: `no answer: ${error ?? 'silent'}`,
      expected: '403',
      observed: 'no answer',
      fix:
        'a firewall that drops other addresses looks the same as a server that is down: to read the rules ' +
        'themselves, use check-source with --nginx or --apache',
    });
  if (status === 403) return of({ status: 'pass', detail: 'answered 403' });
  if (!isAccepted(status)) return of(doubtRefusal(status, source));
  const near = isOwn(address)
    ? '; it is this machine itself, which rules often allow: try from another machine too'
    : '';
  return of({
    status: 'fail',
    detail: `answered ${status}${near}`,
    expected: '403',
    observed: String(status),
    fix: "allow the vendor's networks and deny all others",
  });
}

/** Any refusal but 403 may be for the request rather than for the address. */
function doubtRefusal(status: number, { isSigned, hasSecret }: EndpointSource): Conclusion {
  const doubt = { status: 'warn', expected: '403', observed: String(status) } as const;
  if (status === 401 && isSigned && !hasSecret)
    return {
      ...doubt,
      detail: 'answered 401, because the request is not signed: the effect of the address is unknown',
      fix: 'give the secret (--secret-env NAME), so that only the address is wrong',
    };
  return {
    ...doubt,
    detail: `answered ${status}: because of the address, or because of the request?`,
    fix:
      'answer 403 to other addresses before any other check; to find the right --vendor and path, use webhook ' +
      'test',
  };
}

function isOwn(text: string): boolean {
  const address = readPeer(text);
  return address !== null && (address.family === 4 ? address.value >> 24n === 127n : address.value === 1n);
}
