import { describe, expect, test } from 'vitest';
import { wordsOf } from '../../../src/certs/judge/openssl-verdicts.ts';

/** X509_verify_cert_error_string of OpenSSL 3.0, but for those of checks that no server makes of its clients. */
const OF_A_CLIENT = [
  'unspecified certificate verification error',
  'unable to get issuer certificate',
  "unable to decrypt certificate's signature",
  'unable to decode issuer public key',
  'certificate signature failure',
  'certificate is not yet valid',
  'certificate has expired',
  "format error in certificate's notBefore field",
  "format error in certificate's notAfter field",
  'self-signed certificate',
  'self-signed certificate in certificate chain',
  'unable to get local issuer certificate',
  'unable to verify the first certificate',
  "issuer certificate doesn't have a public key",
  'certificate chain too long',
  'certificate revoked',
  'invalid CA certificate',
  'invalid non-CA certificate (has CA markings)',
  'path length constraint exceeded',
  'proxy path length constraint exceeded',
  'proxy certificates not allowed, please set the appropriate flag',
  'proxy subject name violation',
  'unsuitable certificate purpose',
  'certificate not trusted',
  'certificate rejected',
  'subject issuer mismatch',
  'authority and subject key identifier mismatch',
  'authority and issuer serial number mismatch',
  'key usage does not include certificate signing',
  'key usage does not include digital signature',
  'unhandled critical extension',
  'invalid or inconsistent certificate extension',
  'invalid or inconsistent certificate policy extension',
  'no explicit policy',
  'unsupported extension feature',
  "RFC 3779 resource not subset of parent's resources",
  'permitted subtree violation',
  'excluded subtree violation',
  'name constraints minimum and maximum not supported',
  'unsupported name constraint type',
  'unsupported or invalid name constraint syntax',
  'unsupported or invalid name syntax',
  'path loop',
  'EE certificate key too weak',
  'CA certificate key too weak',
  'CA signature digest algorithm too weak',
  'Certificate public key has explicit ECC parameters',
  'Cannot find certificate signature algorithm',
  'subject signature algorithm and issuer public key algorithm mismatch',
  'cert info signature and signature algorithm mismatch',
];
/** Revocation, other purposes, and the flag X509_V_FLAG_X509_STRICT. */
const OF_OTHERS = [
  'unable to get certificate CRL',
  'CRL has expired',
  'hostname mismatch',
  'no matching DANE TLSA records',
  'Suite B: invalid ECC curve',
  'OCSP verification needed',
  'application verification failure',
  'Missing Authority Key Identifier',
  'Basic Constraints of CA cert not marked critical',
  'CA cert does not include key usage extension',
];

describe('every verdict has words and a fix', () => {
  test.each(OF_A_CLIENT)('%s', (reason) => {
    const { text, fix } = wordsOf(reason);
    expect(text).not.toMatch(/OpenSSL says|UNSPECIFIED|undefined/);
    expect(fix.length).toBeGreaterThan(3);
  });

  test.each(OF_OTHERS)("OpenSSL's own: %s", (reason) => {
    expect(wordsOf(reason).text).toBe(`OpenSSL says: ${reason}`);
  });
});
