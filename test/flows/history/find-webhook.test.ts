import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findWebhookUuid } from '../../../src/flows/history/find-webhook.ts';
import { BLOG, SHOP } from '../../config/known.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecord, WEBHOOK } from '../../helpers/record.ts';

const SIBLING = WEBHOOK.replace('-a456-', '-a457-');
const WITH_NAME = {
  ...SHOP,
  uuid: 'cafe0000-0000-4000-8000-000000000001',
  name: '123e',
  url: 'https://cafe.test/hook',
};

const CALLED: readonly [uuid: string, url: string][] = [
  [WEBHOOK, 'https://example.test:8443/a'],
  [SIBLING, 'https://example.test/b?token=***'],
  ['dddddddd-0000-4000-8000-000000000001', 'http://example.test/c'],
  ['eeeeeeee-0000-4000-8000-000000000001', 'https://example.test/c'],
];

test.each<[string, string, string | RegExp]>([
  ['a name', ' Shop', SHOP.uuid],
  ['a name that looks like a uuid', '123e', WITH_NAME.uuid],
  ['a configured uuid', BLOG.uuid.toUpperCase(), BLOG.uuid],
  ['the beginning of a configured uuid', 'cafe', WITH_NAME.uuid],
  ['a uuid of the history', WEBHOOK.toUpperCase(), WEBHOOK],
  ['the beginning of one', '123e4567-e89b-12d3-a456', WEBHOOK],
  ['the beginning of several', '123e4567', /^usage: the uuids of several webhooks start with 123e4567/],
  ['a uuid never seen', WEBHOOK.replace('123e', '123a'), /^refused: unknown webhook 123a4567/],
  ['a beginning of none', 'ffff', /^usage: unknown webhook ffff: it is neither configured nor in history/],
  ['too short a beginning', 'caf', /^usage: unknown webhook caf: it is neither/],
  ['the URL that tables show', 'example.test:8443/a', WEBHOOK],
  ['the same with its scheme, and a slash', 'https://example.test:8443/a/', WEBHOOK],
  ['the same as it was typed, secrets and all', 'https://me:pass@example.test/b?token=abc', SIBLING],
  ['the URL of a configured one', 'cafe.test/hook', WITH_NAME.uuid],
  ['a URL of several', 'example.test/c', /^usage: several webhooks are called at example.test\/c: \S+; \S+/],
  [
    'a URL of none',
    'https://example.test/d?token=abc',
    /^usage: unknown webhook https:\S+\/d\?token=\*\*\*: it is neither/,
  ],
])('a webhook is named by %s', async (_, given, expected) => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  for (const [index, [webhookUuid, url]] of CALLED.entries())
    await history.append(...makeRecord(index, { delivery: { webhookUuid, url } }));
  const found = await findWebhookUuid(given, [SHOP, BLOG, WITH_NAME], history).catch(
    (error: { kind: string; message: string }) => `${error.kind}: ${error.message}`,
  );
  if (expected instanceof RegExp) expect(found).toMatch(expected);
  else expect(found).toBe(expected);
});
