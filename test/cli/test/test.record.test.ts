import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findVendor } from '../../helpers/vendors.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { openReferenceServer } from '../../helpers/reference-server.ts';
import { mountTinyDisk } from '../../helpers/tiny-disk.ts';

const SECRET = 'whsec_c2VjcmV0LW9mLXRlc3Rz';

interface Recording {
  run: (program: 'webhook' | 'mp-export', ...args: string[]) => Promise<Ended>;
  /** `webhook test --record` on `url`, and the findings of its document. */
  testAndRecord: (url: string, ...args: string[]) => Promise<{ id: string; status: string; deliveries?: string[] }[]>;
}

function recordInto(folder: string): Recording {
  const env = { HOOK_SECRET: SECRET, XDG_DATA_HOME: folder };
  const run: Recording['run'] = (program, ...args) => runProgram(program, args, { cwd: folder, env });
  return {
    run,
    async testAndRecord(url, ...args) {
      const signed = ['--url', url, '--vendor', 'mailkite', '--secret-env', 'HOOK_SECRET'];
      const { stdout } = await run('webhook', 'test', ...signed, '--record', '--json', ...args);
      return JSON.parse(stdout).findings;
    },
  };
}

test('a failing forgery is kept as a test: shown, replayed as it was, and left out of exports', async () => {
  const { run, testAndRecord } = recordInto(testFolder());
  const server = await openReferenceServer(findVendor('mailkite'), { bug: 'no-verification' });
  const findings = await testAndRecord(server.url, '--only', 'wrong-secret,signature-changed');
  const forgery = findings.find(({ id }) => id === 'wrong-secret');
  expect(forgery).toMatchObject({ status: 'fail', deliveries: expect.arrayContaining([expect.any(String)]) });
  const id = forgery?.deliveries?.[0] ?? '';

  const shown = JSON.parse((await run('webhook', 'history', 'show', id, '--json')).stdout);
  expect(shown).toMatchObject({ purpose: 'test', vendor: 'mailkite', direction: 'out', attempts: [{ status: 200 }] });

  // Without a secret: nothing is signed anew.
  const again = await run('webhook', 'replay', id, '--json');
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([0, { outcome: 'delivered' }]);

  expect((await run('webhook', 'history', 'list')).stderr).toContain('add --tests');
  expect(again.stdout).toContain('"status":200');
  const uuid = shown.webhookUuid as string;
  const rows = async (...args: string[]): Promise<string[]> =>
    (await run('mp-export', '--uuid', uuid, '--format', 'csv', ...args)).stdout.trim().split('\r\n').slice(1);
  expect(await rows()).toEqual([]);
  expect((await rows('--include-tests')).length).toBeGreaterThan(findings.length);
  expect((await rows('--include-tests')).every((row) => row.endsWith(',test'))).toBe(true);
});

test('a replayed test goes out with the same method, headers and bytes, in chunks if it was', async () => {
  const { run, testAndRecord } = recordInto(testFolder());
  const endpoint = await openEndpoint();
  const findings = await testAndRecord(endpoint.url, '--only', 'forged-chunked,forged-put');
  const sent = endpoint.seen.length;
  for (const { deliveries = [] } of findings)
    for (const id of deliveries) expect((await run('webhook', 'replay', id)).code).toBe(0);
  const [first, second] = [endpoint.seen.slice(0, sent), endpoint.seen.slice(sent)];
  expect([sent > 1, second.length]).toEqual([true, sent]);
  const seen = ({ method, headers, body }: (typeof first)[number]): unknown[] => [
    method,
    { ...headers, connection: undefined },
    Buffer.from(body).toString('base64'),
  ];
  expect(second.map(seen).toSorted()).toEqual(first.map(seen).toSorted());
});

test('without --record nothing is kept; a history that cannot be opened is exit 4', async () => {
  const folder = testFolder();
  const { run } = recordInto(folder);
  const server = await openReferenceServer(findVendor('mailkit'));
  const words = ['test', '--url', server.url, '--vendor', 'mailkit', '--only', 'method-get'];
  const plain = await run('webhook', ...words);
  expect([plain.code, plain.stdout]).toEqual([0, expect.not.stringContaining('recorded')]);
  expect((await run('webhook', 'history', 'list', '--tests')).stderr).toContain(
    'add something with webhook test --record',
  );
  expect((await run('webhook', ...words, '--record', '--history', '/dev/full')).code).toBe(4);
});

const statusesOf = ({ stdout }: Ended): string[] =>
  (JSON.parse(stdout) as { findings: { status: string }[] }).findings.map(({ status }) => status);

test('a disk that fills up: the report is whole, exit 4, and what is missing is counted', async (context) => {
  const disk = mountTinyDisk('600k');
  if (disk === undefined) return context.skip('no disk may be mounted here');
  const { run } = recordInto(testFolder());
  const server = await openReferenceServer(findVendor('mailkit'));
  const words = [
    'test',
    '--url',
    server.url,
    '--vendor',
    'mailkit',
    '--only',
    'large-1mib,empty-body',
    '--json',
    '--record',
  ];
  const testInto = async (...args: string[]): Promise<{ ended: Ended; kept: number }> => {
    const ended = await run('webhook', ...words, ...args);
    const list = await run('webhook', 'history', 'list', '--tests', '--json', ...args);
    return { ended, kept: (JSON.parse(list.stdout) as { deliveries: unknown[] }).deliveries.length };
  };
  const whole = await testInto('--history', 'history.db');
  const full = await testInto('--history', join(disk, 'history.db'));
  const missing = whole.kept - full.kept;
  const lost = `${missing} attempt${missing === 1 ? ' was' : 's were'} made but not recorded`;
  expect([whole.ended.code, full.ended.code, missing > 0]).toEqual([0, 4, true]);
  expect(full.ended.stderr).toContain(`cannot grow: the disk is full; ${lost}\n`);
  expect(statusesOf(full.ended)).toEqual(statusesOf(whole.ended));
});
