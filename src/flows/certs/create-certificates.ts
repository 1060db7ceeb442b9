import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { checkHost, caNameOf, CERTIFICATE_SET_FILES, makeCertificateSet } from '../../certs/create/certificate-set.ts';
import { checkKeyKind, checkPassphrase, keyTitle, type KeyKind } from '../../certs/create/make-key.ts';
import { LAB_FILES, makeLab } from '../../certs/create/lab.ts';
import {
  type NewFile,
  type NewFileKind,
  checkNames,
  existingNames,
  writeFiles,
} from '../../certs/create/write-files.ts';
import { resolveSecret, secretSourceOfFlags } from '../../config/secrets.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { OwnKeyRule, Vendor } from '../../model/vendor.ts';
import type { SecretEnvironment } from '../../model/environment.ts';

export interface CreateOptions {
  directory: string;
  /** Common name of the client. */
  name: string;
  hosts: readonly string[];
  keyKind: KeyKind;
  days: number;
  /** Of the client's key: from a variable, from a file, random, or none. */
  passphrase: { env?: string | undefined; file?: string | undefined } | 'random' | 'none';
  /** Overwrite what is there. */
  replace: boolean;
  /** Add certificates for tests of a server. */
  lab: boolean;
}

export interface CreatedFile {
  /** With the directory as it was given. */
  path: string;
  kind: NewFileKind;
  title: string;
  /** As it was created, umask included. */
  mode: number;
  /** `CN=…`; null for a key and a passphrase. */
  subject: string | null;
  /** ISO 8601 UTC, of the leaf; null where nothing ends. */
  notAfter: string | null;
  /** Fingerprint of the leaf, lower-case hex; null without a certificate. */
  sha256: string | null;
}

export interface Created {
  directory: string;
  files: readonly CreatedFile[];
  /** Id of the vendor whose rule for a customer's own key the client's key keeps; null when it keeps none. */
  vendor: string | null;
  warnings: readonly string[];
}

const PASSPHRASE_FILE = 'client.passphrase';
/** 192 bits: nobody types it. */
const PASSPHRASE_BYTES = 24;
/** A common name has 64 characters at most (RFC 5280, ub-common-name), and the CA's is longer than the client's. */
const MAX_NAME_LENGTH = 64 - caNameOf('').length;
/** A century. A certificate cannot express dates beyond the year 9999. */
const MAX_DAYS = 36_500;

/**
 * Makes a CA, a client certificate and a server certificate with their keys, and writes them. Throws AppError `usage`
 * before anything is written when a file of the same name is there, or an option makes no sense.
 */
export async function createCertificates(
  options: CreateOptions,
  registry: VendorRegistry,
  environment: SecretEnvironment,
  clock: Clock,
): Promise<Created> {
  const { directory, replace } = options;
  const hosts = checkOptions(options);
  checkNames(directory, replace ? namesOf(options) : ALL_NAMES, { replace });
  const { value: passphrase, warnings } = await choosePassphrase(options.passphrase, environment);
  const set = await makeCertificateSet(
    { ...options, hosts, passphrase, pathLength: options.lab ? undefined : 0 },
    clock.now(),
  );
  const files = [
    ...set.files,
    ...(options.passphrase === 'random' ? [passphraseFile(passphrase as string)] : []),
    ...(options.lab ? await makeLab(set.ca, options.days, clock.now()) : []),
  ];
  const isEncrypted = passphrase !== null;
  const vendors = await registry.loadAll();
  const modes = writeFiles(directory, files, { replace });
  return {
    directory,
    files: files.map((file, index) => describeFile(directory, file, modes[index] as number)),
    vendor: vendors.find(({ trust }) => keepsRule(trust.ownKey?.value, options.keyKind, isEncrypted))?.id ?? null,
    warnings: [...warnings, ...keyWarnings(vendors, options.keyKind, isEncrypted), ...leftovers(directory, files)],
  };
}

