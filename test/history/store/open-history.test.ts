import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWriter } from '../../../src/history/store/open-history.ts';
import { testFolder } from '../../helpers/folder.ts';

test('the diagnostic report of Node is back after loading, also when two load at once', async () => {
  const { report } = process;
  expect(report).toBeDefined();
  const folder = testFolder();
  const histories = await Promise.all(['a.db', 'b.db'].map((name) => loadWriter(join(folder, name))));
  expect(process.report).toBe(report);
  for (const history of histories) await history.close();
});
