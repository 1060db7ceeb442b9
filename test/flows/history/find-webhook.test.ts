import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findWebhookUuid } from '../../../src/flows/history/find-webhook.ts';
import { BLOG, SHOP } from '../../config/known.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecord, WEBHOOK } from '../../helpers/record.ts';

const SIBLING = WEBHOOK.replace('-a456-', '-a457-');
const WITH_NAME = { ...SHOP, uuid: 'cafe0000-0000-4000-8000-000000000001', name: '123e' };

test.each<[string, string, string | RegExp]>([
  ['a name', ' Shop', SHOP.uuid],
  ['a name that looks like a uuid', '123e', WITH_NAME.uuid],
  ['a configured uuid', BLOG.uuid.toUpperCase(), BLOG.uuid],
  ['the beginning of a configured uuid', 'cafe', WITH_NAME.uuid],
  ['a uuid of the history', WEBHOOK.toUpperCase(), WEBHOOK],
  ['the beginning of one', '123e4567-e89b-12d3-a456', WEBHOOK],
  ['the beginning of several', '123e4567', /^usage: the uuids of several webhooks start with 123e4567/],
  ['a uuid never seen', WEBHOOK.replace('123e', '123a'), /^refused: webhook 123a4567.* was never seen/],
  ['a beginning of none', 'ffff', /^usage: webhook ffff is neither configured nor in history/],
  ['too short a beginning', 'caf', /^usage: webhook caf is neither/],
])('a webhook is named by %s', async (_, given, expected) => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  for (const [index, webhookUuid] of [WEBHOOK, SIBLING].entries())
    await history.append(...makeRecord(index, { delivery: { webhookUuid } }));
  const found = await findWebhookUuid(given, [SHOP, BLOG, WITH_NAME], history).catch(
    (error: { kind: string; message: string }) => `${error.kind}: ${error.message}`,
  );
  if (expected instanceof RegExp) expect(found).toMatch(expected);
  else expect(found).toBe(expected);
});
