import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  X509Certificate,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { AppError } from '../../model/error.ts';
import type { KeyForm, PublicKeyAlgorithm, Signature, SignatureAlgorithm } from '../../model/signature.ts';

/** The last one of each kind: a server signs or verifies with the same secret again and again. */
function remembered<T>(make: (spec: Signature, secret: string) => T): (spec: Signature, secret: string) => T {
  let last: { spec: Signature; secret: string; made: T } | undefined;
  return (spec, secret) => {
    if (last?.secret !== secret || last.spec !== spec) last = { spec, secret, made: make(spec, secret) };
    return last.made;
  };
}

/** The bytes of the key. Throws AppError `usage` for a secret that is not of the form that the vendor's have. */
export function keyBytes({ key = { encoding: 'utf8' } }: Signature, secret: string): Buffer {
  checkSecret(secret);
  const text =
    key.prefix !== undefined && !key.keepsPrefix && secret.startsWith(key.prefix)
      ? secret.slice(key.prefix.length)
      : secret;
  if (!SHAPES[key.encoding].test(text))
    throw new AppError(
      'usage',
      `the secret is not ${key.encoding}${key.prefix === undefined ? '' : ' after its prefix'}`,
      {
        hint: `the vendor's secrets are ${describeKeyForm(key)}: copy the whole secret, with nothing around it`,
      },
    );
  const bytes = Buffer.from(text, key.encoding);
  if (bytes.length === 0) checkSecret('');
  return bytes;
}

const SHAPES: Readonly<Record<KeyForm['encoding'], RegExp>> = {
  utf8: /^/,
  base64: /^[A-Za-z0-9+/_-]+={0,2}$/,
  hex: /^(?:[0-9a-fA-F]{2})+$/,
};

/** `base64 after "whsec_"` */
export function describeKeyForm({ encoding, prefix, keepsPrefix }: KeyForm): string {
  const name = encoding === 'utf8' ? 'text' : encoding;
  if (prefix === undefined) return name;
  return keepsPrefix ? `${name} that begins with "${prefix}"` : `${name} after "${prefix}"`;
}

/** For HMAC. */
export const secretKeyOf = remembered((spec, secret) => createSecretKey(keyBytes(spec, secret)));

/** The private key that is given in the place of a secret: PEM, or as the vendor writes it. Throws AppError `usage`. */
export const privateKeyOf = remembered((spec, secret): KeyObject => {
  checkSecret(secret);
  const key = attempt(() => createPrivateKey(secret)) ?? attempt(() => rawPrivateKey(spec, secret));
  if (key !== null) return checkKind(spec, key);
  throw new AppError('usage', `this secret is not a private key, which ${spec.algorithm} needs`, {
    hint: 'give the PEM file: --secret-file key.pem; webhook vendor key VENDOR -o key.pem creates one',
  });
});

/** The public key: given in any usual form, or that of a private key or certificate. Throws AppError `usage`. */
export const publicKeyOf = remembered((spec, secret): KeyObject => {
  checkSecret(secret);
  const key =
    attempt(() => createPublicKey(secret)) ??
    attempt(() => new X509Certificate(secret).publicKey) ??
    attempt(() => keyOfSet(secret)) ??
    attempt(() => rawPublicKey(spec, secret)) ??
    attempt(() => createPublicKey(rawPrivateKey(spec, secret)));
  if (key !== null) return checkKind(spec, key);
  throw new AppError('usage', `this is not a public key, which ${spec.algorithm} needs`, {
    hint: 'give the key as the vendor shows it, or its PEM file: --secret-file key.pem',
  });
});

/** OpenSSL verifies with a key of another kind in that kind's own way, or throws. */
function checkKind({ algorithm }: Signature, key: KeyObject): KeyObject {
  const kind = describeKind(key);
  const wanted = kindOf(algorithm);
  if (kind === wanted || (algorithm === 'rsa-pss-sha512' && kind === 'RSA-PSS')) return key;
  throw new AppError('usage', `this is a key of type ${kind}, which does not verify ${algorithm}`, {
    hint: `give the ${wanted} key that the vendor signs with`,
  });
}

function kindOf(algorithm: SignatureAlgorithm): string {
  if (algorithm === 'ed25519') return 'Ed25519';
  return algorithm === 'ecdsa-p256-sha256' ? 'EC prime256v1' : 'RSA';
}

const KINDS: Readonly<Record<string, string>> = { ed25519: 'Ed25519', rsa: 'RSA', 'rsa-pss': 'RSA-PSS' };

function describeKind({ asymmetricKeyType: type = 'rsa', asymmetricKeyDetails }: KeyObject): string {
  return type === 'ec' ? `EC ${asymmetricKeyDetails?.namedCurve}` : (KINDS[type] ?? type);
}

/** A fresh private key for the algorithm, as PEM. */
export function makePrivateKey(algorithm: PublicKeyAlgorithm): string {
  const { privateKey } =
    algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : algorithm === 'ecdsa-p256-sha256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

const RSA_BITS = 2048;
const others = new Map<PublicKeyAlgorithm, string>();

/** One that is nobody's, for forgeries; the same one each time. */
export function otherPrivateKey(algorithm: PublicKeyAlgorithm): string {
  const key = others.get(algorithm) ?? makePrivateKey(algorithm);
  others.set(algorithm, key);
  return key;
}

/** DER in front of the 32 bytes of an Ed25519 key: RFC 8410. */
const ED25519_PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const ED25519_PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');
const ED25519_BYTES = 32;

/** DER, or the seed of an Ed25519 key, with or without the public key behind it. */
function rawPrivateKey(spec: Signature, secret: string): KeyObject {
  const bytes = rawBytes(spec, secret);
  const isSeed = spec.algorithm === 'ed25519' && [ED25519_BYTES, 2 * ED25519_BYTES].includes(bytes.length);
  const der = isSeed ? Buffer.concat([ED25519_PRIVATE, bytes.subarray(0, ED25519_BYTES)]) : bytes;
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** The one key of a JWKS, or a JWK alone. Of several nobody can tell which is meant: the request is not at hand. */
function keyOfSet(secret: string): KeyObject | null {
  const value = JSON.parse(secret) as JsonWebKey & { keys?: JsonWebKey[] };
  const [key, second] = value.keys ?? [value];
  return key === undefined || second !== undefined ? null : createPublicKey({ key, format: 'jwk' });
}

function rawPublicKey(spec: Signature, secret: string): KeyObject {
  const bytes = rawBytes(spec, secret);
  const isRaw = spec.algorithm === 'ed25519' && bytes.length === ED25519_BYTES;
  return createPublicKey({ key: isRaw ? Buffer.concat([ED25519_PUBLIC, bytes]) : bytes, format: 'der', type: 'spki' });
}

/** Hex where it is nothing else, else base64; prefixes such as `whsk_` and `whpk_` are taken off. */
function rawBytes({ key }: Signature, secret: string): Buffer {
  const bare = secret.trim().replace(/^wh[sp]k_/, '');
  const text = key?.prefix !== undefined && bare.startsWith(key.prefix) ? bare.slice(key.prefix.length) : bare;
  return SHAPES.hex.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
}

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}

/** An empty key signs, and proves nothing: it is always a mistake. */
function checkSecret(secret: string): void {
  if (secret !== '') return;
  throw new AppError('usage', 'the secret is empty', {
    hint: 'check the file or the variable that --secret-file or --secret-env names',
  });
}
