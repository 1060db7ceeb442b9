import type { Vendor } from '../model/vendor.ts';
import { hasEventIds, isSigned, isTimed, longField } from '../vendors/facts.ts';
import type { Setting, Severity } from './conformance-case.ts';

/** Which cases apply to a vendor, and how much they weigh there. */

export const ofSigned = ({ vendor }: Setting): boolean => isSigned(vendor);
export const ofUnsigned = ({ vendor }: Setting): boolean => !isSigned(vendor);
export const ofTimed = ({ vendor }: Setting): boolean => isTimed(vendor);

/** Bodies that carry whole texts of mails are large; others hardly ever. */
export const ofLongText = (vendor: Vendor): Severity => (longField(vendor) === null ? 'should' : 'must');

/** Only where nothing is signed can anybody send what they like. */
export const ofStrangers = (vendor: Vendor): Severity => (isSigned(vendor) ? 'should' : 'must');

/** Can the receiver know an event again? */
export const ofIds = (vendor: Vendor): Severity => (hasEventIds(vendor) ? 'must' : 'should');
