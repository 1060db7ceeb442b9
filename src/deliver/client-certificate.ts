import type { SecureContext } from 'node:tls';
import { AppError } from '../model/error.ts';
import { describePemFault, MARK_HINT, readPem, type PemFault } from '../model/pem.ts';
import { quoteForShell } from '../model/shell-word.ts';
import type { TlsFile, TlsOptions } from './tls-files.ts';

const CERTIFICATE_LABEL = /^(?:TRUSTED |X509 )?CERTIFICATE$/;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
/** Of a key in PEM; other keys have flags of their own. */
const PASSPHRASE_FLAGS = '--passphrase-env NAME or --passphrase-file FILE';
/** What a file of certificates is for: only one's own comes in PKCS#12, or beside a key to be mixed up with. */
type Role = 'own' | 'ca';

/**
 * Makes what every TLS connection of a transport uses, so that a wrong file is found before anything is sent.
 * Node itself is silent about some mistakes (an RSA certificate with an EC key, a certificate without key: an
 * empty Certificate message goes out) and terse about the others. Throws AppError `input`, naming the file.
 * @param ciphers OpenSSL's list instead of Node's; it sets the security level that certificates must meet
 */
export async function makeSecureContext(options: TlsOptions, ciphers?: string): Promise<SecureContext> {
  const [tls, crypto] = await Promise.all([import('node:tls'), import('node:crypto')]);
  const { cert, pfx, ca, passphrase } = options;
  const key = options.key ?? (cert !== undefined && holdsPrivateKey(cert) ? cert : undefined);
  if (ca !== undefined) certificatesIn(ca, 'ca', crypto);
  checkPair(cert, key, passphrase, crypto);
  try {
    return tls.createSecureContext({
      cert: cert && Buffer.from(cert.bytes),
      key: key && Buffer.from(key.bytes),
      pfx: pfx && Buffer.from(pfx.bytes),
      ca: ca && Buffer.from(ca.bytes),
      passphrase,
      ciphers,
    });
  } catch (cause) {
    throw pfx === undefined ? explainContext(cause, cert ?? key ?? ca) : explainPfx(cause, pfx, passphrase);
  }
}

type Crypto = typeof import('node:crypto');
type X509 = InstanceType<Crypto['X509Certificate']>;
type PrivateKey = ReturnType<Crypto['createPrivateKey']>;

/** A PEM private key stands in the file. */
export const holdsPrivateKey = (file: TlsFile): boolean => PRIVATE_KEY.test(textOf(file));

/** The certificates of a PEM file in their order, at least one. Throws AppError `input`. */
export async function readCertificates(file: TlsFile, role: Role = 'ca'): Promise<X509[]> {
  return certificatesIn(file, role, await import('node:crypto'));
}

/**
 * Opens a PEM private key. Throws AppError `input`: damaged, encrypted in an outdated way, a missing or wrong
 * passphrase.
 * @param flags that give its passphrase, for the hint
 */
export async function openPrivateKey(
  file: TlsFile,
  passphrase: string | undefined,
  flags = PASSPHRASE_FLAGS,
): Promise<PrivateKey> {
  return readPrivateKey(file, passphrase, await import('node:crypto'), flags);
}

function checkPair(
  cert: TlsFile | undefined,
  key: TlsFile | undefined,
  passphrase: string | undefined,
  crypto: Crypto,
): void {
  const certificates = cert === undefined ? [] : certificatesIn(cert, 'own', crypto);
  if (cert === undefined && key === undefined) return;
  if (key === undefined) {
    throw new AppError('input', `the client certificate ${cert?.path} comes without its private key`, {
      hint: 'add --key FILE',
    });
  }
  if (cert === undefined) {
    throw new AppError('input', `the private key ${key.path} comes without its certificate`, {
      hint: 'add --cert FILE',
    });
  }
  const privateKey = readPrivateKey(key, passphrase, crypto);
  const owner = certificates.findIndex((one) => one.checkPrivateKey(privateKey));
  if (owner === 0) return;
  throw owner > 0
    ? new AppError(
        'input',
        `the certificate that belongs to ${key.path} is number ${owner + 1} in ${cert.path}; it must be the first`,
        {
          hint: 'put the leaf certificate first, then its intermediates',
        },
      )
    : new AppError('input', `the certificate ${cert.path} and the private key ${key.path} do not belong together`, {
        hint: 'compare: openssl x509 -in CERT -noout -pubkey; openssl pkey -in KEY -pubout',
      });
}

