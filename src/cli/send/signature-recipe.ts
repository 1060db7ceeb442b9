import { describePlace, jwtOf, type KeyForm, type MessagePart, type Signature } from '../../model/signature.ts';
import { encodingOf } from '../../sign/scheme/compute.ts';
import { algName } from '../../sign/scheme/jwt.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { describeEncoding } from '../../sign/scheme/encoding.ts';
import { describeMessage } from '../../sign/explain/describe-message.ts';

/** `X-Acme-Signature: t={t},v1={v}` */
export function describeSignature({ at, format }: Signature): string {
  return `${'header' in at ? at.header : describePlace(at)}: ${format}`;
}

/** How a receiver makes `{v}` itself. */
export function describeRecipe(spec: Signature): string {
  const { algorithm, message, key } = spec;
  if (algorithm === 'token') return 'v = the secret itself, to be compared in constant time';
  const name = algorithm
    .toUpperCase()
    .replace(/-?SHA(\d)/, (_, digit) => `-SHA${digit}`)
    .replace(/^-/, '');
  const digest = `${describeEncoding(encodingOf(spec))} ${name}`;
  const made = `${digest} over ${message.map(describePart).join(' + ')}`;
  const recipe = `${describeAdded(spec)}v = ${jwtOf(spec) === null ? made : describeToken(spec)}`;
  return isPublicKey(algorithm)
    ? `${recipe}; verified with the public key`
    : `${recipe}; its key is ${describeKey(key)}`;
}

const describeToken = ({ message, algorithm }: Signature): string =>
  `${describeMessage(message)} (${algName(algorithm)})`;

/** `bodySHA256 = the SHA256 of (the raw body), added to the URL; ` */
const describeAdded = ({ addedQuery = {} }: Signature): string =>
  Object.entries(addedQuery)
    .map(([name, parts]) => `${name} = ${describeMessage(parts)}, added to the URL; `)
    .join('');

function describePart(part: MessagePart): string {
  if (part === 'timestamp') return 't';
  return part === 'body' ? 'the raw body bytes' : describeMessage([part]);
}

function describeKey({ encoding, prefix, keepsPrefix }: KeyForm = { encoding: 'utf8' }): string {
  const what = prefix === undefined || keepsPrefix ? 'the whole secret' : `the secret without ${prefix}`;
  return encoding === 'utf8' ? `${what} as UTF-8 text` : `${what}, decoded from ${encoding}`;
}
