// The documentation that mailkite.ts names. docs/routes.md of github.com/mailkite/server says how its own routes
// differ. Certainty tags: doc = that documentation; inf = inferred; us = documented nowhere, our choice.
import type { Routing } from '../model/route.ts';
import { mailkite } from './mailkite.ts';

/** The one vendor that routes by address. */
export const ROUTING = {
  vendor: mailkite.id,
  event: 'email.received',
  documentation: mailkite.documentation,
  actions: [
    { name: 'webhook', destination: 'url', does: 'sent to a webhook' },
    { name: 'forward', destination: 'address', does: 'forwarded to another address' },
    { name: 'store', destination: null, does: 'stored, and no more' },
    { name: 'drop', destination: null, does: 'dropped (and stored all the same)' },
  ],
  defaultAction: 'webhook',
  patterns: [
    { form: 'user@domain', matches: 'this address', certainty: 'doc' },
    { form: '*@domain', matches: 'every address of the domain', certainty: 'doc' },
    { form: 'user+*@domain', matches: 'the user with any tag', certainty: 'doc' },
    { form: '/regex/', matches: 'every address that the expression is found in', certainty: 'doc' },
  ],
  notes: [
    { text: 'every route that matches gets the message, in the order of the file', certainty: 'doc' },
    { text: "when none matches, the domain's catch-all webhook gets it", certainty: 'doc' },
    { text: 'the message is stored whatever the actions', certainty: 'doc' },
    // The self-hosted server keeps Support@App.Example and support@app.example as one rule [pub].
    { text: 'upper and lower case are the same, in the domain and before the @', certainty: 'inf' },
    { text: 'user@domain does not take user+tag@domain, and user+*@domain does not take user@domain', certainty: 'us' },
    {
      text: 'a regex is read as JavaScript reads it, without regard to case; ^ and $ tie it to the whole address',
      certainty: 'us',
    },
  ],
} as const satisfies Routing;
