import type { Place } from '../rules/server-rules.ts';
import type { DirConfig } from './dir-config.ts';
import type { EnvRule } from './env-rules.ts';
import type { Alias, ProxyPass, Redirect } from './mappings.ts';
import type { Pattern } from './pattern.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import type { Subnet } from './subnet.ts';

/** The main server or one virtual host; a virtual host holds what it inherits, too. */
export interface Server {
  /** Of its <VirtualHost>; null: the main server. */
  place: Place | null;
  addresses: readonly ListenAddress[];
  /** ServerName, lower case, without a port. */
  name: string | null;
  aliases: readonly string[];
  isTls: boolean;
  /** Of every request, before any section. */
  config: DirConfig;
  directories: readonly DirectorySection[];
  locations: readonly PathSection[];
  proxies: readonly PathSection[];
  rewriteRules: readonly RewriteRule[];
  env: readonly EnvRule[];
  redirects: readonly Redirect[];
  aliasList: readonly Alias[];
  proxyPasses: readonly ProxyPass[];
  documentRoot: { path: string; place: Place } | null;
  accessFile: string;
  mergesSlashes: boolean;
  remoteIp: RemoteIp;
  /** Modules that may refuse for reasons of their own. */
  guards: readonly { place: Place; text: string }[];
  /** Of everything else: name and words, for traps. */
  settings: readonly { name: string; words: readonly string[]; place: Place }[];
}

export interface ListenAddress {
  /** `*` for any. */
  host: string;
  /** Null: any. */
  port: number | null;
}

export interface PathSection {
  pattern: Pattern;
  config: DirConfig;
  place: Place;
}

export interface DirectorySection extends PathSection {
  /** Segments of the path; 0 for `/`. Those of expressions come last. */
  depth: number;
}

export interface RemoteIp {
  header: { name: string; place: Place } | null;
  /** Null: any peer is believed. */
  proxies: readonly TrustedProxy[] | null;
  proxyProtocol: Place | null;
}

export interface TrustedProxy {
  /** Null: a name that was looked up when Apache started. */
  subnet: Subnet | null;
  isInternal: boolean;
  text: string;
  place: Place;
}
