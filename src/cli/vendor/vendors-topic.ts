import { builtInVendors } from '../../vendors/registry.ts';
import { CERTAINTIES } from '../terminal/certainties.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const vendorsTopic = (): readonly TopicPart[] => [
  { title: 'Vendors that are built in:', terms: builtInVendors.entries.map(({ id, title }) => [id, title] as const) },
  'webhook events lists what each of them sends, webhook events VENDOR everything that is known of one. Where the ' +
    'name of an event is unique, --vendor can be left out.',
  'A vendor of your own is a file: give its path to --vendor, or name it in the configuration. webhook vendor ' +
    'learn makes one from captured requests, webhook vendor show prints a built-in one to begin with, and webhook ' +
    'vendor check says whether it is right: exit code 0 whatever it leaves open, 1 if a sample cannot be made or ' +
    'the file contradicts its own vectors, 5 if it cannot be read as a vendor. "extends": "stripe" takes all of a ' +
    'built-in vendor, so that only the differences have to be written.',
  { title: 'How certain each fact is:', terms: CERTAINTIES },
];
