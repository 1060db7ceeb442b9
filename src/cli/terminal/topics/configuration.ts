import { CONFIG_FILE_NAME } from '../../../config/load-config.ts';
import { addStoreFlags } from '../flags.ts';
import { flagTerms } from '../flag-terms.ts';
import type { TopicPart } from '../topic.ts';

export const configurationTopic = (): readonly TopicPart[] => [
  `Webhooks that you use often stand in ${CONFIG_FILE_NAME}, each with its name, vendor, URL, events and the ` +
    'place of its secret. It is looked for in this folder and in those above it, then among the files of this user. ' +
    'webhook init makes one, webhook add puts a webhook into it, webhook config show prints what was read, secrets ' +
    'masked.',
  'A secret stands there as {"env": "NAME"} or {"file": "PATH"}, so that the file can be committed.',
  'Every delivery is recorded in one SQLite file, the history. A folder that it has to be made in is made, ' +
    'readable by you alone. --no-history, where a command has it, records nothing.',
  flagTerms((command) => addStoreFlags(command)),
  {
    title: 'Environment variables:',
    terms: [
      ['WEBHOOK_CONFIG', 'the configuration to use where --config is not given'],
      ['WEBHOOK_HISTORY', 'the history to use where --history is not given'],
      ['XDG_DATA_HOME', 'the folder that holds hookproof/history.db otherwise (default: ~/.local/share)'],
      ['XDG_CONFIG_HOME', `the folder that holds hookproof/${CONFIG_FILE_NAME} of this user (default: ~/.config)`],
      ['NO_COLOR, FORCE_COLOR', 'no colour anywhere; colour even without a terminal'],
      ['CI', 'no progress is shown, even on a terminal'],
    ],
  },
];
