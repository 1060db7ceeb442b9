import { createHash, timingSafeEqual } from 'node:crypto';
import { decodePercent } from '../../model/http-url.ts';
import type { Signature } from '../../model/signature.ts';
import type { Deviation } from './deviation.ts';
import { listKeptSecrets, unquoted } from './kept-secret.ts';

/** A static secret as the vendor writes it. */
export interface WrittenToken {
  /** All that belongs there: `Bearer abc`. */
  whole: string;
  /** Of it the secret, encoded as the vendor does: `abc`. */
  value: string;
}

/** What stands there, undone in one way. `fits` ends "the header holds …". */
interface TokenReading extends Deviation {
  text: string;
}

/**
 * Finds how the vendor's static secret was written otherwise: another scheme, blanks, letter case, encodings. Whole
 * texts alone are compared, never beginnings: who may try as often as he likes would learn the secret from them.
 */
export function explainToken(
  spec: Signature,
  secret: string,
  given: string,
  write: (secret: string) => WrittenToken,
): Deviation | null {
  const { whole, value } = write(secret);
  const kept = listKeptSecrets(secret).find(
    ({ text }) => text !== '' && text !== secret && isSame(write(text).whole, given),
  );
  if (kept !== undefined) return kept;
  const form = `write it as ${spec.format.replace('{v}', '<secret>')}`;
  const reading = listReadings(given, form).find(
    ({ text }) => isSame(text, whole) || isSame(text, value) || isSame(text, secret),
  );
  if (reading !== undefined) return reading;
  const [one, other] = [given, whole].map((text) => text.toLowerCase());
  return isSame(one, other)
    ? { cause: 'other-letter-case', fits: 'the secret in a different letter case', fix: form }
    : null;
}

/** In a time that does not tell how much of it is right. */
const isSame = (one = '', other = ''): boolean =>
  one !== '' && timingSafeEqual(...([one, other].map(fingerprint) as [Buffer, Buffer]));
const fingerprint = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

function listReadings(given: string, form: string): TokenReading[] {
  const trimmed = given.trim();
  const plain = unquoted(trimmed);
  const [, scheme = '', rest = plain] = /^([A-Za-z]{3,20})[ :]\s*(.*)$/s.exec(plain) ?? [];
  const behind = scheme === '' ? 'without a scheme before it' : `after ${schemeName(scheme)}`;
  const other = { cause: 'other-scheme', fix: form };
  return [
    {
      text: plain === trimmed ? '' : plain,
      cause: 'quoted-secret',
      fits: 'the secret with quotes around it',
      fix: form,
    },
    { text: rest, ...other, fits: `the secret ${behind}` },
    { text: decodeBase64(rest), ...other, fits: `the secret ${behind}, in base64` },
    { text: Buffer.from(rest, 'utf8').toString('base64'), ...other, fits: `the secret ${behind}, not in base64` },
    { text: decodePercent(rest), cause: 'percent-encoded', fits: 'the secret, percent-encoded', fix: form },
    ...halves(decodeBase64(rest)).map((text) => ({
      text,
      ...other,
      fits: `the secret as user or password, ${behind}`,
    })),
  ];
}

/** Of the usual ones alone: anything else may be a part of a secret. */
const SCHEMES: ReadonlySet<string> = new Set(['bearer', 'basic', 'token', 'apikey']);
const schemeName = (scheme: string): string =>
  SCHEMES.has(scheme.toLowerCase()) ? `the scheme ${scheme}` : 'another scheme';

const decodeBase64 = (text: string): string =>
  /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : '';

function halves(credentials: string): string[] {
  const at = credentials.indexOf(':');
  return at === -1 ? [] : [credentials.slice(0, at), credentials.slice(at + 1)];
}
