import type { Cure, KnownFile, UnreadFile } from './file-kind.ts';

/** What the first values of DER (or BER) bytes say of them. Whether the rest holds is for OpenSSL to say. */
export type DerName =
  | 'PKCS#12'
  | 'PKCS#7'
  | 'certificate'
  | 'certificate request'
  | 'list of revoked certificates'
  | 'encrypted private key'
  | 'private key'
  | 'public key';

interface DerSpan {
  tag: number;
  /** Its content, which may be cut off; an open length reaches to the end. */
  from: number;
  to: number;
}

/** Certificates and keys have no more side by side. */
const MAX_SPANS = 12;

/** The values side by side in a part of the bytes, as far as they can be told apart. */
function spansIn(bytes: Uint8Array, { from, to }: Pick<DerSpan, 'from' | 'to'>): DerSpan[] {
  const spans: DerSpan[] = [];
  for (let at = from; at + 2 <= to && spans.length < MAX_SPANS; at = spans.at(-1)?.to ?? to) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2);
    const size = first <= 0x80 ? 0 : first - 0x80;
    const start = at + 2 + size;
    if (size > 4) return spans;
    const length = bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
    spans.push({ tag, from: start, to: first === 0x80 ? to : Math.min(to, start + (size === 0 ? first : length)) });
  }
  return spans;
}

/** The tags in hexadecimal, one after the other. */
const tagsOf = (spans: readonly DerSpan[]): string =>
  spans.map(({ tag }) => tag.toString(16).padStart(2, '0')).join(' ');

/** By the tags of the outermost sequence; INTEGER 02, BIT STRING 03, OCTET STRING 04, OBJECT IDENTIFIER 06. */
const FORMS: readonly [name: DerName, tags: RegExp][] = [
  // RFC 5652 §3: its kind, then [0].
  ['PKCS#7', /^06 a0/],
  // RFC 5958 §3: an algorithm, then what is encrypted.
  ['encrypted private key', /^30 04$/],
  // RFC 5280 §4.1.2.7.
  ['public key', /^30 03$|^02 02$/],
  // PKCS#8, PKCS#1, SEC1.
  ['private key', /^02 30 04|^02(?: 02){5}|^02 04/],
];
/** By the tags of the first sequence within, where two more values follow it: an algorithm and a signature. */
const SIGNED_FORMS: readonly [name: DerName, tags: RegExp][] = [
  // RFC 5280 §4.1: version [0] for all but version 1; after two Names' worth of sequences the key.
  ['certificate', /^(?:a0 )?02(?: 30){5}/],
  // RFC 2986 §4.
  ['certificate request', /^02 30 30(?: a0)?$/],
  // RFC 5280 §5.1: the issuer is followed by a time.
  ['list of revoked certificates', /^(?:02 )?30 30 1[78]/],
];

/** Null for bytes that begin like none of these. */
export function nameOfDer(bytes: Uint8Array): DerName | null {
  if (bytes[0] !== 0x30) return null;
  const [outer] = spansIn(bytes, { from: 0, to: bytes.length });
  if (outer === undefined) return null;
  const spans = spansIn(bytes, outer);
  const [first] = spans;
  const tags = tagsOf(spans);
  // RFC 7292 §4: version 3.
  if (first?.tag === 0x02 && bytes[first.from] === 3 && tags.startsWith('02 30')) return 'PKCS#12';
  const known = FORMS.find(([, form]) => form.test(tags))?.[0];
  if (known !== undefined || first?.tag !== 0x30) return known ?? null;
  const inner = tagsOf(spansIn(bytes, first));
  return SIGNED_FORMS.find(([, form]) => form.test(inner))?.[0] ?? null;
}

/** The label under which OpenSSL reads each form of a key. */
const KEY_LABELS: readonly [tags: RegExp, label: string][] = [
  [/^02 30 04/, 'PRIVATE KEY'],
  [/^02(?: 02){8}/, 'RSA PRIVATE KEY'],
  [/^02(?: 02){5}$/, 'DSA PRIVATE KEY'],
  [/^02 04/, 'EC PRIVATE KEY'],
  [/^30 03$/, 'PUBLIC KEY'],
  [/^02 02$/, 'RSA PUBLIC KEY'],
];

/** Null for what is no key. */
export function labelOfKey(der: Uint8Array): string | null {
  const [outer] = spansIn(der, { from: 0, to: der.length });
  const tags = outer?.tag === 0x30 ? tagsOf(spansIn(der, outer)) : '';
  return KEY_LABELS.find(([form]) => form.test(tags))?.[1] ?? null;
}

const ARTICLE: Partial<Record<DerName, string>> = { 'PKCS#12': '', 'PKCS#7': '', 'encrypted private key': 'an ' };
/** `a private key`, `PKCS#12` */
export const derText = (name: DerName): string => `${ARTICLE[name] ?? 'a '}${name}`;

/** A file in DER where PEM is wanted, or in DER of a kind that is not looked into. */
export function derFile(file: UnreadFile): KnownFile | null {
  const name = nameOfDer(file.bytes);
  if (name === null) return null;
  const form = name === 'PKCS#12' ? '' : ' in DER (binary)';
  const cut = isCutOff(file.bytes) ? ', cut off' : '';
  return {
    what: `it looks like ${derText(name)}${form}${cut}`,
    cure: cut === '' ? cureOfDer(name, file) : { advice: 'copy it again', command: null },
  };
}

/** Fewer bytes than its first length says. */
function isCutOff(bytes: Buffer): boolean {
  const first = bytes[1] ?? 0;
  if (first === 0x80) return false;
  const size = first < 0x80 ? 0 : first - 0x80;
  if (size > 4 || bytes.length < 2 + size) return true;
  return bytes.length < 2 + size + (size === 0 ? first : bytes.readUIntBE(2, size));
}

/** What makes of it the PEM that is wanted. `word` may be `-` of a pipe. */
export function cureOfDer(name: DerName, file: UnreadFile, input = `-in ${file.word}`): Cure | null {
  const { newFile } = file;
  const copy = newFile('pem');
  if (name === 'PKCS#12') return cureOfPkcs12(file, input, copy);
  if (name === 'PKCS#7')
    return {
      advice: 'extract the certificates',
      command: `openssl pkcs7 -inform der ${input} -print_certs -out ${copy}`,
    };
  if (name === 'list of revoked certificates') return REVOKED;
  const command = COMMANDS[name];
  return { advice: 'convert it', command: `openssl ${command.replace('INPUT', input)} -out ${copy}` };
}

function cureOfPkcs12({ wanted, word, flags }: UnreadFile, input: string, copy: string): Cure {
  if (wanted === 'ca')
    return { advice: 'extract the certificates', command: `openssl pkcs12 ${input} -nokeys -out ${copy}` };
  if ((wanted === 'own' || wanted === 'key') && flags.pfx !== null)
    return { advice: 'it contains both certificate and key', command: `${flags.pfx} ${word}` };
  return { advice: 'write it again', command: `openssl pkcs12 ${input} -out ${copy}` };
}

export const REVOKED: Cure = { advice: 'give the certificates; this only lists revoked ones', command: null };

const COMMANDS: Record<Exclude<DerName, 'PKCS#12' | 'PKCS#7' | 'list of revoked certificates'>, string> = {
  certificate: 'x509 -inform der INPUT',
  'certificate request': 'req -inform der INPUT',
  'encrypted private key': 'pkey -inform der INPUT -aes256',
  'private key': 'pkey -inform der INPUT',
  'public key': 'pkey -pubin -inform der INPUT -pubout',
};
