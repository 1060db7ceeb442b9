// The documentation that mailkite.ts names, and MailKite's public code, each fact with the page it was seen on.
// Certainty tags: doc = that documentation; pub = public code; inf = inferred; us = documented nowhere, our choice.
import { AppError } from '../model/error.ts';
import type { Routing } from '../model/route.ts';
import { mailkite } from './mailkite.ts';
import { mailkiteSelfhost } from './mailkite-selfhost.ts';

const ROUTES_OF_SERVER = {
  certainty: 'pub',
  source: 'https://github.com/mailkite/server/blob/5db8953/docs/routes.md',
  asOf: '2026-11-29',
} as const;

/** What the generated SDK of August 2026 documents. */
const CREATE_ROUTE = {
  certainty: 'pub',
  source: 'https://github.com/mailkite/mailkite-php/blob/77cc1f4/docs/createRoute.md',
  asOf: '2026-11-29',
} as const;

const HOSTED = {
  vendor: mailkite.id,
  event: 'email.received',
  recipient: { address: 'to.0.address' },
  documentation: mailkite.documentation,
  actions: [
    { name: 'webhook', destination: 'url', does: 'sent to a webhook', certainty: 'doc' },
    { name: 'forward', destination: 'address', does: 'forwarded to another address', certainty: 'doc' },
    {
      name: 'agent',
      destination: null,
      ignoresDestination: true,
      does: 'given to an AI agent, which may answer it or forward it',
      ...CREATE_ROUTE,
    },
    { name: 'store', destination: null, does: 'only stored', certainty: 'doc' },
    { name: 'drop', destination: null, does: 'dropped (but still stored)', certainty: 'doc' },
  ],
  defaultAction: 'webhook',
  grammar: 'address',
  domainWebhook: 'unmatched',
  patterns: [
    { form: 'user@domain', matches: 'this address', certainty: 'doc' },
    { form: '*@domain', matches: 'every address of the domain', certainty: 'doc' },
    { form: 'user+*@domain', matches: 'the user with any tag', certainty: 'doc' },
    { form: '/regex/', matches: 'every address that the expression matches', certainty: 'doc' },
  ],
  notes: [
    { text: 'every route that matches gets the message, in the order of the file', certainty: 'doc' },
    { text: 'one with "active": false gets nothing', ...ROUTES_OF_SERVER },
    { text: "when none matches, the domain's catch-all webhook gets it", certainty: 'doc' },
    { text: 'the message is stored regardless of the actions', certainty: 'doc' },
    {
      text: "a webhook is signed with the secret of its route, or with the account's if the route has none",
      certainty: 'pub',
      source: 'https://github.com/mailkite/community/discussions/2',
      asOf: '2026-11-29',
    },
    // The self-hosted server keeps Support@App.Example and support@app.example as one rule [pub].
    { text: 'letter case is ignored, in the domain and before the @', certainty: 'inf' },
    {
      text: 'user@domain does not match user+tag@domain, and user+*@domain does not match user@domain',
      certainty: 'us',
    },
    {
      text: 'a regex is a JavaScript one and ignores letter case; ^ and $ tie it to the whole address',
      certainty: 'us',
    },
  ],
} as const satisfies Routing;

const SELF_HOSTED = {
  vendor: mailkiteSelfhost.id,
  event: 'inbound',
  recipient: { address: 'rcpt', domain: 'domain' },
  documentation: ROUTES_OF_SERVER.source,
  actions: [
    { name: 'webhook', destination: 'url', does: 'sent to a webhook', ...ROUTES_OF_SERVER },
    { name: 'forward', destination: 'address', does: 'forwarded to another address', ...ROUTES_OF_SERVER },
    {
      name: 'agent',
      destination: null,
      ignoresDestination: true,
      does: 'given to an AI agent, which may answer it or forward it',
      ...ROUTES_OF_SERVER,
    },
  ],
  defaultAction: null,
  grammar: 'glob',
  domainWebhook: 'always',
  patterns: [
    { form: 'support', matches: 'this address of the domain', ...ROUTES_OF_SERVER },
    { form: '*', matches: 'every address of the domain', ...ROUTES_OF_SERVER },
    { form: 'support-*', matches: 'what starts like this', ...ROUTES_OF_SERVER },
    { form: '*-agent', matches: 'what ends like this', ...ROUTES_OF_SERVER },
    { form: 'ticket+*', matches: 'the user with any tag', ...ROUTES_OF_SERVER },
    { form: '*@domain', matches: 'any of these followed by the domain', ...ROUTES_OF_SERVER },
  ],
  notes: [
    { text: 'a * may be anywhere and matches any characters or none; /regex/ is not supported', ...ROUTES_OF_SERVER },
    { text: 'every route that matches gets the message; one with "active": false gets nothing', ...ROUTES_OF_SERVER },
    { text: "the domain's own webhook gets every message, no matter what matches", ...ROUTES_OF_SERVER },
    { text: 'the message is stored in any case', ...ROUTES_OF_SERVER },
    {
      text: "a route signs with its own secret, the domain's webhook with the domain's",
      ...ROUTES_OF_SERVER,
      source: 'https://github.com/mailkite/server/blob/5db8953/api-local/lib/webhooks.mjs',
    },
    { text: 'letter case is ignored', ...ROUTES_OF_SERVER },
    {
      text: 'a pattern without a domain applies to the domain of the recipient, unless "domain" names one',
      certainty: 'us',
    },
  ],
} as const satisfies Routing;

/** Who routes by address, the default first. */
export const ROUTINGS: readonly Routing[] = [HOSTED, SELF_HOSTED];

/** The routing of this vendor. Throws `usage` for one that has none. */
export function findRouting(vendor: string): Routing {
  const routing = ROUTINGS.find((one) => one.vendor === vendor);
  if (routing !== undefined) return routing;
  const among = ROUTINGS.map((one) => one.vendor);
  throw new AppError('usage', `${JSON.stringify(vendor)} does not route mail by address`, {
    hint: `use --vendor with one of: ${among.join(', ')}`,
    unknown: { given: vendor, among },
  });
}
