import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { checkWebhook } from '../../config/check-config.ts';
import { chooseConfigPath, CONFIG_FILE_NAME } from '../../config/load-config.ts';
import { secretSourceOfFlags, type GivenSecret } from '../../config/secrets.ts';
import { addWebhook, removeWebhook } from '../../config/write-config.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { FileEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import type { CertificateOptions, SecretOptions, SecretSource, Webhook, WebhookTls } from '../../model/webhook.ts';
import { parseUuid } from '../../plan/ids.ts';

/** A webhook as flags describe it: files are relative to the working directory. */
export interface WebhookOptions extends CertificateOptions, SecretOptions {
  name: string;
  vendor: string;
  url: string;
  /** Default: every event of the vendor that is not opt-in. */
  events?: readonly string[];
  uuid?: string;
  select?: readonly string[];
  allow?: readonly string[];
}

export interface Configured {
  vendor: Vendor;
  /** The file that was changed. */
  path: string;
  webhook: Webhook;
  /** There was no file before. */
  isNewFile: boolean;
}

/** Puts a webhook into the configuration that counts here, or into a new one. Throws AppError `usage` or `config`. */
export async function configureWebhook(
  options: WebhookOptions,
  freshUuid: string,
  configFlag: string | undefined,
  vendors: VendorRegistry,
  environment: FileEnvironment,
  onWait: (words: string) => void,
): Promise<Configured> {
  const found = chooseConfigPath(configFlag, environment);
  const path = found ?? resolve(environment.workingDirectory, CONFIG_FILE_NAME);
  const known = { vendors: vendors.entries };
  const vendor = await vendors.load(options.vendor);
  const webhook = makeWebhook(options, vendor, freshUuid, (file) =>
    placeFile(file, environment.workingDirectory, dirname(path)),
  );
  checkWebhook(webhook, known);
  addWebhook(path, webhook, known, { create: found === null, onWait });
  return { path, webhook, vendor, isNewFile: found === null };
}

/** Takes a webhook out of the configuration that counts here. Throws AppError `usage` or `config`. */
export function dropWebhook(
  nameOrUuid: string,
  configFlag: string | undefined,
  vendors: VendorRegistry,
  environment: FileEnvironment,
  onWait: (words: string) => void,
): Omit<Configured, 'isNewFile' | 'vendor'> {
  const path = chooseConfigPath(configFlag, environment);
  if (path === null)
    throw new AppError('config', `there is no ${CONFIG_FILE_NAME} here or in a folder above`, {
      hint: 'webhook init makes one',
    });
  return { path, webhook: removeWebhook(path, nameOrUuid, { vendors: vendors.entries }, { onWait }) };
}

function makeWebhook(
  options: WebhookOptions,
  vendor: Vendor,
  freshUuid: string,
  place: (file: string) => string,
): Webhook {
  const { secretEnv, secretFile, secret: literal, select, allow } = options;
  const secret = placedSecret({ env: secretEnv, file: secretFile, literal }, 'secret', place);
  return {
    uuid: options.uuid === undefined ? freshUuid : parseUuid(options.uuid),
    name: options.name,
    vendor: options.vendor,
    url: options.url,
    events: options.events ?? vendor.events.flatMap(({ name, optIn }) => (optIn ? [] : [name])),
    secret,
    tls: makeTls(options, place),
    dataSelection: select,
    allow,
  };
}

function makeTls(options: WebhookOptions, place: (file: string) => string): WebhookTls | undefined {
  const { passphraseEnv, passphraseFile } = options;
  const placed = (file: string | undefined): string | undefined => (file === undefined ? undefined : place(file));
  const tls = {
    cert: placed(options.cert),
    key: placed(options.key),
    pfx: placed(options.pfx),
    cacert: placed(options.cacert),
    passphrase: placedSecret({ env: passphraseEnv, file: passphraseFile }, 'passphrase', place),
  };
  return Object.values(tls).some((value) => value !== undefined) ? tls : undefined;
}

function placedSecret(flags: GivenSecret, label: string, place: (file: string) => string): SecretSource | undefined {
  const source = secretSourceOfFlags(flags, label);
  if (typeof source !== 'object' || !('file' in source)) return source;
  if (source.file !== '-') return { file: place(source.file) };
  throw new AppError('usage', `standard input cannot be remembered as the place of a ${label}`, {
    hint: `name a file, or --${label}-env NAME`,
  });
}

/** As the configuration keeps it: relative to its own folder where it was given relative, with `/` on every system. */
function placeFile(file: string, workingDirectory: string, configDirectory: string): string {
  if (isAbsolute(file)) return file;
  return relative(configDirectory, resolve(workingDirectory, file)).split(sep).join('/');
}
