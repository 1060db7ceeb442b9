import { isLoopbackHost } from '../../model/http-url.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { otherPrivateKey } from '../../sign/scheme/keys.ts';
import { signatureOf } from '../../vendors/facts.ts';

export interface ForeignKey {
  origin: string;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 1024;

/** Whether receivers of the vendor fetch its key, and this endpoint would reach one that lies here. */
export const canServeForeignKey = (vendor: Vendor, endpoint: URL): boolean =>
  signatureOf(vendor)?.keyUrl !== undefined && isLoopbackHost(endpoint.hostname);

/** Serves the certificate of a key that is nobody's, under every path; null where that would prove nothing. */
export async function serveForeignKey(vendor: Vendor, endpoint: URL, nowMs: number): Promise<ForeignKey | null> {
  const algorithm = signatureOf(vendor)?.algorithm;
  if (algorithm === undefined || !isPublicKey(algorithm) || !canServeForeignKey(vendor, endpoint)) return null;
  const [{ certifyKey }, { openReceiver }] = await Promise.all([
    import('../vendor/make-vendor-key.ts'),
    import('../../receive/receiver.ts'),
  ]);
  const body = await certifyKey(otherPrivateKey(algorithm), nowMs);
  const options = { host: '127.0.0.1', port: 0, maxBodyBytes: MAX_BODY_BYTES };
  return openReceiver(options, () => ({ status: 200, headers: [['content-type', 'application/x-pem-file']], body }));
}
