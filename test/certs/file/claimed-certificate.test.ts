import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { claimOf } from '../../../src/certs/file/claimed-certificate.ts';
import { isHeaderValue } from '../../../src/model/header.ts';
import { writeClaims } from '../../../src/model/certificate-claim.ts';
import { CERTIFICATE_CLAIMS } from '../../../src/vendors/certificate-claims.ts';

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const issue = (subject: string): Buffer =>
  execFileSync(
    'openssl',
    [...`req -x509 ${NEW_KEY} -keyout /dev/null -utf8 -multivalue-rdn -days 2 -subj`.split(' '), subject],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
const ask = (pem: Buffer, ...args: string[]): string =>
  execFileSync('openssl', ['x509', '-noout', ...args], { input: pem })
    .toString()
    .trim()
    .replace(/^[^=]*=\s*/, '');

/** What nginx and its like write is what OpenSSL does: it is asked. */
test.each([
  '/C=CZ/O=Example/CN=client',
  '/DC=test/OU=Žluťoučký kůň/CN=a,b+c="d"<e>;f\\\\g',
  '/O=Example+UID=seven/CN= spaces around /emailAddress=hooks@example.com',
  '/O=no common name/serialNumber=77',
])('a certificate of %s', (subject) => {
  const pem = issue(subject);
  const certificate = new X509Certificate(pem);
  const claimed = claimOf(certificate, null);
  expect({
    subject: claimed.subject,
    issuer: claimed.issuer,
    subjectLegacy: claimed.subjectLegacy,
    serial: claimed.serial,
    sha1: claimed.sha1,
    sha256: claimed.sha256,
    derBase64: claimed.derBase64,
  }).toEqual({
    subject: ask(pem, '-subject', '-nameopt', 'RFC2253'),
    issuer: ask(pem, '-issuer', '-nameopt', 'RFC2253'),
    subjectLegacy: ask(pem, '-subject', '-nameopt', 'compat'),
    serial: ask(pem, '-serial'),
    sha1: ask(pem, '-fingerprint', '-sha1').replaceAll(':', '').toLowerCase(),
    sha256: ask(pem, '-fingerprint', '-sha256').replaceAll(':', '').toLowerCase(),
    derBase64: certificate.raw.toString('base64'),
  });
  expect(new X509Certificate(decodeURIComponent(claimed.pemEscaped)).raw).toEqual(certificate.raw);
  expect(new X509Certificate(decodeURIComponent(claimed.pemPartlyEscaped)).raw).toEqual(certificate.raw);
  for (const { headers } of CERTIFICATE_CLAIMS) {
    for (const [, value] of writeClaims(headers, claimed)) {
      expect(isHeaderValue(value), value).toBe(true);
      expect(value).not.toMatch(/[^ -~]|\{/);
    }
  }
});

test('a value that names no property of a certificate is a mistake of ours', () => {
  const claimed = claimOf(new X509Certificate(issue('/CN=x')), null);
  expect(() => writeClaims([['X-Client-Cert', '{colour}']], claimed)).toThrow(
    'X-Client-Cert: no certificate has a colour',
  );
});
