import { quoteForShell } from '../shell-word.ts';
import { type Cure, type KnownFile, swapped, type UnreadFile } from './file-kind.ts';
import { PRIVATE_WANTED } from './ssh-kinds.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
/** How to come to a value: `["keys"][0]` in JavaScript. */
const step = (key: string | number): string => `[${JSON.stringify(key)}]`;

/** `node -p` knows the modules of Node by name. */
const READ = 'JSON.parse(fs.readFileSync(0))';

/** Keys and certificates that came out of an API: JWK, secrets of Kubernetes, PEM in a string. */
export function jsonFile(file: UnreadFile): KnownFile | null {
  if (!/^[{[]/.test(file.text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart())) return null;
  const value = parse(file.bytes);
  if (!isFields(value)) return null;
  return jwkFile(value, file) ?? pemInStrings(value, file) ?? { what: 'it is JSON', cure: null };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/** RFC 7517: one key, or a set of them. */
function jwkFile(value: Fields, file: UnreadFile): KnownFile | null {
  const isOne = typeof value['kty'] === 'string';
  const keys = (isOne ? [value] : Array.isArray(value['keys']) ? value['keys'] : [])
    .filter(isFields)
    .filter(({ kty }) => typeof kty === 'string');
  const [first] = keys;
  if (first === undefined) return null;
  const chosen = keys.find(({ d }) => d !== undefined) ?? first;
  const at = isOne ? '' : `${step('keys')}${step((value['keys'] as unknown[]).indexOf(chosen))}`;
  const isPrivate = chosen['d'] !== undefined;
  const kind = `${/^(?:RSA|EC|OKP|oct)$/.exec(String(chosen['kty']))?.[0] ?? 'unknown'}`;
  const what = `it is a JWK${isOne ? '' : ` set of ${keys.length}`} (${isPrivate ? 'private' : 'public'} key, ${kind})`;
  return { what, cure: cureOfJwk(chosen, `${READ}${at}`, file) };
}

function cureOfJwk(key: Fields, at: string, file: UnreadFile): Cure | null {
  const { wanted, word, newFile } = file;
  const isPrivate = key['d'] !== undefined;
  const run = (expression: string): string => `node -p ${quoteForShell(expression)} < ${word} > ${newFile('pem')}`;
  if (key['kty'] === 'oct') return { advice: 'it is a shared secret, but TLS needs a key pair', command: null };
  if (wanted === 'own' || wanted === 'ca') {
    if (Array.isArray(key['x5c']))
      return {
        advice: 'extract the certificates',
        command: run(`${at}.x5c.map(x=>new crypto.X509Certificate(Buffer.from(x,"base64")).toString()).join("")`),
      };
    return wanted === 'own' && isPrivate ? swapped(file) : NO_CERTIFICATE;
  }
  if (wanted === 'key' && !isPrivate) return PRIVATE_WANTED;
  const [make, type] = isPrivate ? ['createPrivateKey', 'pkcs8'] : ['createPublicKey', 'spki'];
  return {
    advice: 'convert it to PEM',
    command: run(`crypto.${make}({key:${at},format:"jwk"}).export({type:"${type}",format:"pem"})`),
  };
}

const NO_CERTIFICATE: Cure = { advice: 'it contains a key but no certificate', command: null };

interface FoundText {
  at: string;
  text: string;
  isBase64: boolean;
}

const MAX_DEPTH = 6;
const MAX_STRINGS = 10_000;

/** PEM in a string, as it is or in base64. */
function pemInStrings(value: Fields, { wanted, word, newFile }: UnreadFile): KnownFile | null {
  const found: FoundText[] = [];
  let left = MAX_STRINGS;
  const search = (one: unknown, at: string, depth: number): void => {
    if (depth > MAX_DEPTH || (left -= 1) < 0) return;
    if (typeof one === 'string') {
      const text = pemOf(one);
      if (text !== null) found.push({ at, text, isBase64: text !== one });
    } else if (isFields(one))
      for (const [key, inner] of Object.entries(one)) search(inner, `${at}${step(key)}`, depth + 1);
  };
  search(value, '', 0);
  const chosen = found.find(({ text }) => isWanted(text, wanted)) ?? found[0];
  if (chosen === undefined) return null;
  const read = chosen.isBase64 ? `Buffer.from(${READ}${chosen.at},"base64").toString()` : `${READ}${chosen.at}`;
  return {
    what: `it is JSON with PEM in ${found.length === 1 ? 'a string' : `${found.length} strings`}`,
    cure: {
      advice: 'take it out',
      command: `node -p ${quoteForShell(read)} < ${word} > ${newFile('pem')}`,
    },
  };
}

/** The text itself, or what its base64 stands for; null where that is no PEM. */
export function pemOf(text: string): string | null {
  if (/-----BEGIN [A-Z0-9 ]{1,64}-----/.test(text)) return text;
  if (!text.trimStart().startsWith('LS0tLS1CRUdJTi') || /[^A-Za-z0-9+/=\s]/.test(text)) return null;
  return Buffer.from(text, 'base64').toString('latin1');
}

/** Whether the first block of a PEM is what is looked for. */
export function isWanted(pem: string, wanted: UnreadFile['wanted']): boolean {
  const label = /-----BEGIN ([A-Z0-9 ]{1,64})-----/.exec(pem)?.[1] ?? '';
  return wanted === 'key' ? label.endsWith('PRIVATE KEY') : label.endsWith('CERTIFICATE');
}
