import { readSecretFile } from '../../config/read-secret-file.ts';
import {
  resolveSecret,
  secretSourceOfFlags,
  type ResolvedSecret,
  type SecretAccess,
} from '../../config/resolve-secret.ts';
import type { CurlOptions } from '../../deliver/curl-command.ts';
import { parseConnectToRule, parseResolveRule } from '../../deliver/connect-rules.ts';
import { displayUrl } from '../../deliver/target.ts';
import { readTlsFiles } from '../../deliver/tls-files.ts';
import type { Transport, TransportOptions } from '../../deliver/transport.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import type { CertificateOptions, SecretOptions, WebhookTls } from '../../model/webhook.ts';
import { isSigned, signatureOf } from '../../vendors/facts.ts';
import type { Target } from './choose-targets.ts';

/** The flags that say how to reach an endpoint and with what secret. */
export interface OpenTargetOptions extends CertificateOptions, SecretOptions {
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Milliseconds. */
  maxTime?: number;
  count?: number;
  connections?: number;
  retry?: boolean;
}

/** A target with its secret read and the way to it known. */
export interface OpenTarget extends Target {
  signingSecret: string | null;
  /** The URL without credentials. */
  shownUrl: string;
  warnings: readonly string[];
  curl: CurlOptions;
  /** What the transport opens with, TLS files and passphrase read; the same at each call. */
  transportOptions(): Promise<TransportOptions>;
  /** Opens the transport at the first call; the same one afterwards. */
  transport(): Promise<Transport>;
  close(): Promise<void>;
}

/**
 * Reads the secrets of all targets: one that a flag names is read once for all. Throws AppError when something named is
 * missing.
 */
export async function openTargets(
  targets: readonly Target[],
  options: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<OpenTarget[]> {
  const flagged = await readFlaggedSecret(options, environment);
  return Promise.all(targets.map((target) => openTarget(target, flagged, options, environment)));
}

/** TLS files are read when the transport opens. */
async function openTarget(
  target: Target,
  flagged: ResolvedSecret | null,
  options: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<OpenTarget> {
  const tls = tlsOf(target.tls, options);
  const secret = flagged ?? (await readConfiguredSecret(target, environment));
  const rules = {
    resolve: options.resolve.map(parseResolveRule),
    connectTo: options.connectTo.map(parseConnectToRule),
  };
  const timeoutMs = options.maxTime ?? target.vendor.timeoutMs.value;
  let opened: Promise<Transport> | undefined;
  let ready: Promise<TransportOptions> | undefined;
  const readOptions = async (): Promise<TransportOptions> => {
    const files = await readTlsFiles({ ...tls, ca: tls.cacert });
    const secured = [files.pfx, files.key, files.cert].filter((file) => file !== undefined);
    if (secured.length > 0) secured.forEach((await import('../../certs/file/key-encryption.ts')).checkDerivation);
    const passphrase =
      tls.passphrase === undefined
        ? undefined
        : (await resolveSecret(tls.passphrase, { ...accessOf(environment), label: 'passphrase' })).value;
    const many = (options.count ?? 1) > 1 || options.retry === true;
    return {
      timeoutMs,
      tls: { ...files, passphrase, insecure: options.insecure },
      ...rules,
      connections: options.connections ?? 1,
      expectedRequests: many ? Math.max(options.count ?? 1, 1) : 1,
    };
  };
  // Once: a passphrase may come from standard input.
  const transportOptions = (): Promise<TransportOptions> => (ready ??= readOptions());
  const open = async (): Promise<Transport> => {
    const [{ openTransport }, read] = await Promise.all([import('../../deliver/transport.ts'), transportOptions()]);
    return openTransport(read);
  };
  return {
    ...target,
    signingSecret: secret?.value ?? null,
    shownUrl: displayUrl(target.url),
    warnings: secretWarnings(target, secret, options),
    curl: {
      ...tls,
      insecure: options.insecure,
      resolve: options.resolve,
      connectTo: options.connectTo,
      maxTimeMs: timeoutMs,
    },
    transportOptions,
    transport: () => (opened ??= open()),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

async function readFlaggedSecret(
  { secretEnv, secretFile, secret }: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<ResolvedSecret | null> {
  const source = secretSourceOfFlags({
    ...(secretEnv === undefined ? {} : { env: secretEnv }),
    ...(secretFile === undefined ? {} : { file: secretFile }),
    ...(secret === undefined ? {} : { literal: secret }),
  });
  return source === undefined ? null : resolveSecret(source, accessOf(environment));
}

async function readConfiguredSecret(
  { secret }: Target,
  environment: SecretEnvironment,
): Promise<ResolvedSecret | null> {
  return secret === undefined ? null : resolveSecret(secret, { ...accessOf(environment), blame: 'config' });
}

function secretWarnings({ vendor }: Target, secret: ResolvedSecret | null, options: OpenTargetOptions): string[] {
  if (secret === null) return [];
  const { title } = vendor;
  const prefix = signatureOf(vendor)?.secretPrefix;
  return [
    ...secret.warnings,
    ...(!isSigned(vendor) ? [`${title} does not sign its requests, so the secret is not used`] : []),
    ...(prefix !== undefined && !secret.value.startsWith(prefix)
      ? [`the secrets of ${title} begin with ${prefix}, and this one does not: is it whole?`]
      : []),
    ...(options.secret === undefined
      ? []
      : [
          '--secret can be read by every user of this machine in the list of processes; --secret-env or --secret-file cannot',
        ]),
  ];
}

/**
 * The flags' certificate takes the place of the configured one as a whole: a key of one with a file of the other fits
 * nobody.
 */
export function tlsOf(configured: WebhookTls | undefined, options: CertificateOptions): WebhookTls {
  const { cert, key, pfx, passphraseEnv, passphraseFile, cacert } = options;
  checkIdentity(options);
  const hasOwn = cert !== undefined || pfx !== undefined;
  const { cacert: configuredCa, ...identity } = configured ?? {};
  const passphrase = secretSourceOfFlags(
    {
      ...(passphraseEnv === undefined ? {} : { env: passphraseEnv }),
      ...(passphraseFile === undefined ? {} : { file: passphraseFile }),
    },
    'passphrase',
  );
  const ca = cacert ?? configuredCa;
  return {
    ...(hasOwn ? {} : identity),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(pfx === undefined ? {} : { pfx }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ca === undefined ? {} : { cacert: ca }),
  };
}

/** Throws AppError `usage` for flags that name half a client certificate, or two. */
export function checkIdentity({ cert, key, pfx }: Pick<OpenTargetOptions, 'cert' | 'key' | 'pfx'>): void {
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    throw new AppError('usage', '--pfx already holds what --cert and --key would give', {
      hint: 'leave one of them out',
    });
  }
  if (key !== undefined && cert === undefined)
    throw new AppError('usage', `--key ${key} comes without its certificate`, { hint: 'add --cert FILE' });
}

function accessOf(environment: SecretEnvironment): SecretAccess {
  return {
    env: environment.env,
    // Files that the configuration names are absolute by now: reading it made them so.
    baseDirectory: environment.workingDirectory,
    readFile: (path) => readSecretFile(path, environment.stdin),
  };
}
