/** What OpenSSL says of a chain, in words, and what to do about it. */
export interface VerdictWords {
  text: string;
  fix: string;
}

const ISSUE_AGAIN = 'have it reissued';
const NEEDS_ISSUER =
  'add every intermediate to the file after the leaf, and check that the CA file contains the root of this ' +
  'certificate';
const NEEDS_USAGE =
  'have it reissued with: extendedKeyUsage=clientAuth, keyUsage=digitalSignature; no issuer may be limited ' +
  'to other usages';
const NEEDS_CA = 'reissue the CA with: basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign,cRLSign';
const NEEDS_NAMES =
  'compare the names of the certificate with the name constraints of its issuers (openssl x509 -in CA ' +
  '-noout -text); use a name that they permit, or a CA without constraints';
const NEEDS_STRENGTH = 'have it reissued with a new key (RSA 2048 or P-256) and SHA-256';
const NEEDS_PLAIN_CONSTRAINTS =
  'have the CA reissued with name constraints of plain DNS, e-mail, IP or directory names';
const LEVEL = 'for security level 2, the default of Debian, Ubuntu and Red Hat';

/** By OpenSSL's own words (X509_verify_cert_error_string), of which Node has names for every third. */
const VERDICTS: Readonly<Record<string, VerdictWords>> = {
  'certificate has expired': { text: 'it, or one it depends on, has expired', fix: 'renew it' },
  'certificate is not yet valid': {
    text: 'it, or one it depends on, is not valid yet',
    fix: 'wait, or compare your clock with that of the machine that issued it',
  },
  "format error in certificate's notBefore field": {
    text: 'cannot read the start date of a certificate in its chain',
    fix: ISSUE_AGAIN,
  },
  "format error in certificate's notAfter field": {
    text: 'cannot read the end date of a certificate in its chain',
    fix: ISSUE_AGAIN,
  },
  'certificate signature failure': {
    text: 'it was not signed by the CA with that name',
    fix:
      'another CA has the same name as its issuer: check that neither the file nor the CA file contains an ' +
      'older certificate with that name, because OpenSSL uses the first',
  },
  "unable to decrypt certificate's signature": {
    text: 'a signature in its chain cannot be decrypted with the key of its issuer',
    fix: ISSUE_AGAIN,
  },
  'unable to decode issuer public key': {
    text: 'the public key of an issuer has a type that OpenSSL does not support',
    fix: 'have it issued by a CA with an RSA or EC key',
  },
  "issuer certificate doesn't have a public key": {
    text: 'an issuer has no public key that OpenSSL can read',
    fix: 'have it issued by a CA with an RSA or EC key',
  },
  'self-signed certificate': {
    text: 'it is self-signed, or has the same name as its CA, and is not in the CA file',
    fix: "have it issued by the CA, under a different name from the CA's",
  },
  'self-signed certificate in certificate chain': {
    text: 'its root is not in the CA file',
    fix: 'use a certificate from a CA that the server trusts, or add this root to its CA file',
  },
  'unable to get issuer certificate': {
    text: 'its issuer, or that of an intermediate, is not in the CA file',
    fix: NEEDS_ISSUER,
  },
  'unable to get local issuer certificate': {
    text: 'its issuer is not in the CA file, or an intermediate is missing',
    fix: NEEDS_ISSUER,
  },
  'unable to verify the first certificate': {
    text: 'its issuer is not in the CA file, or an intermediate is missing',
    fix: NEEDS_ISSUER,
  },
  'certificate not trusted': {
    text: 'the CA file does not trust its root for TLS clients',
    fix: 'remove the trust settings from the CA: openssl x509 -in CA -out ca.pem',
  },
  'certificate rejected': {
    text: 'the CA file marks its root as not trusted for TLS clients',
    fix: 'remove the trust settings from the CA: openssl x509 -in CA -out ca.pem',
  },
  'certificate revoked': { text: 'it was revoked', fix: 'have another one issued' },
  'unsuitable certificate purpose': {
    text: 'it, or one of its issuers, is not meant for TLS clients',
    fix: NEEDS_USAGE,
  },
  'invalid CA certificate': { text: 'an issuer is not a CA', fix: NEEDS_CA },
  'key usage does not include certificate signing': { text: 'an issuer may not sign certificates', fix: NEEDS_CA },
  'invalid non-CA certificate (has CA markings)': {
    text: 'it is marked as a CA where a CA is not allowed',
    fix: ISSUE_AGAIN,
  },
  'path length constraint exceeded': {
    text: 'an issuer does not allow this many intermediates below it',
    fix: 'have the leaf issued by a CA higher up, or reissue the CA with a larger pathlen',
  },
  'certificate chain too long': { text: 'its chain is too long', fix: 'have it issued by a CA higher up' },
  'path loop': { text: 'its issuers issued each other in a loop', fix: 'have it issued by a CA that leads to a root' },
  'authority and subject key identifier mismatch': {
    text: 'it names a different key of its issuer from the one given',
    fix: 'give exactly the CA certificate that issued it',
  },
  'authority and issuer serial number mismatch': {
    text: 'it names a different certificate of its issuer from the one given',
    fix: 'give exactly the CA certificate that issued it',
  },
  'subject issuer mismatch': { text: 'its issuer has a different name', fix: NEEDS_ISSUER },
  'permitted subtree violation': {
    text: 'it has a name that the name constraints of an issuer do not permit',
    fix: NEEDS_NAMES,
  },
  'excluded subtree violation': {
    text: 'it has a name that the name constraints of an issuer exclude',
    fix: NEEDS_NAMES,
  },
  'name constraints minimum and maximum not supported': {
    text: 'the name constraints of an issuer have a minimum or maximum, which OpenSSL does not support',
    fix: NEEDS_PLAIN_CONSTRAINTS,
  },
  'unsupported name constraint type': {
    text: 'the name constraints of an issuer have a type that OpenSSL does not support',
    fix: NEEDS_PLAIN_CONSTRAINTS,
  },
  'unsupported or invalid name constraint syntax': {
    text: 'the name constraints of an issuer are written in a way that OpenSSL does not support',
    fix: NEEDS_PLAIN_CONSTRAINTS,
  },
  'unsupported or invalid name syntax': {
    text: 'a name in it cannot be compared with the name constraints of an issuer',
    fix: NEEDS_NAMES,
  },
  'unspecified certificate verification error': {
    text:
      'OpenSSL gives up without a reason, as it does if a name constraint is malformed, or if there are too ' +
      'many names and constraints to compare',
    fix: 'have it issued with fewer names, by a CA with fewer name constraints',
  },
  'unhandled critical extension': {
    text: 'it, or one of its issuers, has a critical extension that OpenSSL does not know',
    fix:
      'have it reissued without that extension, or with the extension marked as not critical (openssl x509 ' +
      '-noout -text)',
  },
  'unsupported extension feature': {
    text: 'it, or one of its issuers, has an extension with a part that OpenSSL does not support',
    fix: ISSUE_AGAIN,
  },
  'invalid or inconsistent certificate extension': {
    text: 'an extension of it, or of one of its issuers, is malformed or contradicts another',
    fix: ISSUE_AGAIN,
  },
  'invalid or inconsistent certificate policy extension': {
    text: 'a policy extension of it, or of one of its issuers, is malformed or contradicts another',
    fix: ISSUE_AGAIN,
  },
  'no explicit policy': {
    text: 'an issuer requires a certificate policy that the chain does not have',
    fix: 'have it reissued with the policy of its issuer, or by a CA without policy constraints',
  },
  "RFC 3779 resource not subset of parent's resources": {
    text: 'it claims IP addresses or AS numbers that its issuer does not have',
    fix: 'have it reissued without that extension',
  },
  'proxy certificates not allowed, please set the appropriate flag': {
    text: 'it is a proxy certificate (RFC 3820), which servers do not accept',
    fix: 'use the certificate that it stands for',
  },
  'proxy path length constraint exceeded': {
    text: 'it is a proxy certificate (RFC 3820) below too many others',
    fix: 'use the certificate that it stands for',
  },
  'proxy subject name violation': {
    text: 'it is a proxy certificate (RFC 3820), and its name does not extend the name of its issuer',
    fix: 'use the certificate that it stands for',
  },
  'key usage does not include digital signature': {
    text: 'the key usage of a certificate that issued a proxy certificate lacks digitalSignature',
    fix: NEEDS_USAGE,
  },
  'EE certificate key too weak': { text: `its key is too weak ${LEVEL}`, fix: NEEDS_STRENGTH },
  'CA certificate key too weak': { text: `the key of an issuer is too weak ${LEVEL}`, fix: NEEDS_STRENGTH },
  'CA signature digest algorithm too weak': {
    text: `a signature in its chain is too weak ${LEVEL}`,
    fix: NEEDS_STRENGTH,
  },
  'Certificate public key has explicit ECC parameters': {
    text: 'its key, or that of an issuer, spells out the parameters of its curve instead of naming it',
    fix: 'create the key with a named curve: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256',
  },
  'Cannot find certificate signature algorithm': {
    text: 'it is signed with an algorithm that OpenSSL does not support',
    fix: NEEDS_STRENGTH,
  },
  'cert info signature and signature algorithm mismatch': {
    text: 'it names two different algorithms for its signature',
    fix: ISSUE_AGAIN,
  },
  'subject signature algorithm and issuer public key algorithm mismatch': {
    text: 'its signature algorithm does not match the key type of its issuer',
    fix: ISSUE_AGAIN,
  },
};

/** Of `reason`, or of OpenSSL's own words where it is none of a client's chain. */
export const wordsOf = (reason: string): VerdictWords =>
  VERDICTS[reason] ?? { text: `OpenSSL says: ${reason}`, fix: 'ask whoever issued it' };
