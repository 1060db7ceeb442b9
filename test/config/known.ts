import type { Known } from '../../src/config/check-config.ts';
import type { Webhook } from '../../src/model/webhook.ts';

/** Vendors of the tests: the room takes the lists as an argument and knows no vendor itself. */
export const KNOWN: Known = {
  vendors: [
    { id: 'acme', events: ['opened', 'closed'], selectable: [] },
    { id: 'picky', events: ['inbound'], selectable: ['subject', 'body'] },
  ],
};

export const SHOP: Webhook = {
  uuid: '11111111-1111-4111-8111-111111111111',
  name: 'shop',
  vendor: 'acme',
  url: 'http://127.0.0.1:3000/hook',
  events: ['opened'],
};

export const BLOG: Webhook = {
  uuid: '22222222-2222-4222-8222-222222222222',
  name: 'blog',
  vendor: 'acme',
  url: 'http://127.0.0.1:3000/blog',
  events: ['opened', 'closed'],
};

export const INBOX: Webhook = {
  uuid: '33333333-3333-4333-8333-333333333333',
  name: 'inbox',
  vendor: 'picky',
  url: 'http://127.0.0.1:3000/inbox',
  events: ['inbound'],
};
