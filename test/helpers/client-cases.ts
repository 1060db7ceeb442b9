import { execFile } from 'node:child_process';
import { generateKeyPair } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Identity } from '../../src/certs/probe/probe.ts';
import { madeOnce } from './made-once.ts';

/** What a client may show. Each stands for one way in which a certificate is good or bad. */
export const CLIENT_CASES = [
  'none',
  'good-rsa',
  'good-ec',
  'good-ed25519',
  /** As the openssl recipe of Mailkit makes it: version 1 where OpenSSL is older than 3.4. */
  'v1',
  'wrong-ca',
  /** Its CA has the name of ours, and another key. */
  'impostor',
  /** The same, but its leaf does not say which of the two keys signed it. */
  'impostor-v1',
  /** Issued by the intermediate, which is not in the file. */
  'missing-intermediate',
  'self-signed',
  'expired',
  'not-yet-valid',
  'server-usage',
  'any-usage',
  /** Key usage without digitalSignature. */
  'no-signature-usage',
  'one-intermediate',
  'two-intermediates',
  /** The leaf has the name of its CA: the same answers to the recipe's prompts. */
  'name-of-ca',
  'rsa-1024',
] as const;

export type ClientCase = (typeof CLIENT_CASES)[number];

/** Certificates of every case, made by the openssl command line in a folder of their own. */
export interface ClientCases {
  /**
   * Path of a file by its name. `<case>.pem` is what the client shows (the leaf, then its intermediates) and
   * `<case>.key` its key, without a passphrase. `ca`, `other-ca`, `impostor-ca`, `intermediate`, `intermediate-2`: .pem
   * and .key. `server.pem`, `server.key`: for localhost, *.test, 127.0.0.1 and ::1, issued by `server-ca.pem`, which
   * vouches for no client.
   */
  path(name: string): string;
  read(name: string): Buffer;
  /** Null for `none`. */
  identity(name: ClientCase): Identity | null;
  remove(): void;
}

const CA_NAME = '/C=CZ/O=Example/CN=Client CA';
const FOR_CLIENTS = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n';
const FOR_CAS = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n';
const FOR_SERVERS =
  'subjectAltName=DNS:localhost,DNS:*.test,IP:127.0.0.1,IP:::1\nkeyUsage=critical,digitalSignature\n' +
  'extendedKeyUsage=serverAuth\n';

