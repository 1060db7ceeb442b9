import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hideSecretHeader, hideSecretHeaders } from '../../src/model/header.ts';
import { openEndpoint } from '../helpers/endpoint.ts';
import { testFolder } from '../helpers/folder.ts';
import { startListening } from '../helpers/listening.ts';
import { runProgram, type Ended } from '../helpers/program.ts';

const KEY = 'swordfish';
const CODE = 'open sesame';

test('a list without secrets is not copied, and a URL in a header loses the secrets of its query alone', () => {
  const plain = [['Content-Type', 'application/json']] as const;
  expect(hideSecretHeaders(plain)).toBe(plain);
  expect(hideSecretHeader(['Referer', 'https://shop.example/a?page=2&token=abc'])).toEqual([
    'Referer',
    'https://shop.example/a?page=2&token=***',
  ]);
});

const written = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
const told = ({ stdout, stderr }: Ended): string => stdout + stderr;

const HEADERS = ['-H', `X-Api-Key: ${KEY}`, '-H', `X-Partner: ${CODE}`, '--mask', 'x-partner'];

test('secret headers reach the endpoint, and neither output nor history', async () => {
  const folder = testFolder();
  const run = (...args: string[]): Promise<Ended> =>
    runProgram('webhook', args, { cwd: folder, env: { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db') } });
  const endpoint = await openEndpoint();
  const to = ['--vendor', 'mailkit', '--event', 'subscribe', '--url', endpoint.url, ...HEADERS];
  const ended = [
    await run('send', ...to),
    await run('send', ...to, '--dry-run'),
    await run('send', ...to, '--dry-run', '--json'),
    await run('send', ...to, '--curl'),
    await run('history', 'show', 'last'),
    await run('history', 'show', 'last', '--json'),
  ];
  const { 'x-api-key': key, 'x-partner': code } = endpoint.seen[0]?.headers ?? {};
  expect({ key, code, codes: ended.map((one) => one.code) }).toEqual({
    key: KEY,
    code: CODE,
    codes: ended.map(() => 0),
  });
  const all = ended.map(told).join('\n') + written(folder);
  expect([all.includes(KEY), all.includes(CODE)]).toEqual([false, false]);
  expect(ended[3]?.stdout).toContain('X-Api-Key: ${WEBHOOK_X_API_KEY:?');
  expect((await run('history', 'show', 'last', '--mask', 'User-Agent')).stdout).toMatch(/User-Agent: \*\*\*/i);
  const refused = await run('send', ...to, '--mask', `X-Partner: ${CODE}`);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('expected the name of a header')]);
});

test('listen passes them on, and neither shows nor keeps them', async () => {
  const folder = testFolder();
  const endpoint = await openEndpoint();
  const listening = await startListening(['--vendor', 'mailkit', '--mask', 'X-Partner', '--forward-to', endpoint.url], {
    cwd: folder,
  });
  await fetch(listening.url, { method: 'POST', body: '{}', headers: { 'x-api-key': KEY, 'x-partner': CODE } });
  await listening.until(1);
  listening.kill('SIGTERM');
  const all = told(await listening.ended) + written(folder);
  expect([endpoint.seen[0]?.headers['x-partner'], all.includes(KEY), all.includes(CODE)]).toEqual([CODE, false, false]);
  expect(listening.lines[0]?.['headers']).toContainEqual(['x-partner', '***']);
});
