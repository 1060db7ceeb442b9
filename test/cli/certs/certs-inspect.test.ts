import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificateSet } from '../../../src/certs/create/certificate-set.ts';
import { inspectCertificates } from '../../../src/flows/certs/inspect-certificates.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import type { AppError } from '../../../src/model/error.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeOddCertificates, PASSPHRASE, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { builtInVendors } from '../../../src/vendors/registry.ts';

interface Document {
  target: string;
  files: { path: string; format: string; parts: Record<string, unknown>[] }[];
  findings: { id: string; title: string; status: string; detail: string }[];
}

const idsOf = ({ findings }: Pick<Document, 'findings'>): string[] =>
  findings.map(({ id, status }) => `${id} ${status}`);

describe.skipIf(!hasOpenssl)('webhook certs inspect', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  const inspect = (
    args: string[],
    options: { input?: Uint8Array; env?: Record<string, string> } = {},
  ): Promise<Ended> =>
    runProgram('webhook', ['certs', 'inspect', ...args], {
      cwd: odd.path('.'),
      env: { PASS: PASSPHRASE, ...options.env },
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  const document = async (...args: string[]): Promise<Document & { code: number | null }> => {
    const { code, stdout, stderr } = await inspect([...args, '--json']);
    expect(stderr).toBe('');
    return { code, ...(JSON.parse(stdout) as Document) };
  };

  /**
   * The same without a program, which takes a quarter of a second: what `certs inspect` does, and the code it ends
   * with.
   */
  async function judge(...args: string[]): Promise<{ code: number; findings: Finding[] }> {
    const at = (flag: string): string | undefined => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
    const flags = new Set(args.flatMap((arg, index) => (arg.startsWith('--') ? [index, index + 1] : [])));
    const pathOf = (name: string): string => resolve(odd.path('.'), name);
    const clientCa = at('--client-ca');
    const { findings, closed, unproved } = await inspectCertificates(
      {
        files: args.filter((_, index) => !flags.has(index)).map(pathOf),
        clientCa: clientCa === undefined ? undefined : pathOf(clientCa),
        vendor: at('--vendor'),
        daysWarning: Number(at('--days-warning') ?? 30),
        passphraseEnv: at('--passphrase-env'),
      },
      builtInVendors,
      {
        workingDirectory: odd.path('.'),
        env: { PASS: PASSPHRASE, WRONG: 'open barley' },
        stdin: process.stdin,
      },
      systemClock,
    );
    const isGood = findings.every(({ status }) => status !== 'fail') && closed.length + unproved.length === 0;
    return { code: isGood ? 0 : 1, findings };
  }
  const l1 = async (...args: string[]): Promise<string | undefined> => (await judge(...args)).findings[0]?.detail;
  const ALL = [
    'L1 pass',
    'L2 skip',
    'L3 pass',
    'L4 pass',
    'L5 pass',
    'L6 pass',
    'L7 pass',
    'L8 pass',
    'L9 pass',
    'L10 pass',
    'L11 pass',
    'L12 pass',
  ];
  const CA = ['L1 pass', 'L5 pass', 'L9 pass', 'L10 pass'];

  test('a certificate, its key and its CA: what they are, what belongs together, and that all is well', async () => {
    const seen = await document('leaf.pem', 'leaf.key', 'ca.pem');
    expect([seen.code, seen.target, idsOf(seen)]).toEqual([0, 'leaf.pem leaf.key ca.pem', [...ALL, ...CA]]);
    expect(Object.keys(seen)).toEqual([
      'code',
      'schemaVersion',
      'target',
      'files',
      'closed',
      'unproved',
      'findings',
      'conclusion',
    ]);
    expect(seen.files).toMatchObject([
      {
        path: 'leaf.pem',
        format: 'PEM',
        parts: [
          {
            kind: 'certificate',
            subject: 'CN=leaf',
            issuer: 'CN=Odd CA',
            issuedBy: 'ca.pem',
            key: 'EC P-256',
            version: 3,
            isCa: false,
            daysLeft: 59,
            extendedKeyUsage: ['clientAuth'],
            keyUsage: ['digitalSignature'],
            fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}/),
            privateKey: 'leaf.key',
          },
        ],
      },
      { path: 'leaf.key', parts: [{ kind: 'private-key', key: 'EC P-256', encryption: null, belongsTo: 'leaf.pem' }] },
      {
        path: 'ca.pem',
        parts: [{ subject: 'CN=Odd CA', issuedBy: 'itself', isCa: true, keyUsage: ['keyCertSign'], privateKey: null }],
      },
    ]);
    expect(seen.findings[0]?.title).toMatch(/\(leaf\.pem\)$/);
  });

  test('as a person reads it', async () => {
    const { code, stdout } = await inspect(['leaf.pem', 'leaf.key', 'ca.pem']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^leaf\.pem {2}PEM\n {2}certificate {2}CN=leaf\n {4}issuer {7}CN=Odd CA, which is ca\.pem\n/,
    );
    expect(stdout).toMatch(/\n\nleaf\.pem leaf\.key ca\.pem\n\npass {2}L1, [^]*\n\nno errors\n/);
  });

  const notPassed = async (...args: string[]): Promise<[number, string[]]> => {
    const seen = await judge(...args);
    return [seen.code, idsOf(seen).filter((one) => !one.endsWith('pass'))];
  };

  test("a server's certificate is judged as one, and with --client-ca as a client's", async () => {
    const folder = testFolder();
    const made = await makeCertificateSet(
      { name: 'client', hosts: ['localhost'], keyKind: { type: 'ec' }, days: 365, passphrase: null, pathLength: 0 },
      Date.now(),
    );
    for (const { name, text } of made.files) writeFileSync(join(folder, name), text);
    const [server, key, ca] = ['server.pem', 'server.key', 'ca.pem'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    expect(await notPassed(server, key)).toEqual([0, ['L2 skip', 'L6 skip', 'L10 skip', 'L11 skip', 'L12 skip']]);
    expect(await notPassed(server, key, '--client-ca', ca)).toEqual([1, ['L2 skip', 'L6 fail', 'L11 fail']]);
    expect(await notPassed(server, '--client-ca', ca)).toEqual([1, ['L2 skip', 'L3 skip', 'L6 fail', 'L11 fail']]);
    expect(await notPassed(ca, '--client-ca', ca)).toEqual([
      1,
      ['L2 skip', 'L3 skip', 'L6 fail', 'L7 warn', 'L10 skip', 'L11 fail'],
    ]);
    // Beside a client's certificate, a CA's is not what is shown.
    const client = [join(folder, 'client.pem'), join(folder, 'client.key')];
    expect(await notPassed(...client, ca, '--client-ca', ca)).toEqual([0, ['L2 skip']]);
  });

  test.each([
    ['a key without its certificate', ['leaf.key', '--client-ca', 'ca.pem'], 'whether a server with the CAs'],
    ['a request', ['leaf.csr', '--client-ca', 'ca.pem'], 'whether a server with the CAs'],
    ['a certificate without the key of the rule', ['rsa.pem', '--vendor', 'mailkit'], "meets Mailkit's rule"],
  ])('1: asked and not answered, %s', async (_, args, words) => {
    const { code, stdout } = await inspect(args);
    expect(code).toBe(1);
    expect(stdout).toContain('no errors found; unknown: ');
    expect(stdout).toContain(words);
  });

  test.each([
    ['of the certificate', ['leaf.pem', 'leaf.pub'], ['L3 skip', 'L3 fail'], 'the public key of leaf.pem'],
    ['of another one', ['rsa.pem', 'leaf.pub'], ['L3 skip', 'L3 fail'], 'matches none of the'],
    ['a request', ['leaf.csr', 'leaf.pub'], ['L3 fail'], 'the public key of the request in leaf.csr'],
    ['beside the private one', ['leaf.pem', 'leaf.key', 'leaf.pub'], ['L3 pass', 'L3 pass'], 'belongs to leaf.pem'],
  ])('a public key for the private one: %s', async (_, args, ids, words) => {
    const { code, findings } = await judge(...args);
    const judged = findings.filter(({ id }) => id === 'L3');
    expect([code, judged.map(({ id, status }) => `${id} ${status}`)]).toEqual([ids.includes('L3 fail') ? 1 : 0, ids]);
    expect(
      judged
        .at(-1)
        ?.detail.replaceAll(`${odd.path('.')}/`, '')
        .replaceAll(odd.path(''), ''),
    ).toContain(words);
  });

  test('a request is judged by its signature, as a CA does', async () => {
    const { openssl } = odd;
    openssl('req', '-new', '-key', 'rsa.key', '-subj', '/CN=x', '-sigopt', 'rsa_padding_mode:pss', '-out', 'pss.csr');
    openssl('req', '-new', '-key', 'rsa.key', '-subj', '/CN=x', '-md5', '-out', 'md5.csr');
    const forged = odd.read('leaf.csr.der');
    forged.write('ear2', forged.indexOf('leaf'));
    writeFileSync(odd.path('forged.csr'), forged);
    expect((await judge('pss.csr')).code).toBe(0);
    const signing = ['x509', '-req', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'signed.pem'];
    openssl(...signing, '-in', 'pss.csr');
    expect(() => openssl(...signing, '-inform', 'der', '-in', 'forged.csr')).toThrow(/did not match/);
    expect(idsOf(await judge('forged.csr'))).toContain('L1 fail');
    expect((await judge('forged.csr')).code).toBe(1);
    const { code, stdout } = await inspect(['md5.csr']);
    expect([code, stdout]).toEqual([1, expect.stringContaining('unknown: whether the request in md5.csr is')]);
  });

  test('several certificates where one is meant: which of them, its key says', async () => {
    odd.join('two.pem', 'leaf.pem', 'rsa.pem');
    expect(idsOf(await judge('two.pem'))).toContain('L4 fail');
    expect((await judge('two.pem')).code).toBe(1);
    expect(idsOf(await judge('two.pem', 'leaf.key'))).toContain('L4 warn');
    expect(idsOf(await judge('two.pem', 'rsa.key'))).toContain('L4 fail');
    odd.join('leaf-twice.pem', 'leaf.pem', 'leaf.pem');
    expect(idsOf(await judge('leaf-twice.pem'))).toContain('L4 warn');
  });

  test.each([
    [
      'a certificate alone',
      ['leaf.pem'],
      0,
      [
        'L1 pass',
        'L2 skip',
        'L3 skip',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 skip',
        'L11 skip',
        'L12 pass',
      ],
    ],
    [
      'a certificate in DER',
      ['leaf.der', '--client-ca', 'ca.pem'],
      0,
      [
        'L1 pass',
        'L2 skip',
        'L3 skip',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 pass',
        'L11 pass',
        'L12 pass',
      ],
    ],
    ['a CA file alone', ['ca.pem'], 0, CA],
    ['a CA with its key', ['ca.pem', 'ca.key'], 0, [...CA, 'L1 pass', 'L2 skip', 'L3 pass', 'L9 pass']],
    ['a key alone', ['leaf.key'], 0, ['L1 pass', 'L2 skip', 'L9 pass']],
    ['a key in DER', ['leaf-key.der'], 0, ['L1 pass', 'L2 skip', 'L9 pass']],
    ['a public key', ['leaf.pub'], 0, ['L1 pass', 'L9 pass']],
    ['a request', ['leaf.csr'], 0, ['L1 pass', 'L9 pass']],
    [
      'a request with its key',
      ['leaf.csr.der', 'leaf.key'],
      0,
      ['L1 pass', 'L3 pass', 'L9 pass', 'L1 pass', 'L2 skip', 'L3 pass', 'L9 pass'],
    ],
    [
      'a key of something else',
      ['leaf.pem', 'rsa.key'],
      1,
      [
        'L1 pass',
        'L2 skip',
        'L3 fail',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 skip',
        'L11 skip',
        'L12 pass',
      ],
    ],
    ['a PKCS#12 file, opened', ['modern.pfx', 'ca.pem', '--passphrase-env', 'PASS'], 0, [...ALL, ...CA]],
    [
      'a PKCS#12 file without a passphrase of its own',
      ['open.pfx'],
      0,
      [
        'L1 pass',
        'L2 skip',
        'L3 pass',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 skip',
        'L11 skip',
        'L12 pass',
      ],
    ],
    ['a PKCS#12 file, closed', ['modern.pfx'], 1, ['L1 skip']],
    ['an encrypted key, closed', ['aes.key'], 1, ['L1 skip']],
    ['a key of an outdated encryption, closed', ['des.key'], 1, ['L1 skip']],
    ['what is none of these', ['leaf.p7b'], 1, ['L1 fail']],
    [
      'a CA that is none',
      ['no-ca.pem', '--client-ca', 'ca.pem'],
      0,
      [
        'L1 pass',
        'L2 skip',
        'L3 skip',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 pass',
        'L11 pass',
        'L12 pass',
      ],
    ],
    ['a CA without keyCertSign', ['no-sign.pem'], 1, ['L1 pass', 'L5 pass', 'L9 pass', 'L10 fail']],
    [
      'within the days of the warning',
      ['ca.pem', '--days-warning', '100'],
      0,
      ['L1 pass', 'L5 warn', 'L9 pass', 'L10 pass'],
    ],
    [
      "the vendor's rule",
      ['rsa.pem', 'rsa.key', '--vendor', 'mailkit'],
      1,
      [
        'L1 pass',
        'L2 fail',
        'L3 pass',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 skip',
        'L11 skip',
        'L12 pass',
      ],
    ],
    [
      "the vendor's rule, kept",
      ['rsa.pem', 'aes.key', '--vendor', 'mailkit', '--passphrase-env', 'PASS'],
      0,
      [
        'L1 pass',
        'L2 pass',
        'L3 pass',
        'L4 pass',
        'L5 pass',
        'L6 pass',
        'L7 pass',
        'L8 pass',
        'L9 pass',
        'L10 skip',
        'L11 skip',
        'L12 pass',
      ],
    ],
    [
      'an intermediate in a file of its own is not a CA of the server',
      ['below-server-ca.pem', 'server-ca.pem', 'ca.pem'],
      1,
      expect.arrayContaining(['L4 fail']),
    ],
  ])('%s', async (_, args, code, ids) => {
    const seen = await judge(...args);
    expect([seen.code, idsOf(seen)]).toEqual([code, ids]);
  });

  test('standard input, and a bundle', async () => {
    odd.join('bundle.pem', 'leaf.pem', 'ca.pem');
    const { code, stdout } = await inspect(['-', '--json'], { input: odd.read('bundle.pem') });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [
        {
          path: 'standard input',
          parts: [{ subject: 'CN=leaf', issuedBy: 'certificate 2 of standard input' }, { subject: 'CN=Odd CA' }],
        },
      ],
    });
  });

  test.each([
    [['modern.pfx'], ['modern.pfx'], 'nothing could be checked; not opened without a passphrase: modern.pfx'],
    [
      ['leaf.pem', 'aes.key'],
      ['aes.key'],
      'no errors in what could be checked; not opened without a passphrase: aes.key',
    ],
    [
      ['no-sign.pem', 'aes.key'],
      ['aes.key'],
      'errors found: 3 passed, 1 failed, 1 skipped; not opened without a passphrase: aes.key',
    ],
    [
      ['aes.key', 'modern.pfx', 'des.key', 'sha1.pfx'],
      ['aes.key', 'modern.pfx', 'des.key', 'sha1.pfx'],
      'nothing could be checked; not opened without a passphrase: aes.key, modern.pfx, des.key and 1 more',
    ],
    [['leaf.pem', 'leaf.key', 'ca.pem'], [], 'no errors'],
  ])('what stayed closed is in the conclusion: %j', async (args, closed, conclusion) => {
    const file = join(testFolder(), 'inspected.json');
    const { stdout, stderr } = await inspect([...args, '--reporter', 'terminal', '--reporter', `json=${file}`]);
    expect(stderr).toBe('');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ closed, conclusion });
    expect(stdout).toContain(`\n\n${args.join(' ')}\n\n`);
    expect(stdout).toContain(`\n\n${conclusion}\n`);
  });

  test('what OpenSSL reads and other programs do not needs a look', async () => {
    writeFileSync(odd.path('mark.pem'), `\uFEFF${odd.read('leaf.pem').toString()}`);
    const { code, findings } = await judge('mark.pem');
    expect([code, findings.filter(({ status }) => status === 'warn')]).toMatchObject([
      0,
      [{ id: 'L1', detail: expect.stringContaining('byte-order mark'), fix: expect.stringContaining('tail -c +4 ') }],
    ]);
  });

  test('L1 says of DER that it is DER', async () => {
    expect(await l1('leaf.der')).toBe('DER with 1 certificate, no private key');
    expect(await l1('leaf.der', 'leaf.key')).toBe('DER with 1 certificate and an EC P-256 private key, not encrypted');
    expect(await l1('leaf.pem', 'leaf-key.der')).toBe(
      'PEM with 1 certificate and an EC P-256 private key, not encrypted',
    );
  });

  test('an encrypted key is opened to be compared, and its passphrase never shown', async () => {
    const seen = await document('rsa.pem', 'aes.key', '--passphrase-env', 'PASS');
    expect(seen.files[1]?.parts).toEqual([
      { kind: 'private-key', key: 'RSA 2048', encryption: 'AES-256-CBC, PBKDF2', belongsTo: 'rsa.pem' },
    ]);
    expect(JSON.stringify(seen)).not.toContain(PASSPHRASE);
    const { stdout } = await inspect(['aes.key']);
    expect(stdout).toContain('not opened: no passphrase was given');
  });

  test('text from a certificate cannot move the cursor', async () => {
    const { stdout } = await inspect(['leaf.pem', '--color', 'never']);
    // oxlint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  /** Files that hold nothing to inspect. */
  function writeUnreadable(): void {
    mkdirSync(odd.path('folder'), { recursive: true });
    writeFileSync(odd.path('empty.pem'), '');
    writeFileSync(odd.path('garbage.pem'), 'hello');
    const damaged = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';
    writeFileSync(odd.path('revoked.pem'), `${odd.read('ca.pem').toString()}${damaged}`);
    writeFileSync(odd.path('huge.pem'), Buffer.alloc(4 * 1024 * 1024 + 1, 'x'));
  }

  test.each([
    ['no such file', ['nowhere.pem'], 'the file nowhere.pem does not exist'],
    ['a folder', ['folder'], 'the file folder is a folder'],
    ['an empty file', ['empty.pem'], 'empty.pem is empty'],
    ['garbage', ['garbage.pem'], 'no certificate, request or key'],
    ['a damaged list beside a CA', ['revoked.pem'], 'the x509 crl in revoked.pem (number 2)'],
    ['a huge file', ['huge.pem'], 'the file huge.pem is larger than 4 MiB'],
    ['a device without end', ['/dev/zero'], 'larger than 4 MiB'],
    ['a wrong passphrase of a key', ['aes.key', '--passphrase-env', 'WRONG'], 'does not open the private key aes.key'],
    ['a wrong passphrase of a PKCS#12 file', ['modern.pfx', '--passphrase-env', 'WRONG'], 'modern.pfx does not open'],
    ['RC2', ['legacy.pfx', '--passphrase-env', 'PASS'], 'outdated'],
    ['PBE-MD5-DES', ['des.key', '--passphrase-env', 'PASS'], 'outdated'],
    ['a PKCS#12 file without a key', ['trust.pfx', '--passphrase-env', 'PASS'], 'does not contain a private key'],
  ])('no input: %s', async (_, args, words) => {
    writeUnreadable();
    const error = await judge(...args).then(
      () => null,
      (reason: unknown) => reason as AppError,
    );
    expect(error).toMatchObject({ name: 'AppError', kind: 'input' });
    const said = `${error?.message} ${error?.hint}`.replaceAll(`${odd.path('.')}/`, '').replaceAll(odd.path(''), '');
    expect(said).toContain(words);
    expect(said).not.toMatch(/open sesame|open barley/);
  });

  test.each([
    ['no such file', ['nowhere.pem'], 'the file nowhere.pem does not exist'],
    ['a wrong passphrase of a key', ['aes.key', '--passphrase-env', 'WRONG'], 'does not open the private key aes.key'],
  ])('5: %s', async (_, args, words) => {
    const { code, stdout, stderr } = await inspect(args, { env: { WRONG: 'open barley' } });
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/open sesame|open barley/);
  });

  test.each([
    ['no file', [], 'files'],
    ['an unknown vendor', ['leaf.pem', '--vendor', 'mailkti'], 'did you mean mailkit'],
    ['no such variable', ['aes.key', '--passphrase-env', 'NOWHERE'], 'is not set'],
  ])('2: %s', async (_, args, words) => {
    const { code, stderr } = await inspect(args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });

  test('reporters have the same findings', async () => {
    const file = join(testFolder(), 'certs.xml');
    const { code, stdout } = await inspect(['leaf.pem', '--reporter', `junit=${file}`, '--reporter', 'tap']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^TAP version/);
  });
});
