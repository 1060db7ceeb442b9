import type { KeyForm, Signature } from '../../model/signature.ts';
import { keyBytes } from '../scheme/keys.ts';
import type { KeyVariant } from './deviation.ts';
import { listKeptSecrets } from './kept-secret.ts';

const TEXT_KEY: KeyForm = { encoding: 'utf8' };
/** Where the vendor's own secrets have none that is known. */
const USUAL_PREFIX = 'whsec_';

/** Lists the keys that other programs make of the same secret. Never equal to the vendor's own. */
export function listKeyVariants(secret: string, spec: Signature): KeyVariant[] {
  const own = keyIn(spec, secret);
  const [, bare] = listKeptSecrets(secret);
  const variants = [...spacingVariants(secret, spec), ...formVariants(bare.text, spec)];
  return variants.filter(
    ({ key }, index) =>
      key.length > 0 &&
      own?.equals(key) !== true &&
      variants.findIndex((other) => Buffer.from(other.key).equals(key)) === index,
  );
}

/** Null for a secret that is not of the vendor's form. */
export function keyIn(spec: Signature, secret: string): Buffer | null {
  try {
    return keyBytes(spec, secret);
  } catch {
    return null;
  }
}

/** By the vendor's own form of keys, with something around the secret. */
function spacingVariants(secret: string, spec: Signature): KeyVariant[] {
  const kept = listKeptSecrets(secret);
  const [{ text: trimmed }] = kept;
  const variants = [
    ...kept,
    {
      text: `${trimmed}\n`,
      cause: 'secret-with-newline',
      fits: 'the secret with a trailing line break',
      fix: 'trim the secret where the signer reads it: echo and editors add a line break',
    },
    {
      text: `${trimmed}\r\n`,
      cause: 'secret-with-newline',
      fits: 'the secret with a trailing Windows line break',
      fix: 'trim the secret where the signer reads it',
    },
  ];
  return variants.flatMap(({ text: other, ...deviation }) => {
    const key = other === secret ? null : keyIn(spec, other);
    return key === null ? [] : [{ key, ...deviation }];
  });
}

/** What the key is, said as a rule. */
function describeRule({ encoding, prefix, keepsPrefix }: KeyForm): string {
  if (encoding === 'utf8' && (prefix === undefined || keepsPrefix))
    return `the key is the whole secret as text${prefix === undefined ? '' : `, ${prefix} included`}`;
  const behind = prefix === undefined || keepsPrefix ? '' : ` after ${prefix}`;
  const how = encoding === 'utf8' ? 'as text' : `decoded from ${encoding}`;
  return `the key is ${behind === '' ? 'the secret' : `the text${behind}`}, ${how}`;
}

/** By other forms of keys. */
function formVariants(bare: string, spec: Signature): KeyVariant[] {
  const form = spec.key ?? TEXT_KEY;
  const prefix = form.prefix ?? USUAL_PREFIX;
  const inner = bare.startsWith(prefix) ? bare.slice(prefix.length) : bare;
  const rule = describeRule(form);
  return [
    ...(form.encoding === 'utf8'
      ? prefixVariants(form, prefix, bare, inner, rule)
      : textVariants(form, bare, inner, rule)),
    ...(form.encoding === 'base64' ? wholeVariant(bare, inner, prefix, rule) : base64Variants(inner, rule)),
    ...(form.encoding === 'utf8' ? [encodedVariant(bare, rule)] : []),
    ...(form.encoding === 'hex' ? [] : hexVariant(inner, rule)),
  ];
}

function prefixVariants(form: KeyForm, prefix: string, bare: string, inner: string, rule: string): KeyVariant[] {
  if (form.prefix !== undefined && !form.keepsPrefix) {
    const [cause, fix] = ['secret-with-prefix', `remove ${prefix} from the secret before using it as the key: ${rule}`];
    return [
      { key: text(bare), cause, fits: `the whole secret, ${prefix} included`, fix },
      { key: text(`${prefix}${bare}`), cause, fits: `the secret with ${prefix} in front of it`, fix },
    ];
  }
  return [
    { key: text(inner), cause: 'secret-without-prefix', fits: `the secret without ${prefix}`, fix: rule },
    {
      key: text(`${prefix}${bare}`),
      cause: 'secret-without-prefix',
      fits: `the secret with ${prefix} in front of it`,
      fix: `copy the whole secret, ${prefix} included`,
    },
  ];
}

/** The commonest mistake where the key is encoded. */
function textVariants({ encoding, prefix }: KeyForm, bare: string, inner: string, rule: string): KeyVariant[] {
  const fix = `decode the secret from ${encoding} before using it as the key: ${rule}`;
  return [
    { key: text(bare), cause: 'secret-as-text', fits: 'the secret as text, not decoded', fix },
    {
      key: text(inner),
      cause: 'secret-as-text',
      fits: `the secret as text without ${prefix ?? USUAL_PREFIX}, not decoded`,
      fix,
    },
  ];
}

const wholeVariant = (bare: string, inner: string, prefix: string, rule: string): KeyVariant[] =>
  bare === inner
    ? []
    : [
        {
          key: Buffer.from(bare, 'base64'),
          cause: 'secret-with-prefix',
          fits: `the whole secret decoded, ${prefix} included`,
          fix: `remove ${prefix} from the secret before decoding it: ${rule}`,
        },
      ];

const base64Variants = (inner: string, rule: string): KeyVariant[] => [
  {
    key: Buffer.from(inner, 'base64'),
    cause: 'base64-decoded-secret',
    fits: 'the secret decoded from base64',
    fix: `do not decode the secret: ${rule}`,
  },
];

const encodedVariant = (bare: string, rule: string): KeyVariant => ({
  key: text(Buffer.from(bare, 'utf8').toString('base64')),
  cause: 'base64-encoded-secret',
  fits: 'the secret encoded as base64',
  fix: `use the secret as it is: ${rule}`,
});

function hexVariant(inner: string, rule: string): KeyVariant[] {
  if (!/^(?:[0-9a-f]{2})+$/i.test(inner)) return [];
  return [
    {
      key: Buffer.from(inner, 'hex'),
      cause: 'hex-decoded-secret',
      fits: 'the secret decoded from hex',
      fix: `do not decode the secret: ${rule}`,
    },
  ];
}

function text(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}
