import type { KeyObject } from 'node:crypto';
import type { TlsVersion } from '../probe/tls-messages.ts';

const PKCS1 = [0x0401, 0x0501, 0x0601, 0x0301];
const ECDSA = [0x0403, 0x0503, 0x0603, 0x0303];
const DSA = [0x0402, 0x0502, 0x0602, 0x0302];
/** RFC 8446 §4.2.3: the schemes of RSA and RSA-PSS keys for each hash, and its length, which is that of the salt. */
const PSS_OF_HASH: Readonly<Record<string, { rsa: number; pss: number; bytes: number }>> = {
  sha256: { rsa: 0x0804, pss: 0x0809, bytes: 32 },
  sha384: { rsa: 0x0805, pss: 0x080a, bytes: 48 },
  sha512: { rsa: 0x0806, pss: 0x080b, bytes: 64 },
};
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
 * What the private key of this key can sign with in a handshake of this version, before a server as OpenSSL sets it up;
 * no scheme when it cannot at all.
 */
export function abilityOfKey(key: KeyObject, version: TlsVersion): KeyAbility {
  const isOld = version === 'TLSv1.2';
  const { namedCurve = '', hashAlgorithm, saltLength = 0, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  // RFC 8017 §9.1.1: hash, salt and two more bytes must fit into the modulus.
  const pss = Object.entries(PSS_OF_HASH).filter(([, { bytes }]) => (modulusLength - 1) / 8 >= 2 * bytes + 2);
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { kind: 'RSA', schemes: [...pss.map(([, { rsa }]) => rsa), ...(isOld ? PKCS1 : [])], certificateType: 1 };
    case 'rsa-pss':
      // A key may be tied to one hash and to a least salt (RFC 4055 §3.1).
      return {
        kind: 'RSA-PSS',
        schemes: pss
          .filter(([hash, { bytes }]) => (hashAlgorithm ?? hash) === hash && saltLength <= bytes)
          .map(([, scheme]) => scheme.pss),
        certificateType: 1,
      };
    case 'ec': {
      const bound = ECDSA_OF_CURVE[namedCurve];
      const kind = `EC ${namedCurve === 'prime256v1' ? 'P-256' : namedCurve}`;
      // TLS 1.2 has no such tie, but OpenSSL refuses a certificate of a curve that the server is not set up for.
      return { kind, schemes: bound === undefined ? [] : isOld ? ECDSA : [bound], certificateType: 64 };
    }
    case 'dsa':
      return { kind: 'DSA', schemes: isOld ? DSA : [], certificateType: 2 };
    case 'ed25519':
      return { kind: 'Ed25519', schemes: [0x0807], certificateType: 64 };
    case 'ed448':
      return { kind: 'Ed448', schemes: [0x0808], certificateType: 64 };
    default:
      return { kind: (key.asymmetricKeyType ?? 'unknown').toUpperCase(), schemes: [], certificateType: 0 };
  }
}

/** Why a client with this key fails; null when it can show its certificate on both versions of TLS. */
export function whyKeyCannotSign(key: KeyObject): string | null {
  const [old, young] = (['TLSv1.2', 'TLSv1.3'] as const).map((version) => abilityOfKey(key, version));
  if (old === undefined || young === undefined || (old.schemes.length > 0 && young.schemes.length > 0)) return null;
  const handshake = old.schemes.length > 0 ? 'a TLS 1.3 handshake' : 'a TLS handshake that OpenSSL accepts';
  return `has a ${old.kind} key, which cannot sign ${handshake}`;
}
