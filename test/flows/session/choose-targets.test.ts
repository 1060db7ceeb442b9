import { expect, test } from 'vitest';
import {
  chooseTargets,
  chooseVendorAndEvent,
  type TargetOptions,
  type TargetedEvent,
} from '../../../src/flows/session/choose-targets.ts';
import type { AppError } from '../../../src/model/error.ts';
import type { Config, Webhook } from '../../../src/model/webhook.ts';
import { webhookUuidFor } from '../../../src/plan/ids.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

const SHOP: Webhook = {
  uuid: '00000000-0000-4000-8000-000000000001',
  name: 'Shop',
  vendor: 'mail-plus',
  url: 'https://shop.example/hook',
  events: ['inbound'],
  secret: { env: 'SHOP_SECRET' },
  tls: { cacert: '/ca.pem' },
  dataSelection: ['headers'],
};
const MAIL: Webhook = {
  uuid: '00000000-0000-4000-8000-000000000002',
  name: 'mail',
  vendor: 'mail2many',
  url: 'http://127.0.0.1:3000/mail',
  events: ['optin', 'optout'],
};
const CONFIG: Config = { path: '/webhook.config.json', webhooks: [SHOP, MAIL] };

const choose = (options: TargetOptions): Promise<TargetedEvent[]> => chooseTargets(options, CONFIG, builtInVendors);

// History finds the deliveries of an ad-hoc webhook by its uuid, so it must never change.
test.each([
  'http://127.0.0.1:3000/hook',
  ' HTTPS://Example.COM:443/a b?c={d}#part ',
  'https://user:password@example.com/%7Efoo/../bar',
  'http://[::1]/ä?q=ü',
])('an ad-hoc webhook has the uuid that is made of its URL as it was typed: %s', async (url) => {
  const [target] = await choose({ url, event: 'optin' });
  expect(target).toMatchObject({ webhookUuid: webhookUuidFor('mail2many', url), url: new URL(url) });
  expect(target?.name).toBeUndefined();
});

test('a configured webhook gives its target all it has; --url and --select take the place of its own', async () => {
  expect(await choose({ to: 'shop' })).toEqual([
    expect.objectContaining({
      webhookUuid: SHOP.uuid,
      name: 'Shop',
      url: new URL(SHOP.url),
      secret: SHOP.secret,
      tls: SHOP.tls,
      select: SHOP.dataSelection,
    }),
  ]);
  const [elsewhere] = await choose({ to: 'shop', url: 'http://127.0.0.1/', select: [] });
  expect(elsewhere).toMatchObject({ webhookUuid: SHOP.uuid, url: new URL('http://127.0.0.1/'), select: [] });
});

test.each<[options: TargetOptions, vendor: string, event: string]>([
  [{ event: 'optin' }, 'mail2many', 'optin'],
  [{ vendor: 'mail-plus' }, 'mail-plus', 'inbound'],
  [{ vendor: 'mailkite', eml: 'mail.eml' }, 'mailkite', 'email.received'],
  [{ vendor: 'mailkite-selfhost', event: 'inbound' }, 'mailkite-selfhost', 'inbound'],
  // Only one webhook that is configured gets it.
  [{ event: 'inbound' }, 'mail-plus', 'inbound'],
])('%j means %s %s', async (options, vendorId, eventName) => {
  const { vendor, event } = await chooseVendorAndEvent(options, CONFIG, builtInVendors);
  expect([vendor.id, event.name]).toEqual([vendorId, eventName]);
});

test.each<[options: TargetOptions, message: string]>([
  [{ url: 'localhost:3000' }, 'the URL "localhost:3000" has no scheme'],
  [{ url: 'http://127.0.0.1/' }, 'no event given'],
  [{ url: 'http://127.0.0.1/', vendor: 'mail2many' }, 'no event of mail2many given'],
  [{ url: 'http://127.0.0.1/', event: 'optinn' }, 'no vendor has an event "optinn"'],
  [
    { url: 'http://127.0.0.1/', vendor: 'mail2many', eml: 'mail.eml' },
    'mail2many sends no inbound mail, so --eml has no event',
  ],
  [{ to: 'mail' }, 'no event of mail2many given'],
  [{ to: 'shop', url: 'shop.example' }, 'the URL "shop.example" has no scheme'],
])('%j is refused: %s', async (options, message) => {
  await expect(choose(options)).rejects.toThrow(expect.objectContaining<Partial<AppError>>({ kind: 'usage', message }));
});
