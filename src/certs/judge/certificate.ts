import type { X509Certificate } from 'node:crypto';
import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { daysLeft, readDetails, ANY_USAGE, CLIENT_AUTH, usageName } from '../file/certificate-details.ts';
import {
  nameOf,
  isSelfSigned,
  type ClientChain,
  isNamedIssuer,
  isTakenForSelfSigned,
  sameCertificate,
} from './client-chain.ts';
import { listSome, plural } from '../../model/wording.ts';

const DAY_MS = 86_400_000;

export interface ValidityOptions {
  nowMs: number;
  /** From how many days before its end on a certificate is a warning. */
  daysWarning: number;
}

/** L5 of a client's file: what its chain does not need may have expired. */
export function judgeChainValidity(chain: ClientChain, options: ValidityOptions): Finding {
  const certificates = [...chain.path, ...chain.others.filter((one) => !chain.path.includes(one))];
  return judgeValidity(certificates, options, (one) => whyUnneeded(one, chain));
}

/** Null when a server needs its dates to be good. */
function whyUnneeded(certificate: X509Certificate, { path, hasCas }: ClientChain): string | null {
  const height = path.findIndex((one) => sameCertificate(one, certificate));
  if (height === -1) return 'the chain works without it';
  // Cross-signed: many servers have a root of the same name and key.
  if (!hasCas && height > 0 && (isSelfSigned(certificate) || (height > 1 && height === path.length - 1)))
    return 'a server that has a root with the same name does not need it';
  return null;
}

/** L5: of every certificate of a chain; the worst decides. */
export function judgeValidity(
  certificates: readonly X509Certificate[],
  options: ValidityOptions,
  whyNot: (certificate: X509Certificate) => string | null = () => null,
): Finding {
  const judged = certificates.map((one) => {
    const dates = judgeDates(one, options);
    const why = dates.status === 'fail' ? whyNot(one) : null;
    return why === null ? dates : { ...dates, status: 'warn' as const, detail: `${dates.detail}, but ${why}` };
  });
  const bad = [...judged.filter((one) => one.status === 'fail'), ...judged.filter((one) => one.status === 'warn')];
  const status = bad[0]?.status ?? 'pass';
  if (status === 'pass') return makeFinding(CHECKS.L5, { status, detail: describeFirstEnd(certificates, options) });
  const observed = listSome(bad.map((one) => one.observed ?? ''));
  return makeFinding(CHECKS.L5, {
    status,
    detail: listSome(bad.map(({ detail }) => detail)),
    expected: `valid today and for ${plural(options.daysWarning, 'day')} more`,
    observed,
    fix: bad[0]?.fix ?? null,
  });
}

/** One certificate: expired and not yet valid fail, near its end is a warning. */
export function judgeDates(certificate: X509Certificate, { nowMs, daysWarning }: ValidityOptions): Conclusion {
  const { notBefore, notAfter } = readDetails(certificate);
  const name = nameOf(certificate);
  const observed = `${name}: ${dayOf(notBefore)} to ${dayOf(notAfter)}`;
  if (Number.isNaN(notBefore) || Number.isNaN(notAfter))
    return { status: 'fail', detail: `cannot read the dates of ${name}`, observed, fix: 'have it reissued' };
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
      fix: 'wait, or compare your clock with that of the machine that issued it',
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
  if (first === undefined) return 'no certificate to check';
  return (
    `${certificates.length === 1 ? 'valid' : `${nameOf(first)} expires first: valid`} until ` +
    `${dayOf(readDetails(first).notAfter)}, ${plural(daysLeft(first, nowMs), 'day')} more`
  );
}

const daysBetween = (fromMs: number, toMs: number): number => Math.floor((toMs - fromMs) / DAY_MS);

/** `2026-11-27`; `no date` for NaN. */
export function dayOf(ms: number): string {
  return Number.isNaN(ms) ? 'an unreadable date' : new Date(ms).toISOString().slice(0, 10);
}

const LEAF_USAGE = 'extendedKeyUsage clientAuth and keyUsage digitalSignature, or neither extension';
const LEAF_FIX = 'have it reissued with: extendedKeyUsage=clientAuth, keyUsage=digitalSignature';

