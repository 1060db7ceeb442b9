import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/model/json.ts';
import { parseAddress } from '../../src/plan/route-pattern.ts';
import { matchRoutes, makeRegexTester } from '../../src/plan/match-route.ts';
import { findRouteProblems, listIgnoredKeys, readRoutes, type RouteProblem } from '../../src/plan/read-routes.ts';
import { findRouting, ROUTINGS } from '../../src/vendors/routing.ts';
import { findNearMiss } from '../../src/cli/terminal/names.ts';
import type { VendorEvent } from '../../src/model/vendor.ts';
import { fieldsOf } from '../../src/vendors/facts.ts';
import { findVendor } from '../helpers/vendors.ts';
import { findEvent } from '../../src/vendors/find-event.ts';

const ROUTING = findRouting('mailkite');
const SELF_HOSTED = findRouting('mailkite-selfhost');
const problemsOf = (value: JsonValue, routing = ROUTING): RouteProblem[] =>
  findRouteProblems(value, routing, findNearMiss);

const webhook = { action: 'webhook', destination: 'https://example.org/hook' };

function judge(match: string, to: string, routing = ROUTING, more: JsonObject = {}): boolean | null | undefined {
  const value = [{ match, ...webhook, ...more }];
  expect(problemsOf(value, routing)).toEqual([]);
  const address = parseAddress(to);
  if (address === null) throw new Error(`${to} is no address`);
  return matchRoutes(readRoutes(value, routing), address, makeRegexTester(), routing)[0]?.matches;
}

test.each<[match: string, to: string, matches: boolean]>([
  ['support@example.org', 'support@example.org', true],
  ['support@example.org', 'Support@EXAMPLE.org.', true],
  ['SUPPORT@example.org', 'support@example.org', true],
  ['support@example.org', 'support@mail.example.org', false],
  ['support@example.org', 'support@evilexample.org', false],
  ['support@example.org', 'xsupport@example.org', false],
  ['support@example.org', 'support+a@example.org', false],
  ['support+a@example.org', 'support+a@example.org', true],
  ['*@example.org', 'anybody+at.all@Example.Org', true],
  ['*@example.org', 'a@sub.example.org', false],
  ['*@münchen.example', 'a@xn--mnchen-3ya.example', true],
  ['*@xn--mnchen-3ya.example', 'a@MÜNCHEN.example', true],
  ['support+*@example.org', 'support+billing@example.org', true],
  ['support+*@example.org', 'Support+a+b@example.org', true],
  ['Support+*@example.org', 'support+a@example.org', true],
  ['support+*@example.org', 'support@example.org', false],
  ['support+*@example.org', 'support2+a@example.org', false],
  ['support+*@example.org', 'support+a@example.com', false],
  ['/^sales-\\d+@example\\.org$/', 'sales-42@example.org', true],
  ['/^sales-\\d+@example\\.org$/', 'sales-x@example.org', false],
  ['/SALES/', 'sales@example.org', true],
  ['/ORG$/i', 'a@example.org', true],
  ['/a\\/b/', 'a/b@example.org', true],
  ['support@example.org', '"a@b"@example.org', false],
  ['/^"a@b"@/', '"a@b"@example.org', true],
])('%s and %s: %s', (match, to, matches) => {
  expect(judge(match, to)).toBe(matches);
});

test.each(['/^(a+)+$/', '/^(a|a)*$/', '/^(.*a){30}$/', '/^([a-z]+)*\\1$/'])(
  '%s takes too long: told, not waited for',
  (match) => {
    expect(judge(match, `${'a'.repeat(60)}@example.org`)).toBe(null);
  },
);

test('a thousand expressions that take too long share one budget', () => {
  const value = Array.from({ length: 1000 }, () => ({ match: '/^(a+)+$/', ...webhook }));
  const address = parseAddress(`${'a'.repeat(60)}@example.org`);
  const judged =
    address === null ? [] : matchRoutes(readRoutes(value, ROUTING), address, makeRegexTester(200), ROUTING);
  expect(judged).toHaveLength(1000);
  expect(new Set(judged.map(({ matches }) => matches))).toEqual(new Set([null]));
});

test('an expression is data: it reaches nothing of the program', () => {
  expect(judge('/"+process.exit(1)+"/', 'a@example.org')).toBe(false);
});

test.each([
  '',
  '@example.org',
  'a@',
  'a',
  'a b@example.org',
  'a@b c',
  'a@b@c',
  'Robin <a@example.org>',
  `${'a'.repeat(65)}@b.org`,
  `a@${'b'.repeat(300)}`,
  'a@exa mple',
  'a\n@b.org',
  'a@*',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeNull();
});

