import { durationSince } from '../probe/probe.ts';
import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import type { X509Certificate } from 'node:crypto';
import { CHECKS } from '../checks.ts';
import type { OwnCertificate } from '../file/own-certificate.ts';
import { rehearse } from '../probe/rehearse.ts';
import type { Fact, OwnKeyRule } from '../../model/vendor.ts';
import {
  judgeName,
  judgeVersion,
  judgeUsage,
  judgeValidity,
  type ValidityOptions,
  judgeIssuers,
} from './certificate.ts';
import { judgeDepth, judgeChain } from './chain.ts';
import { buildClientChain, findLeaf, isForged } from './client-chain.ts';
import { judgeKeyMatch, judgeKeyRule, judgeParsed, judgeStrength } from './key.ts';

export interface IdentityRules extends ValidityOptions {
  /** What the server trusts for clients; null when it is not known. */
  clientCa: readonly X509Certificate[] | null;
  /** Null when the vendor has none, or there is no vendor. */
  ownKeyRule: Fact<OwnKeyRule> | null;
  vendorTitle: string | null;
}

/** L1 to L12, each exactly once and in this order. Nothing goes over the network. */
export async function judgeIdentity(
  own: OwnCertificate,
  { clientCa, ownKeyRule, vendorTitle, ...validity }: IdentityRules,
): Promise<Finding[]> {
  const position = own.keyPosition ?? findLeaf(own.certificates);
  const chain = buildClientChain(own.certificates, position, clientCa ?? []);
  if (chain === null) throw new Error('an OwnCertificate holds at least one certificate');
  const judged = [...chain.path, ...chain.others.filter((one) => !chain.path.includes(one))];
  return [
    judgeParsed(own),
    judgeKeyRule(own, ownKeyRule, vendorTitle),
    judgeKeyMatch(own),
    judgeChain(chain, position, clientCa),
    judgeValidity(judged, validity),
    judgeUsage(chain),
    judgeName(chain),
    judgeVersion(chain),
    judgeStrength(judged),
    judgeIssuers(chain.path),
    await judgeRehearsal(own, clientCa),
    judgeDepth(chain),
  ];
}

/** OpenSSL's verdicts as Node names them, in words. */
const OPENSSL_VERDICTS: Record<string, string> = {
  CERT_HAS_EXPIRED: 'it, or one it depends on, has expired',
  CERT_NOT_YET_VALID: 'it, or one it depends on, is not valid yet',
  CERT_SIGNATURE_FAILURE: 'its signature is not by the CA of that name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed, or has the name of its CA, and is not in the CA file',
  SELF_SIGNED_CERT_IN_CHAIN: 'its root is not in the CA file',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer, or that of an intermediate, is not in the CA file',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not in the CA file, or an intermediate is missing',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is not in the CA file, or an intermediate is missing',
  INVALID_PURPOSE: 'it, or an intermediate, is not meant for TLS clients',
  INVALID_CA: 'an issuer is no CA',
  PATH_LENGTH_EXCEEDED: 'an issuer does not allow so many intermediates below it',
  CERT_CHAIN_TOO_LONG: 'its chain is too long',
  CERT_REVOKED: 'it was revoked',
};

/** L11: the verdict of OpenSSL, on which nginx, Apache and HAProxy act. */
async function judgeRehearsal(own: OwnCertificate, clientCa: readonly X509Certificate[] | null): Promise<Finding> {
  const beganAt = performance.now();
  const conclusion = await rehearseWith(own, clientCa);
  return makeFinding(CHECKS.L11, { durationMs: durationSince(beganAt), ...conclusion });
}

async function rehearseWith(
  { identity, unusable, key, certificates }: OwnCertificate,
  clientCa: readonly X509Certificate[] | null,
): Promise<Conclusion> {
  if (clientCa === null) return { status: 'skip', detail: "the server's CA file was not given (--client-ca)" };
  if (identity === null)
    return {
      status: 'skip',
      detail: key === null ? 'a handshake needs the private key' : `OpenSSL cannot use it: ${unusable ?? 'see above'}`,
    };
  const { ending, code } = await rehearse(identity, { clientCa });
  if (ending === 'accepted') return { status: 'pass', detail: 'accepted by a server that trusts these CAs' };
  // With an RSA key the padding comes out as garbage, which ends the handshake before OpenSSL has named its verdict.
  if (ending === 'failed' && certificates.some((one) => isForged(one, [...certificates, ...clientCa])))
    return refusal(OPENSSL_VERDICTS['CERT_SIGNATURE_FAILURE'] ?? '', code);
  if (ending === 'failed')
    return {
      status: 'warn',
      detail: `the rehearsal ended without a verdict: ${code}`,
      expected: 'a verdict of OpenSSL',
      observed: code,
      fix: 'the other checks stand; a real server will tell',
    };
  return refusal(await explain(code ?? '', identity, clientCa), code);
}

const refusal = (detail: string, code: string | null): Conclusion => ({
  status: 'fail',
  detail,
  expected: 'OpenSSL accepts it',
  observed: code,
  fix: 'see the checks above for the cause',
});

/** Node has no name for the verdicts on strength: they go away at security level 0. */
async function explain(
  code: string,
  identity: NonNullable<OwnCertificate['identity']>,
  clientCa: readonly X509Certificate[],
): Promise<string> {
  if (OPENSSL_VERDICTS[code] !== undefined) return OPENSSL_VERDICTS[code];
  const lenient = await rehearse(identity, { clientCa, securityLevel: 0 });
  if (lenient.ending === 'accepted')
    return (
      'a key or a signature in its chain is too weak for security level 2, the default of Debian, Ubuntu and Red ' +
      'Hat'
    );
  const below =
    lenient.code === null || lenient.code === code
      ? ''
      : `, and below that ${OPENSSL_VERDICTS[lenient.code] ?? lenient.code}`;
  return `OpenSSL says ${code}${below}`;
}
