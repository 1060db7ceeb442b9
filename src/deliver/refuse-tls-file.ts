import { AppError } from '../model/error.ts';
import { CLIENT_FLAGS, cureText, lookAt, type TlsFlags, type WantedPart } from '../model/file-kinds/file-kind.ts';
import {
  cureOfTrust,
  damagedBlock,
  hintForFault,
  isForeignLabel,
  recogniseContent,
  recogniseFile,
} from '../model/file-kinds/recognise-file.ts';
import {
  describePemFault,
  isCertificate,
  isEncryptedKey,
  MARK_HINT,
  type PemBlock,
  type PemFault,
} from '../model/pem.ts';
import type { TlsFile } from './tls-files.ts';

const FIRST_LINES = {
  certificate: 'a PEM certificate starts with -----BEGIN CERTIFICATE-----',
  'private key': 'a PEM key starts with -----BEGIN … PRIVATE KEY-----',
};

/** What is looked for is not in the file. What is known about other kinds is loaded here, and by no good file. */
export function otherFile(
  file: TlsFile,
  what: keyof typeof FIRST_LINES,
  wanted: WantedPart,
  missedAt: number | null,
): AppError {
  const known = recogniseFile(file, wanted);
  return new AppError(
    'input',
    `the file ${file.path} is not a PEM ${what}: ${known?.what ?? 'it contains something else'}`,
    {
      hint:
        known?.cure === null || known?.cure === undefined
          ? missedAt === null
            ? FIRST_LINES[what]
            : `line ${missedAt}: ${MARK_HINT}`
          : cureText(known.cure),
    },
  );
}

/** `before`: how many certificates stand before it, since they are counted in a file of certificates. */
export function faultyPem(file: TlsFile, fault: PemFault, wanted: WantedPart, before: number): AppError {
  if (isForeignLabel(fault.label))
    return otherFile(file, wanted === 'key' ? 'private key' : 'certificate', wanted, null);
  const { text, hint } = describePemFault(fault);
  const what = isCertificate(fault) ? `certificate ${before + 1}` : `the ${fault.label.toLowerCase()}`;
  return new AppError('input', `${what} in ${file.path} ${text}`, { hint: hintForFault(file, wanted) ?? hint });
}

export { damagedBlock };

/** Only OpenSSL knows that form; what it says of trust would be lost here, and behind the first it is passed over. */
export function trustedCertificate(file: TlsFile, number: number): AppError {
  return new AppError(
    'input',
    `certificate ${number} in ${file.path} is a TRUSTED CERTIFICATE: an OpenSSL-only format that includes trust ` +
      `settings`,
    { hint: cureText(cureOfTrust(file)) },
  );
}

const flagsOf = (file: TlsFile | undefined): TlsFlags => file?.flags ?? CLIENT_FLAGS;

/** One of the two was given, and they go together. */
export function halfPair(cert: TlsFile | undefined, key: TlsFile | undefined): AppError {
  return key === undefined
    ? new AppError('input', `the certificate ${cert?.path} comes without its private key`, {
        hint: `add ${flagsOf(cert).key} FILE`,
      })
    : new AppError('input', `the private key ${key.path} comes without its certificate`, {
        hint: `add ${flagsOf(key).cert} FILE`,
      });
}

export function closedKey(file: TlsFile): AppError {
  return new AppError('input', `the private key ${file.path} is encrypted and no passphrase was given`, {
    hint: `add ${flagsOf(file).passphrase}`,
  });
}

export function explainKey(cause: unknown, file: TlsFile, block: PemBlock): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const isEncrypted = isEncryptedKey(block);
  const { word, newFile } = lookAt(file.path, file.bytes, 'key');
  // What a wrong passphrase makes of a key is garbage, and once in some hundred times garbage that looks like
  // something.
  if (
    isEncrypted &&
    (isModernlyEncrypted(block) ||
      /BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|MISSING_PASSPHRASE/.test(code) ||
      /bad decrypt/.test(message))
  ) {
    return new AppError('input', `the passphrase does not open the private key ${file.path}`, { cause });
  }
  if (isEncrypted && /UNSUPPORTED/.test(code)) {
    return new AppError(
      'input',
      `the private key ${file.path} is encrypted in an outdated way that OpenSSL 3 rejects`,
      {
        cause,
        hint:
          `encrypt it again: openssl pkey -provider legacy -provider default -in ${word} ` +
          `-aes256 -out ${newFile('pem')}`,
      },
    );
  }
  const what = `the private key ${file.path}`;
  if (recogniseContent(file, block, 'key') !== null) return damagedBlock(file, what, block, 'key', cause);
  return new AppError('input', `${what} is damaged or of an unknown type`, { cause });
}

