import { type Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addWebhookFlag, addNetworkFlags, addSecretFlags, collect, commaList, configFlag } from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { addReporterFlags } from '../terminal/reporters.ts';
import { durationMs, port } from '../terminal/flag-values.ts';
import { chooseKind, type SourceFlags } from './source-flags.ts';

const MAX_TIME_MS = 60_000;

/** `webhook check-source` */
export function checkSourceCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'check whether a caller is the vendor, by DNS, networks, lists or server rules',
    daily: ['--vendor', '--allow-file', '--addresses', '--nginx', '--apache', '--path', '--url', '--json'],
    topics: ['callers'],
    examples: examplesOf(name),
  })
    .argument('[address...]', 'address of a caller; - reads them from stdin')
    .option('--addresses <file>', 'take the first column of this file, - for stdin (default, off a terminal)')
    .option('--column <n|name>', 'take this column, or this JSON field: request.client_ip');
  addAcceptedFlags(command);
  addServerFlags(command);
  addEndpointFlags(command);
  return addReporterFlags(command).action(act(checkSource));
}

function addAcceptedFlags(command: Command): void {
  command
    .optionsGroup('Who is allowed:')
    .option(
      '--vendor <id|file>',
      'networks or reverse DNS of this vendor (repeatable: one of them is enough)',
      collect,
      [],
    );
  addWebhookFlag(command, 'to', 'vendor and "allow" of a configured webhook')
    .option('--suffix <domain>', 'reverse DNS: a name below this domain (repeatable)', collect, [])
    .option('--allow <cidr>', 'this address or network (repeatable, or comma-separated)', collectCommas, [])
    .option('--allow-file <file>', 'the addresses and networks in this file (repeatable)', collect, [])
    .addOption(configFlag())
    .optionsGroup('DNS:')
    .option(
      '--resolver <host:port>',
      "use this DNS server; repeatable, as a fallback (default: the system's)",
      collect,
      [],
    )
    .option('--timeout <duration>', 'time for all DNS queries about one address (default: 5s)', durationMs);
}

function addServerFlags(command: Command): void {
  command
    .optionsGroup("A server's own rules:")
    .option('--nginx <file>', 'main file of an nginx configuration, or the output of nginx -T; - for stdin')
    .option('--apache <file>', 'main file of an Apache 2.4 configuration, or the output of apachectl -t -D DUMP_CONFIG')
    .option('--path <path>', 'path of the webhook, such as /hook')
    .option('--host <name>', 'host name that the vendor calls (default: that of the default server)')
    .option('--port <port>', 'port that the vendor calls (default: whichever serves the host)', port)
    .option('--behind <address>', 'proxy that all calls come through; it adds the caller to X-Forwarded-For')
    .option('--behind-header <name>', 'header in which it names the caller: X-Real-IP, CF-Connecting-IP, …')
    .option('--part', 'judge this file alone: what includes it does not concern callers')
    .option('--ask-server', 'also run the installed nginx -t or apachectl -t, which loads modules and may create logs');
}

function addEndpointFlags(command: Command): void {
  command
    .optionsGroup('A running endpoint:')
    .option('--url <url>', 'call it from this machine; needs --vendor or --webhook');
  addMaskFlag(addSecretFlags(command));
  addNetworkFlags(command);
  const maxTime = command.options.find(({ long }) => long === '--max-time');
  if (maxTime !== undefined) maxTime.description = 'total time for all calls of --url (default: 1m)';
}

const examplesOf = (name: string): [line: string, effect: string][] => [
  [`${name} 192.0.2.10 --vendor mail-plus`, 'is this a host of Mail-Plus? Every step of its reverse DNS'],
  [
    `${name} --addresses access.log --allow-file allow.txt`,
    'check every caller in a log against your allowlist; also: … < access.log',
  ],
  [
    `${name} --nginx /etc/nginx/nginx.conf --path /hook --vendor mailkit`,
    'does the configuration admit the vendor, and no other caller?',
  ],
  [
    `${name} --url https://hooks.example.com/hook --vendor mailkit`,
    'does the running endpoint refuse this machine, even with forged headers?',
  ],
];

function collectCommas(value: string, previous: string[]): string[] {
  return [...previous, ...commaList(value)];
}

async function checkSource(addresses: string[], flags: SourceFlags): Promise<ExitCode> {
  const kind = chooseKind(addresses, flags);
  if (kind === '--url')
    return (await import('./check-source-endpoint.ts')).checkSourceEndpoint(flags, flags.maxTime ?? MAX_TIME_MS);
  if (kind !== null) return (await import('./check-source-rules.ts')).checkSourceRules(flags);
  return (await import('./check-source-addresses.ts')).checkSourceAddresses(addresses, flags);
}
