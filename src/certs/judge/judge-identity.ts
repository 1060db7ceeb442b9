import type { X509Certificate } from 'node:crypto';
import type { Finding } from '../../model/finding.ts';
import type { OwnCertificate } from '../file/own-certificate.ts';
import { buildClientChain, findLeaf } from './client-chain.ts';
import { judgeDepth } from './forecast-depth.ts';
import { judgeIssuers } from './judge-ca.ts';
import { judgeChain } from './judge-chain.ts';
import { judgeKeyMatch, judgeKeyRule, judgeParsed, type OwnKeyRule } from './judge-key.ts';
import { judgeName, judgeVersion } from './judge-name.ts';
import { judgeRehearsal } from './judge-rehearsal.ts';
import { judgeStrength } from './judge-strength.ts';
import { judgeUsage } from './judge-usage.ts';
import { judgeValidity, type ValidityOptions } from './judge-validity.ts';

export interface Given extends ValidityOptions {
  /** What the server trusts for clients; null when it is not known. */
  clientCa: readonly X509Certificate[] | null;
  /** Null when the vendor has none, or there is no vendor. */
  ownKeyRule: OwnKeyRule | null;
  vendorTitle: string | null;
}

/** L1 to L12, each exactly once and in this order. Nothing goes over the network. */
export async function judgeIdentity(
  own: OwnCertificate,
  { clientCa, ownKeyRule, vendorTitle, ...validity }: Given,
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
