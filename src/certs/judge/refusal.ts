import { type CheckId } from '../checks.ts';
import { nameTheSame, readCertificateNames } from '../der.ts';
import type { Finding } from '../../model/finding.ts';
import type { ProbeResult } from '../probe/probe.ts';
import { type Cause, FIXES, fixFor } from '../server-fixes.ts';
import type { NamedSuccessRule } from '../../vendors/facts.ts';
import { listAuthorities } from './handshake.ts';

/** Why the given certificate was refused, as far as is known, and what to do about it. */
export interface RefusalExplanation extends Partial<Pick<Finding, 'fix' | 'serverFixes'>> {
  text: string;
}

/** A fault of the certificate itself explains a refusal better than any alert does. The gravest first. */
const OWN_FAULTS = ['L5', 'L6', 'L9', 'L7'] as const satisfies readonly CheckId[];
/** With --client-ca: they know what is missing, where the list of CAs shows only that something is. */
const CHAIN_FAULTS = ['L4', 'L11'] as const satisfies readonly CheckId[];
/** The server itself says what is wrong, and that it is no matter of CAs. */
const PLAIN_ALERTS: ReadonlySet<number> = new Set([43, 44, 45]);

/** What an alert says (RFC 8446 §6.2), and what causes it on the servers that were measured. */
const EXPLANATION_OF_ALERT: Record<number, { cause: Cause | null; text: string; fix?: string }> = {
  40: {
    cause: null,
    text: 'the server and the client have no TLS parameters in common, or the server refuses without a reason',
    fix: "see N3 for the signatures that it accepts, and check the server's error log",
  },
  41: { cause: null, text: 'the server saw no certificate', fix: 'see N4: was it sent?' },
  42: {
    cause: 'unknown-ca',
    text:
      'the server rejects the certificate as bad: it does not know its CA (Caddy), the certificate is not ' +
      'valid yet, or its key is too weak',
  },
  43: { cause: 'wrong-usage', text: 'the server says that the certificate is for another purpose' },
  44: { cause: null, text: 'the server says that the certificate is revoked', fix: 'have a new one issued' },
  45: { cause: 'expired', text: 'the server says that the certificate has expired' },
  46: {
    cause: null,
    text:
      'the server found a problem that has no TLS alert of its own: OpenSSL sends this for name constraints, ' +
      'unknown critical extensions, policies and CA usages',
    fix: "run with --client-ca, so that L11 names the problem, and check the server's error log",
  },
  47: {
    cause: null,
    text: 'the server says that a field of the handshake has an invalid value',
    fix: "compare both TLS versions (P6), and check the server's error log",
  },
  48: {
    cause: 'unknown-ca',
    text: "the server's CA file does not contain the certificate's issuer, or an intermediate is missing",
  },
  49: {
    cause: null,
    text: 'the server knows the certificate and has a rule against it',
    fix: "check the server's rules: it accepts other certificates",
  },
  50: {
    cause: null,
    text: 'the server cannot read the certificate',
    fix: 'have it reissued: openssl x509 -in CERT -noout -text shows what other programs read',
  },
  51: {
    cause: 'unknown-ca',
    text:
      'a signature does not match: OpenSSL sends this if the CA file contains a CA with the same name as the ' +
      'issuer but a different key; other servers also if the private key is the wrong one',
  },
  71: {
    cause: null,
    text: 'the server wants stronger keys or ciphers than were offered',
    fix: 'use a certificate with an RSA 2048 or EC P-256 key',
  },
  80: { cause: 'depth-too-small', text: 'Apache sends this when the chain is longer than SSLVerifyDepth' },
  116: { cause: null, text: 'the server saw no certificate', fix: 'see N4: was it sent?' },
};

const ABOVE_TLS = 'TLS accepted the connection, and the answer came from a layer above it';
const NO_ROUTE: RefusalExplanation = {
  text: 'the connection was accepted, but nothing accepts a POST at this path',
  fix: 'compare the path with the one the application listens on',
};
const NO_APPLICATION: RefusalExplanation = {
  text: 'the server cannot reach the application behind it',
  fix: 'start the application, or correct the address that the server forwards requests to',
};
const BY_RULE: RefusalExplanation = { text: ABOVE_TLS, fix: "check the application's rules and its log" };

/** What a status says that came from above TLS (RFC 9110 §15, RFC 6585 §4). */
const EXPLANATION_OF_STATUS: Readonly<Record<number, RefusalExplanation>> = {
  401: BY_RULE,
  403: BY_RULE,
  404: NO_ROUTE,
  405: NO_ROUTE,
  421: {
    text: 'the server requires the handshake to name the same host as the Host header',
    fix: 'call the endpoint by its name, not by its address',
  },
  429: {
    text: 'the connection was accepted, but a rate limit blocked this request',
    fix: 'run it again later, and set the limit to at least as many requests as the vendor sends at once',
  },
  502: NO_APPLICATION,
  503: {
    text: 'the server is busy, limits the request rate (nginx limit_req), or cannot reach the application',
    fix: 'run it again later; if it repeats, start the application or raise the limit',
  },
  504: NO_APPLICATION,
};

