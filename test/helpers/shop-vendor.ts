import type { Vendor } from '../../src/model/vendor.ts';

/** A made-up vendor, small enough that its bodies can be written down: what a row changes stands in `change`. */
export function shopVendor(change: Partial<Vendor> = {}): Vendor {
  return {
    id: 'shop',
    title: 'Shop',
    documentation: 'https://shop.example/docs',
    asOf: '2026-11-28',
    events: [
      {
        name: 'order.created',
        summary: 'an order',
        certainty: 'user',
        idField: 'id',
        fields: [
          { name: 'event', type: 'string', certainty: 'user', generated: 'event-name' },
          { name: 'id', type: 'string', certainty: 'user', generated: { id: 'ord_[0-9]{6}' } },
          { name: 'at', type: 'integer', certainty: 'user', generated: { time: 's' } },
          { name: 'name', type: 'string', certainty: 'user', example: 'Zoë & Söhne/1' },
          { name: 'total', type: 'number', certainty: 'user', example: 12.5 },
          { name: 'paid', type: 'boolean', certainty: 'user', example: true },
          { name: 'note', type: 'integer', certainty: 'user', nullable: true, example: null },
          { name: 'tags', type: 'array', certainty: 'user', items: { type: 'string' }, example: ['a b', 'c=d'] },
          {
            name: 'buyer',
            type: 'object',
            certainty: 'user',
            fields: [{ name: 'email', type: 'string', certainty: 'user', example: 'z@example.com' }],
          },
        ],
      },
      {
        name: 'order.paid',
        summary: 'it is paid',
        certainty: 'user',
        idField: 'id',
        fields: [
          { name: 'event', type: 'string', certainty: 'user', generated: 'event-name' },
          { name: 'id', type: 'string', certainty: 'user', generated: { id: 'ord_[0-9]{6}' } },
          { name: 'at', type: 'integer', certainty: 'user', generated: { time: 's' } },
        ],
      },
    ],
    headers: [],
    signature: {
      value: {
        algorithm: 'hmac-sha256',
        message: ['body'],
        at: { header: 'X-Shop-Signature' },
        format: '{v}',
      },
      certainty: 'user',
    },
    success: { value: { statuses: '2xx' }, certainty: 'user' },
    timeoutMs: { value: 10_000, certainty: 'user' },
    retries: { delaysMs: { value: [], certainty: 'us' } },
    trust: {},
    jsonStyle: { value: 'compact', certainty: 'user' },
    ...change,
  };
}
