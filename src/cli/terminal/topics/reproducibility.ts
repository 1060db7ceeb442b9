import { addRepeatFlags } from '../flags.ts';
import { flagTerms } from '../flag-terms.ts';
import type { TopicPart } from '../topic.ts';

export const reproducibilityTopic = (): readonly TopicPart[] => [
  'Ids are random and times are those of the clock. With both of these flags two runs send the same bytes, ' +
    'signatures included, however fast the machine is.',
  flagTerms((command) => addRepeatFlags(command)),
];
