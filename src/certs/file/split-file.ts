import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AppError } from '../../model/error.ts';
import { cureText } from '../../model/file-kinds/file-kind.ts';
import {
  damagedBlock,
  hintForFault,
  isForeignLabel,
  recogniseContent,
  recogniseFile,
} from '../../model/file-kinds/recognise-file.ts';
import { describePemFault, isCertificate, MARK_HINT, readPem, type PemBlock } from '../../model/pem.ts';
import { oidOf, readWholeDer, valuesIn } from '../der.ts';
import { encryptionOfPfx, encryptionOfPkcs8, keyEncryptionOf, type NamedBytes } from './key-encryption.ts';
import { readRequest, type CertificateSigningRequest } from './read-request.ts';

/** One thing that stands in a file. */
export type FilePart =
  /** `isTrusted`: in the form of OpenSSL that adds settings of trust to it. */
  | { kind: 'certificate'; certificate: X509Certificate; isTrusted?: boolean }
  | { kind: 'request'; request: CertificateSigningRequest }
  /** Not opened yet. `encryption` is its scheme; null for a key in clear. */
  | { kind: 'private-key'; pem: string; encryption: string | null }
  | { kind: 'public-key'; key: KeyObject }
  /** Not opened yet. */
  | { kind: 'pkcs12'; schemes: readonly string[] }
  /** By its PEM label: a list of revoked certificates, parameters, PKCS#7. */
  | { kind: 'other'; label: string };

export interface SplitFile {
  format: 'PEM' | 'DER' | 'PKCS#12';
  parts: readonly FilePart[];
}

const MAX_PARTS = 1000;

/**
 * What a file of certificates, requests and keys holds. Throws AppError `input` that says what is wrong with which
 * file.
 */
export function splitFile(file: NamedBytes): SplitFile {
  if (file.bytes.length === 0) throw new AppError('input', `${file.path} is empty`);
  const { blocks, fault, missedAt } = readPem(Buffer.from(file.bytes).toString('latin1'), MAX_PARTS + 1);
  if (blocks.length > MAX_PARTS)
    throw new AppError('input', `${file.path} contains more than ${MAX_PARTS} certificates and keys`, {
      hint: 'split it into smaller files',
    });
  if (fault !== null && !isForeignLabel(fault.label)) {
    const { text, hint } = describePemFault(fault);
    const what = `the ${fault.label.toLowerCase()} in ${file.path} (number ${fault.number})`;
    throw new AppError('input', `${what} ${text}`, { hint: hintForFault(file, 'any') ?? hint });
  }
  if (fault !== null || blocks.some(({ label }) => isForeignLabel(label))) throw otherFile(file, missedAt);
  if (blocks.length > 0) return { format: 'PEM', parts: blocks.map((block, index) => readBlock(block, index, file)) };
  const part = readDerFile(Buffer.from(file.bytes));
  if (part === null) throw otherFile(file, missedAt);
  return { format: part.kind === 'pkcs12' ? 'PKCS#12' : 'DER', parts: [part] };
}

function otherFile(file: NamedBytes, missedAt: number | null): AppError {
  const known = recogniseFile(file, 'any');
  const hint = missedAt === null ? undefined : `line ${missedAt}: ${MARK_HINT}`;
  if (known === null)
    return new AppError('input', `${file.path} contains no certificate, request or key`, {
      hint: hint ?? 'expected PEM (-----BEGIN …-----), DER or PKCS#12',
    });
  return new AppError('input', `${file.path} is not supported: ${known.what}`, {
    hint: known.cure === null ? hint : cureText(known.cure),
  });
}

function readBlock(block: PemBlock, index: number, file: NamedBytes): FilePart {
  const what = `the ${block.label.toLowerCase()} in ${file.path} (number ${index + 1})`;
  let part: FilePart;
  try {
    part = readAsLabelled(block);
  } catch (cause) {
    throw damagedBlock(file, what, block, 'any', cause);
  }
  if (part.kind === 'other' && recogniseContent(file, block, 'any') !== null)
    throw damagedBlock(file, what, block, 'any');
  return part;
}

/** Throws for what OpenSSL does not read. */
function readAsLabelled({ label, text, base64 }: PemBlock): FilePart {
  if (isCertificate({ label }))
    return { kind: 'certificate', certificate: new X509Certificate(text), isTrusted: label.startsWith('TRUSTED') };
  if (/^(?:NEW )?CERTIFICATE REQUEST$/.test(label)) return requestPart(Buffer.from(base64, 'base64'));
  if (label.endsWith('PRIVATE KEY')) return { kind: 'private-key', pem: text, encryption: keyEncryptionOf(text) };
  if (label.endsWith('PUBLIC KEY')) return { kind: 'public-key', key: createPublicKey(text) };
  // A server that verifies clients reads it together with its CAs, and refuses both when it is damaged.
  if (label === 'X509 CRL') createSecureContext({ ca: [], crl: text });
  return { kind: 'other', label };
}

function requestPart(der: Buffer): FilePart {
  const request = readRequest(der);
  if (request === null) throw new Error('not PKCS#10');
  return { kind: 'request', request };
}

function readDerFile(der: Buffer): FilePart | null {
  const schemes = encryptionOfPfx(der);
  if (schemes !== null) return { kind: 'pkcs12', schemes };
  const certificate = attempt(() => new X509Certificate(der));
  if (certificate !== null) return { kind: 'certificate', certificate };
  const request = readRequest(der);
  if (request !== null) return { kind: 'request', request };
  const encryption = encryptionOfPkcs8(der);
  if (encryption !== null) return { kind: 'private-key', pem: pemOf('ENCRYPTED PRIVATE KEY', der), encryption };
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    // Written anew, since OpenSSL 3.5 takes one form for another, and PEM needs the right label.
    const opened = attempt(() =>
      createPrivateKey({ key: der, format: 'der', type }).export({ type: 'pkcs8', format: 'pem' }).toString(),
    );
    if (opened !== null) return { kind: 'private-key', pem: opened, encryption: null };
  }
  const key = attempt(() => createPublicKey({ key: der, format: 'der', type: 'spki' }));
  if (key !== null) return { kind: 'public-key', key };
  return oidOf(valuesIn(readWholeDer(der))[0]) === '1.2.840.113549.1.7.2' ? { kind: 'other', label: 'PKCS7' } : null;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function pemOf(label: string, der: Buffer): string {
  return [
    `-----BEGIN ${label}-----`,
    ...(der.toString('base64').match(/.{1,64}/g) ?? []),
    `-----END ${label}-----`,
    '',
  ].join('\n');
}
