import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { type DerValue, oidOf, readWholeDer, TAG, valuesIn, describeName } from '../der.ts';
import { extensionsOf, signatureName } from './certificate-details.ts';

/** A request for a certificate (PKCS#10, RFC 2986). */
export interface CertificateSigningRequest {
  subject: string;
  publicKey: KeyObject;
  /** `DNS:example.com`, `IP Address:127.0.0.1`, as Node writes those of a certificate. */
  names: readonly string[];
  signature: string;
  /** It is signed by its own key; null for an algorithm that is not checked here. */
  isSignatureGood: boolean | null;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** Null when these bytes are no request, or its key is of an unknown kind. */
export function readRequest(der: Buffer): CertificateSigningRequest | null {
  const [body, algorithm, bits] = valuesIn(readWholeDer(der));
  const [version, subject, spki, attributes] = valuesIn(body);
  if (
    version?.tag !== TAG.integer ||
    subject?.tag !== TAG.sequence ||
    attributes?.tag !== 0xa0 ||
    body === undefined ||
    bits === undefined
  )
    return null;
  const publicKey = readKey(spki);
  if (publicKey === null) return null;
  const signature = signatureName(valuesIn(algorithm));
  return {
    subject: describeName(subject.whole),
    publicKey,
    names: namesIn(attributes),
    signature,
    isSignatureGood: isGood(signature, body.whole, publicKey, bits.content.subarray(1)),
  };
}

function readKey(spki: DerValue | undefined): KeyObject | null {
  try {
    return spki === undefined ? null : createPublicKey({ key: spki.whole, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

function isGood(algorithm: string, signed: Buffer, key: KeyObject, signature: Buffer): boolean | null {
  const hash = /sha-?(1|224|256|384|512)(?!\d)/i.exec(algorithm)?.[1];
  const isEdwards = algorithm.startsWith('Ed');
  if (hash === undefined && !isEdwards) return null;
  try {
    if (!algorithm.startsWith('RSASSA-PSS')) return verify(isEdwards ? null : `sha${hash}`, signed, key, signature);
    // It may be good all the same: with another hash for the mask, which Node does not take.
    return verify(`sha${hash}`, signed, { key, ...PSS }, signature) ? true : null;
  } catch {
    return false;
  }
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };

/** The subject alternative names that are asked for (RFC 5280 §4.2.1.6). */
function namesIn(attributes: DerValue): string[] {
  const wanted = valuesIn(attributes).find((attribute) => oidOf(valuesIn(attribute)[0]) === EXTENSION_REQUEST);
  const extensions = valuesIn(valuesIn(wanted)[1])[0];
  return valuesIn(extensionsOf(extensions).get('2.5.29.17')).map(nameText);
}

function nameText({ tag, content }: DerValue): string {
  if (tag === 0x82) return `DNS:${content.toString('latin1')}`;
  if (tag === 0x81) return `email:${content.toString('latin1')}`;
  if (tag === 0x86) return `URI:${content.toString('latin1')}`;
  if (tag === 0x87) return `IP Address:${addressText(content)}`;
  return 'another type of name';
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
  return isIPv6(groups) ? new URL(`http://[${groups}]`).hostname.slice(1, -1) : bytes.toString('hex');
}
