import { expect, test } from 'vitest';
import { changeJson, changeLetter } from '../../src/conform/change-body.ts';
import { shopVendor } from '../helpers/shop-vendor.ts';

// Names as forms have them that PHP and Rails read, and others that mean something to an expression or in a query.
const NAMES = ['note', 'note[text]', 'note(s)', 'a b', 'a*(b', "it's", '?x', 'ü'];

test.each(NAMES)('a letter of the form field %s is changed, and nothing else', (name) => {
  const vendor = shopVendor({ body: { value: { format: 'form' }, certainty: 'user' } });
  const fields = new URLSearchParams([
    [name, 'ü1 abc'],
    ['z', 'z'],
  ]);
  const changed = changeLetter(vendor, name)(Buffer.from(fields.toString()));
  expect([...new URLSearchParams(`&${Buffer.from(changed)}`)]).toEqual([
    [name, 'ü1 `bc'],
    ['z', 'z'],
  ]);
});

test.each(NAMES)('the JSON in the form field %s is changed', (name) => {
  const vendor = shopVendor({ body: { value: { format: 'form-json', field: name }, certainty: 'user' } });
  const fields = new URLSearchParams([[name, '{"a":1}']]);
  const changed = changeJson(vendor, () => Buffer.from('[]'))(Buffer.from(fields.toString()));
  expect([...new URLSearchParams(`&${Buffer.from(changed)}`)]).toEqual([[name, '[]']]);
});
