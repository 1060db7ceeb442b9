import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { apacheBasics, hasApache } from '../../helpers/apache.ts';
import { hasCaddy } from '../../helpers/caddy.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { startServer, titleOf } from '../../helpers/server-process.ts';

const check = (folder: string, ...args: string[]): Promise<Ended> =>
  runProgram('webhook', ['check-source', ...args], { cwd: folder, env: { HOME: folder } });

interface LoggingServer {
  name: string;
  isThere: boolean;
  program: string;
  /** The configuration of a server that listens on the port and logs into `logs`. */
  write(folder: string, port: number, logs: string): string;
  args(folder: string, file: string): string[];
  /** Each log, and the flags that read it. */
  logs: Record<string, string[]>;
}

const MODULE_FOLDER = '/usr/lib/apache2/modules';

const SERVERS: readonly LoggingServer[] = [
  {
    name: 'nginx',
    isThere: hasNginx,
    program: 'nginx',
    write: (folder, port, logs) => `daemon off; master_process off; pid nginx.pid; events {} http {
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`).join(' ')}
      log_format json escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","uri":"$request_uri"}';
      log_format hops '"$http_x_forwarded_for" - [$time_local] "$request" $remote_addr';
      access_log ${logs}/plain; access_log ${logs}/json json; access_log ${logs}/hops hops;
      access_log ${logs}/packed.gz combined gzip;
      server { listen 127.0.0.1:${port}; return 200; } }`,
    args: (folder, file) => ['-p', folder, '-c', file, '-e', 'error.log'],
    logs: { plain: [], json: [], 'packed.gz': [], hops: ['--column', '5'] },
  },
  {
    name: 'Apache',
    isThere: hasApache,
    program: 'apache2',
    write: (folder, port, logs) => `${['mpm_event', 'authz_core']
      .map((name) => ({ name, file: `${MODULE_FOLDER}/mod_${name}.so` }))
      .filter(({ file }) => existsSync(file))
      .map(({ name, file }) => `LoadModule ${name}_module ${file}`)
      .join('\n')}
${apacheBasics(folder, 'hooks.example.com').join('\n')}
Listen 127.0.0.1:${port}
LogFormat "%h %l %u %t \\"%r\\" %>s %b" common
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %b" vhost
LogFormat "{\\"client\\":\\"%a\\",\\"request\\":\\"%r\\"}" json
CustomLog ${logs}/plain common
CustomLog ${logs}/vhost vhost
CustomLog ${logs}/json json
`,
    args: (folder, file) => ['-d', folder, '-f', file, '-DFOREGROUND'],
    logs: { plain: [], vhost: ['--column', '2'], json: [] },
  },
  {
    name: 'Caddy',
    isThere: hasCaddy,
    program: 'caddy',
    write: (folder, port, logs) => `{
  admin off
  auto_https off
  storage file_system ${folder}
}
http://127.0.0.1:${port} {
  log {
    output file ${logs}/json
    format json
  }
  respond 200
}
`,
    args: (_, file) => ['run', '--config', file, '--adapter', 'caddyfile'],
    logs: { json: [] },
  },
];

for (const { name, isThere, program, write, args, logs } of SERVERS)
  test.skipIf(!isThere)(`the logs that a real server writes: ${titleOf(name, isThere)}`, async () => {
    const folder = testFolder();
    const server = await startServer({
      program,
      names: ['hook'],
      env: (own) => ({ HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own }),
      configure: (own, port) => {
        chmodSync(own, 0o755);
        const file = join(own, 'server.conf');
        writeFileSync(file, write(own, port('hook'), folder));
        return args(own, file);
      },
    });
    const url = server.url('hook').replace('https:', 'http:');
    for (const hops of ['198.51.100.7, 192.0.2.1', '203.0.113.5'])
      await (await fetch(url, { method: 'POST', body: '{}', headers: { 'X-Forwarded-For': hops } })).text();
    await server.stop();
    for (const [log, flags] of Object.entries(logs)) {
      const ended = await check(folder, '--addresses', log, '--allow', '127.0.0.1', ...flags);
      expect([log, ended.code, ended.stdout, ended.stderr]).toEqual([
        log,
        0,
        expect.stringContaining('1 of 1 address allowed (2 of 2 lines)'),
        '',
      ]);
    }
    if ('hops' in logs) {
      const { code, stderr } = await check(folder, '--addresses', 'hops', '--allow', '198.51.100.7,203.0.113.5');
      expect(code).toBe(5);
      expect(stderr).toMatch(/line 1: 198\.51\.100\.7, 192\.0\.2\.1 are the addresses of several hops/);
    }
    if (existsSync(join(folder, 'packed.gz')))
      expect(spawnSync('gzip', ['-t', 'packed.gz'], { cwd: folder }).status).toBe(0);
  });

test.each<[string, Uint8Array | string, string[], number, RegExp]>([
  ['an empty log', '', [], 5, /the input contains no address, so nothing was checked/],
  ['an empty log that is packed', gzipSync(''), [], 5, /the input contains no address, so nothing was checked/],
  ['a cut log', gzipSync('192.0.2.1\n'.repeat(9)).subarray(0, 25), [], 5, /compressed with gzip, but damaged/],
  ['a log of zstd', Buffer.from('28b52ffd2000010000', 'hex'), [], 5, /zstdcat FILE/],
  [
    'a log without an address there',
    'GET /\nPOST /\n',
    [],
    5,
    /no line has an address in the expected place: choose another column with/,
  ],
  ['a column that is not there', '192.0.2.1\n', ['--column', '4'], 5, /line 1: 192\.0\.2\.1 has no column 4/],
  ['no column', '192.0.2.1\n', ['--column', '0'], 2, /--column 0 is not a column/],
])('%s is no success', async (_, bytes, flags, code, said) => {
  const folder = testFolder();
  writeFileSync(join(folder, 'log'), bytes);
  const ended = await check(folder, '--addresses', 'log', '--allow', '192.0.2.1', ...flags);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(said)]);
  expect(ended.stdout).not.toMatch(/[1-9]\d* of \d+ address(?:es)? allowed/);
});

test('a column is for logs alone', async () => {
  const { code, stderr } = await check(testFolder(), '192.0.2.1', '--allow', '192.0.2.1', '--column', '2');
  expect([code, stderr]).toEqual([2, expect.stringContaining('--column has no effect here')]);
});
