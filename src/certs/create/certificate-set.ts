import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { AppError } from '../../model/error.ts';
import {
  issueCertificate,
  keyIdOf,
  type CertificateIssuer,
  type CertificateSpec,
  makeRequest,
  commonName,
} from './issue-certificate.ts';
import { keyPem, keyTitle, makeKey, type KeyKind } from './make-key.ts';
import { certificateFile, type NewFile } from './write-files.ts';

const DAY_MS = 86_400_000;
/** The clock of another machine may be late. */
const EARLY_MS = 3_600_000;
const CA_DAYS = 3650;

export interface CertificateSetOptions {
  /** Common name of the client. The CA's is derived from it. */
  name: string;
  /** Names and addresses of the server; at least one. */
  hosts: readonly [string, ...string[]];
  keyKind: KeyKind;
  /** How long client and server certificates are valid; the CA is valid longer. */
  days: number;
  /** Of the client's key; null leaves it unencrypted. */
  passphrase: string | null;
  /** How many intermediates the CA allows; undefined for any number. */
  pathLength?: number | undefined;
}

/** The files of one endpoint, one client and the CA that issued for both. */
export interface CertificateSet {
  ca: CertificateIssuer;
  files: NewFile[];
}

/** Names of the files of a set. */
export const CERTIFICATE_SET_FILES = [
  'ca.pem',
  'ca.key',
  'client.key',
  'client.csr',
  'client.pem',
  'server.key',
  'server.pem',
] as const;

/** The common name of the CA: never the client's, or a server would take the client's certificate for self-signed. */
export const caNameOf = (name: string): string => `${name} CA`;

/** What the certificates of one set have in common. */
interface SetContext {
  options: CertificateSetOptions;
  ca: CertificateIssuer;
  nowMs: number;
}

/** Makes the keys and certificates of a set, in memory. */
export async function makeCertificateSet(options: CertificateSetOptions, nowMs: number): Promise<CertificateSet> {
  const [caKey, clientKey, serverKey] = (await Promise.all([1, 2, 3].map(() => makeKey(options.keyKind)))) as [
    KeyObject,
    KeyObject,
    KeyObject,
  ];
  const ca: CertificateIssuer = { name: commonName(caNameOf(options.name)), key: caKey, keyId: await keyIdOf(caKey) };
  const context: SetContext = { options, ca, nowMs };
  const files = await Promise.all([caFiles(context), clientFiles(clientKey, context), serverFiles(serverKey, context)]);
  return { ca, files: files.flat() };
}

const leafOf = ({
  options,
  ca,
  nowMs,
}: SetContext): Pick<CertificateSpec, 'issuer' | 'notBeforeMs' | 'notAfterMs'> => ({
  issuer: ca,
  notBeforeMs: nowMs - EARLY_MS,
  notAfterMs: nowMs + options.days * DAY_MS,
});

async function caFiles(context: SetContext): Promise<NewFile[]> {
  const { options, ca, nowMs } = context;
  const certificate = await issueCertificate({
    ...leafOf(context),
    notAfterMs: nowMs + Math.max(CA_DAYS, options.days * 2) * DAY_MS,
    subject: ca.name,
    key: ca.key,
    ca: { pathLength: options.pathLength },
    keyUsage: ['keyCertSign', 'cRLSign'],
  });
  return [certificateFile('ca.pem', 'CA certificate', certificate), keyFile('ca.key', 'CA', ca.key, null, options)];
}

async function clientFiles(key: KeyObject, context: SetContext): Promise<NewFile[]> {
  const { options } = context;
  const subject = commonName(options.name);
  const client = await issueCertificate({
    ...leafOf(context),
    subject,
    key,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
  });
  return [
    keyFile('client.key', 'client', key, options.passphrase, options),
    {
      name: 'client.csr',
      kind: 'request',
      title: "the client's request, for another CA",
      text: await makeRequest(subject, key),
      subject: client.subject,
    },
    certificateFile('client.pem', 'client certificate', client),
  ];
}

async function serverFiles(key: KeyObject, context: SetContext): Promise<NewFile[]> {
  const { options } = context;
  const certificate = await issueCertificate({
    ...leafOf(context),
    subject: commonName(serverNameOf(options.hosts[0])),
    key,
    hosts: options.hosts,
    // TLS 1.2 with RSA key exchange encrypts to this key.
    keyUsage: options.keyKind.type === 'rsa' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'],
    extendedKeyUsage: ['serverAuth'],
  });
  return [
    keyFile('server.key', 'server', key, null, options),
    certificateFile('server.pem', `server certificate for ${options.hosts.join(', ')}`, certificate),
  ];
}

function keyFile(
  name: string,
  of: string,
  key: KeyObject,
  passphrase: string | null,
  { keyKind }: CertificateSetOptions,
): NewFile {
  return {
    name,
    kind: 'private-key',
    title: `private key of the ${of}, ${keyTitle(keyKind)}${passphrase === null ? '' : ', encrypted'}`,
    text: keyPem(key, passphrase ?? undefined),
  };
}

/** A common name has at most 64 characters (RFC 5280, ub-common-name). Clients look at the extension instead. */
const serverNameOf = (host: string): string => (host.length <= 64 ? host : 'server');

// RFC 9525 §6.3: a wildcard stands alone and leftmost. Underscores occur in names of containers.
const DNS_NAME =
  /^(?=.{1,253}$)(\*\.)?[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * A host as a certificate names it: an IP address without brackets, or a DNS name in lower-case ASCII, where `*.` may
 * lead. Throws AppError `usage` for anything else.
 */
export function checkHost(text: string): string {
  const address = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !address.includes('%')) return address.toLowerCase();
  const isWild = text.startsWith('*.');
  // domainToASCII reads `1.2` as an address, drops line breaks, and gives nothing for what it cannot read.
  const ascii = /\s/.test(text) ? '' : domainToASCII(isWild ? text.slice(2) : text).replace(/\.$/, '');
  const name = `${isWild ? '*.' : ''}${ascii}`;
  if (DNS_NAME.test(name) && isIP(ascii) === 0) return name;
  throw new AppError('usage', `${JSON.stringify(text.slice(0, 100))} is not a host name or IP address`, {
    hint: 'for example: --host hooks.example.com --host 127.0.0.1',
  });
}
