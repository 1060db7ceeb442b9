import { chmodSync, chownSync, copyFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openPostgresReader } from '../../../src/history/postgres/reader.ts';
import { openPostgresWriter } from '../../../src/history/postgres/writer.ts';
import { toServerError } from '../../../src/history/postgres/server-error.ts';
import { hasOpenssl, makeTestCertificates, type TestCertificates } from '../../helpers/openssl-certificates.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../../helpers/postgres.ts';
import { makeRecord } from '../../helpers/record.ts';
import { addressOf } from '../../helpers/stores.ts';

const PASSWORD = 's3cr3t&pw';

/** What a person reads of the failure. No part of the error may hold the password. */
async function failureOf(url: string, env: Record<string, string> = { PGPASSWORD: PASSWORD }): Promise<string> {
  const failure = await openPostgresReader(addressOf(url, env)).then(
    (reader) => reader.close().then(() => null),
    (error: unknown) => error as Error & { kind?: string; hint?: string },
  );
  if (failure === null) return 'opened';
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toMatch(/s3cr3t|open sesame/);
  expect(failure).toMatchObject({ kind: 'history' });
  return `${failure.message}\n${failure.hint ?? ''}`;
}

/** On a port of its own, something that answers so to the first bytes; null: never. */
async function listen(answer: string | null): Promise<number> {
  const other = createServer((socket) => {
    socket.on('error', () => undefined);
    if (answer !== null) socket.on('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await new Promise((ready) => {
    other.once('listening', ready);
  });
  return (other.address() as AddressInfo).port;
}

test.each(['57P01', '57P05', '25P03', '08006'])('a connection that the server ended may come back: %s', (code) => {
  const asked = { shown: 'postgres://u@h:5432/d', host: 'h', port: 5432, user: 'u', database: 'd' };
  const ended = toServerError(asked, Object.assign(new Error('terminating connection'), { code }));
  expect(ended).toMatchObject({
    kind: 'history',
    thenAgain: true,
    message: expect.stringMatching(/went away/) as string,
  });
});

describe.skipIf(!hasPostgres || !hasOpenssl)(POSTGRES, () => {
  const server = serverForFile();
  const at = (user: string, rest = 'postgres'): string => server().url('', user) + rest;
  let files: TestCertificates;

  beforeAll(async () => {
    files = makeTestCertificates();
    const { run, admit, folder, stop, start } = server();
    for (const role of ['alice', 'plain', 'secure'])
      await run(`create role ${role} login password '${PASSWORD}' connection limit ${role === 'plain' ? 0 : 10}`);
    await run('create role client login');
    // Of another host: what `verify-full` finds, and `verify-ca` does not.
    const { uid, gid } = statSync(join(folder, 'data'));
    for (const name of ['othername.pem', 'othername.key', 'ca.pem']) {
      const file = join(folder, name);
      copyFileSync(files.path(name), file);
      chownSync(file, uid, gid);
      chmodSync(file, 0o600);
    }
    await run(`alter system set ssl_cert_file = '${folder}/othername.pem'`);
    await run(`alter system set ssl_key_file = '${folder}/othername.key'`);
    await run(`alter system set ssl_ca_file = '${folder}/ca.pem'`);
    await run('alter system set ssl = on');
    await stop();
    await start();
    await admit([
      'hostssl all client 127.0.0.1/32 cert',
      'hostnossl all client 127.0.0.1/32 reject',
      'hostssl all secure 127.0.0.1/32 scram-sha-256',
      'hostnossl all secure 127.0.0.1/32 reject',
      'host all alice,plain,nobody 127.0.0.1/32 scram-sha-256',
      'host all stranger 127.0.0.1/32 reject',
    ]);
    return () => files.remove();
  });

  test.each<[string, (at: (user: string, rest?: string) => string) => string, RegExp]>([
    ['the password', (to) => to('alice'), /^opened$/],
    ['another password', (to) => to('alice:no'), /refuses the password of alice\ncheck PGPASSWORD/],
    ['an unknown user', (to) => to('nobody'), /refuses the password of nobody/],
    ['an unknown database', (to) => to('alice', 'none'), /there is no database none on this server\ncreate it/],
    ['a user that pg_hba.conf rejects', (to) => to('stranger'), /does not admit this connection: pg_hba.conf rejects/],
    ['a user with too many connections', (to) => to('plain'), /no connection left/],
    ['a port where nobody listens', () => 'postgres://alice@127.0.0.1:1/x', /nothing listens at 127.0.0.1 port 1\n/],
    ['a host that does not exist', () => 'postgres://alice@none.invalid/x', /no such host: none.invalid|looked up/],
    ['a socket that is not there', () => 'postgres://alice@%2Fnowhere/x', /no socket of a server in \/nowhere/],
    [
      'no TLS where it is asked for',
      (to) => to('secure', 'postgres?sslmode=disable'),
      /does not admit .*no encryption/,
    ],
    ['TLS where it is asked for', (to) => to('secure'), /^opened$/],
    ['TLS as the second choice', (to) => to('secure', 'postgres?sslmode=allow'), /^opened$/],
    ['a client certificate where none is given', (to) => to('client'), /requires a valid client certificate/],
    ['a server of a stranger', (to) => to('alice', 'postgres?sslrootcert=system'), /stranger/],
    ['no certificate to trust', (to) => to('alice', 'postgres?sslmode=verify-full'), /needs the certificate of who/],
    ['a file that is not there', (to) => to('alice', 'postgres?sslcert=/nowhere/c'), /^sslcert \/nowhere\/c: no such/],
    ['a wrong setting', (to) => to('alice', 'postgres?options=-c%20no.such=1%20-c%20nosuch=1'), /unrecognized conf/],
  ])('%s', async (_, url, expected) => {
    expect(await failureOf(url(at))).toMatch(expected);
  });

  test.each<[string, string, RegExp]>([
    ['the server of a known CA', 'alice sslmode=verify-ca sslrootcert=ca.pem', /^opened$/],
    ['and of another host', 'alice sslmode=verify-full sslrootcert=ca.pem', /certificate is not one for 127.0.0.1/],
    ['another CA', 'alice sslmode=verify-ca sslrootcert=selfsigned.pem', /signed by a stranger\nname who signed/],
    [
      'a certificate in place of a list',
      'alice sslmode=verify-ca sslrootcert=ca.pem sslcrl=ca.key',
      /holds no list of revoked/,
    ],
    ['a CA that is none', 'alice sslmode=require sslrootcert=ca.key', /ca.key holds no certificate/],
    ['the certificate of a client', 'client sslcert=client.pem sslkey=client.key', /^opened$/],
    ['its key of another', 'client sslcert=client.pem sslkey=server.key', /sslkey is not the key of the certificate/],
    ['a locked key', 'client sslcert=client-rsa.pem sslkey=client-rsa.key', /sslpassword does not open it/],
    [
      'one that opens, of another user',
      'client sslcert=client-rsa.pem sslkey=client-rsa.key sslpassword=open%20sesame',
      /certificate authentication failed for user "client"/,
    ],
    ['a stranger’s certificate', 'client sslcert=selfsigned.pem sslkey=selfsigned.key', /TLS failed|went away/],
  ])('%s', async (_, given, expected) => {
    const [user = '', ...pairs] = given.split(' ');
    const query = pairs.map((pair) =>
      pair.replace(/=(\S+\.(?:pem|key))$/, (_all, name: string) => `=${files.path(name)}`),
    );
    expect(await failureOf(at(user, `postgres?${query.join('&')}`))).toMatch(expected);
  });

  test('a password that is asked for and not there; a password file that others may read', async () => {
    expect(await failureOf(at('alice'), {})).toMatch(/asks for a password, and none was given\nput it in PGPASSWORD/);
    // As the line would have to be: whoever has one sees which name differs.
    expect(await failureOf(at('alice'), {})).toMatch(/ 127\.0\.0\.1:\d+:postgres:alice:PASSWORD in /);
    const file = join(server().folder, 'passwords');
    writeFileSync(file, `# of the tests\n*:*:*:bob:x\n\\*:*:*:*:x\n127.0.0.1:*:post\\gres:alice:${PASSWORD}\n`, {
      mode: 0o600,
    });
    expect(await failureOf(at('alice'), { PGPASSFILE: file })).toBe('opened');
    chmodSync(file, 0o644);
    expect(await failureOf(at('alice'), { PGPASSFILE: file })).toMatch(/others may read .*\nrun: chmod 600 /);
  });

  test('who may not create a schema, or not write to its tables, is told what is missing', async () => {
    const url = await server().makeDatabase();
    const database = url.slice(url.lastIndexOf('/') + 1);
    const open = (): ReturnType<typeof openPostgresWriter> =>
      openPostgresWriter(addressOf(at('alice', database), { PGPASSWORD: PASSWORD }));
    await expect(open()).rejects.toThrow(/lacks the rights for it: permission denied for database/);
    await (await openPostgresWriter(addressOf(url))).close();
    await expect(open()).rejects.toThrow(/lacks the rights for it: permission denied for schema hookproof/);
    await server().run(
      `grant usage on schema hookproof to alice; grant select on all tables in schema hookproof to alice`,
      database,
    );
    await expect(open()).rejects.toThrow(/lacks the rights for it: permission denied for table attempt/);
    const standing = addressOf(url, { PGOPTIONS: '-c default_transaction_read_only=on' });
    await expect(openPostgresWriter(standing)).rejects.toThrow(/the server takes no writes: it is a standby/);
  });

  test('a server that is none, and one that never answers', async () => {
    const http = await listen('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await failureOf(`postgres://alice@127.0.0.1:${http}/x`)).toMatch(
      /does not speak the protocol of PostgreSQL/,
    );
    expect(await failureOf(`postgres://alice@127.0.0.1:${http}/x?sslmode=disable`)).toMatch(/went away/);
    const silent = await listen(null);
    expect(await failureOf(`postgres://alice@127.0.0.1:${silent}/x?connect_timeout=1`)).toMatch(
      /did not answer in time/,
    );
  });

  test('a record waits for a server that restarts, and tells of one that is gone', async () => {
    const url = addressOf(await server().makeDatabase());
    // However long the server takes to start.
    const [patient, hasty] = [await openPostgresWriter(url, 100_000), await openPostgresWriter(url, 100)];
    await patient.append(...makeRecord(1));
    await hasty.append(...makeRecord(2));
    await server().stop('immediate');
    const stored = patient.append(...makeRecord(3));
    for (const index of [4, 5])
      await expect(hasty.append(...makeRecord(index))).rejects.toThrow(
        /127[^ ]*: (the server went away|nothing listens)/,
      );
    await server().start();
    await stored;
    await hasty.append(...makeRecord(6));
    const reader = await openPostgresReader(url);
    expect((await reader.list({ limit: 9 })).map(({ eventId }) => eventId)).toEqual(
      [6, 3, 2, 1].map((n) => `evt_${n}`),
    );
    for (const one of [patient, hasty, reader]) await one.close();
  });
});