function certificatesIn(file: TlsFile, role: Role, crypto: Crypto): X509[] {
  const { blocks, fault, missedAt } = readPem(textOf(file));
  const certificates = blocks.filter(({ label }) => CERTIFICATE_LABEL.test(label));
  if (fault !== null) throw faultyPem(file, fault, certificates.length);
  if (certificates.length === 0) {
    throw new AppError('input', `the file ${file.path} is not a PEM certificate: ${whatItIs(file)}`, {
      hint: missedAt === null || blocks.length > 0 ? hintForCertificate(file, role) : `line ${missedAt}: ${MARK_HINT}`,
    });
  }
  try {
    return certificates.map(({ text }) => new crypto.X509Certificate(text));
  } catch (cause) {
    throw new AppError('input', `a certificate in ${file.path} is damaged and cannot be read`, { cause });
  }
}

/** `before`: how many certificates stand before it, since they are counted in a file of certificates. */
function faultyPem({ path }: TlsFile, fault: PemFault, before: number): AppError {
  const { text, hint } = describePemFault(fault);
  const what = CERTIFICATE_LABEL.test(fault.label) ? `certificate ${before + 1}` : `the ${fault.label.toLowerCase()}`;
  return new AppError('input', `${what} in ${path} ${text}`, { hint });
}

function readPrivateKey(
  file: TlsFile,
  passphrase: string | undefined,
  crypto: Crypto,
  flags = PASSPHRASE_FLAGS,
): PrivateKey {
  const text = textOf(file);
  if (!PRIVATE_KEY.test(text)) {
    throw new AppError('input', `the file ${file.path} is not a PEM private key: ${whatItIs(file)}`, {
      hint: hintForKey(file),
    });
  }
  const { blocks, fault, missedAt } = readPem(text);
  if (!blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) {
    if (fault !== null)
      throw faultyPem(file, fault, blocks.filter(({ label }) => CERTIFICATE_LABEL.test(label)).length);
    throw new AppError('input', `the private key ${file.path} is damaged: OpenSSL finds no beginning of it`, {
      hint: missedAt === null ? MARK_HINT : `line ${missedAt}: ${MARK_HINT}`,
    });
  }
  if (/ENCRYPTED/.test(text) && (passphrase === undefined || passphrase === '')) {
    throw new AppError('input', `the private key ${file.path} is encrypted and no passphrase was given`, {
      hint: `add ${flags}`,
    });
  }
  try {
    return crypto.createPrivateKey({ key: Buffer.from(file.bytes), passphrase });
  } catch (cause) {
    throw explainKey(cause, file);
  }
}

function explainKey(cause: unknown, file: TlsFile): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const isEncrypted = textOf(file).includes('ENCRYPTED');
  // What a wrong passphrase makes of a key is garbage, and once in some hundred times garbage that looks like
  // something.
  if (
    isEncrypted &&
    (isModernlyEncrypted(file) ||
      /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|MISSING_PASSPHRASE/.test(code) ||
      /bad decrypt/.test(message))
  ) {
    return new AppError('input', `the passphrase does not open the private key ${file.path}`, { cause });
  }
  if (isEncrypted && /UNSUPPORTED/.test(code)) {
    return new AppError(
      'input',
      `the private key ${file.path} is encrypted in an outdated way that OpenSSL 3 refuses`,
      {
        cause,
        hint:
          `encrypt it anew: openssl pkey -provider legacy -provider default -in ${quoteForShell(file.path)} ` +
          '-aes256 -out key.pem',
      },
    );
  }
  return new AppError('input', `the private key ${file.path} is damaged or of an unknown kind`, { cause });
}

/** PBES2 (RFC 8018), 1.2.840.113549.1.5.13 in DER, or the older `DEK-Info` form: both open with OpenSSL 3. */
function isModernlyEncrypted(file: TlsFile): boolean {
  const text = textOf(file);
  const base64 = /-----BEGIN ENCRYPTED PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1] ?? '';
  return (
    text.includes('DEK-Info:') || Buffer.from(base64, 'base64').includes(Buffer.from('06092a864886f70d01050d', 'hex'))
  );
}

/** A PKCS#12 file was not opened because its passphrase is another one, or was not given. */
export const isWrongPassphrase = (error: unknown): boolean => error instanceof AppError && isMacFailure(error.cause);

const isMacFailure = (cause: unknown): boolean =>
  /mac verify failure/i.test((cause as Error | undefined)?.message ?? '');

