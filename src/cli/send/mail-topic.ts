import { flagTerms } from '../terminal/flag-terms.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { addAttachmentFlags, addMailFlags } from './mail-flags.ts';

export const mailTopic = (): readonly TopicPart[] => [
  'webhook send --eml FILE makes the event that the vendor would make of that mail, with one event for each recipient.',
  flagTerms((command) => addAttachmentFlags(addMailFlags(command))),
  'MailKite sends signed links to attachments. --serve-attachments answers them while the command runs; links ' +
    'that should work longer lead to webhook listen --serve-attachments, with --attachments-at.',
];
