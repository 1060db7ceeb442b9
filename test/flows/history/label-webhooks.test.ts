import { join } from 'node:path';
import { expect, test } from 'vitest';
import { labelWebhooks } from '../../../src/flows/history/label-webhooks.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeRecord } from '../../helpers/record.ts';

test.each<[what: string, urls: string[], label: string]>([
  ['where it is called', ['https://example.test:8443/a/hook'], 'example.test:8443/a/hook'],
  ['without secrets', ['http://me:pass@example.test/hook?token=abc&x=1'], 'example.test/hook?token=***&x=1'],
  ['its uuid where that changed', ['https://a.test/', 'https://b.test/'], 'aaaaaaaa'],
  ['its name', ['https://a.test/'], 'shop'],
])('a webhook is called by %s', async (_what, urls, label) => {
  const history = await openHistory(join(testFolder(), 'history.db'));
  const webhookUuid = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
  for (const [at, url] of urls.entries()) await history.append(...makeRecord(at, { delivery: { webhookUuid, url } }));
  const configured = label === 'shop' ? [{ uuid: webhookUuid, name: 'shop' }] : [];
  expect((await labelWebhooks(configured, history, [webhookUuid]))(webhookUuid)).toBe(label);
});
