import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { quoteForShell } from '../../model/shell-word.ts';
import type { Created, CreatedFile } from '../../flows/certs/create-certificates.ts';
import { renderTable } from '../terminal/table.ts';

/** Where the client's passphrase came from, as flags. */
export interface PassphraseFlags {
  env?: string | undefined;
  file?: string | undefined;
}

/** What was made, and what to type next: the CA is for the endpoint, the client's files are for the vendor. */
export function renderCreated({ directory, files, vendor }: Created, host: string, given: PassphraseFlags): string {
  const rows = files.map((file) => [file.path, file.title, file.subject ?? '', file.notAfter?.slice(0, 10) ?? '']);
  const made = files.find(({ kind }) => kind === 'passphrase');
  const shown = (name: string): string => quoteForShell(join(directory, name));
  const passphrase = passphraseFlag(made, given);
  const ca = quoteForShell(resolve(directory, 'ca.pem'));
  return [
    renderTable(['file', 'what it is', 'subject', 'valid until'], rows),
    '',
    ...(made === undefined
      ? []
      : [`the passphrase of client.key was made by chance; it is in ${made.path}, for you alone to read`]),
    'the endpoint trusts ca.pem; the vendor gets client.pem and client.key with its passphrase; ca.key stays with you',
    '',
    'next:',
    `  verify-cert https://${urlHost(host)}/PATH${vendor === null ? '' : ` --vendor ${vendor}`} --cert ${shown('client.pem')} --key ${shown('client.key')}${passphrase} --cacert ${shown('ca.pem')}`,
    `  nginx:   ssl_client_certificate ${ca}; ssl_verify_client on;`,
    `  Apache:  SSLCACertificateFile ${ca}, SSLVerifyClient require, SSLVerifyDepth 1`,
  ].join('\n');
}

function passphraseFlag(made: CreatedFile | undefined, { env, file }: PassphraseFlags): string {
  if (made !== undefined) return ` --passphrase-file ${quoteForShell(made.path)}`;
  if (env !== undefined) return ` --passphrase-env ${quoteForShell(env)}`;
  return file === undefined ? '' : ` --passphrase-file ${quoteForShell(file)}`;
}

/** Of a wildcard: one name that it covers. */
const urlHost = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host.replace('*.', 'www.'));
