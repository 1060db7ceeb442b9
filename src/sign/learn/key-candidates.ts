import { constants, publicDecrypt, type KeyObject } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import type { KeyForm, PublicKeyAlgorithm, Signature } from '../../model/signature.ts';
import { keyBytes, publicKeyOf } from '../scheme/keys.ts';

/** One way to make the bytes of a key of a secret; without a form its UTF-8 bytes. */
export interface KeyCandidate {
  form?: KeyForm;
  bytes: Buffer;
  /** Nothing about the secret speaks for it: tried after the others. */
  isUnlikely: boolean;
}

/** Such as `whsec_`, `sk_live_`, `key-`: up to a sign, at the beginning. */
const MAX_PREFIXES = 3;
const MAX_PREFIX = 16;

/** The keys that a secret may stand for, likeliest first; those of the same bytes once. */
export function listKeys(secret: string): KeyCandidate[] {
  const forms: (KeyForm | undefined)[] = [
    undefined,
    ...prefixesOf(secret).map((prefix): KeyForm => ({ encoding: 'base64', prefix })),
    { encoding: 'base64' },
    { encoding: 'hex' },
    ...prefixesOf(secret).flatMap((prefix): KeyForm[] => [
      { encoding: 'utf8', prefix },
      { encoding: 'hex', prefix },
    ]),
  ];
  const known = new Map<string, KeyCandidate>();
  for (const form of forms) {
    const bytes = bytesOrNull(form, secret);
    if (bytes !== null && !known.has(bytes.toString('latin1')))
      known.set(bytes.toString('latin1'), { ...(form && { form }), bytes, isUnlikely: isUnlikely(form, secret) });
  }
  return [...known.values()];
}

/** Many secrets are base64 to look at, and are taken as text. */
function isUnlikely(form: KeyForm | undefined, secret: string): boolean {
  if (form === undefined) return false;
  const { encoding, prefix = '' } = form;
  if (encoding === 'hex') return prefix !== '';
  const rest = secret.slice(prefix.length);
  return encoding === 'utf8' || rest.length % 4 !== 0 || rest.length < 16 || !/^[A-Za-z0-9+/]+={0,2}$/.test(rest);
}

function prefixesOf(secret: string): string[] {
  const ends = [...secret.slice(0, MAX_PREFIX).matchAll(/[_\-.:]/g)].map(({ index }) => index + 1);
  return ends.slice(0, MAX_PREFIXES).map((end) => secret.slice(0, end));
}

function bytesOrNull(form: KeyForm | undefined, secret: string): Buffer | null {
  try {
    const bytes = keyBytes({ ...(form && { key: form }) } as Signature, secret);
    return bytes.length === 0 ? null : bytes;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

export type KeyShown = NonNullable<Signature['keyShown']>;

/** A public key that was given in the place of a secret. */
export interface PublicKeyCandidate {
  key: KeyObject;
  algorithms: readonly PublicKeyAlgorithm[];
  shown: KeyShown | undefined;
  /** It can be nothing else: no secret for an HMAC looks like this. */
  isSure: boolean;
}

/** The key that the text is, if it is one. */
export function readPublicKey(secret: string): PublicKeyCandidate | null {
  const key = KINDS_OF_KEYS.map((algorithm) => keyOrNull(algorithm, secret)).find((one) => one !== null);
  if (key === undefined) return null;
  const shown = shownAs(secret);
  const isSure = secret.includes('-----BEGIN ') || shown === 'spki-base64';
  return { key, algorithms: algorithmsOf(key), shown, isSure };
}

const KINDS_OF_KEYS: readonly PublicKeyAlgorithm[] = ['ed25519', 'ecdsa-p256-sha256', 'rsa-sha256', 'rsa-pss-sha512'];

function keyOrNull(algorithm: PublicKeyAlgorithm, secret: string): KeyObject | null {
  try {
    return publicKeyOf({ algorithm } as Signature, secret);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** Of no kind that the grammar knows: none. */
function algorithmsOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): PublicKeyAlgorithm[] {
  if (type === 'ed25519') return ['ed25519'];
  if (type === 'ec') return details?.namedCurve === 'prime256v1' ? ['ecdsa-p256-sha256'] : [];
  if (type === 'rsa') return ['rsa-sha256', 'rsa-sha1', 'rsa-sha512', 'rsa-pss-sha512'];
  return type === 'rsa-pss' ? ['rsa-pss-sha512'] : [];
}

function shownAs(secret: string): KeyShown | undefined {
  if (secret.includes('-----BEGIN CERTIFICATE')) return 'x509-pem';
  if (secret.includes('-----BEGIN PUBLIC KEY')) return 'spki-pem';
  const bare = secret.trim().replace(/^whpk_/, '');
  if (/^[\da-f]{64}$/i.test(bare)) return 'raw-hex';
  const length = Buffer.from(bare, 'base64').length;
  if (!/^[\w+/-]+={0,2}$/.test(bare)) return undefined;
  if (length !== 32) return length > 40 ? 'spki-base64' : undefined;
  return /[-_]|[^=]$/.test(bare) && bare.length === 43 ? 'raw-base64url' : 'raw-base64';
}

/** How a digest of each hash is named within a PKCS#1 signature: RFC 8017, 9.2. */
const DIGEST_INFO: readonly (readonly [hash: string, der: string])[] = [
  ['sha1', '3021300906052b0e03021a05000414'],
  ['sha256', '3031300d060960864801650304020105000420'],
  ['sha384', '3041300d060960864801650304020205000430'],
  ['sha512', '3051300d060960864801650304020305000440'],
];

/** What an RSA signature of PKCS#1 says that was signed: it opens with the public key. Null: it is not of this key. */
export function openRsaSignature(key: KeyObject, signature: Buffer): { hash: string; digest: Buffer } | null {
  if (key.asymmetricKeyType !== 'rsa') return null;
  try {
    const info = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).toString('hex');
    const [hash, der] = DIGEST_INFO.find(([, one]) => info.startsWith(one)) ?? [];
    return hash === undefined ? null : { hash, digest: Buffer.from(info.slice(der?.length), 'hex') };
  } catch {
    return null;
  }
}

/** Has the signature a length that this key can have made? */
export function isPublicLength({ key }: PublicKeyCandidate, bytes: number): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return bytes === 64;
  if (type === 'ec') return bytes >= 60 && bytes <= 140;
  return bytes === (details?.modulusLength ?? 0) / 8;
}
