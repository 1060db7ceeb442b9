import type { KeyObject, X509Certificate } from 'node:crypto';
import { checkDerivation } from '../../certs/file/key-encryption.ts';
import { type OwnCertificate, ownOfPem, ownOfPfx } from '../../certs/file/own-certificate.ts';
import { type Identity, ciphersAtLevel } from '../../certs/probe/probe.ts';
import {
  holdsPrivateKey,
  makeSecureContext,
  openPrivateKey,
  readCertificates,
} from '../../deliver/client-certificate.ts';
import { type TlsFile, readTlsFiles } from '../../deliver/tls-files.ts';
import { AppError } from '../../model/error.ts';
import type { TlsFlags } from '../../model/file-kinds/file-kind.ts';
import type { WebhookTls } from '../../model/webhook.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import { type PassphraseOptions, passphraseSourceOf, readPassphrase } from '../../config/secrets.ts';

export interface ClientCertificate {
  /** Null when no certificate was given. It may still be wrong: that is for the L checks. */
  own: OwnCertificate | null;
  /** The same as `own.identity`. */
  identity: Identity | null;
  /** PEM: the CAs to trust for the server; undefined trusts the public ones. */
  ca: Uint8Array | undefined;
  /** What the server trusts for clients; null when it was not given. */
  clientCa: readonly X509Certificate[] | null;
}

/**
 * Reads the certificate to show (`chooseTls` says which) and what the server trusts for clients (`clientCa`), before
 * anything is sent. Throws AppError `usage` when a part is missing, `input` for
 * a file that cannot be read: damaged, outdated encryption, wrong passphrase. What can be read and is wrong is
 * returned.
 */
export async function readClientCertificate(
  tls: WebhookTls & { clientCa?: string | undefined },
  environment: SecretEnvironment,
): Promise<ClientCertificate> {
  const { cert, key, pfx, cacert, clientCa: caPath } = tls;
  const [files, passphrase, clientCa] = await Promise.all([
    readTlsFiles({ cert, key, pfx, ca: cacert }),
    readPassphrase(tls.passphrase, environment),
    caPath === undefined ? null : readCaFile(caPath),
  ]);
  if (files.ca !== undefined) await makeSecureContext({ ca: files.ca });
  const own = await readOwn(files, passphrase);
  return { own, identity: own?.identity ?? null, ca: files.ca?.bytes, clientCa };
}

/** The certificates of a CA file (PEM), at least one. Throws AppError `input`. */
export async function readCaFile(path: string): Promise<readonly X509Certificate[]> {
  const { ca } = await readTlsFiles({ ca: path });
  return ca === undefined ? [] : readCertificates(ca);
}

async function readOwn(
  { cert, key, pfx }: { cert?: TlsFile | undefined; key?: TlsFile | undefined; pfx?: TlsFile | undefined },
  passphrase: string | undefined,
): Promise<OwnCertificate | null> {
  if (pfx !== undefined) return readPfx(pfx, passphrase);
  if (cert === undefined) return null;
  const ownKey = key ?? (holdsPrivateKey(cert) ? cert : undefined);
  // Report a file that is no certificate before reporting its missing key.
  if (ownKey === undefined) await readCertificates(cert, 'own');
  if (ownKey === undefined)
    throw new AppError('usage', `--cert ${cert.path} needs its private key`, { hint: 'add --key FILE' });
  return readPemPair(cert, ownKey, passphrase);
}

/** Throws AppError `input` for what cannot be read. */
export async function readPemPair(
  cert: TlsFile,
  key: TlsFile,
  passphrase: string | undefined,
): Promise<OwnCertificate> {
  const [certificates, opened] = await Promise.all([readCertificates(cert, 'own'), openKey(key, passphrase)]);
  const unusable = await whyUnusable({ cert, key, passphrase });
  return ownOfPem({ certificates, cert, key: { ...key, opened }, passphrase, unusable });
}

/** Throws AppError `input` for what OpenSSL cannot open, or does not send. */
export async function readPfx(pfx: TlsFile, passphrase: string | undefined): Promise<OwnCertificate> {
  checkDerivation(pfx);
  await makeSecureContext({ pfx, passphrase }, ciphersAtLevel(0));
  const own = await ownOfPfx(pfx, passphrase);
  if (own.certificates.length > 0) return own;
  throw new AppError('input', `the PKCS#12 file ${pfx.path} opens, but OpenSSL sends no certificate from it`, {
    hint: `inspect it: openssl pkcs12 -in ${pfx.path} -nokeys`,
  });
}

/**
 * Both were read before, so what OpenSSL still rejects is how they fit. At level 0 it does not reject weak ones: the
 * server may judge those.
 */
export async function whyUnusable(options: {
  cert: TlsFile;
  key: TlsFile;
  passphrase: string | undefined;
}): Promise<string | null> {
  try {
    await makeSecureContext(options, ciphersAtLevel(0));
    return null;
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}

/** Throws AppError `input` for one that cannot be opened, or not in a reasonable time. */
export async function openKey(key: TlsFile, passphrase: string | undefined): Promise<KeyObject> {
  checkDerivation(key);
  return openPrivateKey(key, passphrase);
}

/** The private key of a CA (`--client-ca-key`). Throws AppError `usage` or `input`. */
export async function readCaKey(
  path: string,
  passphrase: PassphraseOptions,
  environment: SecretEnvironment,
): Promise<KeyObject> {
  const { key } = await readTlsFiles({ key: path });
  if (key === undefined) throw new Error('a path gives a file');
  return openKey(
    { ...key, flags: CLIENT_CA_FLAGS },
    await readPassphrase(passphraseSourceOf(passphrase, 'client-ca-passphrase'), environment),
  );
}

const CLIENT_CA_FLAGS: TlsFlags = {
  cert: '--client-ca',
  key: '--client-ca-key',
  pfx: null,
  passphrase: 'add --client-ca-passphrase-env NAME or --client-ca-passphrase-file FILE',
};

export interface TrustOptions {
  /** PEM file: what the server trusts for clients. */
  clientCa?: string;
  /** PEM file: its private key, to issue certificates that must be refused. */
  clientCaKey?: string;
  clientCaPassphraseEnv?: string;
  clientCaPassphraseFile?: string;
  /** PEM file: trusted alone. */
  pin?: string;
}

/** Further trust that the user gave. */
export interface GivenTrust {
  pin: Uint8Array | null;
  pinned: readonly X509Certificate[];
  clientCaKey: KeyObject | null;
}

/** Throws AppError `usage` or `input`. */
export async function readTrust(options: TrustOptions, environment: SecretEnvironment): Promise<GivenTrust> {
  const { pin, clientCa, clientCaKey } = options;
  if (clientCaKey !== undefined && clientCa === undefined)
    throw new AppError('usage', '--client-ca-key needs its certificate', { hint: 'add --client-ca FILE' });
  const pinned = pin === undefined ? [] : await readCaFile(pin);
  return {
    pin: pin === undefined ? null : Buffer.from(pinned.map(String).join('\n')),
    pinned,
    clientCaKey:
      clientCaKey === undefined
        ? null
        : await readCaKey(
            clientCaKey,
            { passphraseEnv: options.clientCaPassphraseEnv, passphraseFile: options.clientCaPassphraseFile },
            environment,
          ),
  };
}
