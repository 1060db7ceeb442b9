import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

const SECRET = 'acme-secret/of+the shop';

/** Raw HTTP, as a server behind a tunnel logged it. */
function capture(n: number, change: (body: string) => string = (body) => body, type = 'order.created'): string {
  const time = String(1_764_000_000 + n);
  const body = JSON.stringify({
    id: `evt_${n}aB3dE5fG7`,
    type,
    customer: { name: 'Anna Schmidt', email: 'anna.schmidt@mail.test', phone: '+49 170 1234567' },
    note: `for Anna, with the key ${SECRET} in it`,
  });
  const value = createHmac('sha256', SECRET).update(`${time}:${body}`).digest('base64');
  const sent = change(body);
  return [
    'POST /hook HTTP/1.1',
    'Host: acme.ngrok.app',
    'X-Forwarded-For: 203.0.113.9',
    'Cookie: login=4711',
    'Authorization: Bearer of-somebody-else',
    'Content-Type: application/json',
    `X-Acme-Signature: t=${time};v1=${value}`,
    `Content-Length: ${Buffer.byteLength(sent)}`,
    '',
    sent,
  ].join('\r\n');
}

function place(): { folder: string; run: (args: readonly string[], input?: string) => Promise<Ended> } {
  const folder = testFolder();
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, S: SECRET };
  writeFileSync(join(folder, 'one.http'), capture(1));
  writeFileSync(join(folder, 'two.http'), capture(2));
  writeFileSync(
    join(folder, 'changed.http'),
    capture(3, (body) => body.replace('created', 'deleted')),
  );
  return {
    folder,
    run: (args, input) => runProgram('webhook', args, { cwd: folder, env, ...(input === undefined ? {} : { input }) }),
  };
}

test('from two captures to a file that verifies a third, refuses a changed one, and signs what is sent', async () => {
  const { folder, run } = place();
  const { code, stdout, stderr } = await run([
    'vendor',
    'learn',
    'one.http',
    'two.http',
    '--secret-env',
    'S',
    '-o',
    'acme.vendor.json',
  ]);
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/found {2}X-Acme-Signature header\n {2}hmac-sha256 of timestamp ":" body\n/);
  expect(stdout).toContain('the match is unique');
  const text = readFileSync(join(folder, 'acme.vendor.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    id: 'acme',
    events: [
      {
        name: 'order.created',
        generated: { id: { id: 'evt_[a-zA-Z0-9]{10}' }, type: 'event-name' },
        sample: { customer: { name: 'Mia Mueller', email: 'mia.mueller@example.com' } },
      },
    ],
    headers: [{ name: 'Content-Type', value: 'application/json' }],
    signature: { value: { encoding: ['base64'], format: 't={t};v1={v}' } },
  });
  for (const personal of [SECRET, 'Anna', 'Schmidt', '1234567', 'ngrok', '203.0.113.9', '4711', 'somebody'])
    expect(text).not.toContain(personal);
  writeFileSync(join(folder, 'three.http'), capture(3));
  const verify = (file: string): Promise<Ended> =>
    run(['verify', '--delivery', file, '--vendor', './acme.vendor.json', '--secret-env', 'S']);
  expect((await verify('three.http')).code).toBe(0);
  expect((await verify('changed.http')).code).toBe(1);
  const sent = await run([
    'send',
    '--vendor',
    './acme.vendor.json',
    '--event',
    'order.created',
    '--url',
    'http://127.0.0.1:1/',
    '--secret-env',
    'S',
    '--dry-run',
    '--json',
  ]);
  const again = await run(
    ['verify', '--delivery', '-', '--vendor', './acme.vendor.json', '--secret-env', 'S'],
    sent.stdout,
  );
  expect(again.code, again.stdout).toBe(0);
});

test('captures of several events give one each, from the first of its name', async () => {
  const { folder, run } = place();
  writeFileSync(join(folder, 'gone.http'), capture(4, undefined, 'order.gone'));
  const args = ['vendor', 'learn', 'one.http', 'gone.http', 'two.http', '--secret-env', 'S'];
  const { stdout } = await run([...args, '-o', 'acme.vendor.json']);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'events order.created (sample from one.http), order.gone (sample from gone.http); read the samples',
  );
  const document = JSON.parse((await run([...args, '--json'])).stdout) as { events: unknown };
  expect(document.events).toEqual([
    { name: 'order.created', captures: [1, 3] },
    { name: 'order.gone', captures: [2] },
  ]);
  const checked = await run(['vendor', 'check', './acme.vendor.json']);
  expect(checked.code, checked.stdout).toBe(0);
});

