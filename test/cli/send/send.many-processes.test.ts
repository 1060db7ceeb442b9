import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runCommandLine, runProgram } from '../../helpers/program.ts';

const UUID = '123e4567-e89b-12d3-a456-426614174000';

const sendTo = (url: string, history: string): string[] => [
  'send',
  '--event',
  'subscribe',
  '--url',
  url,
  '--uuid',
  UUID,
  '--history',
  history,
];

/** Attempts that miss a part. */
const ORPHANS = `select count(*) from attempt a
  left join delivery d on d.id = a.delivery_id
  left join exchange e on e.attempt_id = a.id and e.delivery_id = a.delivery_id
  where d.id is null or e.attempt_id is null`;

test('8 processes that send 500 events each at once leave exactly 4 000 attempts', async () => {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const endpoint = await openEndpoint();
  const args = [...sendTo(endpoint.url, history), '--count', '500', '--connections', '4'];
  const ended = await Promise.all(Array.from({ length: 8 }, () => runProgram('webhook', args, { cwd })));
  expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(ended.map(() => ({ code: 0, stderr: '' })));
  const exported = await runProgram(
    'mp-export',
    ['--uuid', UUID, '--history', history, '--fields', 'deliveryId', '--format', 'ndjson'],
    { cwd },
  );
  const ids = exported.stdout.trim().split('\n');
  expect(ids).toHaveLength(4000);
  expect(new Set(ids).size).toBe(4000);
  expect(endpoint.seen).toHaveLength(4000);
  const check = await runCommandLine('sqlite3', [history, 'pragma integrity_check', ORPHANS]);
  expect(check.stdout).toBe('ok\n0\n');
}, 120_000);
