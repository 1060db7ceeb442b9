import { type Cure, type FileKind, type KnownFile, swapped, type UnreadFile } from './file-kind.ts';

/** Keys of OpenSSH, ssh.com and PuTTY: the same mathematics as in PEM, in forms that no TLS program reads. */
export const SSH_KINDS: readonly FileKind[] = [openSshPrivateKey, publicKeyLine, ssh2Key, puttyKey];

const NO_X509: Cure = {
  advice: 'TLS only accepts X.509 certificates; have one issued, for instance with webhook certs create',
  command: null,
};

const NAMES: ReadonlyMap<string, string> = new Map([
  ['ssh-rsa', 'RSA'],
  ['ssh-dss', 'DSA'],
  ['ssh-ed25519', 'Ed25519'],
  ['ssh-ed448', 'Ed448'],
  ['ecdsa-sha2-nistp256', 'EC P-256'],
  ['ecdsa-sha2-nistp384', 'EC P-384'],
  ['ecdsa-sha2-nistp521', 'EC P-521'],
]);
const nameOf = (type: string): string =>
  NAMES.get(type) ?? (type.startsWith('sk-') ? 'in a security token' : 'of an unknown kind');

/** PROTOCOL.key of OpenSSH: what stands before the encrypted part of a private key is in clear. */
function openSshPrivateKey(file: UnreadFile): KnownFile | null {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]{0,16384})/.exec(file.text)?.[1];
  if (base64 === undefined) return null;
  const [cipher = '', , , , blob] = readStrings(Buffer.from(base64, 'base64').subarray(15));
  const type = readStrings(blob ?? Buffer.alloc(0), 0)[0]?.toString('latin1') ?? '';
  const isEncrypted = cipher.toString('latin1') !== 'none';
  const what = `it is an OpenSSH private key (${nameOf(type)}${isEncrypted ? ', encrypted' : ''})`;
  if (file.wanted === 'own') return { what, cure: swapped(file) };
  if (file.wanted === 'ca') return { what, cure: NO_X509 };
  return { what, cure: cureOfPrivateKey(type, isEncrypted, file) };
}

