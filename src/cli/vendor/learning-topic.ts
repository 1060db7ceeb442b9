import type { TopicPart } from '../terminal/topic.ts';

export const LEARNING_TOPIC: readonly TopicPart[] = [
  'webhook vendor learn looks for everything that a vendor file can say: where the signature stands, what is ' +
    'signed, how it is encoded, and what the key is. webhook help captures lists the forms of requests that it ' +
    'reads.',
  'All captures must fit; one that does not is named. Each event name among them gives one event. What looks like ' +
    'an id or a time, and differs between captures, is made anew for every event that is sent.',
  'What the captures prove is written down with the certainty "user". What they do not tell, such as retries and ' +
    'time-outs, is left out.',
  'Names, addresses, phone numbers, free text, tokens and the like are replaced in the sample: read it before you ' +
    'commit it. The secret, cookies, Authorization and the headers of tunnels never enter the file. Nothing is sent.',
  'If nothing fits: exit code 1, with what looks like a signature.',
];
