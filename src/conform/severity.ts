import type { Vendor } from '../model/vendor.ts';
import { assumptionText, type DecisiveFact, isSure, signsNothing } from '../vendors/decisive-facts.ts';
import { isSigned } from '../vendors/facts.ts';
import type { CaseTemplate, Severity } from './conformance-case.ts';

type Grounds = Pick<CaseTemplate, 'restsOn' | 'isAdvice'> & Partial<Pick<CaseTemplate, 'sender'>>;

/**
 * `must` when it is no mere advice, somebody could send the request, and every fact that decides it is sure.
 * A verdict is never surer than the facts it rests on.
 */
export function severityOf(grounds: Grounds, vendor: Vendor): Severity {
  const { sender, isAdvice } = grounds;
  return !isAdvice && canBeSent(sender, vendor) && factsOf(grounds, vendor).every(isSure) ? 'must' : 'should';
}

/** The facts that a case rests on and that nobody documents, in words. */
export function assumptionsOf(grounds: Omit<Grounds, 'isAdvice'>, vendor: Vendor): string[] {
  const unsure = factsOf(grounds, vendor).filter((fact) => !isSure(fact));
  return [...new Set(unsure.map(assumptionText))];
}

/** What only who holds the secret could send, anybody can where nothing is signed: that decides such a case, too. */
function factsOf({ restsOn, sender }: Omit<Grounds, 'isAdvice'>, vendor: Vendor): DecisiveFact[] {
  return [...restsOn, ...(sender === 'secret-holder' ? [signsNothing] : [])].flatMap((read) => read(vendor));
}

const canBeSent = (sender: Grounds['sender'], vendor: Vendor): boolean =>
  sender !== 'secret-holder' || !isSigned(vendor);
