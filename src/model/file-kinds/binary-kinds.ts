import { type Cure, type FileKind, type KnownFile, pfxCure, type UnreadFile } from './file-kind.ts';

/** Kinds that are known by their first bytes: archives, keystores and texts in other encodings. */
export const BINARY_KINDS: readonly FileKind[] = [archive, keystore, wideText, otherBinary];

interface Magic {
  /** In hexadecimal. */
  begins: RegExp;
  what: string;
}

const ARCHIVES: readonly (Magic & { unpack: (word: string, newFile: string) => string })[] = [
  { begins: /^1f8b/, what: 'compressed with gzip', unpack: (word, copy) => `gzip -dc ${word} > ${copy}` },
  { begins: /^425a68/, what: 'compressed with bzip2', unpack: (word, copy) => `bzip2 -dc ${word} > ${copy}` },
  { begins: /^fd377a585a00/, what: 'compressed with xz', unpack: (word, copy) => `xz -dc ${word} > ${copy}` },
  { begins: /^28b52ffd/, what: 'compressed with Zstandard', unpack: (word, copy) => `zstd -dc ${word} > ${copy}` },
  { begins: /^504b0304/, what: 'a ZIP archive', unpack: (word) => `unzip ${word}` },
  { begins: /^377abcaf271c/, what: 'a 7-Zip archive', unpack: (word) => `7z x ${word}` },
];

function archive({ bytes, word, newFile }: UnreadFile): KnownFile | null {
  const head = bytes.toString('hex', 0, 8);
  if (bytes.toString('latin1', 257, 262) === 'ustar')
    return { what: 'it is a tar archive', cure: { advice: 'extract the files', command: `tar -xf ${word}` } };
  const found = ARCHIVES.find(({ begins }) => begins.test(head));
  if (found === undefined) return null;
  return { what: `it is ${found.what}`, cure: { advice: 'unpack it', command: found.unpack(word, newFile('pem')) } };
}

const KEYSTORES: readonly (Magic & { type: string })[] = [
  { begins: /^feedfeed0000000[12]/, what: 'a Java keystore (JKS)', type: 'JKS' },
  { begins: /^cececece0000000[12]/, what: 'a Java keystore (JCEKS)', type: 'JCEKS' },
  // Its version, and a salt of 20 bytes.
  { begins: /^0000000[12]00000014/, what: 'a keystore of Bouncy Castle (BKS)', type: 'BKS' },
];

function keystore(file: UnreadFile): KnownFile | null {
  const { bytes, wanted, word, newFile } = file;
  const head = bytes.toString('hex', 0, 8);
  const found = KEYSTORES.find(({ begins }) => begins.test(head));
  if (found === undefined) return null;
  const { type } = found;
  const provider =
    type === 'BKS' ? ' -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider -providerpath bcprov.jar' : '';
  const pfx = newFile('p12');
  return {
    what: `it is ${found.what}`,
    cure:
      wanted === 'ca'
        ? {
            advice: 'extract the certificates',
            command: `keytool -list -rfc -keystore ${word} -storetype ${type}${provider} > ${newFile('pem')}`,
          }
        : pfxCure(
            'convert it to PKCS#12',
            `keytool -importkeystore -srckeystore ${word} -srcstoretype ${type}${provider} ` +
              `-destkeystore ${pfx} -deststoretype PKCS12`,
            file,
          ),
  };
}

/** UTF-16 and UTF-32, with a mark at their beginning or without. */
function wideText({ bytes, word, newFile }: UnreadFile): KnownFile | null {
  const [name, encoding] = wideEncoding(bytes) ?? [];
  if (name === undefined || encoding === undefined) return null;
  const cure: Cure = {
    advice: 'convert it to UTF-8',
    command: `iconv -f ${encoding} -t UTF-8 ${word} > ${newFile('pem')}`,
  };
  return { what: `it is text in ${name}, as editors and PowerShell on Windows write it`, cure };
}

function wideEncoding(bytes: Buffer): [name: string, encoding: string] | null {
  const head = bytes.toString('hex', 0, 4);
  if (head === 'fffe0000' || head === '0000feff') return ['UTF-32', 'UTF-32'];
  if (head.startsWith('fffe') || head.startsWith('feff')) return ['UTF-16', 'UTF-16'];
  // Without a mark the bytes of ASCII tell the order.
  const start = bytes.subarray(0, 64);
  if (start.length < 4) return null;
  const isText = (offset: number): boolean =>
    start.every((byte, index) => (index % 2 === offset ? byte >= 0x09 && byte < 0x7f : byte === 0));
  if (isText(0)) return ['UTF-16 without a byte-order mark', 'UTF-16LE'];
  return isText(1) ? ['UTF-16 without a byte-order mark', 'UTF-16BE'] : null;
}

function otherBinary({ bytes, text, word, newFile }: UnreadFile): KnownFile | null {
  if (bytes.toString('hex', 0, 4) === '1ef1b5b0')
    return {
      what: 'it is a private key of Microsoft (PVK)',
      cure: { advice: 'convert it', command: `openssl rsa -inform PVK -in ${word} -out ${newFile('pem')}` },
    };
  if (text.startsWith('SQLite format 3\0'))
    return {
      what: 'it is an SQLite database, such as the one in which Firefox and NSS keep certificates',
      cure: { advice: 'export it: pk12util -o new.p12 -n NAME -d FOLDER', command: null },
    };
  return null;
}
