// https://shopify.dev/docs/apps/build/webhooks; the library is public: https://github.com/Shopify/shopify-app-js
import type { Field, Vendor } from '../model/vendor.ts';

const ORDER = [
  { name: 'id', type: 'integer', certainty: 'inf', generated: { digits: 13 } },
  { name: 'admin_graphql_api_id', type: 'string', certainty: 'inf', example: 'gid://shopify/Order/5000000000017' },
  {
    name: 'created_at',
    type: 'string',
    certainty: 'inf',
    generated: { time: 'YYYY-MM-DDTHH:mm:ss+hh:mm', zone: 'Europe/Berlin' },
  },
  { name: 'currency', type: 'string', certainty: 'inf', example: 'EUR' },
  { name: 'email', type: 'string', certainty: 'inf', example: 'mia.mueller@example.com', minimal: '' },
  { name: 'name', type: 'string', certainty: 'inf', example: '#1017' },
  {
    name: 'note',
    type: 'string',
    certainty: 'inf',
    prose: 'long',
    nullable: true,
    example: 'Bitte klingeln – Grüße',
    minimal: null,
  },
  { name: 'total_price', type: 'string', certainty: 'inf', example: '49.90' },
  {
    name: 'line_items',
    type: 'array',
    certainty: 'inf',
    items: {
      type: 'object',
      fields: [
        { name: 'id', type: 'integer', certainty: 'inf', generated: { digits: 13 } },
        { name: 'title', type: 'string', certainty: 'inf', prose: 'line', example: 'Kräutertee' },
        { name: 'quantity', type: 'integer', certainty: 'inf', example: 2 },
        { name: 'price', type: 'string', certainty: 'inf', example: '24.95' },
      ],
    },
  },
] as const satisfies readonly Field[];

const PRODUCT = [
  { name: 'id', type: 'integer', certainty: 'inf', generated: { digits: 13 } },
  { name: 'admin_graphql_api_id', type: 'string', certainty: 'inf', example: 'gid://shopify/Product/7000000000017' },
  {
    name: 'body_html',
    type: 'string',
    certainty: 'inf',
    prose: 'long',
    nullable: true,
    example: '<p>Kräuter</p>',
    minimal: null,
  },
  { name: 'handle', type: 'string', certainty: 'inf', example: 'kraeutertee' },
  { name: 'status', type: 'string', certainty: 'inf', example: 'active' },
  { name: 'tags', type: 'string', certainty: 'inf', example: 'tee, kräuter', minimal: '' },
  { name: 'title', type: 'string', certainty: 'inf', prose: 'line', example: 'Kräutertee' },
  {
    name: 'updated_at',
    type: 'string',
    certainty: 'inf',
    generated: { time: 'YYYY-MM-DDTHH:mm:ss+hh:mm', zone: 'Europe/Berlin' },
  },
  { name: 'vendor', type: 'string', certainty: 'inf', example: 'Example Tea' },
] as const satisfies readonly Field[];

export const shopify = {
  id: 'shopify',
  title: 'Shopify',
  documentation: 'https://shopify.dev/docs/apps/build/webhooks/verify-deliveries',
  publicSource: 'https://github.com/Shopify/shopify-app-js/tree/ef2043d/packages/apps/shopify-api/lib/webhooks',
  asOf: '2026-11-28',

  events: [
    { name: 'orders/create', summary: 'an order was placed', certainty: 'inf', fields: ORDER, keyField: 'id' },
    { name: 'products/update', summary: 'a product was changed', certainty: 'inf', fields: PRODUCT, keyField: 'id' },
  ],
  headers: [
    { name: 'Content-Type', value: 'application/json', certainty: 'us' },
    {
      name: 'X-Shopify-Webhook-Id',
      value: { generated: { id: 'uuid' } },
      certainty: 'pub',
      note: 'the same for every attempt',
    },
    { name: 'X-Shopify-Event-Id', value: { generated: { id: 'uuid' } }, certainty: 'pub' },
    { name: 'X-Shopify-Topic', value: { generated: 'event-name' }, certainty: 'pub' },
    {
      name: 'X-Shopify-Shop-Domain',
      value: 'example.myshopify.com',
      certainty: 'pub',
      note: "the shop's; this one is ours",
    },
    { name: 'X-Shopify-API-Version', value: '2026-10', certainty: 'pub', note: 'as the subscription says' },
    {
      name: 'X-Shopify-Triggered-At',
      value: { generated: { time: 'iso-ms' } },
      certainty: 'pub',
      remarks: [{ text: 'its format is ours', certainty: 'us', about: 'meaning' }],
    },
  ],
  signature: {
    value: {
      at: { header: 'X-Shopify-Hmac-Sha256' },
      algorithm: 'hmac-sha256',
      message: ['body'],
      encoding: ['base64'],
      format: '{v}',
    },
    certainty: 'pub',
    note: "the secret is the app's client secret; after it was replaced the old one may sign for an hour [doc]",
  },
  vectors: [
    {
      name: 'beyond ASCII',
      secret: 'hush',
      headers: {
        'Content-Type': 'application/json',
        'X-Shopify-Topic': 'orders/create',
        'X-Shopify-Shop-Domain': 'example.myshopify.com',
        'X-Shopify-API-Version': '2026-10',
        'X-Shopify-Webhook-Id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      },
      body:
        '{"id":820982911946154500,"email":"jon@example.com","name":"#9999","note":"Grüße 🎉","total_' +
        'price":"234.94"}',
      signature: '+KEeKPEUFLU81oqecUvhb0aEzxG5dj39bGG2odzQxlU=',
      source:
        'openssl dgst -sha256 -hmac -binary | base64, as https://shopify.dev/docs/apps/build/webhoo' +
        'ks/verify-deliveries says',
    },
  ],
  success: { value: { statuses: '2xx' }, certainty: 'doc' },
  timeoutMs: { value: 5000, certainty: 'doc', note: 'of which the connection may take one second' },
  retries: {
    // 1m, 5m, 10m, 20m, 30m, 45m, 60m, 69m: four hours
    delaysMs: {
      value: [60_000, 300_000, 600_000, 1_200_000, 1_800_000, 2_700_000, 3_600_000, 4_140_000],
      certainty: 'us',
      note: 'eight times within four hours [doc]; the steps are ours',
    },
  },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
  notes: [
    { text: 'after eight failures in a row a subscription that was made over the API is deleted', certainty: 'doc' },
  ],
} as const satisfies Vendor;
