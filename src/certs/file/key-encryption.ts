import { type DerValue, oidOf, readWholeDer, TAG, valuesIn } from '../der/read-der.ts';

const PBES2 = '1.2.840.113549.1.5.13';

/** Encryption schemes of RFC 8018 and RFC 7292, and the parts of PBES2. */
const NAMES: Record<string, string> = {
  '1.2.840.113549.1.5.1': 'PBE-MD2-DES',
  '1.2.840.113549.1.5.3': 'PBE-MD5-DES',
  '1.2.840.113549.1.5.4': 'PBE-MD2-RC2',
  '1.2.840.113549.1.5.6': 'PBE-MD5-RC2',
  '1.2.840.113549.1.5.10': 'PBE-SHA1-DES',
  '1.2.840.113549.1.5.11': 'PBE-SHA1-RC2',
  '1.2.840.113549.1.12.1.1': 'PBE-SHA1-RC4-128',
  '1.2.840.113549.1.12.1.2': 'PBE-SHA1-RC4-40',
  '1.2.840.113549.1.12.1.3': 'PBE-SHA1-3DES',
  '1.2.840.113549.1.12.1.4': 'PBE-SHA1-2DES',
  '1.2.840.113549.1.12.1.5': 'PBE-SHA1-RC2-128',
  '1.2.840.113549.1.12.1.6': 'PBE-SHA1-RC2-40',
  '1.2.840.113549.3.2': 'RC2',
  '1.2.840.113549.3.7': '3DES',
  '1.3.14.3.2.7': 'DES',
  '2.16.840.1.101.3.4.1.2': 'AES-128-CBC',
  '2.16.840.1.101.3.4.1.22': 'AES-192-CBC',
  '2.16.840.1.101.3.4.1.42': 'AES-256-CBC',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
};

/** How a private key of this PEM text is encrypted (`AES-256-CBC, PBKDF2`); null for a key in clear. */
export function keyEncryptionOf(pem: string): string | null {
  const traditional = /DEK-Info: *([A-Z0-9-]{1,40})/i.exec(pem)?.[1];
  if (traditional !== undefined) return `${traditional}, in the old form of OpenSSL`;
  const base64 = /-----BEGIN ENCRYPTED PRIVATE KEY-----([^-]*)-----END/.exec(pem)?.[1];
  return base64 === undefined ? null : encryptionOfPkcs8(Buffer.from(base64, 'base64'));
}

/** EncryptedPrivateKeyInfo (RFC 5958 §3) in DER; null for anything else. */
export function encryptionOfPkcs8(der: Uint8Array): string | null {
  const [algorithm, data, ...more] = valuesIn(readWholeDer(der));
  if (algorithm?.tag !== TAG.sequence || data?.tag !== TAG.octetString || more.length > 0) return null;
  return schemeOf(algorithm);
}

/** AlgorithmIdentifier: the scheme, and for PBES2 its cipher and key derivation. */
function schemeOf(algorithm: DerValue): string | null {
  const [oid, parameters] = valuesIn(algorithm);
  const id = oidOf(oid);
  if (id !== PBES2) return NAMES[id] ?? (id === '' ? null : id);
  const [derivation, cipher] = valuesIn(parameters).map((part) => oidOf(valuesIn(part)[0]));
  return [cipher, derivation].map((part) => NAMES[part ?? ''] ?? part).join(', ');
}

/** How deep, and through how many values, a PKCS#12 file is searched: real ones need 12 and some hundred. */
const MAX_DEPTH = 16;
const MAX_VALUES = 20_000;

/**
 * Every encryption scheme named in a PKCS#12 file, which says so in clear (RFC 7292 §4). Null when the bytes are no
 * PKCS#12: a sequence of version 3 and a ContentInfo.
 */
export function encryptionOfPfx(der: Uint8Array): string[] | null {
  const file = valuesIn(readWholeDer(der));
  if (
    file[0]?.tag !== TAG.integer ||
    file[0].content.at(-1) !== 3 ||
    !oidOf(valuesIn(file[1])[0]).startsWith('1.2.840.113549.1.7.')
  )
    return null;
  const found = new Set<string>();
  let left = MAX_VALUES;
  const search = (value: DerValue, depth: number): void => {
    if (depth > MAX_DEPTH || (left -= 1) < 0) return;
    const inner =
      value.tag === TAG.octetString
        ? [readWholeDer(value.content)].filter((one) => one !== undefined)
        : (value.tag & 0x20) === 0
          ? []
          : valuesIn(value);
    const id = oidOf(inner[0]);
    if (
      value.tag === TAG.sequence &&
      (id === PBES2 || /^1\.2\.840\.113549\.1\.(?:5\.(?:1|3|4|6|10|11)|12\.1\.\d)$/.test(id))
    ) {
      const scheme = schemeOf(value);
      if (scheme !== null) found.add(scheme);
      return;
    }
    for (const one of inner) search(one, depth + 1);
  };
  for (const value of file) search(value, 0);
  return [...found];
}
