import { builtInVendors } from '../../vendors/registry.ts';
import { CERTAINTIES } from '../../model/fact.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  vendors: (): readonly TopicPart[] => [
    { title: 'Vendors that are built in:', terms: builtInVendors.entries.map(({ id, title }) => [id, title] as const) },
    'webhook events lists what each of them sends, webhook events VENDOR everything that is known of one. Where the ' +
      'name of an event is unique, --vendor can be left out.',
    'A vendor of your own is a file: give its path to --vendor, or name it in the configuration. webhook vendor ' +
      'learn makes one from captured requests, webhook vendor show prints a built-in one to begin with, and webhook ' +
      'vendor check says whether it is right: exit code 0 whatever it leaves open, 1 if a sample cannot be made or ' +
      'the file contradicts its own vectors, 5 if it cannot be read as a vendor. "extends": "stripe" takes all of a ' +
      'built-in vendor, so that only the differences have to be written.',
    { title: 'How certain each fact is:', terms: CERTAINTIES },
  ],

  learning: (): readonly TopicPart[] => [
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
  ],
};
