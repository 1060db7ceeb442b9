import type { SuccessRule } from '../../model/vendor.ts';

/** What the vendor counts as success, with words for it. */
export interface NamedSuccessRule extends SuccessRule {
  /** `Mailkit: HTTP 200`, as a person reads it. */
  text: string;
}
