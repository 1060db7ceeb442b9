import type { SecretOptions } from '../../model/webhook.ts';
import type { NetworkFlags } from '../terminal/flags.ts';
import type { ReporterFlags } from '../terminal/reporter-flags.ts';

/** Every flag of `check-source`: of addresses, of a server's rules, of an endpoint. */
export interface SourceFlags extends NetworkFlags, SecretOptions, ReporterFlags {
  nginx?: string;
  apache?: string;
  path?: string;
  host?: string;
  port?: number;
  behind?: string;
  part?: boolean;
  url?: string;
  vendor: string[];
  to?: string;
  config?: string;
  suffix: string[];
  allow: string[];
  allowFile: string[];
  addresses?: string;
  resolver: string[];
  timeout?: number;
  json?: boolean;
}