const ALL_NAMES = [...CERTIFICATE_SET_FILES, PASSPHRASE_FILE, ...LAB_FILES];

const namesOf = ({ passphrase, lab }: CreateOptions): string[] => [
  ...CERTIFICATE_SET_FILES,
  ...(passphrase === 'random' ? [PASSPHRASE_FILE] : []),
  ...(lab ? LAB_FILES : []),
];

function checkOptions({ name, hosts, keyKind, days }: CreateOptions): readonly [string, ...string[]] {
  checkKeyKind(keyKind);
  // oxlint-disable-next-line no-control-regex
  if (name.trim() === '' || name.length > MAX_NAME_LENGTH || /[\u0000-\u001f\u007f]/.test(name)) {
    throw new AppError('usage', 'the common name of a certificate must be one line of 1 to 61 characters', {
      hint: 'use a shorter --name',
    });
  }
  if (days > MAX_DAYS)
    throw new AppError('usage', `${days} days is more than a century`, { hint: `--days must be at most ${MAX_DAYS}` });
  const [first, ...others] = new Set(hosts.map(checkHost));
  if (first === undefined)
    throw new AppError('usage', 'a server certificate needs a host', { hint: 'for example: --host localhost' });
  return [first, ...others];
}

async function choosePassphrase(
  wanted: CreateOptions['passphrase'],
  environment: SecretEnvironment,
): Promise<{ value: string | null; warnings: readonly string[] }> {
  if (wanted === 'none') return { value: null, warnings: [] };
  const source = wanted === 'random' ? undefined : secretSourceOfFlags(wanted, 'passphrase');
  if (source === undefined) return { value: randomBytes(PASSPHRASE_BYTES).toString('base64url'), warnings: [] };
  const given = await resolveSecret(source, environment, { label: 'passphrase' });
  checkPassphrase(given.value);
  return given;
}

const passphraseFile = (passphrase: string): NewFile => ({
  name: PASSPHRASE_FILE,
  kind: 'passphrase',
  title: 'passphrase of client.key, randomly generated',
  text: `${passphrase}\n`,
});

const keepsRule = (wanted: OwnKeyRule | undefined, kind: KeyKind, isEncrypted: boolean): boolean =>
  wanted !== undefined && wanted.type === kind.type && (isEncrypted || !wanted.encrypted);

/** What vendors demand of a customer's own key, where this one is another. */
function keyWarnings(vendors: readonly Vendor[], kind: KeyKind, isEncrypted: boolean): string[] {
  return vendors.flatMap(({ title, trust }) => {
    const wanted = trust.ownKey?.value;
    if (wanted === undefined || keepsRule(wanted, kind, isEncrypted)) return [];
    const demand = `${wanted.encrypted ? 'a password-protected' : 'an'} ${wanted.type.toUpperCase()} key`;
    return [
      `${title} asks for ${demand}; client.key is ${keyTitle(kind)}, ${isEncrypted ? 'encrypted' : 'not encrypted'}`,
    ];
  });
}

/** Files of an earlier run that were not replaced belong to a CA or key that no longer exists. */
function leftovers(directory: string, files: readonly NewFile[]): string[] {
  const written = new Set(files.map(({ name }) => name));
  const old = existingNames(
    directory,
    ALL_NAMES.filter((name) => !written.has(name)),
  );
  return old.length === 0
    ? []
    : [
        'left from an earlier run, and unrelated to these keys: ' +
          `${old.map((name) => join(directory, name)).join(', ')}`,
      ];
}

function describeFile(
  directory: string,
  { name, kind, title, certificate, subject }: NewFile,
  mode: number,
): CreatedFile {
  return {
    path: join(directory, name),
    kind,
    title,
    mode,
    subject: certificate?.subject ?? subject ?? null,
    notAfter: certificate === undefined ? null : new Date(certificate.validTo).toISOString(),
    sha256: certificate?.fingerprint256.replaceAll(':', '').toLowerCase() ?? null,
  };
}
