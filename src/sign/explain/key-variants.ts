import type { Signature } from '../../model/vendor.ts';
import type { KeyVariant } from './deviation.ts';

/** The keys that other programs make of the same secret. Never equal to the secret itself. */
export function listKeyVariants(secret: string, spec: Signature): KeyVariant[] {
  const trimmed = secret.trim();
  const bare = trimmed.replace(/^(["'])(.*)\1$/s, '$2');
  const prefix = spec.secretPrefix ?? 'whsec_';
  const withoutPrefix = bare.startsWith(prefix) ? bare.slice(prefix.length) : bare;
  const whole = `the key is the whole secret as text${spec.secretPrefix === undefined ? '' : `, ${prefix} included`}`;
  const variants: KeyVariant[] = [
    {
      key: text(trimmed),
      cause: 'trimmed-secret',
      fits: 'the secret without the white space around it',
      fix: 'take the line break or blank off the secret where it is kept',
    },
    {
      key: text(bare),
      cause: 'quoted-secret',
      fits: 'the secret without the quotes around it',
      fix: 'take the quotes off the secret where it is kept',
    },
    {
      key: text(`${trimmed}\n`),
      cause: 'secret-with-newline',
      fits: 'the secret with a line break at its end',
      fix: 'trim the secret where the signer reads it: echo and editors add a line break',
    },
    {
      key: text(`${trimmed}\r\n`),
      cause: 'secret-with-newline',
      fits: 'the secret with a Windows line break at its end',
      fix: 'trim the secret where the signer reads it',
    },
    { key: text(withoutPrefix), cause: 'secret-without-prefix', fits: `the secret without ${prefix}`, fix: whole },
    {
      key: text(`${prefix}${bare}`),
      cause: 'secret-without-prefix',
      fits: `the secret with ${prefix} before it`,
      fix: `copy the whole secret, ${prefix} included`,
    },
    {
      key: Buffer.from(withoutPrefix, 'base64'),
      cause: 'base64-decoded-secret',
      fits: 'the secret decoded from base64',
      fix: `leave the secret undecoded: ${whole}`,
    },
    {
      key: text(Buffer.from(bare, 'utf8').toString('base64')),
      cause: 'base64-encoded-secret',
      fits: 'the secret encoded as base64',
      fix: `leave the secret as it is: ${whole}`,
    },
    ...hexVariant(withoutPrefix, whole),
  ];
  return variants.filter(
    ({ key }, index) =>
      key.length > 0 &&
      !Buffer.from(secret, 'utf8').equals(key) &&
      variants.findIndex((other) => Buffer.from(other.key).equals(key)) === index,
  );
}

function hexVariant(secret: string, whole: string): KeyVariant[] {
  if (!/^(?:[0-9a-f]{2})+$/i.test(secret)) return [];
  return [
    {
      key: Buffer.from(secret, 'hex'),
      cause: 'hex-decoded-secret',
      fits: 'the secret decoded from hex',
      fix: `leave the secret undecoded: ${whole}`,
    },
  ];
}

function text(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}
