import { expect, test } from 'vitest';
import { listCases } from '../../../src/conform/cases/list-cases.ts';
import { chooseSuiteTargets, type SuiteTargetOptions } from '../../../src/flows/test/suite-choice.ts';
import { toSigned } from '../../../src/flows/test/suite-sender.ts';
import { settingOf as caseSetting } from '../../helpers/try-case.ts';
import { makeEventFactory } from '../../../src/flows/test/event-factory.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { readObject } from '../../../src/vendors/event-key.ts';
import type { Target } from '../../../src/flows/session/choose-targets.ts';
import type { Config, Webhook } from '../../../src/model/webhook.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

const webhook = (digit: number, name: string, vendor: string, events: string[]): Webhook => ({
  uuid: `00000000-0000-4000-8000-00000000000${digit}`,
  name,
  vendor,
  url: `http://127.0.0.1:3000/${name}`,
  events,
});
const CONFIG: Config = {
  path: '/webhook.config.json',
  webhooks: [webhook(1, 'shop', 'mail2many', ['optin']), webhook(2, 'inbox', 'mail-plus', ['inbound'])],
};

const choose = (options: Partial<SuiteTargetOptions>, config = CONFIG): Promise<Target[]> =>
  chooseSuiteTargets({ names: [], ...options }, config, builtInVendors);

const eventsOf = async (
  options: Partial<SuiteTargetOptions>,
): Promise<[name: string | undefined, events: string[]][]> =>
  (await choose(options)).map(({ name, vendor }) => [name, vendor.events.map((event) => event.name)]);

test('each webhook is tested with the events that it lists, or with those that are named', async () => {
  expect(await eventsOf({})).toEqual([
    ['shop', ['optin']],
    ['inbox', ['inbound']],
  ]);
  expect(await eventsOf({ names: ['SHOP'], events: ['optin'] })).toEqual([['shop', ['optin']]]);
});

test('a URL is called as its vendor with all events of it, or with those that are named', async () => {
  const at = { url: 'http://127.0.0.1/', vendor: 'mail2many' };
  expect((await eventsOf(at))[0]?.[1]).toHaveLength(findVendor('mail2many').events.length);
  expect(await eventsOf({ ...at, events: ['optout', 'optin'] })).toEqual([[undefined, ['optout', 'optin']]]);
  expect(await eventsOf({ url: 'http://127.0.0.1/', names: ['shop'] })).toEqual([['shop', ['optin']]]);
});

test.each<[options: Partial<SuiteTargetOptions>, message: string]>([
  [{ url: 'http://127.0.0.1/' }, 'no vendor was given for this URL'],
  [{ url: 'http://127.0.0.1/', names: ['shop', 'inbox'] }, '--url is one endpoint, but 2 webhooks were given'],
  [{ vendor: 'mail2many' }, '--vendor has no effect without --url'],
  [{ names: ['shop'], events: ['optout'] }, 'the webhook "shop" does not list the event "optout"'],
  [{ names: ['shopp'] }, 'no webhook "shopp" is configured'],
])('%j is refused: %s', async (options, message) => {
  await expect(eventsOf(options)).rejects.toThrow(expect.objectContaining({ kind: 'usage', message }));
});

test.each([
  ['https://shop.example/hook', 'http://shop.example/hook'],
  ['https://shop.example:443/hook', 'http://shop.example/hook'],
  ['https://shop.example:8443/hook', 'http://shop.example:8443/hook'],
])('the plain-http route of %s is %s', (url, plain) => {
  const request = { method: 'POST', headers: [], body: new Uint8Array(), route: 'plain-http' as const };
  expect(toSigned({ event: 'optin', expect: 'refused', key: null, url: new URL(url), ...request }).url.href).toBe(
    plain,
  );
});

const ELEMENTS = ['timestamp', 'header', 'body', 'subject', 'from', 'to', 'bcc', 'spf', 'dkim', 'spam', 'ip'];

/** What is selected comes with every event, what is not with none. */
test.each([
  [undefined, ['timestamp', 'header', 'body', 'subject', 'from', 'to'], 'must'],
  [ELEMENTS, ELEMENTS.map((name) => ({ spam: 'spam_score', ip: 'ip_address' })[name] ?? name), 'must'],
  [['from', 'spf'], ['from', 'spf'], 'should'],
])('Mail-Plus, elements %j: the smallest event has %j', async (select, keys, large) => {
  const config: Config = {
    path: null,
    webhooks: [{ ...webhook(3, 'mp', 'mail-plus', ['inbound']), dataSelection: select }],
  };
  const targets = [
    ...(await choose({ url: 'http://127.0.0.1/hook', vendor: 'mail-plus', select })),
    ...(await choose({ names: ['mp'] }, config)),
  ];
  expect(targets).toHaveLength(2);
  for (const { vendor, url, select: kept } of targets) {
    const ids = makeIds(systemRandom());
    const factory = makeEventFactory({ vendor, url, secret: null, select: kept, clock: systemClock, ids });
    const cases = listCases(caseSetting(vendor));
    // Where nothing may be blank, there is no minimal one beside the full one.
    const smallest = cases.findLast(({ id }) => /^event-(?:full|minimal)-inbound$/.test(id));
    const [request] = smallest?.change(factory) ?? [];
    expect(Object.keys(readObject(request?.body ?? Buffer.alloc(0)) ?? {})).toEqual(keys);
    expect(cases.find(({ id }) => id === 'large-1mib')?.severity).toBe(large);
  }
});

/** Of an opt-in event nobody knows whether the endpoint gets it, unless it is named. */
test.each([
  [undefined, 'should', ['that the endpoint is for email.sent: opt-in at MailKite, but --events does not name it']],
  [['email.sent'], 'must', []],
])('events %j: that email.sent is taken is a %s', async (events, severity, assumptions) => {
  const at = { url: 'http://127.0.0.1/hook', vendor: 'mailkite', events };
  const [target] = await choose(at, { path: null, webhooks: [] });
  const cases = listCases(caseSetting((target as Target).vendor));
  expect(cases.find(({ id }) => id === 'event-full-email.sent')).toMatchObject({ severity, assumptions });
  expect(cases.find(({ id }) => id === 'event-minimal-email.sent')).toMatchObject({ severity, assumptions });
});
