import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import type { X509Certificate } from 'node:crypto';
import { CHECKS } from '../checks.ts';
import { readDetails } from '../file/certificate-details.ts';
import { isNamedIssuer, isSelfSigned, nameOf, plural } from './client-chain.ts';

const AGAIN = 'issue the CA again with: basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign,cRLSign';

/** L10: every certificate above the leaf may issue, and as deep as it has to. `path` runs from the leaf upward. */
export function judgeIssuers(path: readonly X509Certificate[]): Finding {
  const issuers = path.slice(1);
  if (issuers.length === 0)
    return makeFinding(CHECKS.L10, {
      status: 'skip',
      detail: 'no issuer is at hand: neither the file nor --client-ca holds it',
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
  if (version < 3 && isSelfSigned(ca))
    return {
      status: 'warn',
      detail: `${name} is a root of version ${version}, which nothing marks as a CA; OpenSSL accepts that`,
      expected: 'CA:TRUE',
      observed: `version ${version}`,
      fix: AGAIN,
    };
  if (basicConstraints?.ca !== true)
    return {
      status: 'fail',
      detail: `${name} is no CA`,
      expected: 'basicConstraints CA:TRUE',
      observed: basicConstraints === null ? 'no basicConstraints' : 'CA:FALSE',
      fix: AGAIN,
    };
  if (keyUsage !== null && !keyUsage.includes('keyCertSign'))
    return {
      status: 'fail',
      detail: `${name} may not sign certificates`,
      expected: 'keyUsage keyCertSign',
      observed: `keyUsage ${keyUsage.join(', ')}`,
      fix: AGAIN,
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
      fix: 'have the leaf issued higher up, or the CA again with a greater pathlen',
    };
  if (issued !== null && !issued.checkIssued(ca))
    return {
      status: 'fail',
      detail: `OpenSSL does not take ${name} for the issuer of ${nameOf(issued)}, although it signed it`,
      expected: 'matching key identifiers',
      observed: 'the authority key identifier names another certificate',
      fix:
        'the CA was issued again with another key identifier or serial number: have the certificates below it ' +
        'issued again',
    };
  return null;
}
