import type { X509Certificate } from 'node:crypto';
import { CHECKS } from '../certs/checks.ts';
import { readDetails } from '../certs/file/certificate-details.ts';
import { findFiles, type FoundFile } from '../certs/file/find-files.ts';
import { splitFile } from '../certs/file/split-file.ts';
import { makeFinding } from '../certs/judge/finding.ts';
import { judgeDates } from '../certs/judge/judge-validity.ts';
import { MAX_TLS_FILE_BYTES, readTlsFile } from '../deliver/tls-files.ts';
import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';

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
  /** PKCS#12 files: what they hold is behind a passphrase. */
  closed: number;
  /** Files and folders that may not be read. */
  unreadable: number;
}

interface Held {
  certificate: X509Certificate;
  place: string;
}

type Content = readonly Held[] | 'none' | 'closed' | 'unreadable' | Finding;

/** Looks at every file below a folder for certificates that expire soon. Throws AppError `input`, also when there is none at all. */
export async function watchCertificates({ directory, days }: WatchOptions, clock: Clock): Promise<Watch> {
  const { files, unreadable } = await findFiles(directory);
  const contents: Content[] = [];
  for (const file of files) contents.push(await readContent(file));
  const count = (what: Content): number => contents.filter((content) => content === what).length;
  const held = contents.flatMap((content) => (Array.isArray(content) ? (content as readonly Held[]) : []));
  const damaged = contents.filter((content): content is Finding => typeof content === 'object' && !Array.isArray(content));
  if (held.length + damaged.length === 0) {
    throw new AppError('input', `there is no certificate below ${directory}: ${files.length} file${files.length === 1 ? '' : 's'} looked at`, { hint: 'name the folder with the copies; they are PEM or DER files' });
  }
  const sorted = held.toSorted((a, b) => endOf(a) - endOf(b));
  return {
    findings: [...damaged, ...sorted.map((one) => judgeHeld(one, days, clock.now()))],
    certificates: held.length,
    skipped: count('none'),
    closed: count('closed'),
    unreadable: unreadable.length + count('unreadable'),
  };
}

const endOf = ({ certificate }: Held): number => readDetails(certificate).notAfter || 0;

async function readContent({ path, bytes }: FoundFile): Promise<Content> {
  if (bytes === 0 || bytes > MAX_TLS_FILE_BYTES) return 'none';
  const file = await readTlsFile(path).catch(() => null);
  if (file === null) return 'unreadable';
  const isPem = Buffer.from(file.bytes).includes('-----BEGIN ');
  if (!isPem && file.bytes[0] !== 0x30) return 'none';
  try {
    const { parts } = splitFile(file);
    if (parts.some(({ kind }) => kind === 'pkcs12')) return 'closed';
    const certificates = parts.flatMap((part) => (part.kind === 'certificate' ? [part.certificate] : []));
    return certificates.length === 0 ? 'none' : certificates.map((certificate, index) => ({ certificate, place: certificates.length === 1 ? path : `${path}, number ${index + 1}` }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return /^-----BEGIN CERTIFICATE-----\r?$/m.test(Buffer.from(file.bytes).toString('latin1')) ? damagedFile(path, error) : 'none';
  }
}

/** No certificate was read, so nothing is known of its end. It may also be a text about certificates: no failure. */
function damagedFile(path: string, { message }: AppError): Finding {
  return makeFinding(CHECKS.L1, path, { status: 'warn', detail: message, expected: 'PEM or DER certificates', observed: 'what cannot be read', advice: 'fetch it again' }, 0);
}

function judgeHeld({ certificate, place }: Held, days: number, nowMs: number): Finding {
  const { status, ...conclusion } = judgeDates(certificate, { nowMs, daysWarning: days });
  const isPremature = nowMs < readDetails(certificate).notBefore;
  const advice = status === 'pass' ? {} : { expected: `valid today and for ${days} days more`, advice: isPremature ? 'keep the old copy until then' : 'fetch the copy that the vendor publishes now' };
  return makeFinding(CHECKS.L5, place, { ...conclusion, ...advice, status: status === 'pass' ? 'pass' : isPremature ? 'warn' : 'fail' }, 0);
}
