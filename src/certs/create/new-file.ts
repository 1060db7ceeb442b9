import type { X509Certificate } from 'node:crypto';

export type NewFileKind = 'certificate' | 'chain' | 'private-key' | 'request' | 'passphrase';

/** A file to write, with what a person wants to know of it. */
export interface NewFile {
  /** Within the directory. */
  name: string;
  kind: NewFileKind;
  /** What it is for. */
  title: string;
  text: string;
  /** The leaf's, where it holds certificates; a request has a subject alone. */
  certificate?: X509Certificate;
  subject?: string;
}

/** Nobody else may read a secret, not for a moment. */
export const isSecret = ({ kind }: Pick<NewFile, 'kind'>): boolean => kind === 'private-key' || kind === 'passphrase';

/** A file with certificates, leaf first. */
export function certificateFile(
  name: string,
  title: string,
  ...chain: readonly [X509Certificate, ...X509Certificate[]]
): NewFile {
  const kind = chain.length === 1 ? 'certificate' : 'chain';
  return { name, kind, title, text: chain.map(String).join(''), certificate: chain[0] };
}
