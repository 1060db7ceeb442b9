import type { Routing } from '../../model/route.ts';
import { ROUTINGS } from '../../vendors/routing.ts';
import type { TopicPart } from '../terminal/topic.ts';

export const routingTopic = (): readonly TopicPart[] => [
  ...ROUTINGS.flatMap(rulesOf),
  'The file is a list, or what the API answers: "match_pattern" is "match", too. Keys that decide nothing are ' +
    'reported.',
  '"secret" of a route is {"env": "NAME"}, {"file": "PATH"} or the text itself ("signing_secret", ' +
    '"webhook_secret"); --secret-env and its kind give the secret of the account, for the routes and webhooks that ' +
    'have none of their own.',
  'A regex has half a second for an address, and all of them together 2 s: one that takes longer is reported and ' +
    'counts as no match.',
  'Exit code 0: for every recipient a route matched or the catch-all accepted it (and every delivery of --send ' +
    'was accepted, and no regex took too long to tell). With --send --json the deliveries follow, one JSON object a ' +
    'line, as webhook send --json prints them.',
];

function rulesOf({ vendor, patterns, actions, notes, defaultAction }: Routing, index: number): TopicPart[] {
  return [
    `With --vendor ${vendor}${index === 0 ? ' (the default)' : ''}:`,
    { title: 'What "match" may be:', terms: patterns.map((one) => [one.form, `${one.matches} [${one.certainty}]`]) },
    {
      title: `What "action" may be${defaultAction === null ? '' : ` (default: ${defaultAction})`}:`,
      terms: actions.map(({ name, destination, does, certainty }) => {
        const needs = destination === 'url' ? '; "destination" is a URL' : '; "destination" is an address';
        return [name, `${does}${destination === null ? '' : needs} [${certainty}]`];
      }),
    },
    ...notes.map(({ text, certainty }) => `${text} [${certainty}]`),
  ];
}
