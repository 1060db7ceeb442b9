import { expect, test } from 'vitest';
import { renderVendor, renderVendorWhole } from '../../../src/cli/send/events.ts';
import { wrapText } from '../../../src/cli/terminal/text.ts';
import { findVendor, ORIGINALS, VENDORS } from '../../helpers/vendors.ts';
import { mistakesOf } from '../../../src/vendors/receiver-mistakes.ts';
import { runProgram } from '../../helpers/program.ts';

const unwrapped = (text: string): string => text.replace(/\n {4,}(?!- )/g, ' ').replace(/ +/g, ' ');

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s is told in 100 columns, short and whole',
  (_, vendor) => {
    const lines = [...renderVendor(vendor).split('\n'), ...renderVendorWhole(vendor).split('\n')];
    expect(lines.filter((line) => line.length > 100 || line !== line.trimEnd())).toEqual([]);
  },
);

test.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))(
  '%s: the whole tells every note with its tag, and mistakes without one',
  (_, vendor) => {
    const lines = unwrapped(renderVendorWhole(vendor))
      .split('\n')
      .map((line) => line.trim());
    for (const { text, certainty } of vendor.notes ?? []) expect(lines).toContain(`- ${text} (${certainty})`);
    for (const { text } of mistakesOf(vendor)) expect(lines).toContain(`- ${text}`);
  },
);

test.each([
  [
    'mailkit',
    'after 1 min, 5 min, 15 min, 30 min, 1 h, 2 h, 4 h, 8 h, 8.2 h (us); after 24 h the webhook is deactivated (doc)',
  ],
  ['mailkit', 'the steps are ours'],
  ['mailkit', 'success 200 (doc) 201, 202 and 204 are failures'],
  ['mailkit', 'network 185.136.200.0/22 (inf)'],
  ['mailkite', 'ack modes lenient (default), ack, control (doc)'],
  ['mailkite', 'timestamp t in milliseconds (doc), receivers accept ±5 min (doc)'],
  ['mailkite', 'links to attachments are valid for 7 days (doc)'],
  ['mailkite-selfhost', 'timestamp t in seconds (pub), receivers accept ±5 min (us)'],
  ['mail2many', 'X-Mail2Many-Account-Id: <accountId> (doc)'],
  [
    'mail2many',
    'X-Mail2Many-Event-Id: <uuid> (doc); unique; that it is a UUID and stays the same over retries is ours [us]',
  ],
  ['mail-plus', '"appropriate HTTP status codes" [doc]; that any 2xx will do is ours'],
  ['mail-plus', 'reverse DNS *.mail-plus.com (doc)'],
])('%s tells "%s"', (id, text) => {
  expect(unwrapped(renderVendorWhole(findVendor(id)))).toContain(text);
});

test('a line breaks between words, a tag stays with its word, a long word stands alone', () => {
  const long = 'x'.repeat(120);
  expect(wrapText(`${'a'.repeat(93)} bb  (doc) ${long}`, '- ')).toEqual([
    `- ${'a'.repeat(93)}`,
    '  bb  (doc)',
    `  ${long}`,
  ]);
});

test('webhook events is short, webhook events VENDOR tells all, with what the tags mean', async () => {
  const [all, one] = await Promise.all([
    runProgram('webhook', ['events']),
    runProgram('webhook', ['events', 'mailkite']),
  ]);
  expect([all.code, one.code]).toEqual([0, 0]);
  const [originals = '', further] = all.stdout.split('\n\nFurther vendors; show one: webhook events VENDOR\n');
  expect(originals).toBe(ORIGINALS.map(renderVendor).join('\n\n'));
  for (const { id, events } of VENDORS.slice(ORIGINALS.length)) {
    const row = unwrapped(further ?? '').match(new RegExp(`^ ${id} (.*)$`, 'm'));
    expect(row?.[1]).toBe(events.map(({ name }) => name).join(', '));
  }
  expect(one.stdout).toContain(`${renderVendorWhole(findVendor('mailkite'))}\n\nCertainty: doc`);
});

test('webhook events VENDOR EVENT shows its fields, --schema their schema, --json what each rests on', async () => {
  const [shown, schema, json] = await Promise.all([
    runProgram('webhook', ['events', 'mailkite', 'email.received']),
    runProgram('webhook', ['events', 'mailkite', 'email.received', '--schema']),
    runProgram('webhook', ['events', 'mailkite', 'email.received', '--json']),
  ]);
  expect(shown.stdout).toMatch(/^receivedAt +integer, optional +<time-ms> +pub +arrival in ms/m);
  expect(JSON.parse(schema.stdout)).toMatchObject({
    title: 'email.received',
    required: expect.arrayContaining(['id', 'attachments']),
  });
  const { documentation, publicSource, asOf } = findVendor('mailkite');
  const { success, events } = JSON.parse(json.stdout).vendors[0];
  expect(success).toMatchObject({ source: documentation, asOf });
  const receivedAt = events[0].fields.find(({ name }: { name: string }) => name === 'receivedAt');
  expect(receivedAt).toMatchObject({ certainty: 'pub', source: publicSource, asOf });
});