/** The strings of RFC 4251 §5, one after the other; the number of keys stands before the `numberAt`th, by itself. */
function readStrings(bytes: Buffer, numberAt = 3): Buffer[] {
  const strings: Buffer[] = [];
  let at = 0;
  while (strings.length < 5 && at + 4 <= bytes.length) {
    if (strings.length === numberAt && numberAt > 0) {
      strings.push(Buffer.alloc(0));
      at += 4;
      continue;
    }
    const length = bytes.readUInt32BE(at);
    strings.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return strings;
}

function cureOfPrivateKey(type: string, isEncrypted: boolean, { word, newFile }: UnreadFile): Cure | null {
  if (type.startsWith('sk-') || !NAMES.has(type))
    return { advice: 'its key cannot be extracted; create another one: webhook certs create', command: null };
  const copy = newFile('pem');
  // ssh-keygen writes no Ed25519 key in another form, so its 32 bytes are put behind the head that they have in PKCS#8.
  if (type === 'ssh-ed25519' && !isEncrypted)
    return { advice: 'convert it to PEM', command: ed25519Command(word, copy) };
  if (type !== 'ssh-ed25519')
    return {
      advice: 'convert it to PEM',
      command: `install -m 600 ${word} ${copy} && ssh-keygen -p -m PKCS8 -f ${copy}`,
    };
  const open = newFile('openssh');
  return {
    advice: 'decrypt it, with an empty new passphrase, and convert it to PEM',
    command: `install -m 600 ${word} ${open} && ssh-keygen -p -f ${open} && ${ed25519Command(open, copy)}`,
  };
}

/** RFC 8410 §7 and §4. */
const ED25519_PRIVATE_HEAD = String.raw`\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040`;
const ED25519_PUBLIC_HEAD = String.raw`\060\052\060\005\006\003\053\145\160\003\041\000`;
/** Where the 32 bytes stand in an OpenSSH key that is not encrypted, from 1. */
const ED25519_AT = 162;

const ed25519Command = (word: string, copy: string): string =>
  `(printf '${ED25519_PRIVATE_HEAD}'; sed /-----/d ${word} | base64 -d | tail -c +${ED25519_AT} | head -c 32) | ` +
  `openssl pkey -inform der -out ${copy}`;

const TYPE = String.raw`ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh|ecdsa)-[\w-]{1,30}?`;
/** Options or a host may stand before it, as in authorized_keys or known_hosts. */
const PUBLIC_LINE = new RegExp(
  String.raw`^(?:\S.{0,200} )?(${TYPE})(-cert-v01)?(?:@openssh\.com)? +AAAA[A-Za-z0-9+/]{20}`,
  'm',
);

function publicKeyLine({ text, wanted, word, newFile }: UnreadFile): KnownFile | null {
  const found = PUBLIC_LINE.exec(text.slice(0, 16_384));
  if (found === null) return null;
  const [, type = '', certificate] = found;
  if (certificate !== undefined) return { what: `it is an OpenSSH certificate (${nameOf(type)})`, cure: NO_X509 };
  const what = `it is an OpenSSH public key (${nameOf(type)})`;
  if (wanted === 'key') return { what, cure: PRIVATE_WANTED };
  if (wanted !== 'any') return { what, cure: NO_X509 };
  const copy = newFile('pem');
  if (type.startsWith('sk-')) return { what, cure: NO_X509 };
  const command =
    type === 'ssh-ed25519'
      ? `(printf '${ED25519_PUBLIC_HEAD}'; cut -d' ' -f2 ${word} | base64 -d | tail -c 32) | ` +
        `openssl pkey -pubin -inform der -pubout -out ${copy}`
      : `ssh-keygen -e -m PKCS8 -f ${word} > ${copy}`;
  return { what, cure: { advice: 'convert it to PEM', command } };
}

export const PRIVATE_WANTED: Cure = {
  advice: 'a client signs with the private key that belongs to it',
  command: null,
};

/** RFC 4716, and the private keys of ssh.com. */
function ssh2Key({ text, wanted, word, newFile }: UnreadFile): KnownFile | null {
  const label = /^---- BEGIN SSH2 (ENCRYPTED PRIVATE KEY|PUBLIC KEY) ----/m.exec(text)?.[1];
  if (label === undefined) return null;
  if (label !== 'PUBLIC KEY')
    return {
      what: 'it is a private key of ssh.com',
      cure: {
        advice: 'convert it',
        command: `puttygen ${word} -O private-openssh -o ${newFile('pem')}`,
      },
    };
  const what = 'it is an SSH2 public key (RFC 4716)';
  if (wanted === 'key') return { what, cure: PRIVATE_WANTED };
  if (wanted !== 'any') return { what, cure: NO_X509 };
  const command = `ssh-keygen -i -f ${word} | ssh-keygen -e -m PKCS8 -f /dev/stdin > ${newFile('pem')}`;
  return { what, cure: { advice: 'convert it to PEM', command } };
}

function puttyKey(file: UnreadFile): KnownFile | null {
  const { text, wanted, word, newFile } = file;
  const found = /^PuTTY-User-Key-File-(\d): ([\w@.-]{1,60})\r?\n(?:Encryption: (\S{1,30}))?/.exec(text);
  if (found === null) return null;
  const [, version = '', type = '', encryption = 'none'] = found;
  const isEncrypted = encryption !== 'none';
  const what = `it is a private key of PuTTY (version ${version}, ${nameOf(type)}${isEncrypted ? ', encrypted' : ''})`;
  if (wanted === 'own') return { what, cure: swapped(file) };
  if (wanted === 'ca') return { what, cure: NO_X509 };
  const [copy, open] = [newFile('pem'), newFile('openssh')];
  if (type !== 'ssh-ed25519')
    return { what, cure: { advice: 'convert it to PEM', command: `puttygen ${word} -O private-openssh -o ${copy}` } };
  const toOpenSsh = `puttygen ${word} -O private-openssh -o ${open}`;
  return {
    what,
    cure: {
      advice: isEncrypted ? 'decrypt it, with an empty new passphrase, and convert it to PEM' : 'convert it to PEM',
      command: [toOpenSsh, ...(isEncrypted ? [`ssh-keygen -p -f ${open}`] : []), ed25519Command(open, copy)].join(
        ' && ',
      ),
    },
  };
}
