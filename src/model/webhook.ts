import type { Vendor } from './vendor.ts';
import type { VendorEntry } from './vendor-registry.ts';

/** Where a secret comes from; a literal is allowed but never shown. */
export type SecretSource = { env: string } | { file: string } | string;

export interface WebhookTls {
  cert?: string;
  key?: string;
  pfx?: string;
  passphrase?: SecretSource;
  cacert?: string;
}

/** The flags that name a client certificate and whom to trust: files are paths. */
export interface CertificateOptions {
  cert?: string;
  key?: string;
  pfx?: string;
  passphraseEnv?: string;
  passphraseFile?: string;
  cacert?: string;
}

/** What a flag was given: several times where it may be repeated. */
export type GivenTexts = string | readonly string[];

/** The flags that name signing secrets: at most one of them, with the current secret first. */
export interface SecretOptions {
  secretEnv?: GivenTexts;
  secretFile?: GivenTexts;
  secret?: GivenTexts;
}

/** Of a webhook: several while the secret is being replaced, the current one first. */
export type SecretSources = SecretSource | readonly SecretSource[];

export const sourcesOf = (secret: SecretSources): readonly SecretSource[] =>
  typeof secret === 'object' && !('env' in secret) && !('file' in secret) ? secret : [secret];

export const textsOf = (given: GivenTexts | undefined): readonly string[] =>
  given === undefined ? [] : [given].flat();

/** One configured webhook, as `webhook.config.json` lists it. */
export interface Webhook {
  uuid: string;
  name: string;
  /** The id; in the file itself it may be the path of a vendor file. */
  vendor: string;
  url: string;
  events: readonly string[];
  secret?: SecretSources;
  tls?: WebhookTls;
  /** Mail-Plus: the elements that are sent. */
  dataSelection?: readonly string[];
  /** Addresses and networks that may call. */
  allow?: readonly string[];
}

/** A vendor of the user's own, from a file that the configuration names. */
export interface ConfiguredVendor {
  /** Its absolute path. */
  file: string;
  /** As the configuration names it. */
  references: string[];
  entry: VendorEntry;
  vendor: Vendor;
}

export interface Config {
  /** The file this was read from; null when there is none. */
  path: string | null;
  history?: string;
  /** Its variables stand behind those that are set. */
  envFile?: string;
  /** Of files: those of `vendors`, and those that webhooks name. Left out where there is none. */
  vendors?: readonly ConfiguredVendor[];
  webhooks: readonly Webhook[];
}
