import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { ANY_USAGE, CLIENT_AUTH, readDetails, usageName } from '../file/certificate-details.ts';
import { isSelfSigned, nameOf, type ClientChain } from './client-chain.ts';
import { makeFinding, type Conclusion } from './finding.ts';

const EXPECTED = 'extendedKeyUsage clientAuth and keyUsage digitalSignature, or neither extension';
const AGAIN = 'have it issued again with: extendedKeyUsage=clientAuth, keyUsage=digitalSignature';

/** L6: what the leaf is for, and what its intermediates allow. */
export function judgeUsage({ leaf, path }: ClientChain): Finding {
  const conclusions = [
    judgeExtended(leaf),
    judgeKeyUsage(leaf),
    ...path
      .slice(1)
      .filter((one) => !isSelfSigned(one))
      .map(judgeIntermediate),
  ].filter((one) => one !== null);
  const worst = conclusions.find(({ status }) => status === 'fail') ??
    conclusions[0] ?? { status: 'pass', detail: describe(leaf) };
  return makeFinding(
    CHECKS.L6,
    null,
    { observed: describe(leaf), ...(worst.status === 'pass' ? {} : { expected: EXPECTED, fix: AGAIN }), ...worst },
    0,
  );
}

function judgeExtended(leaf: X509Certificate): Conclusion | null {
  const usages = readDetails(leaf).extendedKeyUsage;
  if (usages === null || usages.includes(CLIENT_AUTH)) return null;
  if (usages.includes(ANY_USAGE))
    return {
      status: 'warn',
      detail:
        'it is for any usage without naming clientAuth: Go (Caddy) accepts that, OpenSSL (nginx, Apache, HAProxy) refuses it',
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
      detail: 'its key usage has keyAgreement but not digitalSignature: OpenSSL accepts that, Java does not',
    };
  return { status: 'fail', detail: 'its key usage lacks digitalSignature, which proves that the caller has the key' };
}

/** RFC 5280 does not say so, but OpenSSL takes the extended usages of a CA as a limit for what it issues. */
function judgeIntermediate(ca: X509Certificate): Conclusion | null {
  const usages = readDetails(ca).extendedKeyUsage;
  if (usages === null || usages.includes(CLIENT_AUTH)) return null;
  return {
    status: usages.includes(ANY_USAGE) ? 'warn' : 'fail',
    detail: `the intermediate ${nameOf(ca)} is limited to ${usages.map(usageName).join(', ')}`,
    fix: 'use an intermediate without that limit, or with clientAuth in it',
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
