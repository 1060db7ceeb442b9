import { makeFinding, type Conclusion, type Finding, type ServerFix } from '../../model/finding.ts';
import type { X509Certificate } from 'node:crypto';
import { CHECKS } from '../checks.ts';
import type { OwnCertificate } from '../file/own-certificate.ts';
import { fixesFor } from '../server-fixes.ts';
import {
  findLeaves,
  isMarkedCa,
  isNamedIssuer,
  isSelfSigned,
  isSignedBy,
  issuerOf,
  nameOf,
  sameCertificate,
  type ClientChain,
} from './client-chain.ts';
import { listSome, plural } from '../../model/wording.ts';

/** L4: the leaf first, each next certificate the issuer of the one before, and nothing missing below the CA. */
export function judgeChain(
  chain: ClientChain,
  { certificates, keyPosition }: Pick<OwnCertificate, 'certificates' | 'keyPosition'>,
  clientCa: readonly X509Certificate[] | null,
): Finding {
  const conclusion = judgeSingle(certificates, keyPosition) ??
    judgeLeafFirst(chain, certificates) ??
    judgeComplete(chain, clientCa) ??
    judgeOrder(chain) ?? { status: 'pass', detail: describeSent(chain, clientCa) };
  return makeFinding(CHECKS.L4, conclusion);
}

/** Without a key that belongs to one of them, several leaves leave open which is meant. */
function judgeSingle(certificates: readonly X509Certificate[], keyPosition: number | null): Conclusion | null {
  const leaves = findLeaves(certificates)
    .map((index) => certificates[index])
    .filter((one) => one !== undefined)
    .filter((one) => !isMarkedCa(one));
  if (keyPosition !== null || leaves.length < 2) return null;
  return {
    status: 'fail',
    detail: `cannot tell which certificate to use: none of these issued another: ${listSome(leaves.map(nameOf))}`,
    expected: 'one certificate and its issuers',
    observed: `${leaves.length} leaves`,
    fix: 'put each certificate in its own file, or give the private key of the one to use',
  };
}

function judgeLeafFirst({ leaf }: ClientChain, certificates: readonly X509Certificate[]): Conclusion | null {
  const position = certificates.indexOf(leaf);
  if (position === 0) return null;
  return {
    status: 'fail',
    detail: `the leaf is number ${position + 1} in the file, but OpenSSL uses the first certificate as the leaf`,
    expected: nameOf(leaf),
    observed: `${nameOf(leaf)} as number ${position + 1}`,
    fix: 'put the leaf first, then the certificate that issued it, and so on',
  };
}

/** The file must hold everything between the leaf and what the server itself has. */
function judgeComplete(
  { leaf, path, isWhole }: ClientChain,
  clientCa: readonly X509Certificate[] | null,
): Conclusion | null {
  if (clientCa === null) return null;
  const last = path.at(-1) ?? leaf;
  const isTrusted = clientCa.some((one) => sameCertificate(one, last));
  if (isWhole && isTrusted) return null;
  return {
    status: 'fail',
    expected: 'a chain that ends in a root of the CA file',
    observed: path.map(nameOf).join(' ← '),
    ...(isWhole ? explainUntrustedRoot(last, path) : explainGap(last, path, clientCa, isTrusted)),
  };
}

type WhyIncomplete = Pick<Conclusion, 'detail' | 'fix' | 'serverFixes'>;

function explainUntrustedRoot(root: X509Certificate, path: readonly X509Certificate[]): WhyIncomplete {
  const isAlone = path.length === 1;
  const what = isAlone ? 'the certificate is self-signed' : `the chain ends in ${nameOf(root)}`;
  return {
    detail: `${what}, which the CA file does not contain`,
    fix: isAlone
      ? 'have it issued by the CA, or add the certificate itself to the CA file'
      : 'use a certificate from a CA that the server trusts, or add this root to its CA file',
    serverFixes: fixesFor('unknown-ca'),
  };
}

/** The issuer of `last` is not at hand. `isTrusted`: the CA file holds `last` itself. */
function explainGap(
  last: X509Certificate,
  path: readonly X509Certificate[],
  clientCa: readonly X509Certificate[],
  isTrusted: boolean,
): WhyIncomplete {
  const namesake = clientCa.find((one) => isNamedIssuer(last, one));
  if (namesake !== undefined)
    return {
      detail:
        `the CA file contains ${nameOf(namesake)}, but with a different key from the one that signed ` +
        `${nameOf(last)}`,
      fix:
        'the CA was recreated under the same name: have the certificate reissued by the new CA, or add the old ' +
        'CA to the CA file',
    };
  const missing = issuerOf(last);
  if (isTrusted) {
    const hasRoot = clientCa.some(isSelfSigned);
    return {
      detail:
        `the CA file contains ${nameOf(last)} but not its issuer ${missing}: nginx and Apache reject a chain ` +
        'that ends in an intermediate',
      fix: hasRoot
        ? `add ${missing}, and every other intermediate up to the root in the CA file, to the CA file or to the ` +
          "client's file"
        : `add ${missing} to the CA file, and every other issuer up to the root`,
      serverFixes: fixesFor('unknown-ca'),
    };
  }
  const after = path.length === 1 ? 'the leaf' : nameOf(last);
  return {
    detail: `${missing}, the issuer of ${nameOf(last)}, is in neither the file nor the CA file`,
    fix:
      `add ${missing} to the file after ${after}, followed by every other intermediate up to the CA file; or ` +
      'use a certificate from this CA',
    serverFixes: fixesFor('missing-intermediate'),
  };
}

