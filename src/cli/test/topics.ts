import type { TopicPart } from '../terminal/topic.ts';

export const TEXTS = {
  conformance: (): readonly TopicPart[] => [
    'webhook test sends real and forged events to the endpoint, some of them large: use one that may receive ' +
      'test events. Every event has its own id. webhook test --list shows the cases that apply, webhook ' +
      'handshake runs only the handshake-* and callback-* cases: what a vendor asks before it sends events.',
    'Without --effects-url or --effects-cmd only the status is judged: see webhook help effects.',
    'What several cases show together is reported as one cause: what was seen, what to do, and which cases it ' +
      'explains. A cause changes no verdict.',
    'A case has the severity "should" if it is only advice, if only someone who has the secret could send ' +
      'it, or if it relies on something undocumented: see its assumptions.',
    'Exit code 0 means that no case of severity "must" failed. 1 means that one failed, or was only answered ' +
      'with 429: a rate limit answers any request that way, which proves nothing. 3 means that the endpoint ' +
      'did not answer, the effects could not be read, or the time ran out, and no case had failed by an ' +
      'answer before; the report then shows what was tried.',
    'With --against-bug NAME the exit code is that of an endpoint with this bug: 1 if a case fails, and 0 if the ' +
      'bug only causes a warning, as the last line says. It is also 1 if none of the cases that were tried finds it.',
    'Nothing is recorded in the history unless --record is given: then webhook history show and webhook ' +
      'replay work with each request. replay sends it as it was, including its old signature, but does not ' +
      'repeat what a case did to the connection (no client certificate, Expect: 100-continue). Exports leave ' +
      'these requests out unless --include-tests is given.',
    '--json prints one document {schemaVersion, target, vendor, causes: [{id, title, detail, fix, explains, …}], ' +
      'findings: [{id, group, severity, status, cause, …}]}; for several webhooks {schemaVersion, results: [{target, ' +
      'vendor, causes, findings}, …]}.',
  ],
};
