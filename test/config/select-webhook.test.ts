import { expect, test } from 'vitest';
import { findNamed, findWebhook, selectWebhooks, type WebhookChoice } from '../../src/config/select-webhook.ts';
import type { AppError } from '../../src/model/error.ts';
import { BLOG, INBOX, SHOP } from './known.ts';

const ALL = [SHOP, BLOG, INBOX];

test.each<[selection: WebhookChoice, names: string[]]>([
  [{ to: 'shop' }, ['shop']],
  [{ to: 'Shop', event: 'opened' }, ['shop']],
  [{ to: BLOG.uuid.toUpperCase() }, ['blog']],
  [{ to: BLOG.uuid.slice(0, -1).toUpperCase() }, ['blog']],
  [{ event: 'opened', all: true }, ['shop', 'blog']],
  [{ event: 'closed' }, ['blog']],
  [{ event: 'closed', all: true }, ['blog']],
  [{ event: 'inbound', vendor: 'picky' }, ['inbox']],
])('%j goes to %j', (selection, names) => {
  expect(selectWebhooks(ALL, selection).map(({ name }) => name)).toEqual(names);
});

test.each<[selection: WebhookChoice, message: string, details: Partial<AppError>]>([
  [
    { to: 'shpo' },
    'no webhook "shpo" is configured',
    { unknown: { given: 'shpo', among: ALL.flatMap(({ name, uuid }) => [name, uuid]) } },
  ],
  [
    { to: 'shop', event: 'closed' },
    'the webhook "shop" does not list the event "closed"',
    { unknown: { given: 'closed', among: ['opened'] } },
  ],
  [{ to: 'shop', vendor: 'picky' }, 'the webhook "shop" belongs to acme, not to picky', {}],
  [{ to: 'shop', all: true }, '--to and --all cannot be combined: --to names one webhook', {}],
  [{ all: true }, 'no event given', {}],
  [
    { event: 'opened' },
    '2 configured webhooks list the event "opened": "shop", "blog"',
    { hint: 'choose one with --to NAME, or send to each with --all' },
  ],
  [
    { event: 'opend', all: true },
    'no configured webhook lists the event "opend"',
    { unknown: { given: 'opend', among: ['opened', 'closed', 'inbound'] } },
  ],
  [{ event: 'opened', vendor: 'picky' }, 'no configured webhook lists the event "opened"', {}],
])('%j is refused: %s', (selection, message, details) => {
  expect(() => selectWebhooks(ALL, selection)).toThrow(expect.objectContaining({ kind: 'usage', message, ...details }));
});

test('a webhook must be of one of the vendors that are named', () => {
  expect(findWebhook(ALL, 'SHOP', { vendor: ['picky', 'acme'] })).toBe(SHOP);
  expect(() => findWebhook(ALL, 'shop', { vendor: ['picky', 'other'] })).toThrow(
    'the webhook "shop" belongs to acme, not to picky',
  );
});

test('a name comes before the beginning of a uuid, and one of several names none', () => {
  const one = { ...SHOP, uuid: 'cafe0000-0000-4000-8000-000000000001' };
  const other = { ...BLOG, uuid: 'cafe0000-0000-4000-8000-000000000002' };
  expect(findNamed([one, other], 'cafe0000-0000-4000-8000-000000000002')).toBe(other);
  expect(findNamed([{ ...one, name: 'cafe' }, other], 'CAFE')?.uuid).toBe(one.uuid);
  expect(findNamed([one, INBOX], 'cafe')).toBe(one);
  expect(findNamed([one, INBOX], 'caf')).toBeUndefined();
  expect(() => findNamed([one, other], 'cafe')).toThrow('the uuids of several webhooks start with cafe: shop; blog');
});
