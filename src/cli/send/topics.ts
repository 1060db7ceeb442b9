import { flagTerms } from '../terminal/describe-flag.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { addAttachmentFlags, addMailFlags } from './mail-flags.ts';
import type { Routing } from '../../model/route.ts';
import { ROUTINGS } from '../../vendors/routing.ts';

export const TEXTS = {
  mail: (): readonly TopicPart[] => [
    'webhook send --eml FILE makes the event that the vendor would make from that mail, with one event for ' +
      'each recipient.',
    flagTerms((command) => addAttachmentFlags(addMailFlags(command))),
    'MailKite sends signed links to attachments. --serve-attachments answers them while the command runs; ' +
      'for links that work longer, run webhook listen --serve-attachments and send with --attachments-at.',
  ],

  retrying: (): readonly TopicPart[] => [
    'webhook retries sends one event as often as the vendor would, with the waits shortened to seconds. ' +
      'Every attempt is signed when it is sent, and recorded in the history. webhook retries --table prints ' +
      'when each vendor retries, and sends nothing.',
    '--fail-first answers in place of an endpoint that is down: those attempts go to a built-in server and ' +
      'never reach yours. --lose-next lets attempts reach the endpoint and drops its answers, as a broken ' +
      'connection does: the vendor sends again what the endpoint has already handled.',
    "The event's date is set in the past, so that at the attempt that should be accepted it is as old as it " +
      "would be in reality; its bytes are the same at each attempt. The signature's time is that of its " +
      'attempt. If the event was younger, or was refused because it was old, one more event of the right age ' +
      'is sent, and the report says what was tried.',
  ],

  routing: (): readonly TopicPart[] => [
    ...ROUTINGS.flatMap(rulesOf),
    'The file is a list, or the API\'s answer: "match_pattern" works like "match". Keys that decide nothing ' +
      'are reported.',
    '"secret" of a route is {"env": "NAME"}, {"file": "PATH"} or the text itself ("signing_secret", ' +
      '"webhook_secret"); --secret-env and similar flags give the account\'s secret, for routes and webhooks ' +
      'that have none of their own.',
    'A regex may take half a second per address, and all of them together 2 s: one that takes longer is ' +
      'reported and does not match.',
    'Exit code 0: for every recipient a route matched or the catch-all accepted it (and every delivery of ' +
      '--send was accepted, and no regex took too long). With --send --json the deliveries follow, one JSON ' +
      'object per line, as printed by webhook send --json.',
  ],
};

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
