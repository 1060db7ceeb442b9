import { listKeys } from './key-candidates.ts';

/** Shorter texts stand within others by chance. */
const SHORTEST_WITHIN = 8;

/** Tells whether a text holds the secret, in any of the forms that somebody could read it back from. */
export type SecretFinder = (text: string) => boolean;

/**
 * Looks for the secret as it is, as any key that it stands for, and for what encodings make of these. A short one is
 * `whole`: the text is that and no more.
 */
export function makeSecretFinder(secret: string, short: 'whole' | 'ignored'): SecretFinder {
  // A public key is known to everybody. Of a private one no line may get out.
  const isPublic = /^-----BEGIN (?:PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE)-----/.test(secret.trim());
  if (isPublic) return () => false;
  const lines = secret.includes('-----BEGIN ') ? secret.split(/\r?\n/).filter((line) => line.length > 40) : [];
  const texts = [secret, secret.trim(), ...lines].filter((text) => text !== '');
  const keys = [...texts.map((text) => Buffer.from(text, 'utf8')), ...listKeys(secret).map(({ bytes }) => bytes)];
  const long = keys.filter(({ length }) => length >= SHORTEST_WITHIN);
  const forms = [...new Set([...texts.flatMap(textForms), ...long.flatMap(byteForms)])];
  const within = forms.filter((form) => form.length >= SHORTEST_WITHIN);
  return (text) => (short === 'whole' && texts.includes(text)) || within.some((form) => text.includes(form));
}

const textForms = (text: string): string[] => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  new URLSearchParams([['', text]]).toString().slice(1),
];

function byteForms(bytes: Buffer): string[] {
  const hex = bytes.toString('hex');
  const plain = bytes.toString('utf8');
  const isText = Buffer.from(plain, 'utf8').equals(bytes);
  return [
    ...(isText ? [plain] : []),
    hex,
    hex.toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => base64Forms(bytes, shift)),
  ];
}

/** Within the base64 of something longer, such as `user:secret`, the bytes begin at one of three places. */
function base64Forms(bytes: Buffer, shift: number): string[] {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const start = shift === 0 ? 0 : shift + 1;
  // The last letter depends on what comes behind, unless the bytes end with it.
  const inner = text.slice(start, (shift + bytes.length) % 3 === 0 ? undefined : -1);
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
}
