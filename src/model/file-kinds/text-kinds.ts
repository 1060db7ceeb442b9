import { cureOfDer, type DerName, derText, nameOfDer } from './der-kinds.ts';
import { type Cure, type FileKind, type KnownFile, pfxCure, type UnreadFile } from './file-kind.ts';
import { isWanted, jsonFile, pemOf } from './json-kinds.ts';

/** Texts in which the thing itself is wrapped up, and texts that came instead of it. */
export const TEXT_KINDS: readonly FileKind[] = [jsonFile, markup, otherText, base64Values, hexAlone, base64Alone];

const START = 4096;

function markup({ text, word, newFile }: UnreadFile): KnownFile | null {
  const start = text.slice(0, START).replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^\s*(?:<!doctype html|<html|<head|<body|<title)/i.test(start)) {
    const title = /<title>\s*([\w.,:'’&;-][\w .,:'’&;-]{0,59}?)\s*<\/title>/i.exec(start)?.[1];
    return { what: `it is an HTML page${title === undefined ? '' : ` (“${title}”)`}`, cure: fetchAgain(newFile) };
  }
  if (!/^\s*<(?:\?xml|[\w:.-]{1,60}[\s>/])/.test(start)) return null;
  const what = 'it is an XML document';
  if (/<Error>|<Code>/.test(start)) return { what, cure: fetchAgain(newFile) };
  if (!text.includes('X509Certificate>')) return { what, cure: null };
  return {
    what: `${what} with a certificate, such as SAML metadata`,
    cure: {
      advice: 'extract the first one',
      command:
        `perl -0ne 'print $1 if /X509Certificate>([^<]+)</' ${word} | tr -cd 'A-Za-z0-9+/=' | base64 -d | ` +
        `openssl x509 -inform der -out ${newFile('pem')}`,
    },
  };
}

/** `-f` makes an error of an error page. */
const fetchAgain = (newFile: UnreadFile['newFile']): Cure => ({
  advice: 'a server sent this instead of the file; fetch it again, and fail on an error page',
  command: `curl -fL -o ${newFile('pem')} URL`,
});

/** What a server, a proxy or a store says instead of a file, in a few words. */
const SERVER_WORDS = new RegExp(
  String.raw`^\s*(?:HTTP/[\d.]+ )?[45]\d\d\b|\b(?:not found|forbidden|access denied|unauthorized|bad gateway|` +
    String.raw`moved permanently|service unavailable)\b`,
  'i',
);

export function serverMessage({ text, bytes, newFile }: UnreadFile): KnownFile | null {
  if (bytes.length > 2048 || !SERVER_WORDS.test(text) || text.includes('BEGIN ')) return null;
  return { what: "it reads like a server's error message", cure: fetchAgain(newFile) };
}

interface Opening {
  begins: RegExp;
  what: string;
  cure: (file: UnreadFile) => Cure | null;
}

