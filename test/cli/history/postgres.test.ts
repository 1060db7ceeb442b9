import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { startListening } from '../../helpers/listening.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { bin, runProgram, type Ended } from '../../helpers/program.ts';
import { makeRecord, WEBHOOK } from '../../helpers/record.ts';
import { openPostgres } from '../../helpers/stores.ts';

const PASSWORD = 'n0-one-may-see';
const SIGNED = ['--vendor', 'mail2many', '--secret-env', 'THE_SECRET'];
const TO_SEND = ['--event', 'optin', ...SIGNED, '--uuid', WEBHOOK];

function startWorker(
  cwd: string,
  env: Record<string, string>,
): { child: ChildProcessWithoutNullStreams; said: () => string } {
  const child = spawn(process.execPath, [bin('webhook'), 'worker'], { cwd, env: { ...process.env, ...env } });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  onTestFinished(async () => {
    const gone = once(child, 'close');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone;
  });
  return { child, said: () => errors };
}

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  beforeAll(async () => {
    await server().run(`create role team login createdb password '${PASSWORD}'`);
    await server().admit(['host all team 127.0.0.1/32 scram-sha-256']);
  });

  /** A database of the team's, whose server asks for the password. */
  async function place(): Promise<{ cwd: string; env: Record<string, string>; url: string; run: Run }> {
    const cwd = testFolder();
    const database = await server().makeDatabase('owner team');
    const url = database.replace('postgres@', 'team@');
    const env = { HOME: cwd, WEBHOOK_HISTORY: url, PGPASSWORD: PASSWORD, THE_SECRET: 'whsec_of_the_tests' };
    const run: Run = (program, ...args) => runProgram(program, args, { cwd, env });
    return { cwd, env, url, run };
  }
  type Run = (program: 'webhook' | 'mp-export', ...args: string[]) => Promise<Ended>;

  // It runs over twenty programs, one after the other: each has the time of a test on a slow machine.
  test('every command records to it and reads from it, and the password is nowhere', { timeout: 600_000 }, async () => {
    const { cwd, env, url, run } = await place();
    const said: string[] = [];
    const ask: Run = async (...words) => {
      const ended = await run(...words);
      said.push(ended.stdout, ended.stderr);
      return ended;
    };
    const listening = await startListening([...SIGNED, '--exit-after', '14'], { cwd, env });
    const to = ['--url', listening.url];

    const good: Run = async (...words) => {
      const ended = await ask(...words);
      expect(ended.code, `${words.join(' ')}: ${ended.stderr}`).toBe(0);
      return ended;
    };
    expect((await good('webhook', 'history', 'list')).stdout).toBe('');
    await good('webhook', 'send', ...TO_SEND, ...to);
    await good('webhook', 'send', ...TO_SEND, ...to, '--count', '5', '--connections', '2');
    await good('webhook', 'load', ...SIGNED, ...to, '--event', 'optin', '--count', '7');
    const listed = await ask('webhook', 'history', 'list', '--direction', 'out', '--json', '--limit', '50');
    const { deliveries } = JSON.parse(listed.stdout) as { deliveries: { deliveryId: string }[] };
    expect(deliveries).toHaveLength(13);
    const { deliveryId: id } = deliveries.at(-1)!;
    const shown = await ask('webhook', 'history', 'show', id.slice(0, 23));
    expect(shown.stdout).toMatch(/delivered/);
    await good('webhook', 'replay', id, ...to, '--secret-env', 'THE_SECRET');
    expect(await listening.ended).toMatchObject({ code: 0 });

    const stats = await ask('webhook', 'history', 'stats', '--json');
    expect(stats.stdout).toMatch(/"totals":\[\{"direction":"out","sent":14,.*\{"direction":"in","sent":14,/);
    const { url: accepting } = await openEndpoint();
    const tested = await ask('webhook', 'test', '--record', ...SIGNED, '--url', accepting, '--only', 'wrong-secret');
    expect(tested.code, tested.stderr).toBe(1);
    expect((await ask('webhook', 'history', 'list', '--tests', '--limit', '1')).stdout).toMatch(/optin|opt/);

    const exported = await ask(
      'mp-export',
      '--uuid',
      WEBHOOK,
      '--include-bodies',
      '--format',
      'ndjson',
      '--limit',
      '3',
    );
    expect(exported.stdout.trimEnd().split('\n')).toHaveLength(3);
    const more = /^more: (.*)$/m.exec(exported.stderr)?.[1] ?? '';
    const [program, ...words] = more.split(' ');
    const next = await ask(program as 'mp-export', ...words.map((word) => word.replaceAll("'", '')));
    expect(next.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(new Set([...exported.stdout.split('\n'), ...next.stdout.split('\n')]).size).toBe(7);
    await good('webhook', 'export', '-o', 'all.csv', '--manifest');
    await good('webhook', 'report', '-o', 'report.html');
    await good('webhook', 'export', '--history', url.replace('team@', `team:${PASSWORD}@`), '--limit', '2');
    await ask('webhook', 'history', 'show', 'no-such');

    const pruned = await good('webhook', 'history', 'prune', '--keep-last', '2', '--yes', '--json');
    expect(JSON.parse(pruned.stdout)).toMatchObject({ deliveries: expect.any(Number) as number });
    expect(JSON.parse((await ask('webhook', 'history', 'list', '--json', '--tests')).stdout)).toMatchObject({
      deliveries: [{}, {}],
    });

    const files = readdirSync(cwd).map((name) => readFileSync(join(cwd, name), 'utf8'));
    const tables = ['delivery', 'exchange', 'attempt'].map((name) => `select ${name}::text from hookproof.${name}`);
    const rows = await Promise.all(tables.map((sql) => server().run(sql, url.slice(url.lastIndexOf('/') + 1))));
    const everything = [...said, ...files, JSON.stringify(rows)].join('\n');
    expect(everything).toContain('optin');
    expect(everything).not.toContain(PASSWORD);
  });

  test.each([[[]], [['--retry', '--enqueue']]])('a server that takes no writes: nothing is sent %j', async (flags) => {
    const { cwd, env, run } = await place();
    await run('webhook', 'worker', '--once');
    const { url, seen } = await openEndpoint();
    const standby = { ...env, PGOPTIONS: '-c default_transaction_read_only=on' };
    const ended = await runProgram('webhook', ['send', ...TO_SEND, '--url', url, ...flags], { cwd, env: standby });
    expect(ended).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('takes no writes') as string });
    expect(seen).toEqual([]);
  });

  test('what one worker lacks the secret for is sent by another, before and while the first one runs', async () => {
    const { cwd, env, run } = await place();
    const { url, seen } = await openEndpoint();
    const lacking = { ...env, THE_SECRET: '' };
    await run('webhook', 'send', ...TO_SEND, '--url', url, '--enqueue', '--count', '12');
    const ended = await runProgram('webhook', ['worker', '--once'], { cwd, env: lacking });
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('THE_SECRET is empty') as string });
    const { child, said } = startWorker(cwd, lacking);
    while (!said().includes('THE_SECRET is empty')) await once(child.stderr, 'data');
    const able = await run('webhook', 'worker', '--until-empty');
    expect(able.code, able.stderr).toBe(0);
    expect(seen).toHaveLength(12);
  });

  /** A way to the server that is cut once so many bytes came back; with `forGood`, another server answers from then on. */
  async function cutAfter(bytes: number, { forGood = false } = {}): Promise<number> {
    let isCut = false;
    const way = createServer((client: Socket) => {
      if (isCut && forGood) {
        client.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n');
        return;
      }
      const upstream = connect(server().port, '127.0.0.1');
      let left = bytes;
      client.pipe(upstream);
      upstream.on('data', (chunk: Buffer) => {
        left -= chunk.length;
        if (left > 0) client.write(chunk);
        else {
          isCut = true;
          client.resetAndDestroy();
        }
      });
      for (const socket of [client, upstream])
        socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void way.close());
    await once(way, 'listening');
    return (way.address() as AddressInfo).port;
  }

  test('a server that goes away in the middle of an export leaves the file as it was', async () => {
    const { cwd, env, url } = await place();
    const history = await openPostgres(url.replace('team@', `team:${PASSWORD}@`));
    for (let from = 0; from < 8000; from += 1000)
      await history.appendAll(Array.from({ length: 1000 }, (_, index) => makeRecord(from + index)));
    await history.close();
    // Of the two connections of an export the first is cut, in its second stretch.
    const cut = await cutAfter(750_000);
    const broken = url.replace(/:\d+\//, `:${cut}/`);
    writeFileSync(join(cwd, 'out.csv'), 'as before');
    for (const output of [['-o', 'out.csv'], []]) {
      const ended = await runProgram('webhook', ['export', '--all', ...output, '--history', broken], { cwd, env });
      expect(ended.code, ended.stderr).toBe(4);
      expect(ended.stderr).toMatch(/^error: history postgres:\/\/team@127[^ ]*: the server went away in the middle\n/);
      // Some of it was there, and a reader of the pipe is told by the code.
      if (output.length === 0) expect(ended.stdout.split('\n').length).toBeGreaterThan(1000);
    }
    expect(readFileSync(join(cwd, 'out.csv'), 'utf8')).toBe('as before');
    expect(readdirSync(cwd)).toEqual(['out.csv']);
  });

  test.each([1, 3])(
    'a server that goes away while load records with %i threads: exit code 4, and what is not recorded is counted',
    async (threads) => {
      const { cwd, env, url } = await place();
      const broken = url.replace(/:\d+\//, `:${await cutAfter(3000, { forGood: true })}/`);
      const { url: endpoint } = await openEndpoint();
      // The cut ends it, however slowly it comes to that.
      const flags = ['load', ...SIGNED, '--url', endpoint, '--event', 'optin', '--duration', '1h'];
      const at = { cwd, env: { ...env, WEBHOOK_HISTORY: broken } };
      const ended = await runProgram('webhook', [...flags, '--threads', String(threads)], at);
      expect(ended.code, ended.stderr).toBe(4);
      expect(ended.stderr).toMatch(/: the server went away in the middle; \d+ attempts were made but not recorded\n/);
    },
  );

  /** A request is shown before it is stored: waits until so many are. */
  async function untilStored(url: string, count: number): Promise<void> {
    const database = url.slice(url.lastIndexOf('/') + 1);
    const stored = (): Promise<unknown> => server().run('select count(*)::integer from hookproof.attempt', database);
    await expect.poll(stored).toEqual([{ count }]);
  }

  test('a server that goes away while listen records: exit code 4, and what is not recorded is counted', async () => {
    const { cwd, env, url, run } = await place();
    const listening = await startListening(SIGNED, { cwd, env });
    const send = (): Promise<Ended> => run('webhook', 'send', ...TO_SEND, '--url', listening.url, '--no-history');
    expect(await send()).toMatchObject({ code: 0 });
    await untilStored(url, 1);
    onTestFinished(async () => {
      await server().run('alter role team login');
    });
    // Not with what ends the connections: two statements at once are one transaction, and who is faster is let in.
    await server().run('alter role team nologin');
    await server().run(`select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = 'team'`);
    expect(await send()).toMatchObject({ code: 0 });
    const stopped = await listening.ended;
    expect(stopped.code, stopped.stderr).toBe(4);
    expect(stopped.stderr).toMatch(/the server went away in the middle; 1 request was answered but not recorded/);
  });

  test('listen records what it receives while the server restarts', async () => {
    const { cwd, env, url, run } = await place();
    const listening = await startListening([...SIGNED, '--exit-after', '3'], { cwd, env });
    const send = (): Promise<Ended> => run('webhook', 'send', ...TO_SEND, '--url', listening.url, '--no-history');
    await send();
    await untilStored(url, 1);
    await server().stop('immediate');
    const sent = send();
    await listening.until(2);
    await server().start();
    await sent;
    await send();
    expect(await listening.ended).toMatchObject({ code: 0 });
    const listed = await run('webhook', 'history', 'list', '--json');
    expect((JSON.parse(listed.stdout) as { deliveries: unknown[] }).deliveries).toHaveLength(3);
  });
});
