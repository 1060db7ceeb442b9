import { AppError } from '../../model/error.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import type { NetworkFlags } from '../terminal/flags.ts';
import type { MaskFlags } from '../terminal/mask-flag.ts';
import type { ReporterFlags } from '../terminal/reporters.ts';

/** Every flag of `check-source`: of addresses, of a server's rules, of an endpoint. */
export interface SourceFlags extends NetworkFlags, MaskFlags, SecretOptions, ReporterFlags {
  nginx?: string;
  apache?: string;
  path?: string;
  host?: string;
  port?: number;
  behind?: string;
  behindHeader?: string;
  part?: boolean;
  askServer?: boolean;
  url?: string;
  vendor: string[];
  to?: string;
  config?: string;
  suffix: string[];
  allow: string[];
  allowFile: string[];
  addresses?: string;
  column?: string;
  resolver: string[];
  timeout?: number;
  json?: boolean;
}

type CheckKind = '--nginx' | '--apache' | '--url';

/** The flag that asks for a check of a server's rules or of an endpoint; null for a check of addresses. */
export function chooseKind(addresses: readonly string[], flags: SourceFlags): CheckKind | null {
  const [kind = null, other] = (['--nginx', '--apache', '--url'] as const).filter(
    (flag) => flags[flag.slice(2) as 'nginx' | 'apache' | 'url'] !== undefined,
  );
  if (other !== undefined)
    throw new AppError('usage', `${kind} and ${other} are separate checks`, {
      hint: 'use one of them at a time',
    });
  const [address] = [...addresses, flags.addresses];
  if (kind !== null && address !== undefined)
    throw new AppError('usage', `addresses and ${kind} are separate checks`, {
      hint: `leave out ${address}, or ${kind}`,
    });
  refuseStray(kind, flags);
  const isOfRules = kind === '--nginx' || kind === '--apache';
  if (isOfRules && flags.path === undefined)
    throw new AppError('usage', 'no path was given for the rules to protect', {
      hint: 'add --path /hook, the path that the vendor calls',
    });
  return kind;
}

/** The flags that go with one kind of check alone, in the order in which they are reported. */
const FLAGS_OF_KINDS = [
  {
    where: '--nginx FILE or --apache FILE',
    kinds: ['--nginx', '--apache'],
    flags: ['path', 'host', 'port', 'behind', 'behindHeader', 'part', 'askServer'],
  },
  {
    where: '--url URL',
    kinds: ['--url'],
    flags: [
      'mask',
      'secretEnv',
      'secretFile',
      'secret',
      'cert',
      'key',
      'pfx',
      'passphraseEnv',
      'passphraseFile',
      'cacert',
      'insecure',
      'maxTime',
      'resolve',
      'connectTo',
    ],
  },
  { where: 'addresses', kinds: [null], flags: ['column', 'resolver', 'timeout'] },
] as const satisfies { where: string; kinds: readonly (CheckKind | null)[]; flags: readonly (keyof SourceFlags)[] }[];

/** A flag that does nothing would look as if it had done something. Throws AppError `usage`. */
function refuseStray(kind: CheckKind | null, flags: SourceFlags): void {
  for (const { where, kinds, flags: names } of FLAGS_OF_KINDS) {
    const stray = names.find((name) => isGiven(flags[name]));
    if (stray !== undefined && !kinds.some((one) => one === kind))
      throw new AppError('usage', `${longName(stray)} has no effect here`, { hint: `use it with ${where}` });
  }
}

const isGiven = (value: SourceFlags[keyof SourceFlags]): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined;

/** `secretEnv`: `--secret-env`. */
const longName = (flag: string): string => `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
