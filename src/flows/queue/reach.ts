import { resolve } from 'node:path';
import type { SecretEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import { hideSecretHeader } from '../../model/header.ts';
import { displayUrl, parseHttpUrl } from '../../model/http-url.ts';
import type { Reach } from '../../model/queued-delivery.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import { isVendorFile } from '../../model/vendor-registry.ts';
import { textsOf, type Config, type GivenTexts } from '../../model/webhook.ts';
import { overrideHeaders } from '../../plan/headers.ts';
import { adHocTarget, configuredTarget } from '../session/choose-targets.ts';
import { openTarget, type OpenTarget, type OpenTargetOptions } from '../session/open-target.ts';

/** The flags that decide how an endpoint is reached, and what of the request is the user's own. */
export interface ReachOptions extends OpenTargetOptions, Pick<Reach, 'ackMode' | 'mask'> {
  url?: string;
  vendor?: string;
  /** The user's own lines (`-H`). */
  header: readonly string[];
}

const NAMED_ONLY = 'a queued delivery keeps no secret, only where it is';

/**
 * What a worker needs to reach the target later. Throws AppError `usage` for what would have to be kept and is a
 * secret.
 */
export function describeReach(
  target: Pick<OpenTarget, 'name' | 'secret' | 'tls' | 'vendor' | 'url' | 'timeoutMs'>,
  options: ReachOptions,
  { workingDirectory, vendors }: { workingDirectory: string; vendors: VendorRegistry },
): Reach {
  refuseSecrets(options);
  const { ackMode, mask, insecure, resolve: rules, connectTo, maxTime, passphraseEnv, secretEnv } = options;
  const { name, secret, tls, vendor } = target;
  const isConfigured = name !== undefined || secret !== undefined || tls !== undefined;
  const absolute = (file: string | undefined): string | undefined => file && resolve(workingDirectory, file);
  const { secretFile, passphraseFile, cert, key, pfx, cacert } = options;
  return {
    isConfigured,
    vendor: vendorReference(vendor.id, options.vendor, { workingDirectory, vendors }),
    url: isConfigured && options.url === undefined ? undefined : keepableUrl(target.url),
    secretEnv,
    secretFile: secretFile && (textsOf(secretFile).map(absolute) as GivenTexts),
    cert: absolute(cert),
    key: absolute(key),
    pfx: absolute(pfx),
    cacert: absolute(cacert),
    passphraseEnv,
    passphraseFile: absolute(passphraseFile),
    insecure,
    resolve: rules,
    connectTo,
    maxTime,
    timeoutMs: target.timeoutMs,
    ackMode,
    mask,
  };
}

function vendorReference(
  id: string,
  given: string | undefined,
  { workingDirectory, vendors }: { workingDirectory: string; vendors: VendorRegistry },
): string {
  if (given !== undefined && isVendorFile(given)) return resolve(workingDirectory, given);
  return vendors.entries.find((entry) => entry.id === id)?.file ?? id;
}

function refuseSecrets({ secret, secretFile, passphraseFile, header }: ReachOptions): void {
  if (secret !== undefined)
    throw new AppError('usage', `--secret cannot be queued: ${NAMED_ONLY}`, {
      hint: 'give --secret-env or --secret-file, or send to a configured webhook: --to NAME',
    });
  for (const [flag, files] of [
    ['--secret-file', textsOf(secretFile)],
    ['--passphrase-file', textsOf(passphraseFile)],
  ] as const)
    if (files.includes('-'))
      throw new AppError('usage', `${flag} - cannot be queued: the worker has another standard input`, {
        hint: `give a file: ${flag} FILE`,
      });
  const secretHeader = overrideHeaders([], header).find((one) => hideSecretHeader(one) !== one);
  if (secretHeader !== undefined)
    throw new AppError('usage', `the header ${secretHeader[0]} cannot be queued: ${NAMED_ONLY}`, {
      hint: "leave it out, or send without --enqueue; a vendor's own secret goes into --secret-env or --secret-file",
    });
}

/** Throws AppError `usage` for one that has a secret in it. */
function keepableUrl(url: URL): string {
  const bare = new URL(url);
  bare.hash = '';
  const shown = displayUrl(url);
  if (shown === bare.href) return shown;
  throw new AppError('usage', `the URL ${shown} has a secret in it and cannot be queued: ${NAMED_ONLY}`, {
    hint: 'configure the webhook (webhook add), and send with --to NAME: the worker then reads its URL there',
  });
}

/** What opening a kept target needs. */
export interface ReachEnvironment extends SecretEnvironment {
  config: Config;
  vendors: VendorRegistry;
}

/**
 * The target again, on this machine: its secrets are read now. Throws AppError when something that is named is
 * missing here.
 * @param connections at most, at once
 */
export async function openReach(
  reach: Reach,
  webhookUuid: string,
  connections: number,
  environment: ReachEnvironment,
): Promise<OpenTarget> {
  const { config, vendors } = environment;
  const vendor = await vendors.load(reach.vendor);
  const webhook = reach.isConfigured ? config.webhooks.find(({ uuid }) => uuid === webhookUuid) : undefined;
  if (reach.isConfigured && webhook === undefined)
    throw new AppError('config', `the webhook ${webhookUuid} is not in the configuration of this worker`, {
      hint: 'give it the configuration that has it: --config FILE',
    });
  if (webhook !== undefined && webhook.vendor !== vendor.id)
    throw new AppError(
      'config',
      `the webhook ${JSON.stringify(webhook.name)} belongs to ${webhook.vendor} now, and not to ${vendor.id}`,
      { hint: `cancel what was queued before: webhook queue cancel --webhook ${webhookUuid}` },
    );
  const target =
    webhook === undefined
      ? adHocTarget(vendor, parseHttpUrl(reach.url ?? ''), { uuid: webhookUuid })
      : configuredTarget(webhook, vendor, { url: reach.url });
  return openTarget(target, { ...reach, connections }, environment);
}