test('all routes that match are told, in the order of the file; store and drop have no destination', () => {
  const value: JsonValue = [
    { match: '*@example.org', ...webhook },
    { match: 'b@example.org', action: 'drop' },
    { match: 'a@example.org', action: 'store', destination: null },
    { match: '/^a/', action: 'forward', destination: 'ops@example.net' },
    { match: 'a@example.org', destination: 'http://127.0.0.1/x' },
  ];
  expect(problemsOf(value)).toEqual([]);
  const address = { local: 'a', domain: 'example.org' };
  const judged = matchRoutes(readRoutes(value, ROUTING), address, makeRegexTester(), ROUTING);
  expect(judged.map(({ route, matches }) => [route.action, route.destination, matches])).toEqual([
    ['webhook', 'https://example.org/hook', true],
    ['drop', null, false],
    ['store', null, true],
    ['forward', 'ops@example.net', true],
    ['webhook', 'http://127.0.0.1/x', true],
  ]);
});

test.each<[what: string, value: JsonValue, path: (string | number)[], message: RegExp]>([
  ['no list', {}, [], /expected a list of routes/],
  ['no object', ['a@b.c'], [0], /expected an object/],
  ['no match', [{ ...webhook }], [0], /"match" is missing/],
  ['a match that is no text', [{ match: 1, ...webhook }], [0, 'match'], /expected a text/],
  [
    'a match without @',
    [{ match: 'support', ...webhook }],
    [0, 'match'],
    /expected user@domain, \*@domain, user\+\*@domain or \/regex\//,
  ],
  ['a * in the domain', [{ match: 'a@*.org', ...webhook }], [0, 'match'], /is not a domain/],
  ['a * in the middle', [{ match: 'a*b@example.org', ...webhook }], [0, 'match'], /must be alone before the @/],
  ['nobody before the tag', [{ match: '+*@example.org', ...webhook }], [0, 'match'], /must be alone/],
  ['a regex without end', [{ match: '/abc', ...webhook }], [0, 'match'], /between two slashes/],
  ['a broken regex', [{ match: '/a(/', ...webhook }], [0, 'match'], /not a valid regex: .*Unterminated group/],
  ['a flag that has no use', [{ match: '/a/g', ...webhook }], [0, 'match'], /flags i and u, not "g"/],
  ['a very long regex', [{ match: `/${'a'.repeat(501)}/`, ...webhook }], [0, 'match'], /at most 500 characters/],
  [
    'a misspelt key',
    [{ match: 'a@b.c', ...webhook, acton: 1 }],
    [0, 'acton'],
    /unknown key "acton", expected .*action/,
  ],
  [
    'another word for one',
    [{ match: 'a@b.c', ...webhook, isActive: false }],
    [0, 'isActive'],
    /unknown key "isActive"/,
  ],
  ['a letter too many', [{ match: 'a@b.c', ...webhook, actives: false }], [0, 'actives'], /unknown key "actives"/],
  ['a state that is none', [{ match: 'a@b.c', ...webhook, active: 'no' }], [0, 'active'], /expected true or false/],
  [
    'two patterns',
    [{ match: 'a@b.c', match_pattern: 'b@b.c', ...webhook }],
    [0, 'match_pattern'],
    /contradicts "match"/,
  ],
  ['no secret', [{ match: 'a@b.c', ...webhook, secret: '' }], [0, 'secret'], /expected \{"env": "NAME"\}/],
  [
    'two secrets',
    [{ match: 'a@b.c', ...webhook, signing_secret: { env: 'A', file: 'b' } }],
    [0, 'signing_secret'],
    /expected \{"env": "NAME"\}/,
  ],
  ['an answer without routes', { routes: 1 }, ['routes'], /expected a list of routes/],
  ['within an answer', { routes: [{ match: 'a', ...webhook }] }, ['routes', 0, 'match'], /expected user@domain/],
  [
    'an unknown action',
    [{ match: 'a@b.c', action: 'froward' }],
    [0, 'action'],
    /unknown action "froward", expected one of webhook, forward, agent, store, drop/,
  ],
  ['an action that is no text', [{ match: 'a@b.c', action: null }], [0, 'action'], /expected one of/],
  ['a webhook without URL', [{ match: 'a@b.c' }], [0], /webhook needs an http:\/\/ or https:\/\/ URL/],
  [
    'a webhook to a file',
    [{ match: 'a@b.c', destination: 'file:///etc/passwd' }],
    [0, 'destination'],
    /expected an http:/,
  ],
  [
    'a forward to a URL',
    [{ match: 'a@b.c', action: 'forward', destination: 'https://example.org' }],
    [0, 'destination'],
    /expected a mail address/,
  ],
  [
    'a destination for store',
    [{ match: 'a@b.c', action: 'store', destination: 'x' }],
    [0, 'destination'],
    /store has no destination/,
  ],
  ['too many', Array.from({ length: 1001 }, () => ({})), [], /at most 1000 routes/],
])('%s is told, and where', (_, value, path, message) => {
  expect(problemsOf(value)[0]).toMatchObject({ path, message: expect.stringMatching(message) });
});

const OFF = { matches: false, why: 'it is not active' };