/** L6: what the leaf is for, and what its intermediates allow. */
export function judgeUsage({ leaf, path }: ClientChain): Finding {
  const conclusions = [judgeExtended(leaf), judgeKeyUsage(leaf), ...path.slice(1).map(judgeLimit)].filter(
    (one) => one !== null,
  );
  const worst = conclusions.find(({ status }) => status === 'fail') ??
    conclusions[0] ?? { status: 'pass', detail: describe(leaf) };
  return makeFinding(CHECKS.L6, {
    observed: describe(leaf),
    expected: worst.status === 'pass' ? null : LEAF_USAGE,
    fix: worst.status === 'pass' ? null : LEAF_FIX,
    ...worst,
  });
}

function judgeExtended(leaf: X509Certificate): Conclusion | null {
  const usages = readDetails(leaf).extendedKeyUsage;
  if (usages === null || usages.includes(CLIENT_AUTH)) return null;
  if (usages.includes(ANY_USAGE))
    return {
      status: 'warn',
      detail:
        'it allows any usage without naming clientAuth: Go (Caddy) accepts that, OpenSSL (nginx, Apache, ' +
        'HAProxy) rejects it',
    };
  return { status: 'fail', detail: `it is for ${usages.map(usageName).join(', ')}, not for clientAuth` };
}

/** OpenSSL takes keyAgreement in its place; others sign with the key, and want what says so. */
function judgeKeyUsage(leaf: X509Certificate): Conclusion | null {
  const { keyUsage } = readDetails(leaf);
  if (keyUsage === null || keyUsage.includes('digitalSignature')) return null;
  if (keyUsage.includes('keyAgreement'))
    return {
      status: 'warn',
      detail: 'its key usage includes keyAgreement but not digitalSignature: OpenSSL accepts that, Java does not',
    };
  return {
    status: 'fail',
    detail: 'its key usage lacks digitalSignature, which a client needs to prove that it has the key',
  };
}

/** RFC 5280 does not say so, but OpenSSL takes the extended usages of a CA, a root too, as a limit for those below. */
function judgeLimit(ca: X509Certificate): Conclusion | null {
  const usages = readDetails(ca).extendedKeyUsage;
  if (usages === null || usages.includes(CLIENT_AUTH)) return null;
  return {
    status: usages.includes(ANY_USAGE) ? 'warn' : 'fail',
    detail:
      `the ${isSelfSigned(ca) ? 'root' : 'intermediate'} ${nameOf(ca)} is limited to ` +
      usages.map(usageName).join(', '),
    fix: 'use a CA without that limit, or one that includes clientAuth',
  };
}

function describe(leaf: X509Certificate): string {
  const { extendedKeyUsage, keyUsage } = readDetails(leaf);
  const extended =
    extendedKeyUsage === null
      ? 'no extended key usage, which allows all'
      : `extended key usage ${extendedKeyUsage.map(usageName).join(', ')}`;
  return `${extended}; ${keyUsage === null ? 'no key usage, which allows all' : `key usage ${keyUsage.join(', ')}`}`;
}

/**
 * L7: a certificate with its CA's own name. OpenSSL then takes it for self-signed and refuses it. It comes from giving
 * the same answers to openssl's questions twice.
 */
export function judgeName({ leaf, path }: ClientChain): Finding {
  if (isSelfSigned(leaf)) {
    return makeFinding(CHECKS.L7, {
      status: 'warn',
      detail: 'it is self-signed: no CA issued it',
      expected: 'a certificate issued by a CA',
      observed: `${nameOf(leaf)}, signed by its own key`,
      fix: 'have it issued by a CA: a server accepts this one only if the certificate itself is in its CA file',
    });
  }
  const collided = path.find((one) => isTakenForSelfSigned(one) && !isSelfSigned(one));
  if (collided === undefined) return makeFinding(CHECKS.L7, { status: 'pass', detail: nameOf(leaf) });
  return makeFinding(CHECKS.L7, {
    status: 'fail',
    detail: `${nameOf(collided)} has the same name as the CA that issued it, so OpenSSL treats it as self-signed`,
    expected: 'a subject that differs from the issuer',
    observed: nameOf(collided),
    fix: "have it reissued under a different name: when openssl asks, give another Common Name than the CA's",
  });
}

/** L8: without version 3 there are no extensions, and so no limits to what the certificate may do. */
export function judgeVersion({ leaf }: ClientChain): Finding {
  const { version } = readDetails(leaf);
  if (version >= 3) return makeFinding(CHECKS.L8, { status: 'pass', detail: `version ${version}` });
  return makeFinding(CHECKS.L8, {
    status: 'warn',
    detail: `it is version ${version}, without extensions; nginx, Apache, HAProxy, Caddy and Node accept it anyway`,
    expected: 'version 3',
    observed: `version ${version}`,
    fix: 'issue it with extensions: openssl x509 -req … -extfile FILE, or webhook certs create',
  });
}

