import { createHash } from 'node:crypto';
import { readCertificates, makeSecureContext } from '../../deliver/client-certificate.ts';
import { readTlsFile, type TlsFile } from '../../deliver/tls-files.ts';
import { AppError } from '../../model/error.ts';
import { CLIENT_FLAGS, type TlsFlags } from '../../model/file-kinds/file-kind.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import type { ReceiverTls } from '../../receive/receiver.ts';
import { passphraseSourceOf, readPassphrase } from '../../config/secrets.ts';

export interface ListenTlsOptions {
  /** Make a certificate on the spot. */
  tls?: boolean;
  tlsCert?: string;
  tlsKey?: string;
  passphraseEnv?: string;
  passphraseFile?: string;
  clientCa?: string;
}

export interface ListenTls {
  receiver: ReceiverTls;
  /** Lower-case hex, of the leaf. */
  sha256: string;
  /** PEM, of the leaf: for `--cacert` of who calls; null for a certificate that was given. */
  made: string | null;
}

const DAY_MS = 86_400_000;
/** The clock of another machine may be late. */
const EARLY_MS = 3_600_000;
const VALID_MS = 30 * DAY_MS;

/** The certificate to show and whom to let in; null for plain HTTP. Throws AppError `usage` or `input`. */
export async function chooseListenTls(
  options: ListenTlsOptions,
  host: string,
  environment: SecretEnvironment,
  nowMs: number,
): Promise<ListenTls | null> {
  const { tls, tlsCert, tlsKey, clientCa } = options;
  if (tls && tlsCert !== undefined)
    throw new AppError('usage', '--tls creates a certificate, and --tls-cert provides one', {
      hint: 'leave out one of them',
    });
  if (tlsKey !== undefined && tlsCert === undefined)
    throw new AppError('usage', `--tls-key ${tlsKey} needs its certificate`, { hint: 'add --tls-cert FILE' });
  if (!tls && tlsCert === undefined) {
    if (clientCa === undefined) return null;
    throw new AppError('usage', '--client-ca has no effect without TLS: only TLS carries client certificates', {
      hint: 'add --tls, or --tls-cert FILE --tls-key FILE',
    });
  }
  const ca = clientCa === undefined ? undefined : await readCas(clientCa);
  const shown =
    tlsCert === undefined
      ? await makeOwn(host, nowMs)
      : await readOwn(tlsCert, tlsKey, await readPassphrase(passphraseSourceOf(options), environment));
  return { ...shown, receiver: { ...shown.receiver, clientCa: ca?.bytes } };
}

async function readCas(path: string): Promise<TlsFile> {
  const file = await readTlsFile(path);
  await readCertificates(file);
  return file;
}

const LISTEN_FLAGS: TlsFlags = {
  ...CLIENT_FLAGS,
  cert: '--tls-cert',
  key: '--tls-key',
  pfx: null,
};

async function readOwn(
  certPath: string,
  keyPath: string | undefined,
  passphrase: string | undefined,
): Promise<ListenTls> {
  const cert = { ...(await readTlsFile(certPath)), flags: LISTEN_FLAGS };
  const key = keyPath === undefined ? undefined : { ...(await readTlsFile(keyPath)), flags: LISTEN_FLAGS };
  // That they belong together is found out here, before anything listens.
  await makeSecureContext({ cert, key, passphrase });
  const [leaf] = await readCertificates(cert);
  return {
    receiver: { cert: cert.bytes, key: (key ?? cert).bytes, passphrase },
    sha256: fingerprint(leaf?.raw ?? new Uint8Array()),
    made: null,
  };
}

/** Self-signed, for the names of loopback and the host that is listened on. */
async function makeOwn(host: string, nowMs: number): Promise<ListenTls> {
  const [{ commonName, issueCertificate, keyIdOf }, { keyPem, makeKey }] = await Promise.all([
    import('../../certs/create/issue-certificate.ts'),
    import('../../certs/create/make-key.ts'),
  ]);
  const key = await makeKey({ type: 'ec' });
  const name = commonName('webhook listen');
  const certificate = await issueCertificate({
    subject: name,
    key,
    issuer: { name, key, keyId: await keyIdOf(key) },
    notBeforeMs: nowMs - EARLY_MS,
    notAfterMs: nowMs + VALID_MS,
    // Its own issuer, as whoever trusts it sees it.
    keyUsage: ['digitalSignature', 'keyCertSign'],
    ca: { pathLength: 0 },
    extendedKeyUsage: ['serverAuth'],
    hosts: [...new Set(['localhost', '127.0.0.1', '::1', ...(host === '0.0.0.0' || host === '::' ? [] : [host])])],
  });
  return {
    receiver: { cert: certificate.toString(), key: keyPem(key) },
    sha256: fingerprint(certificate.raw),
    made: certificate.toString(),
  };
}

const fingerprint = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');
