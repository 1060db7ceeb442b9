import type { X509Certificate } from 'node:crypto';
import type { Finding, ServerFix } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { isSelfSigned, issuerOf, nameOf, plural, type ClientChain } from './client-chain.ts';
import { makeFinding } from './finding.ts';

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
    return makeFinding(
      CHECKS.L12,
      null,
      { status: 'pass', detail: 'the certificate is its own root: every depth will do' },
      0,
    );
  const intermediates = countIntermediates(chain);
  const missing = chain.isWhole ? '' : `${issuerOf(last(chain))}, the issuer of ${nameOf(last(chain))}`;
  // Neither sent nor trusted: whoever issued it is an intermediate too, or the chain leads elsewhere.
  if (!chain.isWhole && chain.hasCas)
    return makeFinding(
      CHECKS.L12,
      null,
      {
        status: 'skip',
        detail: `how long the chain is cannot be told: it has ${plural(intermediates, 'intermediate')} as far as it is at hand, and ${missing}, is missing`,
      },
      0,
    );
  const least = chain.isWhole ? '' : ` at least, since ${missing}, is not at hand`;
  const forecast = forecastDepth(intermediates);
  const accepts = chain.isWhole ? 'accepts' : 'may accept';
  const detail = `${plural(intermediates, 'intermediate')}${least}: ${describe('nginx', forecast, accepts)}; ${describe('apache', forecast, accepts)}`;
  const serverFixes: ServerFix[] = [
    ...(intermediates > DEFAULT_DEPTH
      ? [{ server: 'nginx', change: `ssl_verify_depth ${intermediates};` } as const]
      : []),
    ...(intermediates + 1 > DEFAULT_DEPTH
      ? [{ server: 'apache', change: `SSLVerifyDepth ${intermediates + 1}` } as const]
      : []),
  ];
  if (serverFixes.length === 0) return makeFinding(CHECKS.L12, null, { status: 'pass', detail }, 0);
  return makeFinding(
    CHECKS.L12,
    null,
    {
      status: 'warn',
      detail,
      expected: `a chain that fits depth ${DEFAULT_DEPTH}, the default of both`,
      observed: `nginx needs ${Math.max(DEFAULT_DEPTH, intermediates)}, Apache ${intermediates + 1}`,
      fix: 'set the depth, or have the certificate issued by the root itself',
      serverFixes,
    },
    0,
  );
}

/** Everything above the leaf but the root. Where the root is not at hand, all that is known is above the leaf. */
const countIntermediates = ({ path, isWhole }: ClientChain): number => path.length - 1 - (isWhole ? 1 : 0);

const last = ({ leaf, path }: ClientChain): X509Certificate => path.at(-1) ?? leaf;

const DIRECTIVE = { nginx: 'nginx ssl_verify_depth', apache: 'Apache SSLVerifyDepth' } as const;

function describe(server: 'nginx' | 'apache', forecast: readonly DepthForecast[], accepts: string): string {
  return `${DIRECTIVE[server]} ${forecast.map((one) => `${one.depth} ${one[server] ? accepts : 'refuses'}`).join(', ')}`;
}
