import type { Vendor } from '../model/vendor.ts';
import { assumptionText, type DecisiveFact, isSure } from '../vendors/decisive-facts.ts';
import { isSigned } from '../vendors/facts.ts';
import type { CaseTemplate, Severity } from './conformance-case.ts';

type Grounds = Pick<CaseTemplate, 'sender' | 'restsOn' | 'isAdvice'>;

/**
 * `must` when it is no mere advice, somebody could send the request, and every fact that decides it is sure.
 * A verdict is never surer than the facts it rests on.
 */
export function severityOf({ sender, restsOn, isAdvice }: Grounds, vendor: Vendor): Severity {
  return !isAdvice && canBeSent(sender, vendor) && factsOf({ restsOn }, vendor).every(isSure) ? 'must' : 'should';
}

/** The facts that a case rests on and that nobody documents, in words. */
export function assumptionsOf(grounds: Pick<Grounds, 'restsOn'>, vendor: Vendor): string[] {
  const unsure = factsOf(grounds, vendor).filter((fact) => !isSure(fact));
  return [...new Set(unsure.map(assumptionText))];
}

function factsOf({ restsOn }: Pick<Grounds, 'restsOn'>, vendor: Vendor): DecisiveFact[] {
  return restsOn.flatMap((read) => read(vendor));
}

/** Where the vendor signs nothing, anybody can send what only who holds the secret could. */
const canBeSent = (sender: CaseTemplate['sender'], vendor: Vendor): boolean =>
  sender !== 'secret-holder' || !isSigned(vendor);
