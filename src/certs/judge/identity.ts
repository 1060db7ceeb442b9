import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import type { Fact } from '../../model/fact.ts';
import type { OwnKeyRule } from '../../model/vendor.ts';
import type { OwnCertificate } from '../file/own-certificate.ts';
import {
  judgeChainValidity,
  judgeIssuers,
  judgeName,
  judgeUsage,
  judgeVersion,
  type ValidityOptions,
} from './certificate.ts';
import { judgeDepth, judgeChain } from './chain.ts';
import { buildClientChain, findLeaf } from './client-chain.ts';
import { judgeChainStrength, judgeKeyMatch, judgeKeyRule, judgeParsed } from './key.ts';
import { agreeWithRehearsal, isInDate, judgeRehearsal } from './rehearsal.ts';

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
  const chain = buildClientChain(own.certificates, position, clientCa ?? [], validity.nowMs);
  if (chain === null) throw new Error('an OwnCertificate holds at least one certificate');
  const findings = [
    judgeParsed(own),
    judgeKeyRule(own, ownKeyRule, vendorTitle),
    judgeKeyMatch(own),
    judgeChain(chain, own, clientCa),
    judgeChainValidity(chain, validity),
    judgeUsage(chain),
    judgeName(chain),
    judgeVersion(chain),
    judgeChainStrength(chain),
    judgeIssuers(chain.path),
    await judgeRehearsal(own, position, clientCa),
    judgeDepth(chain),
  ];
  return agreeWithRehearsal(findings, {
    hasKey: own.identity !== null,
    hasDate: isInDate(chain.leaf, validity.nowMs),
  });
}