/** A folder with every case, a copy of what the first caller in a run makes. */
export async function makeClientCases(): Promise<ClientCases> {
  const cases = madeOnce('client-cases');
  if (cases.toMake !== null) await makeEveryCase(cases.toMake);
  const folder = cases.copy();
  const path = (name: string): string => join(folder, name);
  return {
    path,
    read: (name) => readFileSync(path(name)),
    identity: (name) =>
      name === 'none' ? null : { cert: readFileSync(path(`${name}.pem`)), key: readFileSync(path(`${name}.key`)) },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Some thirty runs of openssl, as many at once as there is work for. */
async function makeEveryCase(folder: string): Promise<void> {
  const path = (name: string): string => join(folder, name);
  const maker = openMaker(folder);
  await Promise.all([
    maker.sign('ca', FOR_CAS, null, CA_NAME),
    maker.sign('other-ca', FOR_CAS, null),
    maker.sign('impostor-ca', FOR_CAS, null, CA_NAME),
    maker.sign('server-ca', FOR_CAS, null),
    maker.sign('self-signed', FOR_CLIENTS, null),
  ]);
  const below = (async () => {
    await maker.sign('intermediate', FOR_CAS, 'ca');
    await Promise.all([
      maker.sign('missing-intermediate', FOR_CLIENTS, 'intermediate'),
      maker.sign('one-intermediate', FOR_CLIENTS, 'intermediate'),
      maker.sign('intermediate-2', FOR_CAS, 'intermediate'),
    ]);
    await maker.sign('two-intermediates', FOR_CLIENTS, 'intermediate-2');
    for (const [name, ...issuers] of [
      ['one-intermediate', 'intermediate'],
      ['two-intermediates', 'intermediate-2', 'intermediate'],
    ] as const) {
      for (const issuer of issuers) appendFileSync(path(`${name}.pem`), readFileSync(path(`${issuer}.pem`)));
    }
  })();
  await Promise.all([
    below,
    maker.sign('server', FOR_SERVERS, 'server-ca'),
    maker.sign('good-ec', `${FOR_CLIENTS}subjectAltName=DNS:good-ec.test\n`, 'ca'),
    ...(['good-rsa', 'good-ed25519', 'rsa-1024'] as const).map((name) => maker.sign(name, FOR_CLIENTS, 'ca')),
    maker.followRecipe('v1', 'ca', '/CN=v1'),
    maker.followRecipe('impostor-v1', 'impostor-ca', '/CN=impostor-v1'),
    maker.followRecipe('name-of-ca', 'ca', CA_NAME),
    maker.sign('wrong-ca', FOR_CLIENTS, 'other-ca'),
    maker.sign('impostor', FOR_CLIENTS, 'impostor-ca'),
    maker.signForTime('expired', '20200101000000Z', '20200201000000Z'),
    maker.signForTime('not-yet-valid', '20900101000000Z', '20910101000000Z'),
    maker.sign('server-usage', 'keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n', 'ca'),
    maker.sign('any-usage', 'keyUsage=critical,digitalSignature\nextendedKeyUsage=anyExtendedKeyUsage\n', 'ca'),
    maker.sign('no-signature-usage', 'keyUsage=critical,keyEncipherment\nextendedKeyUsage=clientAuth\n', 'ca'),
  ]);
}

const run = promisify(execFile);
const makeKey = promisify(generateKeyPair) as (type: string, options: object) => Promise<{ privateKey: string }>;

/** Keys that are not EC because they are what their case is about. */
const OTHER_KEYS: Record<string, [type: string, options: object]> = {
  'good-rsa': ['rsa', { modulusLength: 2048 }],
  'good-ed25519': ['ed25519', {}],
  'rsa-1024': ['rsa', { modulusLength: 1024 }],
};

/**
 * What signs certificates in `folder`, each with a new key. Without a subject a certificate is named after its file.
 */
function openMaker(folder: string) {
  const openssl = async (...args: string[]): Promise<void> => void (await run('openssl', args, { cwd: folder }));

  const writeKey = async (name: string): Promise<void> => {
    const [type, options] = OTHER_KEYS[name] ?? ['ec', { namedCurve: 'P-256' }];
    const encoding = {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    };
    const { privateKey } = await makeKey(type, { ...options, ...encoding });
    writeFileSync(join(folder, `${name}.key`), privateKey, { mode: 0o600 });
  };

  /** A configuration of its own for each run, or openssl adds what the system's has. */
  const writeConfig = (name: string, extensions: string): string => {
    const issued = extensions === '' ? '' : 'authorityKeyIdentifier=keyid,issuer\n';
    const authority =
      `[ca]\ndatabase=${name}.index\nnew_certs_dir=${name}.new\nserial=${name}.serial\nrand_serial=yes\n` +
      'policy=policy\ndefault_md=sha256\n[policy]\ncommonName=supplied\n';
    writeFileSync(
      join(folder, `${name}.cnf`),
      `[req]\ndistinguished_name=name\n[name]\n[extensions]\n${issued}${extensions}${authority}`,
    );
    return `${name}.cnf`;
  };

  return {
    /** Signed by `issuer`, or by its own key when that is null. */
    async sign(name: string, extensions: string, issuer: string | null, subject = `/CN=${name}`): Promise<void> {
      await writeKey(name);
      const by = issuer === null ? [] : ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`];
      await openssl(
        'req',
        '-x509',
        '-config',
        writeConfig(name, extensions),
        '-extensions',
        'extensions',
        '-key',
        `${name}.key`,
        ...by,
        '-subj',
        subject,
        '-days',
        '365',
        '-out',
        `${name}.pem`,
      );
    },
    /** The last two of the five openssl calls that Mailkit's documentation lists: no extensions at all. */
    async followRecipe(name: string, issuer: string, subject: string): Promise<void> {
      await writeKey(name);
      await openssl(
        'req',
        '-new',
        '-config',
        writeConfig(name, ''),
        '-key',
        `${name}.key`,
        '-subj',
        subject,
        '-out',
        `${name}.csr`,
      );
      await openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        `${issuer}.pem`,
        '-CAkey',
        `${issuer}.key`,
        '-set_serial',
        `${Date.now()}`,
        '-days',
        '365',
        '-out',
        `${name}.pem`,
      );
    },
    /** `openssl ca` alone sets any time on every version of OpenSSL. */
    async signForTime(name: string, from: string, until: string): Promise<void> {
      await writeKey(name);
      const config = writeConfig(name, FOR_CLIENTS);
      writeFileSync(join(folder, `${name}.index`), '');
      mkdirSync(join(folder, `${name}.new`));
      await openssl(
        'req',
        '-new',
        '-config',
        config,
        '-key',
        `${name}.key`,
        '-subj',
        `/CN=${name}`,
        '-out',
        `${name}.csr`,
      );
      await openssl(
        'ca',
        '-batch',
        '-notext',
        '-config',
        config,
        '-name',
        'ca',
        '-extensions',
        'extensions',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca.key',
        '-startdate',
        from,
        '-enddate',
        until,
        '-in',
        `${name}.csr`,
        '-out',
        `${name}.pem`,
      );
    },
  };
}
