import type { OpenedFile, OpenedKey } from '../session/open-file.ts';

/** The certificate or request with this key, in words. */
export function ownerOf({ key, publicKey }: OpenedKey, files: readonly OpenedFile[]): string | null {
  if (key === null || publicKey === null) return null;
  for (const { path, certificates, requests } of files) {
    const position = certificates.findIndex((one) => one.checkPrivateKey(key));
    if (position !== -1) return placeOf(path, position, certificates.length);
    if (requests.some((one) => one.publicKey.equals(publicKey))) return `the request in ${path}`;
  }
  return null;
}

/** `certificate 2 of chain.pem`, or the file alone where it holds one. */
export const placeOf = (path: string, position: number, count: number): string =>
  count === 1 ? path : `certificate ${position + 1} of ${path}`;