function explainStatus(status: number, success: NamedSuccessRule): RefusalExplanation {
  const known = EXPLANATION_OF_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 200 && status < 300)
    return {
      text: 'the connection was accepted, but this is not a success',
      fix: `make the application answer ${success.text}`,
    };
  if (status >= 300 && status < 400)
    return { text: 'a redirect, which is not followed', fix: 'give the vendor the address that it redirects to' };
  return {
    text: status >= 500 ? 'the connection was accepted, but the application failed' : ABOVE_TLS,
    fix: "check the application's log",
  };
}

/** The part of it that a Finding takes over. */
export const fixOf = (why: RefusalExplanation | null): Pick<RefusalExplanation, 'fix' | 'serverFixes'> => ({
  fix: why?.fix,
  serverFixes: why?.serverFixes,
});

const explain = (cause: Cause): RefusalExplanation => ({ text: FIXES[cause].cause, ...fixFor(cause) });

/** From what came back for the given certificate to the cause. `offline`: what was concluded of its files. */
export function explainRefusal(
  good: ProbeResult,
  offline: readonly Finding[],
  success: NamedSuccessRule,
): RefusalExplanation | null {
  const { reaction } = good;
  if (good.requested === true && good.certificateSent === false) return explain('key-type-refused');
  const isOfTheServer = reaction.kind === 'refused' && (reaction.layer === 'tls' || reaction.explicit);
  if (good.status !== null && good.status !== 400 && !isOfTheServer) return explainStatus(good.status, success);
  if (reaction.kind !== 'refused') return null;
  if (reaction.layer === 'server' && good.status === null) return CLOSED_AFTER_TLS;
  const isPlain = PLAIN_ALERTS.has(good.alert ?? 0);
  return (
    explainByFiles(offline, OWN_FAULTS) ??
    explainByFiles(offline, CHAIN_FAULTS) ??
    (isPlain ? explainAlert(good.alert) : explainByList(good)) ??
    explainByName(good, offline) ??
    explainAlert(good.alert) ??
    explainByFiles(offline, ['L6', 'L12'], 'warn') ??
    explainSilence(good)
  );
}

const CLOSED_AFTER_TLS: RefusalExplanation = {
  text: 'the connection was closed without an answer, after TLS had accepted the certificate',
  fix: "check the server's rules and log (nginx: return 444), then the application's",
};

function explainByFiles(
  offline: readonly Finding[],
  ids: readonly CheckId[],
  status: Finding['status'] = 'fail',
): RefusalExplanation | null {
  const known = ids
    .map((id) => offline.find((finding) => finding.id === id && finding.status === status))
    .find((finding) => finding !== undefined);
  if (known === undefined) return null;
  return { text: `${known.id}: ${known.detail}`, fix: known.fix, serverFixes: known.serverFixes };
}

function explainAlert(alert: number | null): RefusalExplanation | null {
  if (alert === null) return null;
  const known = EXPLANATION_OF_ALERT[alert];
  if (known === undefined)
    return {
      text: `the server ended the handshake with alert ${alert}, which is not about certificates`,
      fix: "check the server's error log",
    };
  const { cause, text, fix } = known;
  return cause === null ? { text, fix } : { text, ...fixFor(cause) };
}

/** Whether the server's list of CAs (N2) names an issuer of what went out; null when that cannot be seen. */
function isListed({ request, certificatesSent }: ProbeResult): boolean | null {
  const issuers = (certificatesSent ?? []).flatMap((der) => readCertificateNames(der)?.issuer ?? []);
  if (request === null || request.authorities.length === 0 || issuers.length === 0) return null;
  return issuers.some((issuer) => request.authorities.some((name) => nameTheSame(name, issuer)));
}

/** A list without its issuer explains a refusal, however long the chain is. */
function explainByList(good: ProbeResult): RefusalExplanation | null {
  if (isListed(good) !== false) return null;
  const listed = listAuthorities(good.request?.authorities ?? [], 3);
  return {
    text:
      `the server's CA list names ${listed}, none of which issued the certificate (N2): the server uses a ` +
      'different CA file, or an intermediate is missing',
    ...fixFor('unknown-ca'),
  };
}

/** The server knows a CA of that name, so what it misses lies between, or the chain is too long for it. */
function explainByName(good: ProbeResult, offline: readonly Finding[]): RefusalExplanation | null {
  if (isListed(good) !== true || ![null, 48].includes(good.alert)) return null;
  // A bare 400 may be of the application.
  if (good.status !== null && good.reaction.kind === 'refused' && !good.reaction.explicit) return null;
  const tooLong = explainByFiles(offline, ['L6', 'L12'], 'warn');
  if (tooLong !== null) return tooLong;
  return {
    text:
      "the server's CA list names an issuer of the certificate (N2), so an intermediate is missing, the chain " +
      'is longer than the server allows, or its CA of that name has a different key',
    ...fixFor('missing-intermediate'),
  };
}

function explainSilence({ reaction }: ProbeResult): RefusalExplanation {
  if (reaction.kind === 'refused' && !reaction.explicit && reaction.layer === 'server')
    return { text: 'a 400 from the server or from the application', fix: 'check both logs' };
  return {
    text: "most likely the server's CA file does not contain the certificate's issuer; check its error log",
    ...fixFor('unknown-ca'),
  };
}
