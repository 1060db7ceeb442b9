import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { checkWebhook, knownVendors } from '../../config/check-config.ts';
import { chooseConfigPath, CONFIG_FILE_NAME, loadConfig } from '../../config/load-config.ts';
import { secretSourceOfFlags, type GivenSecret } from '../../config/secrets.ts';
import { addWebhook, removeWebhook } from '../../config/write-config.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isVendorFile } from '../../model/vendor-registry.ts';
import type { FileEnvironment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import type {
  CertificateOptions,
  Config,
  ConfiguredVendor,
  SecretOptions,
  SecretSource,
  Webhook,
  WebhookTls,
} from '../../model/webhook.ts';
import { textsOf } from '../../model/webhook.ts';
import { openVendors } from '../session/open-vendors.ts';
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
  environment: FileEnvironment,
  onWait: (words: string) => void,
): Promise<Configured> {
  const found = chooseConfigPath(configFlag, environment);
  const path = found ?? resolve(environment.workingDirectory, CONFIG_FILE_NAME);
  const config = await loadConfig(configFlag, environment);
  const vendor = await openVendors(config, environment).load(options.vendor);
  const place: FilePlacing = (file) => placeFile(file, environment.workingDirectory, dirname(path));
  const webhook = makeWebhook(options, vendor, freshUuid, place);
  const known = knownVendors([...(config.vendors ?? []), ...(await ownFile(webhook, vendor, config, dirname(path)))]);
  checkWebhook(webhook, known);
  addWebhook(path, webhook, known, { create: found === null, onWait });
  return { path, webhook, vendor, isNewFile: found === null };
}

/** Takes a webhook out of the configuration that counts here. Throws AppError `usage` or `config`. */
export async function dropWebhook(
  nameOrUuid: string,
  configFlag: string | undefined,
  environment: FileEnvironment,
  onWait: (words: string) => void,
): Promise<Omit<Configured, 'isNewFile' | 'vendor'>> {
  const path = chooseConfigPath(configFlag, environment);
  if (path === null)
    throw new AppError('config', `no ${CONFIG_FILE_NAME} found here or in a folder above`, {
      hint: 'create one: webhook init',
    });
  const { vendors } = await loadConfig(configFlag, environment);
  return { path, webhook: removeWebhook(path, nameOrUuid, knownVendors(vendors), { onWait }) };
}

type FilePlacing = (file: string) => string;

/** What the configuration will know of a vendor file that it has not named before. Throws AppError `usage`. */
async function ownFile(
  { vendor: reference }: Webhook,
  vendor: Vendor,
  { vendors = [] }: Config,
  directory: string,
): Promise<Pick<ConfiguredVendor, 'entry' | 'references'>[]> {
  if (!isVendorFile(reference)) return [];
  const [{ whyTaken }, { entryOf }] = await Promise.all([
    import('../../config/configured-vendors.ts'),
    import('../../vendors/vendor-entry.ts'),
  ]);
  const others = vendors.filter(({ file }) => file !== resolve(directory, reference));
  const reason = whyTaken(vendor.id, others);
  if (reason !== null) throw new AppError('usage', `${reference}: ${reason}`);
  return [
    { entry: { ...entryOf(vendor), isOriginal: false, file: resolve(directory, reference) }, references: [reference] },
  ];
}

function makeWebhook(options: WebhookOptions, vendor: Vendor, freshUuid: string, place: FilePlacing): Webhook {
  const { secretEnv, secretFile, secret: literal, select, allow } = options;
  const given = [
    ...textsOf(secretEnv).map((env) => ({ env })),
    ...textsOf(secretFile).map((file) => ({ file })),
    ...textsOf(literal).map((text) => ({ literal: text })),
  ];
  const secrets = given.flatMap((one) => placedSecret(one, 'secret', place) ?? []);
  const secret = secrets.length > 1 ? secrets : secrets[0];
  return {
    uuid: options.uuid === undefined ? freshUuid : parseUuid(options.uuid),
    name: options.name,
    vendor: isVendorFile(options.vendor) ? asVendorFile(place(options.vendor)) : options.vendor,
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
  throw new AppError('usage', `standard input cannot be stored as the source of a ${label}`, {
    hint: `give a file, or --${label}-env NAME`,
  });
}

/** A relative one begins with `./` or `../`, which no id of a vendor does. */
const asVendorFile = (path: string): string => (isAbsolute(path) || path.startsWith('.') ? path : `./${path}`);

/** As the configuration keeps it: relative to its own folder where it was given relative, with `/` on every system. */
function placeFile(file: string, workingDirectory: string, configDirectory: string): string {
  if (isAbsolute(file)) return file;
  return relative(configDirectory, resolve(workingDirectory, file)).split(sep).join('/');
}
