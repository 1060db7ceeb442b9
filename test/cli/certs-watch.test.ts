import { copyFileSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { makeOddCertificates, type OddCertificates } from '../helpers/odd-certificates.ts';
import { hasOpenssl } from '../helpers/openssl-certificates.ts';
import { runProgram, type Ended } from '../helpers/program.ts';

interface Document {
  certificates: number;
  skipped: number;
  closed: number;
  unreadable: number;
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
    names.forEach((name, index) => copyFileSync(odd.path(name), join(folder, index % 2 === 0 ? name : join('below', name))));
    return folder;
  }

  test('0: one line when none expires soon', async () => {
    const folder = copies('ca.pem', 'leaf.der', 'modern.pfx', 'leaf.key', 'leaf.csr');
    const { code, stdout, stderr } = await watch(folder);
    expect([code, stdout, stderr]).toEqual([0, `2 certificates, none expires within 30 days (files 2 without certificates, 1 in PKCS#12, not opened)  ${folder}\n`, '']);
  });

  test('1: one line for each that does, the first to end first', async () => {
    const folder = copies('ca.pem', 'leaf.der');
    const within70 = await watch(folder, '--days', '70');
    expect(within70.code).toBe(1);
    expect(within70.stdout).toMatch(/^1 of 2 certificates expired, or to expire within 70 days: .*\n\nfail {2}L5 .*\(\S+below\/leaf\.der\) {2}CN=leaf expires \d{4}-\d\d-\d\d, in 59 days\n\n/);
    const { code, stdout } = await watch(folder, '--days', '100', '--json');
    const { findings, certificates } = JSON.parse(stdout) as Document;
    expect([code, certificates, findings.map(({ id, status, detail }) => [id, status, detail.split(' ')[0]])]).toEqual([1, 2, [['L5', 'fail', 'CN=leaf'], ['L5', 'fail', 'CN=Odd']]]);
  });

  test('a bundle has a finding for each certificate, and reports for programs have those that are well', async () => {
    const folder = testFolder();
    copyFileSync(odd.join('bundle', 'ca.pem', 'rsa.pem'), join(folder, 'bundle.crt'));
    const { code, stdout } = await watch(folder, '--json');
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Document).findings.map(({ title, status }) => [status, /\(.*\/(.*)\)$/.exec(title)?.[1]])).toEqual([['pass', 'bundle.crt, number 2'], ['pass', 'bundle.crt, number 1']]);
  });

  test('each file counts once, whatever links there are, and circles end', async () => {
    const folder = copies('ca.pem');
    symlinkSync('ca.pem', join(folder, '0a1b2c3d.0'));
    linkSync(join(folder, 'ca.pem'), join(folder, 'same.pem'));
    symlinkSync('..', join(folder, 'below', 'up'));
    symlinkSync('nowhere', join(folder, 'dangling'));
    const { code, stdout } = await watch(folder, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ certificates: 1, skipped: 0, unreadable: 1, findings: [{ title: expect.stringMatching(/ca\.pem\)$/) }] });
  });

  test('a copy that is damaged is told; a text about certificates and a huge file are not', async () => {
    const folder = copies('ca.pem');
    writeFileSync(join(folder, 'cut.pem'), odd.read('leaf.pem').subarray(0, 200));
    writeFileSync(join(folder, 'README'), 'PEM begins with "-----BEGIN CERTIFICATE-----".');
    writeFileSync(join(folder, 'huge'), Buffer.alloc(5 * 1024 * 1024));
    writeFileSync(join(folder, 'empty'), '');
    const { code, stdout } = await watch(folder);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^1 certificate, none expires within 30 days \(files 3 without certificates\)/);
    expect(stdout).toMatch(/\nwarn {2}L1 .*cut\.pem/);
  });

  test('what cannot be read is counted', async () => {
    const folder = copies('ca.pem', 'leaf.der');
    symlinkSync('gone.pem', join(folder, 'dangling.pem'));
    const { stdout } = await watch(folder);
    expect(stdout).toContain('1 not readable');
  });

  test.each([
    ['no certificate at all', () => copies('leaf.key', 'leaf.csr'), /there is no certificate below .*: 2 files looked at/],
    ['no such folder', () => '/nowhere/certs', /the folder \/nowhere\/certs does not exist/],
    ['an empty folder', () => testFolder(), /there is no certificate/],
  ])('5: %s', async (_, folder, words) => {
    const { code, stdout, stderr } = await watch(folder());
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toMatch(words);
  });

  test('2: days that are no number', async () => {
    expect((await watch('.', '--days', 'soon')).code).toBe(2);
  });
});
