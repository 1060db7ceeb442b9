import { addEffectsFlags } from '../flags.ts';
import { flagTerms } from '../flag-terms.ts';
import type { TopicPart } from '../topic.ts';

export const effectsTopic = (): readonly TopicPart[] => [
  'A status says what the endpoint answered, not what it did: a receiver that answers first and verifies later ' +
    'looks wrong, and one that refuses an event and processes it all the same looks right. With one of these flags ' +
    'the verdicts use what was processed: an accepted event is processed once, a rejected one not at all.',
  'What is printed is a JSON array, or has one id on each line; an event that was processed twice is there twice.',
  flagTerms((command) => addEffectsFlags(command)),
  "Ids are those of the vendor, as webhook events VENDOR names them. Mailkit's events have none, so their EMAIL " +
    'counts, and of Mail-Plus the header Message-ID.',
  '--effects-url is read with the --cacert, -k, --resolve and --connect-to of the endpoint. The client ' +
    'certificate, and credentials in the URL, go to its own origin alone.',
];
