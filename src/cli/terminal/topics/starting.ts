import { flagTerms } from '../flag-terms.ts';
import { addStartFlags } from '../start-flags.ts';
import type { TopicPart } from '../topic.ts';

export const startingTopic = (): readonly TopicPart[] => [
  flagTerms((command) => addStartFlags(command)),
  '--start runs a shell command in this folder, with PORT set to the port of the URL if that is on this machine, ' +
    'waits until the endpoint answers, and ends it with everything that it started: SIGTERM, and after 5 s SIGKILL, ' +
    'also on Ctrl-C or if this program is killed.',
  'If the command ends early, so does the run, and what it printed last is shown. If something answers at the URL ' +
    'before the start, the run is refused: that would be tested instead.',
  'In CI: webhook test --url http://127.0.0.1:3000/hook --vendor VENDOR --secret-env NAME --start "npm start"',
];
