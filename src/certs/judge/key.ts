import { makeFinding, type Conclusion, type Finding } from '../../model/finding.ts';
import type { KeyObject, X509Certificate } from 'node:crypto';
import { quoteForShell } from '../../model/shell-word.ts';
import type { Fact } from '../../model/fact.ts';
import type { OwnKeyRule } from '../../model/vendor.ts';
import { CHECKS } from '../checks.ts';
import { readDetails } from '../file/certificate-details.ts';
import {
  describeKey,
  describePublicKey,
  keyText,
  publicKeyOf,
  type OwnCertificate,
  type OwnKey,
} from '../file/own-certificate.ts';
import { isSelfSigned, nameOf, type ClientChain } from './client-chain.ts';
import { listSome, plural } from '../../model/wording.ts';
import { whyKeyCannotSign } from './key-ability.ts';

/** L1: what was read. What cannot be read does not come this far. */
export function judgeParsed(own: OwnCertificate): Finding {
  const { format, certificates, key, encryption } = own;
  const what = [
    `${format} with ${plural(certificates.length, 'certificate')}`,
    key === null ? 'no private key' : `${withArticle(keyText(key))} private key`,
  ];
  const detail =
    key === null
      ? what.join(', ')
      : `${what.join(' and ')}, ${encryption === null ? 'not encrypted' : `encrypted with ${encryption}`}`;
  // What is wrong with how they fit is for L3 and L4; nothing else may keep them from going out without a word.
  if (own.unusable === null || own.keyPosition !== 0) return makeFinding(CHECKS.L1, { status: 'pass', detail });
  return makeFinding(CHECKS.L1, {
    status: 'fail',
    detail: `${detail}; OpenSSL cannot use them: ${own.unusable}`,
    expected: 'a certificate that a TLS client can send',
    observed: own.unusable,
    fix: 'have it issued with an RSA 2048 or EC P-256 key',
  });
}

/** L2: the vendor's rule for the key. */
export function judgeKeyRule(own: OwnCertificate, rule: Fact<OwnKeyRule> | null, vendorTitle: string | null): Finding {
  const { key } = own;
  const vendor = vendorTitle ?? 'the vendor';
  if (rule === null)
    return judgedRule({
      status: 'skip',
      detail: vendorTitle === null ? 'no vendor was given, so no rule applies' : `${vendor} has no rule for keys`,
    });
  if (key === null) return judgedRule({ status: 'skip', detail: 'no private key was given' });
  const kind = rule.value.type.toUpperCase();
  const expected = `${vendor}: ${kind}${rule.value.encrypted ? ', protected by a password' : ''} [${rule.certainty}]`;
  const observed = `${keyText(key)}, ${describeProtection(key.encrypted)}`;
  if (key.type !== rule.value.type) {
    return judgedRule({
      status: 'fail',
      detail: `the key is ${keyText(key)}, but ${vendor} only accepts ${kind} keys`,
      expected,
      observed,
      fix: `create ${withArticle(kind)} key and have a certificate issued for it: webhook certs create`,
    });
  }
  if (!rule.value.encrypted || key.encrypted === true)
    return judgedRule({ status: 'pass', detail: observed, expected, observed });
  if (key.encrypted === null)
    return judgedRule({
      status: 'warn',
      detail: 'cannot tell whether the key is protected by a password',
      expected,
      observed,
    });
  return judgedRule({
    status: 'fail',
    detail: 'the key is not protected by a password',
    expected,
    observed,
    fix: howToEncrypt(own),
  });
}

const describeProtection = (encrypted: boolean | null): string =>
  encrypted === null ? 'protection unknown' : encrypted ? 'protected by a password' : 'not protected';

function howToEncrypt({ format, path, keyPath }: Pick<OwnCertificate, 'format' | 'path' | 'keyPath'>): string {
  if (format !== 'PKCS#12') return `encrypt it: openssl pkey -in ${quoteForShell(keyPath)} -aes256 -out encrypted.key`;
  return (
    `export it with a password: openssl pkcs12 -in ${quoteForShell(path)} -out all.pem, then openssl pkcs12 ` +
    '-export -in all.pem -out new.pfx'
  );
}

/** L3: the key is that of one of the certificates. */
export function judgeKeyMatch({ certificates, key, keyMatches, keyPosition, path, keyPath }: OwnCertificate): Finding {
  if (key === null || keyMatches === null)
    return judgedMatch({ status: 'skip', detail: 'no private key was given to compare with' });
  if (!keyMatches) {
    return judgedMatch({
      status: 'fail',
      detail:
        `the key in ${keyPath} belongs to ` +
        `${certificates.length === 1 ? 'a different certificate' : 'none of the certificates'}`,
      expected: `the private key of the certificate in ${path}`,
      observed: `${withArticle(keyText(key))} key with a different public key`,
      fix:
        `compare them: openssl x509 -in ${quoteForShell(path)} -noout -pubkey; openssl pkey -in ` +
        `${quoteForShell(keyPath)} -pubout`,
    });
  }
  const position =
    certificates.length === 1 || keyPosition === null ? '' : `, number ${keyPosition + 1} of ${certificates.length}`;
  return judgedMatch({ status: 'pass', detail: `they have the same public key${position}` });
}

