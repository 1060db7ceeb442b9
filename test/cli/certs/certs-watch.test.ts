import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificateSet } from '../../../src/certs/create/certificate-set.ts';
import { makeLab } from '../../../src/certs/create/lab.ts';
import { watchCertificates } from '../../../src/flows/certs/watch-certificates.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import type { AppError } from '../../../src/model/error.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeOddCertificates, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

interface Document {
  certificates: number;
  skipped: number;
  closed: string[];
  unreadable: string[];
  conclusion: string;
  findings: { id: string; title: string; status: string; detail: string }[];
}

const watch = (...args: string[]): Promise<Ended> => runProgram('webhook', ['certs', 'watch', ...args]);

describe.skipIf(!hasOpenssl)('webhook certs watch', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  /** A folder with copies: ca.pem ends in 90 days, leaf.der and rsa.pem in 60. */
  function copies(...names: string[]): string {
    const folder = testFolder();
    mkdirSync(join(folder, 'below'));
    names.forEach((name, index) =>
      copyFileSync(odd.path(name), join(folder, index % 2 === 0 ? name : join('below', name))),
    );
    return folder;
  }

  function cutCopy(): string {
    const folder = testFolder();
    writeFileSync(join(folder, 'leaf.pem'), odd.read('leaf.pem').subarray(0, 200));
    return folder;
  }

  test('0: one line when none expires soon', async () => {
    const folder = copies('ca.pem', 'leaf.der', 'modern.pfx', 'leaf.key', 'leaf.csr');
    const { code, stdout, stderr } = await watch(folder);
    expect([code, stdout, stderr]).toEqual([
      0,
      `2 certificates, none expires within 30 days; not checked, because it is PKCS#12: ${join(folder, 'modern.pfx')}; ` +
        `2 files without certificates  ${folder}\n`,
      '',
    ]);
  });

  test('1: one line for each that does, the first to end first', async () => {
    const folder = copies('ca.pem', 'leaf.der');
    const within70 = await watch(folder, '--days', '70');
    expect(within70.code).toBe(1);
    const [, finding, rest] = within70.stdout.split('\n\n');
    expect(rest).toMatch(/^1 of 2 certificates expired, or expiring within 70 days: .*$/m);
    expect(finding).toMatch(/^fail {2}L5 .*\(\S+below\/leaf\.der\) {2}CN=leaf expires \d{4}-\d\d-\d\d, in 59 days$/);
    const { code, stdout } = await watch(folder, '--days', '100', '--json');
    const { findings, certificates } = JSON.parse(stdout) as Document;
    expect([code, certificates, findings.map(({ id, status, detail }) => [id, status, detail.split(' ')[0]])]).toEqual([
      1,
      2,
      [
        ['L5', 'fail', 'CN=leaf'],
        ['L5', 'fail', 'CN=Odd'],
      ],
    ]);
  });

  test('a bundle has a finding for each certificate, and reports for programs have those that are well', async () => {
    const folder = testFolder();
    copyFileSync(odd.join('bundle', 'ca.pem', 'rsa.pem'), join(folder, 'bundle.crt'));
    const { code, stdout } = await watch(folder, '--json');
    expect(code).toBe(0);
    expect(
      (JSON.parse(stdout) as Document).findings.map(({ title, status }) => [status, /\(.*\/(.*)\)$/.exec(title)?.[1]]),
    ).toEqual([
      ['pass', 'bundle.crt, number 2'],
      ['pass', 'bundle.crt, number 1'],
    ]);
  });

  test('each file counts once, whatever links there are, and circles end', async () => {
    const folder = copies('ca.pem');
    symlinkSync('ca.pem', join(folder, '0a1b2c3d.0'));
    linkSync(join(folder, 'ca.pem'), join(folder, 'same.pem'));
    symlinkSync('..', join(folder, 'below', 'up'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    const { code, stdout } = await watch(folder, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      certificates: 1,
      skipped: 0,
      unreadable: [join(folder, 'dangling')],
      findings: [{ title: expect.stringMatching(/ca\.pem\)$/) }],
    });
  });

  test('1: a copy that is damaged is told; a text about certificates and a huge file are not', async () => {
    const folder = copies('ca.pem');
    writeFileSync(join(folder, 'cut.pem'), odd.read('leaf.pem').subarray(0, 200));
    writeFileSync(join(folder, 'README'), 'PEM begins with "-----BEGIN CERTIFICATE-----".');
    writeFileSync(join(folder, 'huge'), Buffer.alloc(5 * 1024 * 1024));
    writeFileSync(join(folder, 'empty'), '');
    const { code, stdout } = await watch(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^1 certificate, none expires within 30 days; damaged: 1 file; 3 files without certificates/m,
    );
    expect(stdout).toMatch(/\nfail {2}L1 .*cut\.pem/);
  });

  test.each<[string, string, () => Buffer]>([
    ['PEM that is cut off', 'a.crt', () => odd.read('leaf.pem').subarray(0, 200)],
    ['the same under any name', 'copy', () => odd.read('leaf.pem').subarray(0, 200)],
    ['its first line alone', 'copy', () => Buffer.from('-----BEGIN CERTIFICATE-----\n')],
    [
      'a bundle that is cut off',
      'bundle',
      () => Buffer.concat([odd.read('ca.pem'), odd.read('leaf.pem').subarray(0, 200)]),
    ],
    ['DER that is cut off', 'copy', () => odd.read('leaf.der').subarray(0, -10)],
    ['a page in its place', 'a.cer', () => Buffer.from('<html>404</html>')],
    ['nothing in its place', 'a.pem', () => Buffer.alloc(0)],
    ['too much in its place', 'a.der', () => Buffer.alloc(4 * 1024 * 1024 + 1, '0')],
  ])('%s is damaged, as %s', async (_, name, bytes) => {
    const folder = copies('ca.pem');
    writeFileSync(join(folder, name), bytes());
    expect(await watchCertificates({ directory: folder, days: 30 }, systemClock)).toMatchObject({
      certificates: 1,
      findings: [
        { id: 'L1', status: 'fail', title: expect.stringContaining(`/${name})`) },
        { id: 'L5', status: 'pass' },
      ],
    });
  });

  test.each<[string, string]>([
    ['README', '```\n-----BEGIN CERTIFICATE-----\nMIIB...\n-----END CERTIFICATE-----\n```'],
    ['0.csv', '0;1;2\n3;4;5\n'],
    ['leaf.key.der.txt', ''],
  ])('what is no copy is no damage: %s', async (name, text) => {
    const folder = copies('ca.pem');
    writeFileSync(join(folder, name), text === '' ? odd.read('leaf-key.der') : text);
    const { findings } = await watchCertificates({ directory: folder, days: 30 }, systemClock);
    expect(findings.map(({ status }) => status)).toEqual(['pass']);
  });

  test('an unreadable file is named: the first few, and all of it in JSON', async () => {
    const folder = copies('ca.pem', 'leaf.der');
    const names = ['a', 'b', 'c', 'd'].map((name) => join(folder, `${name}.pem`));
    for (const name of names) symlinkSync('gone.pem', name);
    const { code, stdout } = await watch(folder);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/; unreadable: (\S+\.pem(, )?){3} and 1 more  /)]);
    const document = JSON.parse((await watch(folder, '--json')).stdout) as Document;
    expect(document.unreadable.toSorted()).toEqual(names);
    expect(document.conclusion).toContain('unreadable');
  });

  test('one that is not valid yet is a warning, and says why it is no failure here', async () => {
    const set = await makeCertificateSet(
      { name: 'client', hosts: ['localhost'], keyKind: { type: 'ec' }, days: 365, passphrase: null },
      Date.now(),
    );
    const path = join(testFolder(), 'not-yet-valid.pem');
    const early = (await makeLab(set.ca, 365, Date.now())).find(({ name }) => name === 'not-yet-valid.pem');
    writeFileSync(path, early?.text ?? '');
    const { code, stdout } = await watch(path);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/\nwarn {2}L5 .* is not valid before \S+: keep the old copy until then\n/),
    ]);
    const inspected = await runProgram('webhook', ['certs', 'inspect', path, '--json']);
    expect([inspected.code, inspected.stdout]).toEqual([
      1,
      expect.stringContaining('"id":"L5","title":"every certificate is valid and not about to expire","status":"fail"'),
    ]);
  });

  test.each([
    ['no certificate at all', () => copies('leaf.key', 'leaf.csr'), /no certificate found below .*: 2 files checked/],
    ['no such folder', () => '/nowhere/certs', /the folder \/nowhere\/certs does not exist/],
    ['an empty folder', () => testFolder(), /no certificate/],
    [
      'a damaged file alone',
      () => cutCopy(),
      /no readable certificate below .* 1 file checked\n {2}the certificate in \S+leaf\.pem \(number 1\) has no -----END/,
    ],
    ['PKCS#12 alone', () => copies('modern.pfx'), /1 file checked\n {2}\S+modern\.pfx is a PKCS#12 file/],
  ])('nothing to watch: %s', async (_, folder, words) => {
    const error = await watchCertificates({ directory: folder(), days: 30 }, systemClock).then(
      () => null,
      (reason: unknown) => reason as AppError,
    );
    expect(error).toMatchObject({ name: 'AppError', kind: 'input' });
    expect(`${error?.message}\n  ${error?.hint}`).toMatch(words);
  });

  test('5: a damaged file alone', async () => {
    const { code, stdout, stderr } = await watch(cutCopy());
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(/1 file checked\n {2}the certificate in \S+leaf\.pem \(number 1\) has/);
  });

  test('2: days that are no number', async () => {
    expect((await watch('.', '--days', 'soon')).code).toBe(2);
  });
});
