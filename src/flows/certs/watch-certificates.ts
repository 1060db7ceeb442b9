import type { X509Certificate } from 'node:crypto';
import { CHECKS } from '../../certs/checks.ts';
import { readDetails } from '../../certs/file/certificate-details.ts';
import { type FoundFile, findFiles } from '../../certs/file/find-files.ts';
import { splitFile } from '../../certs/file/split-file.ts';
import { judgeDates } from '../../certs/judge/certificate.ts';
import { listSome, plural } from '../../model/wording.ts';
import { MAX_TLS_FILE_BYTES, readTlsFile } from '../../deliver/tls-files.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import { type Check, type Finding, makeFinding } from '../../model/finding.ts';

export interface WatchOptions {
  directory: string;
  /** What expires within so many days is a failure. */
  days: number;
}

export interface Watch {
  /** One for each certificate, the one that ends first before the others; before them, files that are damaged. */
  findings: Finding[];
  certificates: number;
  /** Files that hold no certificate. */
  skipped: number;
  /** Paths of PKCS#12 files: what they hold is behind a passphrase. */
  closed: string[];
  /** Paths of files and folders that may not be read. */
  unreadable: string[];
}

interface HeldCertificate {
  certificate: X509Certificate;
  place: string;
}

type Content = readonly HeldCertificate[] | 'none' | 'closed' | 'unreadable' | Finding;

/**
 * Looks at every file below a folder for certificates that expire soon. Throws AppError `input`, also when none at all
 * can be read.
 */
export async function watchCertificates({ directory, days }: WatchOptions, clock: Clock): Promise<Watch> {
  const { files, unreadable } = await findFiles(directory);
  const contents: Content[] = [];
  for (const file of files) contents.push(await readContent(file));
  const pathsOf = (what: Content): string[] =>
    files.filter((_, index) => contents[index] === what).map(({ path }) => path);
  const held = contents.flatMap((content) => (Array.isArray(content) ? (content as readonly HeldCertificate[]) : []));
  const damaged = contents.filter(
    (content): content is Finding => typeof content === 'object' && !Array.isArray(content),
  );
  const [closed, notReadable] = [pathsOf('closed'), [...unreadable, ...pathsOf('unreadable')]];
  if (held.length === 0) throw nothingRead(directory, files.length, damaged, closed, notReadable);
  const sorted = held.toSorted((a, b) => endOf(a) - endOf(b));
  return {
    findings: [...damaged, ...sorted.map((one) => judgeHeld(one, days, clock.now()))],
    certificates: held.length,
    skipped: pathsOf('none').length,
    closed,
    unreadable: notReadable,
  };
}

/** A cron job that watches nothing must fail loudly. */
function nothingRead(
  directory: string,
  looked: number,
  damaged: readonly Finding[],
  closed: readonly string[],
  unreadable: readonly string[],
): AppError {
  const why = [
    ...damaged.map(({ detail }) => detail),
    ...closed.map((path) => `${path} is a PKCS#12 file, which cannot be checked`),
    ...unreadable.map((path) => `${path} cannot be read: permission denied`),
  ];
  const message =
    why.length === 0 ? `no certificate found below ${directory}` : `no readable certificate below ${directory}`;
  return new AppError('input', `${message}: ${plural(looked, 'file')} checked`, {
    hint: [...(why.length === 0 ? [] : [listSome(why)]), 'give the folder with the copies, as PEM or DER files'].join(
      '\n',
    ),
  });
}

const endOf = ({ certificate }: HeldCertificate): number => readDetails(certificate).notAfter || 0;

async function readContent({ path, bytes }: FoundFile): Promise<Content> {
  const isNamedSo = CERTIFICATE_NAME.test(path);
  if (!isNamedSo && (bytes === 0 || bytes > MAX_TLS_FILE_BYTES)) return 'none';
  if (bytes > MAX_TLS_FILE_BYTES) return damagedFile(path, `the file ${path} is too large for certificates`);
  const file = await readTlsFile(path).catch(() => null);
  if (file === null) return 'unreadable';
  const isPem = Buffer.from(file.bytes).includes('-----BEGIN ');
  if (!isNamedSo && !isPem && file.bytes[0] !== 0x30) return 'none';
  try {
    const { parts } = splitFile(file);
    if (parts.some(({ kind }) => kind === 'pkcs12')) return 'closed';
    const certificates = parts.flatMap((part) => (part.kind === 'certificate' ? [part.certificate] : []));
    return certificates.length === 0
      ? 'none'
      : certificates.map((certificate, index) => ({
          certificate,
          place: certificates.length === 1 ? path : `${path}, number ${index + 1}`,
        }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return isNamedSo || looksCertified(file.bytes) ? damagedFile(path, error.message, error.hint) : 'none';
  }
}

/** The names that copies of certificates have. A truncated download or a 404 page may have one, too. */
const CERTIFICATE_NAME = /\.(?:pem|crt|cer|cert|der)$/i;
/** A line of base64 follows, or nothing. Text about certificates goes on with words or dots. */
const BEGUN_PEM = /^-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----\r?(?:\n[A-Za-z0-9+/=]+\r?$|\n?(?![^]))/m;

/** RFC 5280 §4.1, in hex: two sequences, then [0] with the version as an integer. */
const BEGUN_DER = /^30(?:81..|82.{4}|83.{6})30(?:[0-7].|81..|82.{4}|83.{6})a0030201/;

/** Whether it begins like a certificate: PEM, or DER of version 2 or 3. */
function looksCertified(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes);
  return BEGUN_DER.test(file.toString('hex', 0, 16)) || BEGUN_PEM.test(file.toString('latin1'));
}

/** A check of what stands in one place, which its title then names. */
const inPlace = (check: Check, place: string): Check => ({ ...check, title: `${check.title} (${place})` });

/** Its end date is unknown, and nobody can use it. */
function damagedFile(path: string, detail: string, fix = 'download it again'): Finding {
  return makeFinding(inPlace(CHECKS.L1, path), {
    status: 'fail',
    detail,
    expected: 'PEM or DER certificates',
    observed: 'an unreadable file',
    fix,
  });
}

function judgeHeld({ certificate, place }: HeldCertificate, days: number, nowMs: number): Finding {
  const { status, detail, ...conclusion } = judgeDates(certificate, { nowMs, daysWarning: days });
  const expected = `valid today and for ${plural(days, 'more day')}`;
  if (status === 'pass') return makeFinding(inPlace(CHECKS.L5, place), { ...conclusion, status, detail });
  // Elsewhere a certificate that is not valid yet fails. But vendors publish the next one in advance.
  if (nowMs < readDetails(certificate).notBefore)
    return makeFinding(inPlace(CHECKS.L5, place), {
      ...conclusion,
      status: 'warn',
      detail: `${detail}: keep the old copy until then`,
      expected,
      fix: 'keep the old copy until then',
    });
  return makeFinding(inPlace(CHECKS.L5, place), {
    ...conclusion,
    status: 'fail',
    detail,
    expected,
    fix: 'download the copy that the vendor publishes now',
  });
}
