import type { KeyObject } from 'node:crypto';
import type { TlsVersion } from '../probe/tls-messages.ts';

/** RFC 8446 §4.2.3; brainpool: RFC 8734; the pairs with SHA-224: RFC 5246 §7.4.1.4.1. */
const SCHEME_NAME: Readonly<Record<number, string>> = {
  0x0201: 'rsa_pkcs1_sha1',
  0x0301: 'rsa_pkcs1_sha224',
  0x0401: 'rsa_pkcs1_sha256',
  0x0501: 'rsa_pkcs1_sha384',
  0x0601: 'rsa_pkcs1_sha512',
  0x0203: 'ecdsa_sha1',
  0x0303: 'ecdsa_sha224',
  0x0403: 'ecdsa_secp256r1_sha256',
  0x0503: 'ecdsa_secp384r1_sha384',
  0x0603: 'ecdsa_secp521r1_sha512',
  0x0202: 'dsa_sha1',
  0x0302: 'dsa_sha224',
  0x0402: 'dsa_sha256',
  0x0502: 'dsa_sha384',
  0x0602: 'dsa_sha512',
  0x0804: 'rsa_pss_rsae_sha256',
  0x0805: 'rsa_pss_rsae_sha384',
  0x0806: 'rsa_pss_rsae_sha512',
  0x0807: 'ed25519',
  0x0808: 'ed448',
  0x0809: 'rsa_pss_pss_sha256',
  0x080a: 'rsa_pss_pss_sha384',
  0x080b: 'rsa_pss_pss_sha512',
  0x081a: 'ecdsa_brainpoolP256r1tls13_sha256',
  0x081b: 'ecdsa_brainpoolP384r1tls13_sha384',
  0x081c: 'ecdsa_brainpoolP512r1tls13_sha512',
};

/** RFC 5246 §7.4.4, RFC 8422 §5.5 */
const CERTIFICATE_TYPE_NAME: Readonly<Record<number, string>> = {
  1: 'rsa_sign',
  2: 'dss_sign',
  3: 'rsa_fixed_dh',
  4: 'dss_fixed_dh',
  64: 'ecdsa_sign',
  65: 'rsa_fixed_ecdh',
  66: 'ecdsa_fixed_ecdh',
};

export const nameScheme = (scheme: number): string =>
  SCHEME_NAME[scheme] ?? `0x${scheme.toString(16).padStart(4, '0')}`;
export const nameCertificateType = (type: number): string => CERTIFICATE_TYPE_NAME[type] ?? String(type);

const RSAE = [0x0804, 0x0805, 0x0806];
const PKCS1 = [0x0401, 0x0501, 0x0601, 0x0301];
const ECDSA = [0x0403, 0x0503, 0x0603, 0x0303];
const PSS_OF_HASH: Readonly<Record<string, number>> = { sha256: 0x0809, sha384: 0x080a, sha512: 0x080b };
/** TLS 1.3 ties the hash to the curve; OpenSSL's names of the curves. */
const ECDSA_OF_CURVE: Readonly<Record<string, number>> = { prime256v1: 0x0403, secp384r1: 0x0503, secp521r1: 0x0603 };

/** What a private key can sign a handshake with. */
export interface KeyAbility {
  /** `RSA`, `EC P-256`, … */
  kind: string;
  /** With SHA-1 nobody should sign any more (RFC 9155), so it is not among them. */
  schemes: readonly number[];
  /** TLS 1.2: what the server must list beside them. */
  certificateType: number;
}

/**
 * What the private key of this public key can sign with in a handshake of this version; no scheme when it cannot at
 * all.
 */
export function abilityOfKey(key: KeyObject, version: TlsVersion): KeyAbility {
  const isOld = version === 'TLSv1.2';
  const { namedCurve = '', hashAlgorithm } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { kind: 'RSA', schemes: isOld ? [...RSAE, ...PKCS1] : RSAE, certificateType: 1 };
    case 'rsa-pss':
      // A key may be tied to one hash (RFC 4055 §3.1).
      return {
        kind: 'RSA-PSS',
        schemes: Object.entries(PSS_OF_HASH)
          .filter(([hash]) => hashAlgorithm === undefined || hash === hashAlgorithm)
          .map(([, scheme]) => scheme),
        certificateType: 1,
      };
    case 'ec': {
      const bound = ECDSA_OF_CURVE[namedCurve];
      return {
        kind: `EC ${namedCurve === 'prime256v1' ? 'P-256' : namedCurve}`,
        schemes: isOld ? ECDSA : bound === undefined ? [] : [bound],
        certificateType: 64,
      };
    }
    case 'ed25519':
      return { kind: 'Ed25519', schemes: [0x0807], certificateType: 64 };
    case 'ed448':
      return { kind: 'Ed448', schemes: [0x0808], certificateType: 64 };
    default:
      return { kind: key.asymmetricKeyType ?? 'unknown', schemes: [], certificateType: 0 };
  }
}
