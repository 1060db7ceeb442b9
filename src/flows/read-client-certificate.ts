import { readSecretFile } from '../config/read-secret-file.ts';
import { resolveSecret, secretSourceOfFlags } from '../config/resolve-secret.ts';
import type { Identity } from '../certs/probe/probe-endpoint.ts';
import { makeSecureContext } from '../deliver/client-certificate.ts';
import { readTlsFiles, type TlsFile } from '../deliver/tls-files.ts';
import { AppError } from '../model/error.ts';
import type { CertificateOptions } from '../model/webhook.ts';
import { checkIdentity, type Machine } from './equip-target.ts';

export interface ClientCertificate {
  /** Null when no certificate was given. */
  identity: Identity | null;
  /** PEM: the CAs to trust for the server; undefined trusts the public ones. */
  ca: Uint8Array | undefined;
}

/**
 * Reads the certificate to show and checks that OpenSSL can use it, before anything is sent. Throws AppError `usage`
 * when a part is missing, `input` for a file that cannot be used.
 */
export async function readClientCertificate(options: CertificateOptions, machine: Machine): Promise<ClientCertificate> {
  const { cert, key, pfx, cacert } = options;
  checkIdentity(options);
  const [files, passphrase] = await Promise.all([readTlsFiles({ cert, key, pfx, ca: cacert }), readPassphrase(options, machine)]);
  const ownKey = files.key ?? (holdsKey(files.cert) ? files.cert : undefined);
  if (files.cert !== undefined && ownKey === undefined) throw new AppError('usage', `--cert ${cert} comes without its private key`, { hint: 'add --key FILE' });
  if (files.ca !== undefined) await makeSecureContext({ ca: files.ca });
  if (cert === undefined && pfx === undefined) return { identity: null, ca: files.ca?.bytes };
  await makeSecureContext({ cert: files.cert, key: ownKey, pfx: files.pfx, passphrase });
  return { identity: { cert: files.cert?.bytes, key: ownKey?.bytes, pfx: files.pfx?.bytes, passphrase }, ca: files.ca?.bytes };
}

async function readPassphrase({ passphraseEnv, passphraseFile }: CertificateOptions, machine: Machine): Promise<string | undefined> {
  const source = secretSourceOfFlags(
    { ...(passphraseEnv === undefined ? {} : { env: passphraseEnv }), ...(passphraseFile === undefined ? {} : { file: passphraseFile }) },
    'passphrase',
  );
  if (source === undefined) return undefined;
  const { value } = await resolveSecret(source, {
    env: machine.env,
    baseDirectory: machine.workingDirectory,
    readFile: (path) => readSecretFile(path, machine.stdin),
    label: 'passphrase',
  });
  return value;
}

const holdsKey = (file: TlsFile | undefined): boolean => file !== undefined && /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(Buffer.from(file.bytes).toString('latin1'));
