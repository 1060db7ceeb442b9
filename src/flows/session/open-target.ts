import {
  type NamedSecret,
  passphraseSourceOf,
  readConfiguredSecrets,
  readFlaggedSecrets,
  readPassphrase,
} from '../../config/secrets.ts';
import type { CurlOptions } from '../../deliver/curl-command.ts';
import { findIgnoredProxy } from '../../deliver/ignored-proxy.ts';
import { parseConnectToRule, parseResolveRule } from '../../deliver/connect-rules.ts';
import { displayUrl } from '../../model/http-url.ts';
import { readTlsFiles, type TlsOptions } from '../../deliver/tls-files.ts';
import type { Transport, TransportOptions } from '../../deliver/transport.ts';
import type { SecretEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import type { CertificateOptions, SecretOptions, WebhookTls } from '../../model/webhook.ts';
import { namesSignature } from '../../plan/headers.ts';
import { missingSecret } from '../../sign/missing-secret.ts';
import { isSigned, secretPrefixOf } from '../../vendors/facts.ts';
import { nameStaticSecret } from './static-secret.ts';
import type { Target, TargetedEvent } from './choose-targets.ts';

/** The flags that say how to reach an endpoint and with what secret. */
export interface OpenTargetOptions extends CertificateOptions, SecretOptions {
  insecure?: boolean;
  resolve: readonly string[];
  connectTo: readonly string[];
  /** Milliseconds. */
  maxTime?: number;
  count?: number;
  connections?: number;
  /** The secret of the flags is for targets that have none of their own; else it takes the place of theirs. */
  isSecretFallback?: boolean;
}

/** A target with its secret read and the way to it known. */
export interface OpenTarget extends Target {
  signingSecret: string | null;
  /** Where it comes from, in words; null without one. */
  secretFrom: string | null;
  /** While the secret is being replaced: the others that are good as well. */
  moreSecrets: readonly NamedSecret[];
  /** The URL without credentials. */
  shownUrl: string;
  warnings: readonly string[];
  /** An attempt is given up after this: the flag's time, else the vendor's. */
  timeoutMs: number;
  curl: CurlOptions;
  /** What the transport opens with, TLS files and passphrase read; the same at each call. */
  transportOptions(): Promise<TransportOptions>;
  /** Opens the transport at the first call; the same one afterwards. */
  transport(): Promise<Transport>;
  close(): Promise<void>;
}

export type OpenTargetedEvent = OpenTarget & TargetedEvent;

/**
 * Reads the secrets of all targets: one that a flag names is read once for all. Throws AppError when something named is
 * missing.
 */
export async function openTargets<Chosen extends Target>(
  targets: readonly Chosen[],
  options: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<(Chosen & OpenTarget)[]> {
  const flagged = await readFlaggedSecrets(options, environment);
  return Promise.all(targets.map((target) => openWith(flagged, target, options, environment)));
}

/** As `openTargets`, of one. */
export async function openTarget<Chosen extends Target>(
  target: Chosen,
  options: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<Chosen & OpenTarget> {
  return openWith(await readFlaggedSecrets(options, environment), target, options, environment);
}

async function openWith<Chosen extends Target>(
  flagged: readonly NamedSecret[],
  target: Chosen,
  options: OpenTargetOptions,
  environment: SecretEnvironment,
): Promise<Chosen & OpenTarget> {
  nameStaticSecret(target.vendor);
  const tls = chooseTls(target.tls, options);
  const keepsOwn = options.isSecretFallback === true && target.secret !== undefined;
  const given = keepsOwn ? [] : flagged;
  const secrets = given.length > 0 ? given : await readConfiguredSecrets(target, environment);
  const [secret, ...moreSecrets] = secrets;
  const reach = {
    timeoutMs: options.maxTime ?? target.vendor.timeoutMs.value,
    resolve: options.resolve.map(parseResolveRule),
    connectTo: options.connectTo.map(parseConnectToRule),
    connections: options.connections ?? 1,
    ignoredProxy: findIgnoredProxy(target.url, environment.env),
  };
  return {
    ...target,
    signingSecret: secret?.value ?? null,
    secretFrom: secret?.from ?? null,
    moreSecrets,
    shownUrl: displayUrl(target.url),
    warnings: secrets.flatMap((one) => secretWarnings(target, one, options)),
    timeoutMs: reach.timeoutMs,
    curl: {
      ...tls,
      insecure: options.insecure,
      resolve: options.resolve,
      connectTo: options.connectTo,
      maxTimeMs: reach.timeoutMs,
    },
    ...openOnce(async () => ({
      ...reach,
      tls: { ...(await readTls(tls, environment)), insecure: options.insecure },
    })),
  };
}

/** Options are read and the transport is opened when it is needed, and once: a passphrase may be on standard input. */
function openOnce(
  readOptions: () => Promise<TransportOptions>,
): Pick<OpenTarget, 'transportOptions' | 'transport' | 'close'> {
  let ready: Promise<TransportOptions> | undefined;
  let opened: Promise<Transport> | undefined;
  const transportOptions = (): Promise<TransportOptions> => (ready ??= readOptions());
  const open = async (): Promise<Transport> => {
    const [{ openTransport }, options] = await Promise.all([import('../../deliver/transport.ts'), transportOptions()]);
    return openTransport(options);
  };
  return {
    transportOptions,
    transport: () => (opened ??= open()),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}

async function readTls(tls: WebhookTls, environment: SecretEnvironment): Promise<TlsOptions> {
  const files = await readTlsFiles({ ...tls, ca: tls.cacert });
  const secured = [files.pfx, files.key, files.cert].filter((file) => file !== undefined);
  if (secured.length > 0) secured.forEach((await import('../../certs/file/key-encryption.ts')).checkDerivation);
  return { ...files, passphrase: await readPassphrase(tls.passphrase, environment) };
}

/** What an event for it is signed with. */
export const secretsOf = ({
  signingSecret,
  moreSecrets,
}: Pick<OpenTarget, 'signingSecret' | 'moreSecrets'>): { secret: string | null; moreSecrets: string[] } => ({
  secret: signingSecret,
  moreSecrets: moreSecrets.map(({ value }) => value),
});

const LITERAL_IS_READABLE =
  'every user of this machine can read --secret in the process list; use --secret-env or --secret-file';

function secretWarnings({ vendor }: Target, secret: NamedSecret, options: SecretOptions): string[] {
  const { title } = vendor;
  const prefix = secretPrefixOf(vendor);
  return [
    ...secret.warnings,
    ...(!isSigned(vendor) ? [`${title} does not sign its requests, so the secret is not used`] : []),
    ...(prefix !== undefined && !secret.value.startsWith(prefix)
      ? [`the secrets of ${title} begin with ${prefix}, but this one does not: check that it is complete`]
      : []),
    ...(options.secret === undefined ? [] : [LITERAL_IS_READABLE]),
  ];
}

/**
 * The flags' certificate takes the place of the configured one as a whole: a key of one with a file of the other fits
 * nobody. Throws AppError `usage`.
 */
export function chooseTls(configured: WebhookTls | undefined, options: CertificateOptions): WebhookTls {
  const { cert, key, pfx } = options;
  checkIdentity(options);
  const passphrase = passphraseSourceOf(options);
  const cacert = options.cacert ?? configured?.cacert;
  if (cert !== undefined || pfx !== undefined) return { cert, key, pfx, passphrase, cacert };
  return { ...configured, passphrase: passphrase ?? configured?.passphrase, cacert };
}

/** Throws AppError `usage` for flags that name half a client certificate, or two. */
function checkIdentity({ cert, key, pfx }: CertificateOptions): void {
  if (pfx !== undefined && (cert !== undefined || key !== undefined)) {
    throw new AppError('usage', '--pfx already contains what --cert and --key provide', {
      hint: 'leave one of them out',
    });
  }
  if (key !== undefined && cert === undefined)
    throw new AppError('usage', `--key ${key} needs its certificate`, { hint: 'add --cert FILE' });
}

/**
 * Found before the first of several is sent. A signature header of the user's own (`-H`) needs no secret. Throws
 * AppError `usage`.
 */
export function requireSecrets(targets: readonly OpenTarget[], headerLines: readonly string[]): void {
  for (const { vendor, name, signingSecret } of targets) {
    if (!isSigned(vendor) || signingSecret !== null || namesSignature(headerLines, vendor)) continue;
    throw missingSecret(vendor, 'sign', { webhook: name });
  }
}