/** OpenSSL accepts any order; RFC 5246 §7.4.2 (TLS 1.2) requires this one. */
function judgeOrder({ leaf, others, path }: ClientChain): Conclusion | null {
  const unrelated = others.find((one) => !path.some((known) => sameCertificate(one, known)));
  if (unrelated !== undefined) {
    return {
      status: 'warn',
      detail: `the file contains ${nameOf(unrelated)}, which is not part of the chain`,
      expected: 'only the chain',
      observed: plural(others.length + 1, 'certificate'),
      fix: 'remove it: a strict server may reject the chain, and every server sees it',
    };
  }
  const wrong = others.findIndex((one, index) => !isSignedBy(others[index - 1] ?? leaf, one));
  if (wrong === -1) return null;
  const isTwice = [leaf, ...others.slice(0, wrong)].some((one) =>
    sameCertificate(one, others[wrong] as X509Certificate),
  );
  return {
    status: 'warn',
    detail: `certificate ${wrong + 2} of the file ${isTwice ? 'is a duplicate' : `did not issue number ${wrong + 1}`}`,
    expected: path.map(nameOf).join(' ← '),
    observed: [leaf, ...others].map(nameOf).join(', '),
    fix: 'each certificate is followed by the one that issued it',
  };
}

function describeSent(
  { leaf, others, path, isWhole }: ClientChain,
  clientCa: readonly X509Certificate[] | null,
): string {
  if (isSelfSigned(leaf)) return 'the certificate is self-signed: there is no chain';
  const roots = others.filter(isSelfSigned).length;
  const between = others.length - roots;
  const sent = [
    'the leaf',
    ...(between === 0 ? [] : [plural(between, 'intermediate')]),
    ...(roots === 0 ? [] : ['the root (not needed)']),
  ].join(' and ');
  if (clientCa !== null || isWhole) return `${sent}, up to ${nameOf(path.at(-1) ?? leaf)}`;
  return `${sent}; to check that the server knows the issuer, ${issuerOf(path.at(-1) ?? leaf)}, add --client-ca`;
}

/** What a server that allows a depth of `depth` says of a chain. */
export interface DepthForecast {
  depth: number;
  /** `ssl_verify_depth` counts the intermediates. */
  nginx: boolean;
  /** `SSLVerifyDepth` counts to the root. */
  apache: boolean;
}

const DEPTHS = [1, 2, 3] as const;
/** Of nginx and of Apache, and of the vendor's recipe. */
const DEFAULT_DEPTH = 1;

/** For a chain of that many intermediates between the leaf and its root. */
export function forecastDepth(intermediates: number): DepthForecast[] {
  return DEPTHS.map((depth) => ({ depth, nginx: intermediates <= depth, apache: intermediates + 1 <= depth }));
}

/** L12: side by side, what nginx and Apache will say of the chain for each depth they may be set to. */
export function judgeDepth(chain: ClientChain): Finding {
  if (isSelfSigned(chain.leaf))
    return makeFinding(CHECKS.L12, { status: 'pass', detail: 'the certificate is its own root: any depth is enough' });
  const intermediates = countIntermediates(chain);
  const missing = chain.isWhole ? '' : `${issuerOf(last(chain))}, the issuer of ${nameOf(last(chain))}`;
  // Neither sent nor trusted: whoever issued it is an intermediate too, or the chain leads elsewhere.
  if (!chain.isWhole && chain.hasCas)
    return makeFinding(CHECKS.L12, {
      status: 'skip',
      detail:
        `cannot tell how long the chain is: it has ${plural(intermediates, 'intermediate')} so far, but ` +
        `${missing}, is missing`,
    });
  const least = chain.isWhole ? '' : ` or more, because ${missing}, is missing`;
  const forecast = forecastDepth(intermediates);
  const accepts = chain.isWhole ? 'accepts' : 'may accept';
  const detail =
    `${plural(intermediates, 'intermediate')}${least}: ${describeDepth('nginx', forecast, accepts)}; ` +
    `${describeDepth('apache', forecast, accepts)}`;
  const serverFixes: ServerFix[] = [
    ...(intermediates > DEFAULT_DEPTH
      ? [{ server: 'nginx', change: `ssl_verify_depth ${intermediates};` } as const]
      : []),
    ...(intermediates + 1 > DEFAULT_DEPTH
      ? [{ server: 'apache', change: `SSLVerifyDepth ${intermediates + 1}` } as const]
      : []),
  ];
  if (serverFixes.length === 0) return makeFinding(CHECKS.L12, { status: 'pass', detail });
  return makeFinding(CHECKS.L12, {
    status: 'warn',
    detail,
    expected: `a chain that fits depth ${DEFAULT_DEPTH}, the default of both`,
    observed: `nginx needs ${Math.max(DEFAULT_DEPTH, intermediates)}, Apache ${intermediates + 1}`,
    fix: 'raise the depth, or have the certificate issued by the root itself',
    serverFixes,
  });
}

/** Everything above the leaf but the root. Where the root is not at hand, all that is known is above the leaf. */
const countIntermediates = ({ path, isWhole }: ClientChain): number => path.length - 1 - (isWhole ? 1 : 0);

const last = ({ leaf, path }: ClientChain): X509Certificate => path.at(-1) ?? leaf;

const DIRECTIVE = { nginx: 'nginx ssl_verify_depth', apache: 'Apache SSLVerifyDepth' } as const;

function describeDepth(server: 'nginx' | 'apache', forecast: readonly DepthForecast[], accepts: string): string {
  const byDepth = forecast.map((one) => `${one.depth} ${one[server] ? accepts : 'refuses'}`);
  return `${DIRECTIVE[server]} ${byDepth.join(', ')}`;
}
