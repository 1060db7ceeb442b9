import type { X509Certificate } from 'node:crypto';
import { readCertificates } from '../../deliver/client-certificate.ts';
import type { TlsOptions } from '../../deliver/tls-files.ts';
import type { ClaimedCertificate } from '../../model/certificate-claim.ts';

/**
 * What a proxy would tell of the client certificate at hand. Null where there is none, or none that can be read:
 * whether it can be shown is for the connection to find out.
 */
export async function readClaimedCertificate(tls: TlsOptions | undefined): Promise<ClaimedCertificate | null> {
  if (tls?.cert === undefined && tls?.pfx === undefined) return null;
  const { claimOf } = await import('../../certs/file/claimed-certificate.ts');
  try {
    const [leaf, issuer] = await certificatesOf(tls);
    return leaf === undefined ? null : claimOf(leaf, issuer ?? null);
  } catch {
    return null;
  }
}

async function certificatesOf({ cert, pfx, passphrase }: TlsOptions): Promise<readonly X509Certificate[]> {
  if (cert !== undefined) return readCertificates(cert, 'own');
  if (pfx === undefined) return [];
  const { ownOfPfx } = await import('../../certs/file/own-certificate.ts');
  return (await ownOfPfx(pfx, passphrase)).certificates;
}