/** PBES2 (RFC 8018), 1.2.840.113549.1.5.13 in DER, or the older `DEK-Info` form: both open with OpenSSL 3. */
function isModernlyEncrypted({ text, base64 }: PemBlock): boolean {
  return (
    text.includes('DEK-Info:') || Buffer.from(base64, 'base64').includes(Buffer.from('06092a864886f70d01050d', 'hex'))
  );
}

/** A PKCS#12 file was not opened because its passphrase is another one, or was not given. */
export const isWrongPassphrase = (error: unknown): boolean => error instanceof AppError && needsPassphrase(error.cause);

/** Without a MAC, the passphrase proves wrong at the first part that is decrypted. */
const needsPassphrase = (cause: unknown): boolean =>
  /mac verify failure|bad decrypt/i.test((cause as Error | undefined)?.message ?? '');

/** RFC 9579: 1.2.840.113549.1.5.14. */
const PBMAC1 = Buffer.from('06092a864886f70d01050e', 'hex');

export function explainPfx(cause: unknown, file: TlsFile, passphrase: string | undefined): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const what = `the PKCS#12 file ${file.path}`;
  if (needsPassphrase(cause)) {
    const why =
      passphrase === undefined ? 'needs a passphrase and none was given' : 'does not open with this passphrase';
    return new AppError('input', `${what} ${why}`, {
      cause,
      hint: 'use --passphrase-env NAME or --passphrase-file FILE',
    });
  }
  if (/mac absent/i.test(message))
    return new AppError('input', `${what} has no MAC to check the passphrase against: OpenSSL 3.0 rejects it`, {
      cause,
      hint: `write it again: ${writeAnew(file, '')}`,
    });
  if (code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION' || /unsupported/i.test(message)) return unsupportedPfx(cause, file);
  if (/private key from PFX/i.test(message))
    return new AppError('input', `${what} does not contain a private key with its certificate`, {
      cause,
      hint: 'export both: openssl pkcs12 -export -in cert.pem -inkey key.pem -out new.pfx',
    });
  return noPkcs12(cause, file);
}

/** What a new file is made with: an option makes OpenSSL read the old one. */
function writeAnew(file: TlsFile, option: string): string {
  const { word, newFile } = lookAt(file.path, file.bytes, 'pfx');
  const [all, copy] = [newFile('pem'), newFile('p12')];
  return `openssl pkcs12${option} -in ${word} -out ${all} && openssl pkcs12 -export -in ${all} -out ${copy}`;
}

function unsupportedPfx(cause: unknown, file: TlsFile): AppError {
  const what = `the PKCS#12 file ${file.path}`;
  if (Buffer.from(file.bytes).includes(PBMAC1))
    return new AppError('input', `${what} has a new kind of MAC (PBMAC1) that OpenSSL before 3.4 rejects`, {
      cause,
      hint: `write it again: ${writeAnew(file, ' -nomacver')}`,
    });
  return new AppError('input', `${what} is encrypted in an outdated way (RC2) that OpenSSL 3 rejects`, {
    cause,
    hint: `convert it: ${writeAnew(file, ' -legacy')}`,
  });
}

function noPkcs12(cause: unknown, file: TlsFile): AppError {
  const known = recogniseFile(file, 'pfx');
  const isPem = /-----BEGIN (?:[A-Z0-9]+ )*(?:CERTIFICATE|PRIVATE KEY)-----/.test(
    Buffer.from(file.bytes).toString('latin1'),
  );
  const hint = isPem ? 'it is PEM; use --cert and --key' : known?.cure && cureText(known.cure);
  return new AppError(
    'input',
    `the file ${file.path} cannot be read as PKCS#12: ${known?.what ?? 'it contains something else'}`,
    { cause, ...(typeof hint === 'string' ? { hint } : {}) },
  );
}

export function explainContext(cause: unknown, file: TlsFile | undefined): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const subject = `the certificate ${file?.path ?? ''}`.trimEnd();
  if (/MD_TOO_WEAK/.test(code))
    return new AppError('input', `${subject} is signed with SHA-1 or MD5, which OpenSSL rejects`, {
      cause,
      hint: 'have it reissued with SHA-256',
    });
  if (/KEY_TOO_SMALL/.test(code))
    return new AppError('input', `${subject} has a key that is too short for OpenSSL`, {
      cause,
      hint: 'use RSA 2048 or P-256',
    });
  return new AppError('input', `${subject} cannot be used: ${code || message}`, { cause });
}
