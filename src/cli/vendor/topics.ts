import { builtInVendors } from '../../vendors/registry.ts';
import { CERTAINTIES } from '../../model/fact.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  vendors: (): readonly TopicPart[] => [
    { title: 'Vendors that are built in:', terms: builtInVendors.entries.map(({ id, title }) => [id, title] as const) },
    'webhook events lists what each of them sends, webhook events VENDOR shows everything known about one. ' +
      'If the event name is unique, leave out --vendor.',
    'Your own vendor is a file: give its path to --vendor, or list it in the configuration. webhook vendor ' +
      'learn makes one from captured requests, webhook vendor show prints a built-in one to start from, and ' +
      'webhook vendor check checks it: exit code 0 even if it leaves facts unknown, 1 if a sample cannot be ' +
      'made or the file contradicts its own vectors, 5 if it cannot be read as a vendor. "extends": "stripe" ' +
      'inherits from a built-in vendor, so that you write only the differences.',
    { title: 'How certain each fact is:', terms: CERTAINTIES },
  ],

  learning: (): readonly TopicPart[] => [
    'webhook vendor learn looks for everything that a vendor file can describe: where the signature is, what ' +
      'is signed, how it is encoded, and what the key is. webhook help captures lists the forms of requests ' +
      'that it reads.',
    'All captures must match; one that does not is reported. Each event name among them gives one event. ' +
      'What looks like an id or a time, and differs between captures, is generated for every event that is ' +
      'sent.',
    'What the captures prove is written with the certainty "user". What they do not show, such as retries ' +
      'and time-outs, is left out.',
    'Names, addresses, phone numbers, free text, tokens and similar values are replaced in the sample: read ' +
      'it before you commit it. The secret, cookies, Authorization and the headers of tunnels never enter the ' +
      'file. Nothing is sent.',
    'If no candidate matches: exit code 1, with what looks like a signature.',
  ],
};