function explainPfx(cause: unknown, file: TlsFile, passphrase: string | undefined): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  if (isMacFailure(cause)) {
    const what =
      passphrase === undefined ? 'needs a passphrase and none was given' : 'does not open with this passphrase';
    return new AppError('input', `the PKCS#12 file ${file.path} ${what}`, {
      cause,
      hint: 'use --passphrase-env NAME or --passphrase-file FILE',
    });
  }
  if (code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION' || /unsupported/i.test(message)) {
    return new AppError(
      'input',
      `the PKCS#12 file ${file.path} is encrypted in an outdated way (RC2) that OpenSSL 3 refuses`,
      {
        cause,
        hint:
          `convert it: openssl pkcs12 -legacy -in ${quoteForShell(file.path)} -out all.pem, ` +
          'then openssl pkcs12 -export -in all.pem -out new.pfx',
      },
    );
  }
  if (/private key from PFX/i.test(message))
    return new AppError('input', `the PKCS#12 file ${file.path} holds no private key with its certificate`, {
      cause,
      hint: 'export both: openssl pkcs12 -export -in cert.pem -inkey key.pem -out new.pfx',
    });
  const what =
    PRIVATE_KEY.test(textOf(file)) || textOf(file).includes('BEGIN CERTIFICATE')
      ? 'PEM; use --cert and --key'
      : whatItIs(file);
  return new AppError('input', `the file ${file.path} cannot be read as PKCS#12: ${what}`, { cause });
}

function explainContext(cause: unknown, file: TlsFile | undefined): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const subject = `the certificate ${file?.path ?? ''}`.trimEnd();
  if (/MD_TOO_WEAK/.test(code))
    return new AppError('input', `${subject} is signed with SHA-1 or MD5, which OpenSSL refuses`, {
      cause,
      hint: 'have it issued again with SHA-256',
    });
  if (/KEY_TOO_SMALL/.test(code))
    return new AppError('input', `${subject} has a key that is too short for OpenSSL`, {
      cause,
      hint: 'use RSA 2048 or P-256',
    });
  return new AppError('input', `${subject} cannot be used: ${code || message}`, { cause });
}

function whatItIs(file: TlsFile): string {
  if (file.bytes.length === 0) return 'it is empty';
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(textOf(file))?.[1];
  if (label !== undefined) return `it holds ${/^(?:[AEIO]|RSA|X509)/.test(label) ? 'an' : 'a'} ${label}`;
  if (isPkcs12(file)) return 'it looks like PKCS#12';
  return isDer(file) ? 'it looks like DER (binary)' : 'it holds something else';
}

const SWAPPED = 'swapped? --cert takes the certificate, --key its private key';

function hintForCertificate(file: TlsFile, role: Role): string {
  if (isPkcs12(file))
    return role === 'own'
      ? `it holds certificate and key together: --pfx ${quoteForShell(file.path)}`
      : `take the certificates out: openssl pkcs12 -in ${quoteForShell(file.path)} -nokeys -out ca.pem`;
  if (isDer(file)) return `convert it: openssl x509 -inform der -in ${quoteForShell(file.path)} -out cert.pem`;
  if (textOf(file).includes('BEGIN CERTIFICATE REQUEST'))
    return 'a certificate request must first be signed by a CA; use the certificate that comes back';
  if (role === 'own' && PRIVATE_KEY.test(textOf(file))) return SWAPPED;
  return 'a PEM certificate starts with -----BEGIN CERTIFICATE-----';
}

function hintForKey(file: TlsFile): string {
  if (isPkcs12(file)) return `it holds certificate and key together: --pfx ${quoteForShell(file.path)}`;
  if (isDer(file)) return `convert it: openssl pkey -inform der -in ${quoteForShell(file.path)} -out key.pem`;
  return textOf(file).includes('BEGIN CERTIFICATE-----')
    ? SWAPPED
    : 'a PEM key starts with -----BEGIN … PRIVATE KEY-----';
}

/** DER starts with a SEQUENCE of a length in long form. */
const isDer = (file: TlsFile): boolean => file.bytes[0] === 0x30 && ((file.bytes[1] ?? 0) & 0x80) !== 0;
/** RFC 7292 §4: the sequence begins with version 3. */
const isPkcs12 = (file: TlsFile): boolean =>
  isDer(file) && Buffer.from(file.bytes).subarray(2, 9).includes(Buffer.from('020103', 'hex'));
const textOf = (file: TlsFile): string => Buffer.from(file.bytes).toString('latin1');