/** L3 of a key, or of a request, against everything else that was given. `belongsTo` null: to nothing of it. */
export function judgeBelongs(what: string, belongsTo: string | null): Finding {
  if (belongsTo !== null) return judgedMatch({ status: 'pass', detail: `${what} belongs to ${belongsTo}` });
  return judgedMatch({
    status: 'fail',
    detail: `${what} matches none of the other files`,
    expected: 'a certificate or request with the same public key',
    observed: 'different public keys',
    fix: 'compare them: openssl pkey -in KEY -pubout; openssl x509 -in CERT -noout -pubkey',
  });
}

/** L3 of a public key beside certificates and requests: no client can show a certificate with it. */
export function judgePublicKey(belongsTo: string | null, isPrivateAtHand: boolean): Finding {
  const judged = judgeBelongs('the public key', belongsTo);
  if (belongsTo === null || isPrivateAtHand) return judged;
  return judgedMatch({
    status: 'fail',
    detail: `it is the public key of ${belongsTo}, but a client signs with the private key`,
    expected: 'the private key',
    observed: 'a public key',
    fix:
      'give the private key that was created before the certificate; its file starts with -----BEGIN PRIVATE ' +
      'KEY----- or similar',
  });
}

const judgedRule = (conclusion: Conclusion): Finding => makeFinding(CHECKS.L2, conclusion);
const judgedMatch = (conclusion: Conclusion): Finding => makeFinding(CHECKS.L3, conclusion);

const EXPECTED = 'RSA of 2048 bits or more, EC P-256, P-384, P-521 or Ed25519; a signature with SHA-256 or better';

/** L9 of what a client shows: the chain, and a leaf whose key can sign a handshake. */
export function judgeChainStrength({ leaf, path }: ClientChain): Finding {
  const key = publicKeyOf(leaf);
  const ability = key === null ? 'has a type of key that OpenSSL does not support' : whyKeyCannotSign(key);
  const weak = [...(ability === null ? [] : [`${nameOf(leaf)} ${ability}`]), ...findWeak(path)];
  return conclude(weak, strengthText(leaf), key);
}

/** L9: keys and signatures of CAs. */
export const judgeStrength = (certificates: readonly X509Certificate[]): Finding =>
  conclude(findWeak(certificates), certificates[0] === undefined ? '' : strengthText(certificates[0]));

const strengthText = (certificate: X509Certificate): string =>
  `${keyText(describePublicKey(certificate))}, ${readDetails(certificate).signature}`;

/** What a root says of itself proves nothing, so its signature may be weak. */
const findWeak = (certificates: readonly X509Certificate[]): string[] =>
  certificates.flatMap((one) => {
    const why = [
      weakKey(describePublicKey(one)),
      !isSelfSigned(one) && readDetails(one).isSignatureWeak ? `is signed with ${readDetails(one).signature}` : null,
    ];
    return why.filter((reason) => reason !== null).map((reason) => `${nameOf(one)} ${reason}`);
  });

/** L9 of a key alone. */
export function judgeKeyStrength(key: KeyObject): Finding {
  const described = describeKey(key);
  const why = [weakKey(described), whyKeyCannotSign(key)].filter((reason) => reason !== null);
  return conclude(
    why.map((reason) => `the key ${reason}`),
    keyText(described),
    key,
  );
}

function conclude(weak: readonly string[], observed: string, key: KeyObject | null = null): Finding {
  if (weak.length === 0 && key?.asymmetricKeyType === 'ed448')
    return makeFinding(CHECKS.L9, {
      status: 'warn',
      detail: `${observed}: OpenSSL accepts such keys, Go (Caddy) does not`,
      expected: EXPECTED,
      observed,
      fix: 'to work with every server, have it issued with an RSA 2048 or EC P-256 key',
    });
  if (weak.length === 0) return makeFinding(CHECKS.L9, { status: 'pass', detail: observed });
  return makeFinding(CHECKS.L9, {
    status: 'fail',
    detail: listSome(weak),
    expected: EXPECTED,
    observed,
    fix:
      'have it reissued with a new key (RSA 2048 or P-256) and SHA-256: with the defaults of Debian and Red ' +
      'Hat, OpenSSL rejects this one',
  });
}

function weakKey(key: Omit<OwnKey, 'encrypted'>): string | null {
  const least = key.type === 'ec' ? 224 : key.type.startsWith('rsa') || key.type === 'dsa' ? 2048 : 0;
  return key.bits !== null && key.bits < least ? `has ${withArticle(keyText(key))} key, which is too short` : null;
}

/** `an RSA 2048`, `a DSA 1024`: as the name is spoken, letter by letter where it is an abbreviation. */
export const withArticle = (name: string): string =>
  `${/^(?:[AEFHILMNORSX][A-Z\d]|E)/.test(name) ? 'an' : 'a'} ${name}`;
