import { AppError } from '../error.ts';
import { type PemBlock, readPem } from '../pem.ts';
import { BINARY_KINDS } from './binary-kinds.ts';
import { derFile, type DerName, derText, labelOfKey, nameOfDer, REVOKED } from './der-kinds.ts';
import {
  type Cure,
  cureText,
  type FileKind,
  type KnownFile,
  lookAt,
  swapped,
  type TlsFlags,
  type UnreadFile,
  type WantedPart,
} from './file-kind.ts';
import { spoiltPem } from './pem-repairs.ts';
import { PRIVATE_WANTED, SSH_KINDS } from './ssh-kinds.ts';
import { cureOfBase64, serverMessage, TEXT_KINDS } from './text-kinds.ts';

/** The first that fits says what the file is. */
const KINDS: readonly FileKind[] = [
  ...BINARY_KINDS,
  derFile,
  ...SSH_KINDS,
  ...TEXT_KINDS,
  otherLabel,
  spoiltPem,
  serverMessage,
];

/** A file that was read, with the flags for such files. */
interface GivenFile {
  path: string;
  bytes: Uint8Array;
  flags?: TlsFlags;
}

/**
 * What a file is in which its reader did not find what it looks for, and the command that makes that of it. Null for
 * what is unknown here. It opens nothing, so what it says is how the file begins, not that the rest is good.
 */
export function recogniseFile({ path, bytes, flags }: GivenFile, wanted: WantedPart): KnownFile | null {
  if (bytes.length === 0) return { what: 'it is empty', cure: null };
  const file = lookAt(path, bytes, wanted, flags);
  for (const kind of KINDS) {
    const known = kind(file);
    if (known !== null) return known;
  }
  return null;
}

/** It goes into words and commands. */
const isPlain = (label: string): boolean => /^[A-Z0-9 ]{1,64}$/.test(label);

/** PEM that can be read, of something else than what is wanted. */
function otherLabel(file: UnreadFile): KnownFile | null {
  const { blocks, fault } = readPem(file.text, 100);
  const [first] = blocks;
  if (first === undefined || fault !== null || !isPlain(first.label)) return null;
  const what = `it contains ${withArticle(first.label)}`;
  const cure = cureOfLabel(first.label, file);
  const content = cure === null ? recogniseContent(file, first, file.wanted) : null;
  return content === null ? { what, cure } : { what: `${what}: ${content.what}`, cure: content.cure };
}

const withArticle = (label: string): string => `${/^(?:[AEIO]|RSA|X509|SSL)/.test(label) ? 'an' : 'a'} ${label}`;

/** What to do about a block of this label where something else is wanted. */
export function cureOfLabel(label: string, file: UnreadFile): Cure | null {
  const { wanted, word, newFile } = file;
  if (/^(?:PKCS7|CMS|PKCS #7 SIGNED DATA)$/.test(label))
    return {
      advice: 'extract the certificates',
      command: `openssl pkcs7 -print_certs -in ${word} -out ${newFile('pem')}`,
    };
  if (label === 'X509 CRL') return REVOKED;
  if (label === 'CERTIFICATE REQUEST' || label === 'NEW CERTIFICATE REQUEST')
    return {
      advice: 'a certificate request must first be signed by a CA; use the certificate that comes back',
      command: null,
    };
  if (wanted === 'own' && label.endsWith('PRIVATE KEY')) return swapped(file);
  if (wanted === 'key' && label.endsWith('CERTIFICATE')) return swapped(file);
  if (wanted === 'key' && label.endsWith('PUBLIC KEY')) return PRIVATE_WANTED;
  if (label.endsWith('PARAMETERS'))
    return { advice: 'it only contains key parameters; give the certificate or the key itself', command: null };
  return null;
}

/** Blocks of other programs, whose text only resembles PEM: what OpenSSL says of it is no fault. */
export const isForeignLabel = (label: string): boolean => /^(?:PGP|AGE|OPENSSH|SSH2) /.test(label);

/** What to do about PEM that OpenSSL stops reading, in words; null where that is unknown. */
export function hintForFault(file: GivenFile, wanted: WantedPart): string | null {
  const known = recogniseFile(file, wanted);
  if (known === null) return null;
  return known.cure === null ? known.what : `${known.what}; ${cureText(known.cure)}`;
}

/** The kinds whose labels are no words of ours. */
const KIND_OF_LABEL: Record<string, DerName> = {
  PKCS7: 'PKCS#7',
  CMS: 'PKCS#7',
  'PKCS #7 SIGNED DATA': 'PKCS#7',
  'X509 CRL': 'list of revoked certificates',
};

/** What a block holds whose label names something else; null when it is of its label's kind, or unknown. */
export function recogniseContent(
  { path, bytes, flags }: GivenFile,
  block: PemBlock,
  wanted: WantedPart,
): KnownFile | null {
  const { label, base64 } = block;
  const der = Buffer.from(base64, 'base64');
  const [name, keyLabel] = [nameOfDer(der), labelOfKey(der)];
  if (name === null || KIND_OF_LABEL[label] === name || label.endsWith('PARAMETERS') || !isPlain(label)) return null;
  const isOfKind = label.toLowerCase().endsWith(name);
  if (isOfKind && (keyLabel === null || keyLabel === label)) return null;
  const file = lookAt(path, bytes, wanted, flags);
  return {
    what: `the content between the marks is ${isOfKind ? `of the form ${keyLabel}` : derText(name)}`,
    cure: cureOfBase64(name, file, `${takeBlock(file, block)} | base64 -d`),
  };
}

/** Its base64 is good, and OpenSSL makes nothing of it. */
export function damagedBlock(
  file: GivenFile,
  what: string,
  block: PemBlock,
  wanted: WantedPart,
  cause?: unknown,
): AppError {
  const known = recogniseContent(file, block, wanted);
  if (known === null) return new AppError('input', `${what} is damaged and cannot be read`, { cause });
  return new AppError('input', `${what} cannot be read: ${known.what}`, {
    cause,
    ...(known.cure === null ? {} : { hint: cureText(known.cure) }),
  });
}

/** The base64 of one block. */
function takeBlock({ text, word }: UnreadFile, { label, text: wantedText }: PemBlock): string {
  const { blocks } = readPem(text, 1001);
  const place = blocks.filter((one) => one.label === label).findIndex((one) => one.text === wantedText);
  return `awk '/-----/{b=/BEGIN ${label}-/; n+=b; next} b*n==${place + 1}' ${word}`;
}

/** What makes plain certificates of those that OpenSSL wrote with settings of trust. */
export function cureOfTrust({ path, bytes }: GivenFile): Cure {
  const { text, word, newFile } = lookAt(path, bytes, 'any');
  const copy = newFile('pem');
  return {
    advice: 'write it without them',
    command:
      text.split('CERTIFICATE-----').length === 3
        ? `openssl x509 -in ${word} -out ${copy}`
        : `openssl crl2pkcs7 -nocrl -certfile ${word} | openssl pkcs7 -print_certs -out ${copy}`,
  };
}