test.each<[more: JsonObject, expected: object]>([
  [{ active: false }, OFF],
  [{ active: 0 }, OFF],
  [{ active: true }, { matches: true }],
  [{ active: 1 }, { matches: true }],
  [
    { action: 'agent', agentPrompt: 'help', destination: 'unused' },
    { matches: true, route: { destination: null } },
  ],
  [{ signing_secret: 'whsec_own' }, { route: { secret: 'whsec_own' } }],
  [{ webhook_secret: null, actionId: 1, activeAt: 1, agent_context: '', ackMode: 'ack' }, { matches: true }],
  [{ webhook_secret: null, secret: { env: 'OWN' } }, { route: { secret: { env: 'OWN' } } }],
])('an exported route with %j', (more, expected) => {
  const value = {
    providers: [],
    routes: [{ id: 7, match_pattern: 'a@example.org', ...webhook, ...more, created_at: 1 }],
  };
  expect(problemsOf(value)).toEqual([]);
  const address = { local: 'a', domain: 'example.org' };
  expect(matchRoutes(readRoutes(value, ROUTING), address, makeRegexTester(), ROUTING)).toMatchObject([expected]);
  const ignored = listIgnoredKeys(value, ROUTING);
  expect(ignored).toEqual(expect.arrayContaining(['providers', 'id', 'created_at']));
  expect(ignored).not.toContain(Object.keys(more)[0]);
});

/** As api-local/lib/patterns.mjs of github.com/mailkite/server tells them apart. */
test.each<[match: string, domain: string | null, to: string, matches: boolean]>([
  ['support', 'example.org', 'support@example.org', true],
  ['support', 'example.org', 'support@example.com', false],
  ['support', null, 'support@example.com', true],
  ['Support', 'Example.ORG', 'sUPPORT@example.org', true],
  ['support', 'example.org', 'support+a@example.org', false],
  ['support@example.org', null, 'support@example.org', true],
  ['support@example.org', null, 'support@sub.example.org', false],
  ['*', 'example.org', 'anybody+at.all@example.org', true],
  ['*@example.org', null, 'a@example.com', false],
  ['support-*', 'example.org', 'support-7@example.org', true],
  ['support-*', 'example.org', 'support-@example.org', true],
  ['support-*', 'example.org', 'support@example.org', false],
  ['*-agent', 'example.org', 'sales-agent@example.org', true],
  ['*-agent', 'example.org', 'sales-agents@example.org', false],
  ['*-agent@example.org', 'example.org', '-agent@example.org', true],
  ['ticket+*', 'example.org', 'ticket+1234@example.org', true],
  ['ticket+*', 'example.org', 'ticket@example.org', false],
  ['a*b*c', 'example.org', 'axxbyyc@example.org', true],
  ['a*b*c', 'example.org', 'axxcyyb@example.org', false],
  ['aa*aa', 'example.org', 'aaa@example.org', false],
  ['a*b*b', 'example.org', 'ab@example.org', false],
  ['a.b*', 'example.org', 'axb@example.org', false],
  [`${'a*'.repeat(100)}b`, 'example.org', `${'a'.repeat(64)}@example.org`, false],
  ['*@münchen.example', null, 'a@xn--mnchen-3ya.example', true],
])('self-hosted, %s of %s and %s: %s', (match, domain, to, matches) => {
  expect(judge(match, to, SELF_HOSTED, { domain })).toBe(matches);
});

test.each<[what: string, route: JsonObject, path: (string | number)[], message: RegExp]>([
  ['a regex', { match: '/^sales-.*$/', ...webhook }, [0, 'match'], /does not support \/regex\/.*support-\*/],
  ['a regex of an address', { match: '/^a@example\\.org$/i', ...webhook }, [0, 'match'], /does not support \/regex\//],
  [
    'another domain',
    { match: 'a@example.com', domain: 'example.org', ...webhook },
    [0, 'match'],
    /own domain, example\.org/,
  ],
  ['nobody', { match: '@example.org', ...webhook }, [0, 'match'], /expected an address/],
  ['a space', { match: 'a b', ...webhook }, [0, 'match'], /expected an address/],
  ['an action of the hosted service', { match: 'a', action: 'drop' }, [0, 'action'], /webhook, forward, agent$/],
  ['no action', { match: 'a', destination: 'https://example.org' }, [0], /"action" is missing/],
  ['a domain that is no text', { match: 'a', domain: 1, ...webhook }, [0, 'domain'], /name of a domain/],
])('self-hosted, %s is told, and where', (_, route, path, message) => {
  expect(problemsOf([route], SELF_HOSTED)[0]).toMatchObject({ path, message: expect.stringMatching(message) });
});

test.each(ROUTINGS)(
  'the facts of $vendor agree with the vendor',
  ({ vendor, event, actions, defaultAction, recipient }) => {
    const { fields, fromMail } = findEvent(findVendor(vendor), event);
    expect(fromMail).toBeDefined();
    expect([null, ...actions.map(({ name }) => name)]).toContain(defaultAction);
    const paths = fieldsOf({ fields } as VendorEvent).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(Object.values(recipient)));
  },
);

test('who routes nothing is told who does', () => {
  expect(() => findRouting('mailkit')).toThrow(
    expect.objectContaining({ kind: 'usage', hint: expect.stringContaining('mailkite-selfhost') }),
  );
});