test('the file goes to stdout and the report to stderr; --keep-values keeps people, and never the secret', async () => {
  const { run } = place();
  const { code, stdout, stderr } = await run(
    ['vendor', 'learn', '-', '--secret-env', 'S', '--keep-values'],
    capture(1),
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    id: 'learned',
    events: [{ sample: { customer: { name: 'Anna Schmidt' } } }],
  });
  expect(stdout).not.toContain('acme-secret');
  expect(stderr).toContain('found  X-Acme-Signature header');
});

test('nothing fits: what looks like a signature, what would help, exit code 1, and of the secret not a word', async () => {
  const { folder } = place();
  const secret = 'opensesame-4711-geheim';
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, WRONG: secret };
  const args = ['vendor', 'learn', 'one.http', '--secret-env', 'WRONG', '-o', 'acme.vendor.json'];
  const [told, document] = await Promise.all(
    [[], ['--json']].map((flags) => runProgram('webhook', [...args, ...flags], { cwd: folder, env })),
  );
  expect(told?.stdout).toMatch(/no candidate matches {2}\d+ candidates were tried/);
  expect(told?.stdout).toContain(
    'X-Acme-Signature header: 32 bytes in base64, as produced by HMAC-SHA256 and plain SHA256',
  );
  for (const ended of [told, document]) {
    expect(ended?.code).toBe(1);
    for (const part of secret.split('-')) expect(`${ended?.stdout}${ended?.stderr}`).not.toContain(part);
  }
  expect(existsSync(join(folder, 'acme.vendor.json'))).toBe(false);
});

/** The same as a line of `webhook listen --json`. */
const seen = (text: string): string => {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(': '));
  return JSON.stringify({ method: 'POST', path: '/hook', headers, bodyBase64: Buffer.from(body).toString('base64') });
};

test.each([
  {
    files: ['one.http', 'two.http', 'changed.http'],
    says: 'one.http; two.http fit, changed.http does not: check whether it was changed, or signed with another secret',
    misfits: [3],
  },
  {
    files: ['changed.http', 'one.http'],
    says: 'one.http fits, changed.http does not: check whether it was changed',
    misfits: [1],
  },
  { files: ['all.ndjson'], says: 'all.ndjson, request 2 fits, all.ndjson, request 1 does not', misfits: [1] },
])('all captures must fit: $says', async ({ files, says, misfits }) => {
  const { folder, run } = place();
  const text = ['changed.http', 'one.http'].map((file) => seen(readFileSync(join(folder, file), 'utf8')));
  writeFileSync(join(folder, 'all.ndjson'), text.join('\n'));
  const args = ['vendor', 'learn', ...files, '--secret-env', 'S'];
  const told = await run(args);
  expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(says);
  expect(told.code).toBe(1);
  const { stdout } = await run([...args, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ found: false, misfits, vendor: null });
});

test.each([
  { args: ['one.http'], code: 2, says: 'the secret is missing' },
  { args: ['--secret-env', 'S'], code: 2, says: 'no request was given' },
  { args: ['one.http', '--secret-env', 'NOPE'], code: 2, says: 'NOPE' },
  { args: ['none.http', '--secret-env', 'S'], code: 5, says: 'none.http: no such file' },
  { args: ['one.http', '--secret-env', 'S', '-o', 'two.http'], code: 2, says: 'two.http already exists' },
  { args: ['one.http', '--secret-env', 'S', '-o', 'no/where.json'], code: 2, says: 'no such folder' },
  { args: ['one.http', '--secret-env', 'S', '--id', 'A b'], code: 2, says: 'is not an id' },
  { args: ['one.http', '--secrt-env', 'S'], code: 2, says: '--secret-env' },
])('$args: $says', async ({ args, code, says }) => {
  const { run } = place();
  const ended = await run(['vendor', 'learn', ...args]);
  expect(ended.stderr).toContain(says);
  expect(ended.code).toBe(code);
});
