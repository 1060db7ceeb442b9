import { addSecretFlags } from '../flags.ts';
import { flagTerms } from '../flag-terms.ts';
import { addMaskFlag } from '../mask-flag.ts';
import type { TopicPart } from '../topic.ts';

export const secretsTopic = (): readonly TopicPart[] => [
  'The secret that signs and verifies comes from one of these flags, or from the configured webhook. Prefer a ' +
    'variable or a file: the list of processes and the history of a shell show what was typed.',
  flagTerms((command) => addMaskFlag(addSecretFlags(command))),
  'A file may also hold a key: the PEM of a private key to sign with, of a public key or certificate to verify with.',
  'Secrets are never shown, recorded or exported. Authorization, X-Api-Key, ?token= and headers or parameters of ' +
    'their kind are masked, and so are credentials in URLs; printed commands read them from environment variables ' +
    'instead.',
];
