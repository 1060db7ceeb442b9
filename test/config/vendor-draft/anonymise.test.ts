import { expect, test } from 'vitest';
import { makeAnonymiser } from '../../../src/config/vendor-draft/anonymise.ts';
import type { JsonObject } from '../../../src/model/json.ts';

const anonymise = (sample: JsonObject, keepsValues = false, kept: string[] = []): JsonObject =>
  makeAnonymiser({ keepsValues, holdsSecret: (text) => text.includes('s3cr3t!') })(sample, new Set(kept)) as JsonObject;

/** What may stay of the original: null where all of it may. */
test.each([
  [{ email: 'Anna.Schmidt+x@firma.de' }, { email: 'mia.mueller@example.com' }],
  [{ to: 'Anna <a@b.de>' }, { to: 'Mia <mia.mueller@example.com>' }],
  [
    { first_name: 'Anna', lastName: 'Schmidt' },
    { first_name: 'Mia', lastName: 'Jonas' },
  ],
  [{ customer: { name: 'anna schmidt' } }, { customer: { name: 'mia mueller' } }],
  [{ product: { name: 'Kettle' } }, { product: { name: 'Example' } }],
  [{ guest: 'Amélie Poulain' }, { guest: 'Mia Mueller' }],
  [
    { any: ['Ольга Петрова', 'Jan van der Berg', 'ANNA O’NEILL'] },
    { any: ['Mia Mueller', 'Jonas Weber', 'Lea Fischer'] },
  ],
  [
    { guests: ['Amélie'], booking: { leadGuest: { displayed: { name: 'anna' } } } },
    { guests: ['Mia'], booking: { leadGuest: { displayed: { name: 'jonas' } } } },
  ],
  [
    { customer_2: 'Anna', booked_by: '山田太郎', x: '山田太郎' },
    { customer_2: 'Mia', booked_by: 'jonas', x: 'This' },
  ],
  [
    { company: 'Poulain SARL', street: 'Rue Lepic 15', country: 'United Kingdom' },
    { company: 'Example Ltd', street: 'Example Street 1', country: 'Germany' },
  ],
  [
    { note: 'call Anna', subject: 'Hello', file_name: 'Anna.pdf' },
    { note: 'This is', subject: 'This', file_name: 'Example.pdf' },
  ],
  [{ from: 'Anna Schmidt <a@b.de>' }, { from: 'Mia Mueller <mia.mueller@example.com>' }],
  [{ x: '10:30 Anna Schmidt' }, { x: '10:30 Mia Mueller' }],
  [
    {
      from: 'draft',
      to: 'in_review',
      message: 'ok',
      name: 'order.created',
      event: 'Order Created',
      reason: 'PAID_OUT',
    },
    null,
  ],
  [{ name: 'Anna Schmidt' }, { name: 'Mia Mueller' }],
  [
    { mobile: '0170 1234567', tel: '+49 30 998877' },
    { mobile: '2025550100', tel: '+12025550101' },
  ],
  [
    { ip: '84.12.33.7', v6: '2a02:8109:9d00::1' },
    { ip: '192.0.2.1', v6: '2001:db8::1' },
  ],
  [
    { city: 'Köln', postal_code: '50667', lat: 50.93 },
    { city: 'Berlin', postal_code: '10115', lat: 52.52 },
  ],
  [{ message: 'Dear Anna, your order is late' }, { message: 'This is an example of a' }],
  [{ type: 'order.created', currency: 'EUR', total: 1999, paid: true, none: null }, null],
  [
    { created: 1_764_000_000, created_at: '2025-11-24T16:00:00Z', date_of_birth: '1984-02-03' },
    { created: 1_764_000_000, created_at: '2025-11-24T16:00:00Z', date_of_birth: '1990-01-01' },
  ],
  [{ status: 'in progress', version: '2025-01', api: 'v1.2.3', country: 'DE' }, null],
  [{ domain: 'acme-shop.myshopify.com' }, { domain: 'www.example.com' }],
  [
    { a: 'x@firma.de', b: 'y@firma.de', c: 'x@firma.de' },
    { a: 'mia.mueller@example.com', b: 'jonas.weber@example.com', c: 'mia.mueller@example.com' },
  ],
  [{ inner: '{"email":"x@firma.de","n":1}' }, { inner: '{"email":"mia.mueller@example.com","n":1}' }],
  [{ 'x@firma.de': 1 }, { 'mia.mueller@example.com': 1 }],
  [{ list: [{ email: 'x@firma.de' }] }, { list: [{ email: 'mia.mueller@example.com' }] }],
])('%j', (sample, expected) => {
  expect(anonymise(sample as JsonObject)).toEqual(expected ?? sample);
});

test.each([
  [{ id: 'cus_N4kq8Z2xPq1' }, /^cus_[A-Za-z\d]{11}$/],
  [{ uuid: '0b0e1d5c-1f4b-4c7e-9a52-3f0f6c1c2d3e' }, /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/],
  [{ account: 4_242_424_242_424_242 }, /^\d{16}$/],
  [{ iban: 'DE89370400440532013000' }, /^[A-F]{2}\d{20}$/],
  [
    { url: 'https://shop.firma.de/o/9f8a7b6c5d4e3f2a?token=abc123' },
    /^https:\/\/www\.example\.com\/o\/[\da-f]{16}\?token=[a-z]{3}\d{3}$/,
  ],
  [{ access_token: 'opensesame' }, /^[a-z]{10}$/],
])('%j keeps its form alone', (sample, form) => {
  const [original] = Object.values(sample);
  const [made] = Object.values(anonymise(sample as JsonObject));
  expect(String(made)).toMatch(form);
  expect(made).not.toEqual(original);
  expect(typeof made).toBe(typeof original);
});

test('--keep-values keeps people, and no secret', () => {
  const sample = { email: 'x@firma.de', note: 'it is s3cr3t!', password: 'opensesame', type: 'a.b' };
  const made = anonymise(sample, true);
  expect(made).toMatchObject({ email: 'x@firma.de', note: 'removed', type: 'a.b' });
  expect(made['password']).not.toBe('opensesame');
});

test('the event and its time stay, whatever they look like', () => {
  const sample = { name: 'Order Created', at: '20251124160000' };
  expect(anonymise(sample, false, ['name', 'at'])).toEqual(sample);
});
