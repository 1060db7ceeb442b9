import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readAddressColumn, readColumn, type AddressColumn } from '../../../src/source/log/address-log.ts';

async function columnsOf(column: AddressColumn, ...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const lines: unknown[] = [];
  const source = (async function* () {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  })();
  for await (const batch of readAddressColumn(source, column))
    lines.push(...batch.map(({ line, text }) => [line, text]));
  return lines;
}

const columns = (...chunks: (string | Uint8Array)[]): Promise<unknown[]> => columnsOf(null, ...chunks);

test('the first column of each line, whatever the chunks', async () => {
  const log = '\ufeff192.0.2.1 - - [x] "POST /hook"\r\n\n# comment\n 2001:db8::1,200\n192.0.2.2;x\n192.0.2.3';
  const expected = [
    [1, '192.0.2.1'],
    [4, '2001:db8::1'],
    [5, '192.0.2.2'],
    [6, '192.0.2.3'],
  ];
  expect(await columns(log)).toEqual(expected);
  expect(await columns(...Array.from(Buffer.from(log), (byte) => Uint8Array.of(byte)))).toEqual(expected);
});

test.each([
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8::5]:443', '2001:db8::5'],
  ['[2001:db8::5]', '2001:db8::5'],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0'],
  ['[::ffff:192.0.2.1]:80', '::ffff:192.0.2.1'],
  ['2001:db8::5:443', '2001:db8::5:443'],
  ['::ffff:192.0.2.1:80', '::ffff:192.0.2.1:80'],
  ['203.0.113.9:65536', '203.0.113.9:65536'],
  ['203.0.113.9:', '203.0.113.9:'],
  ['203.0.113.9:80:80', '203.0.113.9:80:80'],
  ['[203.0.113.9', '[203.0.113.9'],
  ['10.1:80', '10.1:80'],
  ['host.example:80', 'host.example:80'],
])('address and port: %s', async (text, expected) => {
  expect(await columns(`${text} [22/Nov/2026] "POST /hook"\n${text}`)).toEqual([
    [1, expected],
    [2, expected],
  ]);
});

test('a line without an end is kept no longer than an address could be', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const [[, text], next] = (await columns(megabyte, megabyte, '\n192.0.2.1\n')) as [[number, string], unknown];
  expect(text.length).toBeLessThan(2 * 1024 * 1024);
  expect(next).toEqual([2, '192.0.2.1']);
});

const LOG = '192.0.2.1 - - [x] "POST /hook"\r\n2001:db8::1 - -\n';
const OF_LOG = [
  [1, '192.0.2.1'],
  [2, '2001:db8::1'],
];
const utf16 = Buffer.from(`\ufeff${LOG}`, 'utf16le');

test.each<[string, Uint8Array]>([
  ['gzip', gzipSync(LOG)],
  ['two files of gzip, one behind the other', Buffer.concat([gzipSync(LOG.slice(0, 20)), gzipSync(LOG.slice(20))])],
  ['the gzip of this machine', spawnSync('gzip', ['-c'], { input: LOG }).stdout],
  ['UTF-16', utf16],
  ['UTF-16, the other way round', Buffer.from(utf16).swap16()],
  ['UTF-16 in gzip', gzipSync(utf16)],
])('a log in %s, whatever the chunks', async (_, bytes) => {
  expect(await columns(bytes)).toEqual(OF_LOG);
  expect(await columns(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(OF_LOG);
});

test.each<[string, Uint8Array, string]>([
  ['a cut gzip', gzipSync(LOG).subarray(0, 30), 'compressed with gzip, but damaged'],
  ['zstd', Buffer.from('28b52ffd00', 'hex'), 'compressed, but not with gzip'],
])('%s is no log', async (_, bytes, message) => {
  await expect(columns(bytes)).rejects.toThrow(message);
});

test.each<[string, string | null, string]>([
  ['{"remote_addr":"192.0.2.1","status":"200"}', null, '192.0.2.1'],
  [
    '{"request":{"remote_ip":"192.0.2.1","remote_port":"4711","client_ip":"192.0.2.1"},"status":200}',
    null,
    '192.0.2.1',
  ],
  ['{"request":{"remote_addr":"[2001:db8::1]:4711"}}', null, '2001:db8::1'],
  ['{"ClientAddr":"192.0.2.1:4711","ClientHost":"192.0.2.1","ServiceAddr":"10.0.0.2:80"}', null, '192.0.2.1'],
  ['{"client":"a shop","ip":"192.0.2.1"}', null, '192.0.2.1'],
  ['{"request":{"remote_ip":"10.0.0.1","client_ip":"192.0.2.1"}}', 'request.client_ip', '192.0.2.1'],
  ['{"http.client":"192.0.2.1"}', 'http.client', '192.0.2.1'],
  ['hooks.example.com:443 192.0.2.1 - - [x]', '2', '192.0.2.1'],
  ['Nov 29 06:00:00 host haproxy[123]: 192.0.2.1:5555 [29/Nov/2026:06:00:00.000] in', '6', '192.0.2.1'],
  ['10.0.0.1 - - [29/Nov/2026:06:00:00 +0000] "POST /a,b HTTP/1.1" 200 1 "-" "a \\" b" "192.0.2.1"', '10', '192.0.2.1'],
  ['200,,192.0.2.1,x', '3', '192.0.2.1'],
  ['192.0.2.1,10.0.0.1,200', '1', '192.0.2.1'],
  ['"192.0.2.1";200', null, '192.0.2.1'],
])('the address of %s, column %s', async (text, column, address) => {
  const read = column === null ? null : readColumn(column);
  expect(await columnsOf(read, `${text}\n`, text)).toEqual([
    [1, address],
    [2, address],
  ]);
});

async function reasonOf(text: string, column: string | null): Promise<string | undefined> {
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  for await (const [line] of readAddressColumn(source, column === null ? null : readColumn(column)))
    return line?.reason;
  return undefined;
}

test.each<[string, string | null, string]>([
  ['198.51.100.7, 192.0.2.1 - - [x]', null, 'several hops'],
  ['198.51.100.7, 192.0.2.1 - - [x]', '1', 'several hops'],
  ['198.51.100.7,192.0.2.1', null, 'several hops'],
  ['"198.51.100.7, 192.0.2.1" - -', null, 'several hops'],
  ['10.0.0.1 "198.51.100.7, 192.0.2.1"', '2', 'several hops'],
  ['{"remote_addr":"198.51.100.7, 192.0.2.1"}', null, 'several hops'],
  ['{"request":{"remote_ip":"10.0.0.1","client_ip":"192.0.2.1"}}', null, 'differ'],
  ['{"level":"info"}', null, '--column NAME'],
  ['{"level":"info"}', 'ip', 'has no ip'],
  ['{"remote_addr":"192.0.2.1"', null, 'not a JSON object'],
  ['192.0.2.1 x', 'ip', 'not a JSON object'],
  ['192.0.2.1 x', '3', 'no column 3'],
])('%s says not who called, column %s', async (text, column, reason) => {
  expect(await reasonOf(`${text}\n`, column)).toContain(reason);
});
