import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/model/json.ts';
import { parseAddress } from '../../src/plan/route-pattern.ts';
import { matchRoutes, makeRegexTester } from '../../src/plan/match-route.ts';
import { findRouteProblems, readRoutes } from '../../src/plan/read-routes.ts';
import { ROUTING } from '../../src/vendors/routing.ts';
import { findEvent, findVendor } from '../../src/vendors/index.ts';

const webhook = { action: 'webhook', destination: 'https://example.org/hook' };

function judge(match: string, to: string): boolean | null | undefined {
  const value = [{ match, ...webhook }];
  expect(findRouteProblems(value, ROUTING)).toEqual([]);
  const address = parseAddress(to);
  if (address === null) throw new Error(`${to} is no address`);
  return matchRoutes(readRoutes(value, ROUTING), address, makeRegexTester())[0]?.matches;
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
  const judged = address === null ? [] : matchRoutes(readRoutes(value, ROUTING), address, makeRegexTester(200));
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
  expect(findRouteProblems(value, ROUTING)).toEqual([]);
  const judged = matchRoutes(readRoutes(value, ROUTING), { local: 'a', domain: 'example.org' }, makeRegexTester());
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
  ['a * in the domain', [{ match: 'a@*.org', ...webhook }], [0, 'match'], /is no domain/],
  ['a * in the middle', [{ match: 'a*b@example.org', ...webhook }], [0, 'match'], /stands alone before the @/],
  ['nobody before the tag', [{ match: '+*@example.org', ...webhook }], [0, 'match'], /stands alone/],
  ['a regex without end', [{ match: '/abc', ...webhook }], [0, 'match'], /between two slashes/],
  ['a broken regex', [{ match: '/a(/', ...webhook }], [0, 'match'], /not a valid regex: .*Unterminated group/],
  ['a flag that has no use', [{ match: '/a/g', ...webhook }], [0, 'match'], /flags i and u, not "g"/],
  ['a very long regex', [{ match: `/${'a'.repeat(501)}/`, ...webhook }], [0, 'match'], /500 characters at most/],
  ['an unknown key', [{ match: 'a@b.c', ...webhook, acton: 1 }], [0, 'acton'], /unknown key "acton"/],
  [
    'an unknown action',
    [{ match: 'a@b.c', action: 'froward' }],
    [0, 'action'],
    /unknown action "froward", expected one of webhook, forward, store, drop/,
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
  expect(findRouteProblems(value, ROUTING)[0]).toMatchObject({ path, message: expect.stringMatching(message) });
});

test('the facts agree with the vendor', () => {
  expect(findEvent(findVendor(ROUTING.vendor), ROUTING.event).fromMail).toBeDefined();
  expect(ROUTING.actions.map(({ name }) => name)).toContain(ROUTING.defaultAction);
});
