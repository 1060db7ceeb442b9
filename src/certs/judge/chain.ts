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
    detail: `which certificate is meant cannot be told: none of ${listSome(leaves.map(nameOf))} issued another`,
    expected: 'one certificate with its issuers',
    observed: `${leaves.length} leaves`,
    fix: 'give each certificate a file of its own, or the private key of the one that is meant',
  };
}

function judgeLeafFirst({ leaf }: ClientChain, certificates: readonly X509Certificate[]): Conclusion | null {
  const position = certificates.indexOf(leaf);
  if (position === 0) return null;
  return {
    status: 'fail',
    detail: `the leaf is number ${position + 1} in the file, and OpenSSL takes the first for it`,
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
    detail: `${what}, and the CA file does not hold it`,
    fix: isAlone
      ? 'have it issued by the CA, or put the certificate itself into the CA file'
      : 'use a certificate of the CA that the server trusts, or add this root to its CA file',
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
      detail: `the CA file holds ${nameOf(namesake)} with another key than the one that signed ${nameOf(last)}`,
      fix:
        'it was made again under the same name: have the certificate issued by the CA of today, or give the ' +
        'server the old one too',
    };
  const missing = issuerOf(last);
  if (isTrusted) {
    const hasRoot = clientCa.some(isSelfSigned);
    return {
      detail:
        `the CA file holds ${nameOf(last)} but not its issuer ${missing}: nginx and Apache take no chain that ` +
        'ends in an intermediate',
      fix: hasRoot
        ? `add ${missing} to the CA file or to the client's, and every other intermediate between it and the ` +
          'root that the CA file holds'
        : `add ${missing} to the CA file, and every other issuer up to the root`,
      serverFixes: fixesFor('unknown-ca'),
    };
  }
  const after = path.length === 1 ? 'the leaf' : nameOf(last);
  return {
    detail: `${missing}, the issuer of ${nameOf(last)}, is neither in the file nor in the CA file`,
    fix:
      `put ${missing} into the file after ${after}, and below it every other intermediate up to the CA file; or ` +
      'the certificate is of another CA',
    serverFixes: fixesFor('missing-intermediate'),
  };
}

/** OpenSSL accepts any order; RFC 5246 §7.4.2 (TLS 1.2) requires this one. */
function judgeOrder({ leaf, others, path }: ClientChain): Conclusion | null {
  const unrelated = others.find((one) => !path.some((known) => sameCertificate(one, known)));
  if (unrelated !== undefined) {
    return {
      status: 'warn',
      detail: `${nameOf(unrelated)} is in the file and has no part in the chain`,
      expected: 'the chain alone',
      observed: plural(others.length + 1, 'certificate'),
      fix: 'take it out: a strict server may refuse the chain, and everybody sees it',
    };
  }
  const wrong = others.findIndex((one, index) => !isSignedBy(others[index - 1] ?? leaf, one));
  if (wrong === -1) return null;
  const isTwice = [leaf, ...others.slice(0, wrong)].some((one) =>
    sameCertificate(one, others[wrong] as X509Certificate),
  );
  return {
    status: 'warn',
    detail: `certificate ${wrong + 2} of the file ${isTwice ? 'is there twice' : `did not issue number ${wrong + 1}`}`,
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
    ...(roots === 0 ? [] : ['the root, which a server does not need']),
  ].join(' and ');
  if (clientCa !== null || isWhole) return `${sent}, up to ${nameOf(path.at(-1) ?? leaf)}`;
  return `${sent}; whether the server knows the issuer, ${issuerOf(path.at(-1) ?? leaf)}, is for --client-ca to tell`;
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
    return makeFinding(CHECKS.L12, { status: 'pass', detail: 'the certificate is its own root: every depth will do' });
  const intermediates = countIntermediates(chain);
  const missing = chain.isWhole ? '' : `${issuerOf(last(chain))}, the issuer of ${nameOf(last(chain))}`;
  // Neither sent nor trusted: whoever issued it is an intermediate too, or the chain leads elsewhere.
  if (!chain.isWhole && chain.hasCas)
    return makeFinding(CHECKS.L12, {
      status: 'skip',
      detail:
        `how long the chain is cannot be told: it has ${plural(intermediates, 'intermediate')} as far as it is ` +
        `at hand, and ${missing}, is missing`,
    });
  const least = chain.isWhole ? '' : ` at least, since ${missing}, is not at hand`;
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
    fix: 'set the depth, or have the certificate issued by the root itself',
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
