import { EXIT_CODES } from '../exit.ts';
import type { TopicPart } from '../topic.ts';

export const EXIT_CODES_TOPIC: readonly TopicPart[] = [
  { terms: EXIT_CODES.map(([code, meaning]) => [String(code), meaning] as const) },
  'Every command uses the same codes. 0 means that the thing was proved: what could not be found out is never a 0.',
  'A command that is interrupted finishes recording, then exits on the signal that stopped it: a shell sees 130 ' +
    'for Ctrl-C and 143 for SIGTERM. One whose reader left (… | head) before the answer was complete exits on ' +
    'SIGPIPE, 141.',
];
