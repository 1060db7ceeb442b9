import type { NamedSecret } from '../../config/secrets.ts';
import type { OpenTarget } from '../session/open-target.ts';

/** A target as it is tested with one of its secrets. */
export interface SuiteTarget extends OpenTarget {
  /** Of several secrets: where this one comes from. */
  ofSecret?: string;
  /** Another one tries the rest of the suite. */
  isFurther?: boolean;
}

/**
 * While a secret is being replaced an endpoint has to accept events signed with the old one and with the new. The whole
 * suite is tried with the first; with each of the others, whether its events are accepted.
 */
export function eachSecret(target: OpenTarget): SuiteTarget[] {
  const { signingSecret, secretFrom, moreSecrets, shownUrl } = target;
  if (signingSecret === null || secretFrom === null || moreSecrets.length === 0) return [target];
  const withSecret = ({ value, from }: Pick<NamedSecret, 'value' | 'from'>, isFurther: boolean): SuiteTarget => ({
    ...target,
    signingSecret: value,
    secretFrom: from,
    moreSecrets: [],
    shownUrl: `${shownUrl} (${from})`,
    ofSecret: from,
    isFurther,
  });
  return [
    withSecret({ value: signingSecret, from: secretFrom }, false),
    ...moreSecrets.map((one) => withSecret(one, true)),
  ];
}