const CA_FIX = 'reissue the CA with: basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign,cRLSign';

/** L10: every certificate above the leaf may issue, and as deep as it has to. `path` runs from the leaf upward. */
export function judgeIssuers(path: readonly X509Certificate[]): Finding {
  const issuers = path.slice(1);
  if (issuers.length === 0)
    return makeFinding(CHECKS.L10, {
      status: 'skip',
      detail: 'the issuer is missing: neither the file nor --client-ca contains it',
    });
  return judgeCas(issuers.map((ca, index) => ({ ca, issued: path[index] ?? null, below: path.slice(1, index + 1) })));
}

/** L10 of a CA file, where nothing that was issued is at hand. */
export function judgeCaFile(cas: readonly X509Certificate[]): Finding {
  return judgeCas(cas.map((ca) => ({ ca, issued: null, below: [] })));
}

interface IssuerOnPath {
  ca: X509Certificate;
  issued: X509Certificate | null;
  /** The intermediates between it and the leaf. */
  below: readonly X509Certificate[];
}

function judgeCas(issuers: readonly IssuerOnPath[]): Finding {
  const conclusions = issuers.map(judgeIssuer).filter((one) => one !== null);
  const worst = conclusions.find(({ status }) => status === 'fail') ?? conclusions[0];
  const names = issuers.map(({ ca }) => nameOf(ca));
  return makeFinding(
    CHECKS.L10,
    worst ?? {
      status: 'pass',
      detail: `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`,
    },
  );
}

const judgeIssuer = (issuer: IssuerOnPath): Conclusion | null => judgeRight(issuer.ca) ?? judgePlace(issuer);

/** Whether the certificate says that its holder may issue others. */
function judgeRight(ca: X509Certificate): Conclusion | null {
  const name = nameOf(ca);
  const { basicConstraints, keyUsage, version } = readDetails(ca);
  if (basicConstraints === null && isSelfSigned(ca) && (version < 3 || keyUsage?.includes('keyCertSign') === true)) {
    const what = version < 3 ? `version ${version}` : 'no basicConstraints, but keyUsage keyCertSign';
    return {
      status: 'warn',
      detail:
        `${name} is a root ${version < 3 ? 'of' : 'with'} ${what}, so it is not marked as a CA; OpenSSL accepts ` +
        'that',
      expected: 'CA:TRUE',
      observed: what,
      fix: CA_FIX,
    };
  }
  if (basicConstraints?.ca !== true)
    return {
      status: 'fail',
      detail: `${name} is not a CA`,
      expected: 'basicConstraints CA:TRUE',
      observed: basicConstraints === null ? 'no basicConstraints' : 'CA:FALSE',
      fix: CA_FIX,
    };
  if (keyUsage !== null && !keyUsage.includes('keyCertSign'))
    return {
      status: 'fail',
      detail: `${name} may not sign certificates`,
      expected: 'keyUsage keyCertSign',
      observed: `keyUsage ${keyUsage.join(', ')}`,
      fix: CA_FIX,
    };
  return null;
}

/** Whether it may stand where it does: so high above the leaf, and directly above what it issued. */
function judgePlace({ ca, issued, below }: IssuerOnPath): Conclusion | null {
  const name = nameOf(ca);
  const pathLength = readDetails(ca).basicConstraints?.pathLength ?? null;
  // RFC 5280 §4.2.1.9: a CA that issues itself a new certificate does not count.
  const depth = below.filter((one) => !isNamedIssuer(one, one)).length;
  if (pathLength !== null && depth > pathLength)
    return {
      status: 'fail',
      detail:
        `${name} allows ${plural(pathLength, 'intermediate')} below it, and there ${depth === 1 ? 'is' : 'are'} ` +
        `${depth}`,
      expected: `pathlen of ${depth} or more`,
      observed: `pathlen:${pathLength}`,
      fix: 'have the leaf issued by a CA higher up, or reissue the CA with a larger pathlen',
    };
  if (issued !== null && !issued.checkIssued(ca))
    return {
      status: 'fail',
      detail: `OpenSSL does not recognise ${name} as the issuer of ${nameOf(issued)}, although it signed it`,
      expected: 'matching key identifiers',
      observed: 'an authority key identifier of another certificate',
      fix: 'the CA was reissued with another key identifier or serial number: reissue the certificates below it',
    };
  return null;
}
