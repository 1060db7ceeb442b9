import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  conformance: (): readonly TopicPart[] => [
    'webhook test sends real and forged events to the endpoint, some of them large: use one that may receive test ' +
      'events. Every event has an id of its own. webhook test --list shows the cases that apply, webhook handshake ' +
      'asks only what a vendor asks before it sends events: the cases handshake-* and callback-*.',
    'Without --effects-url or --effects-cmd the status is all there is: see webhook help effects.',
    'What several cases show together is reported as one cause: what was seen, what to do, and which cases it ' +
      'explains. A cause changes no verdict.',
    'A case has the severity "should" if it is mere advice, if only somebody who holds the secret could send it, or ' +
      'if it rests on what nobody documents: its assumptions say what.',
    'Exit code 0 means that no case of severity "must" failed. 1 means that one failed, or was only answered 429: a ' +
      'rate limit answers anything with that, which proves nothing. 3 means that the endpoint did not answer, the ' +
      'effects could not be read, or the time was over; the report then shows what was tried until then.',
    'With --against-bug NAME the exit code is that of an endpoint with this bug: 1 if a case fails, and 0 if the bug ' +
      'is only worth a warning, which the last line says. It is 1, too, if none of the cases that were tried finds it.',
    'Nothing is recorded in the history unless --record is given: then webhook history show and webhook replay work ' +
      'on each request. replay sends it as it was, old signature and all, but not what a case did to the connection ' +
      '(no client certificate, Expect: 100-continue). Exports leave these requests out unless --include-tests is ' +
      'given.',
    '--json prints one document {schemaVersion, target, vendor, causes: [{id, title, detail, fix, explains, …}], ' +
      'findings: [{id, group, severity, status, cause, …}]}; for several webhooks {schemaVersion, results: [{target, ' +
      'vendor, causes, findings}, …]}.',
  ],
};
