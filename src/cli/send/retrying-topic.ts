import type { TopicPart } from '../terminal/topic.ts';

export const RETRYING_TOPIC: readonly TopicPart[] = [
  'webhook retries sends one event as often as the vendor would, with the waits shortened so that all of it takes ' +
    'seconds. Every attempt is signed when it is sent, and recorded in the history. webhook retries --table prints ' +
    'when each vendor tries again, and sends nothing.',
  '--fail-first answers in place of an endpoint that is down: those attempts go to a server of our own and never ' +
    'reach yours. --lose-next lets attempts reach the endpoint and drops its answers, as a broken connection does: ' +
    'the vendor sends again what the endpoint has already handled.',
  "The event's own date lies so far in the past that the event is as old as it would be at the vendor when it " +
    'comes to the attempt that should be accepted, in the same bytes each time. The time of a signature is that of ' +
    'its attempt. If the event was younger, or was refused because it was old, one more event of the age in ' +
    'question is sent, and the report says what was tried.',
];
