import type { Deviation } from './deviation.ts';

/** Without the quotes around it. */
export const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/s, '$2');

/** A secret without what may stand around it where it is kept. */
export interface KeptSecret extends Deviation {
  text: string;
}

export function listKeptSecrets(secret: string): [trimmed: KeptSecret, bare: KeptSecret] {
  const trimmed = secret.trim();
  return [
    {
      text: trimmed,
      cause: 'trimmed-secret',
      fits: 'the secret without surrounding white space',
      fix: 'remove the line break or space from the secret where it is stored',
    },
    {
      text: unquoted(trimmed),
      cause: 'quoted-secret',
      fits: 'the secret without its quotes',
      fix: 'remove the quotes from the secret where it is stored',
    },
  ];
}
