import { REPORTERS } from '../../../report/reporters.ts';
import { addColorFlags } from '../color-flags.ts';
import { flagTerms } from '../flag-terms.ts';
import { addReporterFlags } from '../reporters.ts';
import type { TopicPart } from '../topic.ts';

export const outputTopic = (): readonly TopicPart[] => [
  'The answer goes to stdout; progress, warnings and errors go to stderr. Colour and progress are shown on a ' +
    'terminal alone. Lines are as wide as the terminal, at most 100 columns.',
  flagTerms((command) => addReporterFlags(addColorFlags(command))),
  { title: 'Reporters:', terms: REPORTERS.map(({ name, summary }) => [name, summary] as const) },
  'Stdout gets the one document without =FILE, else the report for people.',
  '-h prints the short help of a command, --help all of its flags. --verbose, where a command has it, shows more ' +
    'of each result.',
  'For colour, --color goes first, then NO_COLOR, then FORCE_COLOR; TERM=dumb means none.',
  'A JSON document is one line and says its schemaVersion. A file that a report is written to is complete or not ' +
    'there at all.',
];
