import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/conform/cases/list-cases.ts';
import type { MessagePart } from '../../src/model/signature.ts';
import { checkLaxly } from '../../src/receive/bugs/lax-signature.ts';
import type { Bug } from '../../src/receive/bugs/list-bugs.ts';
import type { StepRequest } from '../../src/receive/receiver-behaviour.ts';
import { MADE_UP_VENDORS } from '../helpers/made-up-vendors.ts';
import { settingOf, tryCase } from '../helpers/try-case.ts';

// Receivers that take a signature for one URL as one for another, which each URL of an endpoint shows in its own way.

const SIGNS_URL = MADE_UP_VENDORS.find(({ id }) => id === 'signs-url');

function vendorThatSigns(part: MessagePart): (typeof MADE_UP_VENDORS)[number] {
  const spec = SIGNS_URL?.signature.value;
  if (SIGNS_URL === undefined || spec === null || spec === undefined) throw new Error('no signs-url');
  return { ...SIGNS_URL, signature: { value: { ...spec, message: [part, 'body'] }, certainty: 'user' } };
}

const WHOLE = 'https://127.0.0.1/Hooks/Acme?b=1&a=x%20y';
const SLASHED = 'https://127.0.0.1/hook/?tenant=a';
const PLAIN = 'https://127.0.0.1/hook';

const taking = (...urls: ((url: string) => string)[]): Bug => ({
  id: 'drops-query',
  mistake: '',
  change: () => ({ signature: checkLaxly({ mistakes: urls.map((url) => ({ url })) }) }),
});
const asItIs = (url: string): string => url;
const lower = (url: string): string => url.toLowerCase();
const noQuery = (url: string): string => url.replace(/[?].*/, '');
const noSlash = (url: string): string => url.replace(/[/](?=$|[?])/, '');
const slash = (url: string): string => url.replace(/(?=$|[?])/, '/');
const host = (name: string) => (url: string) => url.replace('127.0.0.1', name);

const otherUrl = (vendor: (typeof MADE_UP_VENDORS)[number], id = 'other-url'): ReturnType<typeof listCases>[number] => {
  const one = listCases(settingOf(vendor)).find((listed) => listed.id === id);
  if (one === undefined) throw new Error(`no ${id}`);
  return one;
};

test.each<[string, MessagePart, string, Bug, string]>([
  ['with its query or without', 'target', WHOLE, taking(asItIs, noQuery), 'without its query'],
  ['of one without a query', 'url', PLAIN, taking(asItIs, noQuery), 'a query that was not signed'],
  ['with its query alone', 'query', WHOLE, taking(asItIs, noQuery), 'without its query'],
  ['also in lower case', 'path', WHOLE, taking(asItIs, lower), 'in lower case'],
  ['also in lower case, of one in lower case', 'url', PLAIN, taking(asItIs, lower), 'signed in lower case'],
  ['also without its slash', 'path', SLASHED, taking(asItIs, noSlash), 'trailing slash'],
  ['also with a slash', 'target', PLAIN, taking(asItIs, slash), 'trailing slash'],
  ['also of another host', 'url', PLAIN, taking(asItIs, host('elsewhere.example')), 'another host'],
])('a receiver that takes it %s', async (_, part, url, bug, label) => {
  const vendor = vendorThatSigns(part);
  const verdict = await tryCase(otherUrl(vendor), vendor, bug, { url });
  expect(verdict).toMatchObject({ status: 'fail', detail: expect.stringContaining(label) });
});

test.each<[string, MessagePart, string, string]>([
  ['decoded', 'query', WHOLE, 'escapes decoded'],
  ['decoded, of one with nothing to decode', 'target', PLAIN, 'decoded'],
])('a receiver that takes it %s, too, takes another spelling of the same URL', async (_, part, url, label) => {
  const vendor = vendorThatSigns(part);
  const one = otherUrl(vendor, 'url-spelling');
  const verdict = await tryCase(one, vendor, taking(asItIs, decodeURIComponent), { url });
  expect([one.severity, verdict]).toMatchObject(['should', { status: 'fail', detail: expect.stringContaining(label) }]);
});

const throwing = (isOdd: (request: StepRequest) => boolean): Bug => ({
  id: 'server-error-on-bad-signature',
  mistake: '',
  change: (correct) => ({
    signature: (context) => (isOdd(context.request) ? { status: 500 } : correct.signature(context)),
  }),
});
const namesPort = ({ headers }: StepRequest): boolean => headers.some(([, value]) => value === '127.0.0.1:443');
const withPort = (url: string): string => url.replace(/127.0.0.1(?!:)/, '127.0.0.1:443');
test.each<[what: string, part: MessagePart, url: string, bug: Bug | null, status: string, detail: string]>([
  ['refuses it', 'url', WHOLE, null, 'pass', ''],
  ['takes both', 'host', PLAIN, taking(asItIs, withPort), 'pass', ''],
  ['fails where the port is named', 'url', WHOLE, throwing(namesPort), 'fail', 'called with the port'],
  ['fails at all', 'host', PLAIN, throwing(() => true), 'fail', 'signed with the port, called without'],
  [
    'has a port of its own',
    'url',
    'https://127.0.0.1:8443/',
    null,
    'skip',
    'the endpoint does not use the default port',
  ],
])('a signed URL with its default port, and without: a receiver that %s', async (_, part, url, bug, status, detail) => {
  const one = otherUrl(vendorThatSigns(part), 'url-port');
  const verdict = await tryCase(one, vendorThatSigns(part), bug, { url });
  expect([one.severity, verdict]).toMatchObject(['should', { status, detail: expect.stringContaining(detail) }]);
});

test('what the port of a URL may be is asked only where the host is signed', () => {
  const [ofTarget = [], ofHost = []] = (['target', 'host'] as const).map((part) =>
    listCases(settingOf(vendorThatSigns(part))).map(({ id }) => id),
  );
  expect([ofTarget.includes('url-port'), ofHost.includes('url-port')]).toEqual([false, true]);
});

describe.each(['url', 'target', 'path', 'query', 'host'] as const)('where the %s is signed', (part) => {
  test.each([WHOLE, SLASHED, PLAIN, 'https://127.0.0.1/', 'https://127.0.0.1/%zz/'])('%s', async (url) => {
    const vendor = vendorThatSigns(part);
    expect(await tryCase(otherUrl(vendor), vendor, null, { url })).toMatchObject({ status: 'pass' });
  });
});

test('events that all have one signature are told so, where there is nothing to send', async () => {
  const vendor = vendorThatSigns({ text: 'fixed' });
  const spec = vendor.signature.value;
  const fixed = {
    ...vendor,
    signature: { ...vendor.signature, value: spec && { ...spec, message: [{ json: 'type' } as const] } },
  };
  const one = listCases(settingOf(fixed)).find(({ id }) => id === 'other-body');
  if (one === undefined) throw new Error('no other-body');
  const ofOneEvent = { ...fixed, events: fixed.events.slice(0, 1) };
  expect(await tryCase(one, ofOneEvent, null)).toMatchObject({
    status: 'skip',
    detail: expect.stringMatching(/^nothing was sent: .* have the same signature: .*fixed in the sample/),
  });
});
