import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Validator } from '@cfworker/json-schema';
import { expect, test } from 'vitest';
import { VENDORS } from '../helpers/vendors.ts';
import { eventSchema } from '../../src/vendors/schema.ts';
import { readPayload } from '../../src/vendors/read-body.ts';
import { FIXTURES, listFixtures, listSamples, planAt } from './fixtures.ts';

// UPDATE_SAMPLES=1 npx vitest run test/vendors/samples.test.ts writes them anew; read the diff.
const isUpdate = process.env['UPDATE_SAMPLES'] === '1';

const samples = VENDORS.flatMap((vendor) =>
  vendor.events.flatMap((event) =>
    listSamples(event).map(({ file, sample }) => ({ path: `${vendor.id}/${file}`, vendor, event, sample })),
  ),
);

test.each(samples)('$path is made again to the byte, and is valid', ({ path, vendor, event, sample }) => {
  const { body } = planAt(vendor, { event: event.name, sample });
  const file = resolve(FIXTURES, 'samples', path);
  if (isUpdate) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
  }
  const golden = readFileSync(file);
  expect(Buffer.from(body).toString()).toBe(golden.toString());
  const { valid, errors } = new Validator(eventSchema(event), '2020-12', false).validate(
    readPayload(vendor, { body: golden }),
  );
  expect(errors).toEqual([]);
  expect(valid).toBe(true);
});

test.each(samples.filter(({ sample }) => 'sample' in sample && sample.sample === 'full'))(
  '$path holds every field that is not optional, in its order',
  ({ path, vendor, event }) => {
    const keys = Object.keys(readPayload(vendor, { body: readFileSync(resolve(FIXTURES, 'samples', path)) }) ?? {});
    expect(keys).toEqual(event.fields.map((field) => field.name));
  },
);

test('each sample file belongs to an event, and each event has its files', () => {
  expect(listFixtures('samples')).toEqual(samples.map(({ path }) => path).toSorted());
});
