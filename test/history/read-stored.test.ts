import { join } from 'node:path';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { readReach } from '../../src/history/read-stored.ts';
import { testFolder } from '../helpers/folder.ts';
import { openHistory } from '../helpers/open-history.ts';
import { makeRecord } from '../helpers/record.ts';

/** What one wrong byte on a disk may leave, and what is JSON but none of ours. */
test.each([
  ['exchange', 'request_headers', '[["a","b"]'],
  ['exchange', 'request_headers', '{}'],
  ['exchange', 'response_headers', '[["a"]]'],
  ['exchange', 'response_headers', 'null'],
  ['exchange', 'timings', '{"totalMs":"1"}'],
  ['exchange', 'timings', ''],
  ['exchange', 'tls', '[]'],
  ['exchange', 'control', '[1]'],
  ['delivery', 'created_at', 'long ago'],
])('a damaged record is an error of the history: %s.%s is %s', async (table, column, value) => {
  const path = join(testFolder(), 'history.db');
  const history = await openHistory(path);
  const [delivery, attempt] = makeRecord(1);
  await history.append(delivery, attempt);
  const damaging = new Libsql(path);
  damaging.prepare(`update ${table} set ${column} = ?`).run([value]);
  damaging.close();
  await expect(history.find(delivery.id)).rejects.toMatchObject({
    kind: 'history',
    message: expect.stringMatching(/^the history is damaged: .* cannot be read$/),
  });
  await history.close();
});

test.each(['{"vendor":"stripe","timeoutMs":1000,"resolve":[]}', 'null', '['])(
  'so is a damaged endpoint: %s',
  (text) => {
    expect(() => readReach(text, 'the queued delivery 1')).toThrow(
      expect.objectContaining({
        kind: 'history',
        message: expect.stringContaining('the endpoint of the queued delivery 1'),
      }),
    );
  },
);
