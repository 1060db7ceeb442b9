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
    text: 'the server and the client share no way to make the handshake, or the server refuses without a reason',
    fix: "see N3 for what it takes signatures by, and the server's error log",
  },
  41: { cause: null, text: 'the server saw no certificate', fix: 'see N4: did it go out?' },
  42: {
    cause: 'unknown-ca',
    text:
      'the server calls the certificate bad: its CA is not known there (Caddy), it is not valid yet, or its key ' +
      'is too weak',
  },
  43: { cause: 'wrong-usage', text: 'the server says that the certificate is for another purpose' },
  44: { cause: null, text: 'the server says that the certificate is revoked', fix: 'have another one issued' },
  45: { cause: 'expired', text: 'the server says that the certificate has expired' },
  46: {
    cause: null,
    text:
      'the server found what TLS has no alert for: OpenSSL says so of name constraints, of critical extensions that ' +
      'it does not know, of policies and of usages of CAs',
    fix: 'see L11 with --client-ca, which names it, and the error log of the server',
  },
  47: {
    cause: null,
    text: 'the server says that a field of the handshake has a value that may not be',
    fix: 'compare both versions of TLS (P6), and look at the error log of the server',
  },
  48: {
    cause: 'unknown-ca',
    text: "the server's CA file does not hold the certificate's issuer, or an intermediate is missing",
  },
  49: {
    cause: null,
    text: 'the server knows the certificate and has a rule against it',
    fix: 'look at the rules of the server: it admits others',
  },
  50: {
    cause: null,
    text: 'the server cannot read the certificate',
    fix: 'have it issued again: openssl x509 -in CERT -noout -text shows what others can read',
  },
  51: {
    cause: 'unknown-ca',
    text:
      'a signature does not fit: OpenSSL says so when the CA file holds a CA of the same name with another key than ' +
      'the one that issued the certificate; others also when the private key is another',
  },
  71: {
    cause: null,
    text: 'the server wants stronger keys or ciphers than were offered',
    fix: 'use a certificate with an RSA 2048 or EC P-256 key',
  },
  80: { cause: 'depth-too-small', text: 'Apache answers so when the chain is longer than SSLVerifyDepth' },
  116: { cause: null, text: 'the server saw no certificate', fix: 'see N4: did it go out?' },
};

const ABOVE_TLS = 'the connection was accepted and the answer came from above TLS';
const NO_ROUTE: RefusalExplanation = {
  text: 'the connection was accepted, but nothing takes a POST at this path',
  fix: 'compare the path with the one the application listens on',
};
const NO_APPLICATION: RefusalExplanation = {
  text: 'the server does not reach the application behind it',
  fix: 'start the application, or fix the address that the server passes requests to',
};
const BY_RULE: RefusalExplanation = { text: ABOVE_TLS, fix: 'look at the rules and the log of the application' };

/** What a status says that came from above TLS (RFC 9110 §15, RFC 6585 §4). */
const EXPLANATION_OF_STATUS: Readonly<Record<number, RefusalExplanation>> = {
  401: BY_RULE,
  403: BY_RULE,
  404: NO_ROUTE,
  405: NO_ROUTE,
  421: {
    text: 'the server wants the name of the Host header in the handshake',
    fix: 'call the endpoint by its name, not by its address',
  },
  429: {
    text: 'the connection was accepted, and a limit on the number of requests holds this one back',
    fix: 'run it again later, and let the limit admit as many requests as the vendor sends at once',
  },
  502: NO_APPLICATION,
  503: {
    text: 'the server is busy, limits the number of requests (nginx limit_req), or does not reach the application',
    fix: 'run it again later; where it stays so, start the application or raise the limit',
  },
  504: NO_APPLICATION,
};

function explainStatus(status: number, success: NamedSuccessRule): RefusalExplanation {
  const known = EXPLANATION_OF_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 200 && status < 300)
    return {
      text: 'the connection was accepted, but this is not a success',
      fix: `let the application answer ${success.text}`,
    };
  if (status >= 300 && status < 400)
    return { text: 'a redirect, which is not followed', fix: 'give the vendor the address that it leads to' };
  return {
    text: status >= 500 ? 'the connection was accepted and the application failed' : ABOVE_TLS,
    fix: 'look at the log of the application',
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
  text: 'the connection was closed without an answer, after TLS had taken the certificate',
  fix: 'look at the rules and the log of the server (nginx: return 444), then at those of the application',
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
      text: `the server ended the handshake by alert ${alert}, which is not about certificates`,
      fix: 'look at the error log of the server',
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
      `the server's list of CAs names ${listed}, none of which issued the certificate (N2): its CA file is another, ` +
      'or an intermediate is missing',
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
      "the server's list of CAs names an issuer of the certificate (N2), so an intermediate is missing, the chain is " +
      'longer than the server allows, or its CA of that name has another key',
    ...fixFor('missing-intermediate'),
  };
}

function explainSilence({ reaction }: ProbeResult): RefusalExplanation {
  if (reaction.kind === 'refused' && !reaction.explicit && reaction.layer === 'server')
    return { text: 'a 400 of the server or of the application', fix: 'look at both logs' };
  return {
    text: "most often the server's CA file does not hold the certificate's issuer; its error log knows",
    ...fixFor('unknown-ca'),
  };
}