const OPENINGS: readonly Opening[] = [
  {
    begins: /^version https:\/\/git-lfs\.github\.com\/spec\//,
    what: 'it is a Git LFS pointer, and the file itself was not fetched',
    cure: ({ word }) => ({ advice: 'fetch it', command: `git lfs pull --include=${word}` }),
  },
  {
    begins: /^\$ANSIBLE_VAULT;/,
    what: 'it is encrypted with Ansible Vault',
    cure: ({ word, newFile }) => ({
      advice: 'decrypt it',
      command: `ansible-vault decrypt --output ${newFile('pem')} ${word}`,
    }),
  },
  {
    begins: /^age-encryption\.org\/v1|^-----BEGIN AGE ENCRYPTED FILE-----/m,
    what: 'it is encrypted with age',
    cure: ({ word, newFile }) => ({ advice: 'decrypt it', command: `age -d -o ${newFile('pem')} ${word}` }),
  },
  {
    begins: /^-----BEGIN PGP (?:SIGNED )?MESSAGE-----/m,
    what: 'it is an OpenPGP message',
    cure: ({ word, newFile }) => ({ advice: 'open it', command: `gpg -o ${newFile('pem')} -d ${word}` }),
  },
  {
    begins: /^-----BEGIN PGP [A-Z ]{1,40}-----/m,
    what: 'it is an OpenPGP key or signature',
    cure: () => ({ advice: 'TLS only accepts X.509 certificates and their keys', command: null }),
  },
  {
    begins: /^\{\\rtf/,
    what: 'it is a word processor document (RTF)',
    cure: ({ word, newFile }) => ({
      advice: 'convert it to plain text',
      command: `textutil -convert txt -output ${newFile('pem')} ${word}`,
    }),
  },
];

function otherText(file: UnreadFile): KnownFile | null {
  const found = OPENINGS.find(({ begins }) => begins.test(file.text));
  return found === undefined ? null : { what: found.what, cure: found.cure(file) };
}

/** `tls.crt: LS0t…` of a Secret of Kubernetes, `client-key-data: …` of a kubeconfig, `TLS_KEY=…` of variables. */
const NAMED_BASE64 = /^[ \t-]{0,40}(?:export )?([\w.-]{1,80})(: {1,40}|=)["']?(?=LS0tLS1CRUdJTi)/gm;

function base64Values({ text, wanted, word, newFile }: UnreadFile): KnownFile | null {
  const found = [...text.matchAll(NAMED_BASE64)].map(({ 0: head, 1: name = '', 2: separator = '', index }) => ({
    name,
    separator: separator.trim(),
    pem: pemOf(base64At(text, index + head.length)) ?? '',
  }));
  const chosen = found.find(({ pem }) => isWanted(pem, wanted)) ?? found[0];
  if (chosen === undefined) return null;
  const { name, separator } = chosen;
  const what = /^[ \t]{0,200}kind: {0,200}Secret[ \t\r]{0,200}$/m.test(text)
    ? 'it is a Kubernetes Secret'
    : 'it is a list of values';
  const label = `${name.replaceAll('.', String.raw`\.`)}${separator}`;
  return {
    what: `${what}, with PEM in base64 (${[...new Set(found.map((one) => one.name))].slice(0, 4).join(', ')})`,
    cure: {
      advice: `extract ${name}`,
      command:
        String.raw`sed -n 's/^[[:blank:]-]*\(export \)\{0,1\}${label} *//p' ${word} | head -n 1 | ` +
        `tr -cd 'A-Za-z0-9+/=' | base64 -d > ${newFile('pem')}`,
    },
  };
}

/** Searches for its end: an expression for the base64 itself would keep a place to return to for each character. */
function base64At(text: string, start: number): string {
  const end = /[^A-Za-z0-9+/=]/g;
  end.lastIndex = start;
  return text.slice(start, end.exec(text)?.index);
}

/** Nothing but base64: PEM once more encoded, or DER whose marks are missing. A data URL says so in front. */
function base64Alone(file: UnreadFile): KnownFile | null {
  const { word, newFile } = file;
  const text = file.text.trimStart();
  const head = /^data:[\w/.+;=-]{0,100};base64,/.exec(text)?.[0] ?? '';
  const body = text
    .slice(head.length)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .replaceAll(/\s/g, '');
  const unpadded = body.replace(/={1,2}$/, '');
  if (unpadded.length < 16 || /[^A-Za-z0-9+/]/.test(unpadded)) return null;
  const decoded = Buffer.from(body, 'base64');
  const input = head === '' ? `tr -cd 'A-Za-z0-9+/=' < ${word}` : `sed 's/^.*,//' ${word} | tr -cd 'A-Za-z0-9+/='`;
  const decode = `${input} | base64 -d`;
  if (decoded.toString('latin1').startsWith('-----BEGIN '))
    return { what: 'it is PEM in base64', cure: { advice: 'decode it', command: `${decode} > ${newFile('pem')}` } };
  const name = nameOfDer(decoded);
  if (name === null) return null;
  return {
    what: `it is ${derText(name)} in base64, without the marks of PEM`,
    cure: cureOfBase64(name, file, decode),
  };
}

/** DER as a debugger or a database shows it. */
function hexAlone(file: UnreadFile): KnownFile | null {
  const { text, word } = file;
  const isHex = /^30.{30}/s.test(text.trimStart()) && !/[^0-9a-f:\s]/i.test(text);
  const name = nameOfDer(Buffer.from(isHex ? text.replaceAll(/[:\s]/g, '') : '', 'hex'));
  if (name === null) return null;
  return {
    what: `it is ${derText(name)} in hexadecimal`,
    cure: cureOfBase64(name, file, `tr -cd '0-9A-Fa-f' < ${word} | xxd -r -p`),
  };
}

/** DER that a pipe of commands writes. */
export function cureOfBase64(name: DerName, file: UnreadFile, decode: string): Cure | null {
  const { wanted, newFile } = file;
  if (name === 'PKCS#12' && wanted !== 'ca') return pfxCure('decode it', `${decode} > ${newFile('p12')}`, file);
  const cure = cureOfDer(name, file, '');
  if (cure === null || cure.command === null) return cure;
  return { ...cure, command: `${decode} | ${cure.command.replaceAll('  ', ' ')}` };
}
