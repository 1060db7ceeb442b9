import { quoteForShell } from '../shell-word.ts';

/** What the reader of a file looks for in it. `own`: the certificate to show, which a PKCS#12 file may hold too. */
export type WantedPart = 'own' | 'ca' | 'key' | 'pfx' | 'any';

/** The flags that name such files, for hints. */
export interface TlsFlags {
  cert: string;
  key: string;
  /** Null where only PEM is taken. */
  pfx: string | null;
  /** With their values. */
  passphrase: string;
}

export const CLIENT_FLAGS: TlsFlags = {
  cert: '--cert',
  key: '--key',
  pfx: '--pfx',
  passphrase: '--passphrase-env NAME or --passphrase-file FILE',
};

/** What to do about a file of the wrong kind. */
export interface Cure {
  /** `convert it` */
  advice: string;
  /** For a POSIX shell; null where no program makes the right thing of it. */
  command: string | null;
}

/** What a file is that holds nothing to read. */
export interface KnownFile {
  /** `it is a Java keystore (JKS)`: nothing of a key, and no text of the file but names. */
  what: string;
  cure: Cure | null;
}

/** A file that could not be read, as the table of kinds looks at it. */
export interface UnreadFile {
  path: string;
  bytes: Buffer;
  /** A character for each byte; what is looked for stands near the beginning, or anywhere in a PEM text. */
  text: string;
  wanted: WantedPart;
  flags: TlsFlags;
  /** As a word of a shell. */
  word: string;
  /** The name of a new file for what is made of this one: `client-new.pem`, never this file itself. */
  newFile: (extension: string) => string;
}

/** A row of the table: null when the file is none of its kind. */
export type FileKind = (file: UnreadFile) => KnownFile | null;

/** What standard input is called where a path would stand. */
export const STANDARD_INPUT = 'standard input';

const EXTENSIONS =
  'pem crt cer cert der key pub csr crl ppk jks jceks bks keystore p12 pfx p7b p7c pvk jwk json yaml yml txt env b64 ' +
  'gz bz2 xz zst';
const EXTENSION = new RegExp(String.raw`\.(?:${EXTENSIONS.replaceAll(' ', '|')})$`, 'i');

/** The file as the rows see it. */
export function lookAt(
  path: string,
  bytes: Uint8Array,
  wanted: WantedPart,
  flags: TlsFlags = CLIENT_FLAGS,
): UnreadFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const given = path === STANDARD_INPUT ? 'FILE' : path;
  const name = /[^/\\]*$/.exec(given)?.[0] ?? given;
  const stem = name.replace(EXTENSION, '').replace(EXTENSION, '').replace(/^-+/, '');
  return {
    path,
    bytes: buffer,
    text: buffer.toString('latin1'),
    wanted,
    flags,
    word: shellPath(given),
    newFile: (extension) => shellPath(`${stem === '' ? 'file' : stem}-new.${extension}`),
  };
}

/** A path that begins with a dash would be an option. */
const shellPath = (path: string): string => quoteForShell(path.startsWith('-') ? `./${path}` : path);

/** `convert it: iconv …` */
export const cureText = ({ advice, command }: Cure): string => (command === null ? advice : `${advice}: ${command}`);

/** Certificate and key were given for one another. */
export const swapped = ({ flags }: UnreadFile): Cure => ({
  advice: `swapped? ${flags.cert} takes the certificate, ${flags.key} its private key`,
  command: null,
});

/** PKCS#12 that a command writes as `name.p12`, as the flag takes it: in PEM where none takes PKCS#12. */
export function pfxCure(advice: string, command: string, { wanted, flags, newFile }: UnreadFile): Cure {
  if (wanted !== 'own' && wanted !== 'key') return { advice, command };
  if (flags.pfx !== null) return { advice: `${advice}, and give the result with ${flags.pfx}`, command };
  return { advice, command: `${command} && openssl pkcs12 -in ${newFile('p12')} -out ${newFile('pem')}` };
}
