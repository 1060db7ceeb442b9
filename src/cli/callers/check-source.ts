import { type Command } from 'commander';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addWebhookFlag, addNetworkFlags, addSecretFlags, collect, commaList } from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { addReporterFlags } from '../terminal/reporters.ts';
import { durationMs, port } from '../terminal/flag-values.ts';
import { chooseKind, type SourceFlags } from './source-flags.ts';

const MAX_TIME_MS = 60_000;

const NOTES = `Reverse DNS is judged forward-confirmed: a PTR name of the address must be below the domain, at a dot
(evilmail-plus.com is not), and that same name must lead back to the address. Words of RFC 8601: pass,
fail, temperror (DNS gave no answer: never allowed, ask again), permerror (the address has no name).
Where several ways are given (a list, the vendor's network, reverse DNS), one that passes is enough,
as the vendors offer them; each is shown. Names of a resolver of this machine may come from its
/etc/hosts: --resolver asks another one.

An address is that of the connection's peer. Behind a proxy of yours the peer is the proxy; what it
adds to X-Forwarded-For counts, but only there: from anybody else the header is a claim.

Input is the first column of each line, with or without a port, so an access log will do; empty lines and
# comments are left out. A log may be packed by gzip, or have JSON on each line, as Caddy, Traefik and nginx
write it. A list of addresses (X-Forwarded-For) says not which one called, so such a line is not read: --column
takes another column, or a member of JSON by its name. Each address is checked and shown once, and counted as often
as it came. A line without an
address is told, and the others go on. Exit code: 1 when an address is not allowed, else 3 when DNS
gave no answer for one, else 5 when a line could not be read or there was none, else 0.

--nginx and --apache read the configuration, includes and all, and simulate who gets to POST to --path:
the vendor (at each boundary that a rule draws within its networks), a stranger, and a stranger who
claims the vendor's address in a header. Each answer names the line that decided. Nothing is sent, no
server is needed, and what the files alone do not tell is said. Exit code 0 only when everything was
told and is as it should be. A file that another one includes is a part of a configuration, and no
success, unless --part says that what includes it says nothing of callers. Findings of a long list
that say the same but for addresses are one line; --json has each. --ask-server runs nginx -t
or apachectl -t on the file, too, where it is installed, and tells what that says. It is no part of the
plain check, for it is not free of effects: modules are loaded, names looked up, logs made, as the file
says. A certificate or host that this machine lacks is no word against the rules.

--url calls the endpoint from this machine, which is no vendor's: on every address of its host, and
with headers that claim the vendor's address (the cases of webhook test). Its events are real requests.`;

/** `webhook check-source` */
export function checkSourceCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'is the caller the vendor? An address against reverse DNS, vendor networks and allowlists',
    examples: examplesOf(name),
  })
    .argument('[address...]', 'address of the caller, as the socket or a log tells it; - for standard input')
    .option('--addresses <file>', 'the first column of this file, - for standard input (default, off a terminal)')
    .option('--column <n|name>', 'the address stands in this column, or in this member of JSON: request.client_ip');
  addAcceptedFlags(command);
  addServerFlags(command);
  addEndpointFlags(command);
  return addReporterFlags(command).addHelpText('after', `\n${NOTES}`).action(act(checkSource));
}

function addAcceptedFlags(command: Command): void {
  command
    .optionsGroup('Who is allowed:')
    .option(
      '--vendor <id|file>',
      "by the vendor's network (Mailkit) or reverse DNS (Mail-Plus); repeatable: one of them is enough",
      collect,
      [],
    );
  addWebhookFlag(command, 'to', 'callers of a configured webhook, by its vendor and its "allow"')
    .option('--suffix <domain>', 'by reverse DNS: a name below this domain (repeatable)', collect, [])
    .option('--allow <cidr>', 'this address or network (repeatable, or by comma)', collectCommas, [])
    .option('--allow-file <file>', 'the addresses and networks in this file (repeatable)', collect, [])
    .option('--config <file>', 'configuration to use (default: webhook.config.json, found upwards from here)')
    .optionsGroup('DNS:')
    .option(
      '--resolver <host:port>',
      'ask this DNS server, by its address; repeatable: the next one when one fails (default: those of the system)',
      collect,
      [],
    )
    .option('--timeout <duration>', 'for all questions about one address together (default: 5s)', durationMs);
}

function addServerFlags(command: Command): void {
  command
    .optionsGroup("A server's own rules:")
    .option('--nginx <file>', 'the main file of an nginx configuration, or what nginx -T wrote; - for standard input')
    .option(
      '--apache <file>',
      'the main file of an Apache 2.4 configuration, or what apachectl -t -D DUMP_CONFIG wrote',
    )
    .option('--path <path>', 'where the webhook is: /hook')
    .option('--host <name>', 'by this host name (default: that of the default server)')
    .option('--port <port>', 'on this port (default: whichever serves the host)', port)
    .option('--behind <address>', 'all calls come through this proxy, which adds the caller to X-Forwarded-For')
    .option('--behind-header <name>', 'it tells the caller in this header: X-Real-IP, CF-Connecting-IP, Forwarded …')
    .option('--part', 'the file is all there is to judge: what includes it says nothing of callers')
    .option('--ask-server', 'ask the nginx or Apache that is installed here, too: its -t loads modules, may make logs');
}

function addEndpointFlags(command: Command): void {
  command
    .optionsGroup('A running endpoint:')
    .option('--url <url>', 'call it from here, as one vendor: needs --vendor or --webhook');
  addMaskFlag(addSecretFlags(command));
  addNetworkFlags(command);
  const maxTime = command.options.find(({ long }) => long === '--max-time');
  if (maxTime !== undefined) maxTime.description = 'for all calls of --url together (default: 1m)';
}

const examplesOf = (name: string): [line: string, effect: string][] => [
  [`${name} 192.0.2.10 --vendor mail-plus`, 'is this a host of Mail-Plus? Every step of its reverse DNS'],
  [`${name} 185.136.200.7 2001:db8::1 --vendor mailkit`, "the vendor's network, for several addresses"],
  [`${name} 185.136.200.7 192.0.2.10 --vendor mailkit --vendor mail-plus`, 'is each of them a host of one of the two?'],
  [
    `${name} --addresses access.log --allow-file allow.txt`,
    'everybody in a log against your allowlist; also: … < access.log',
  ],
  [`${name} 192.0.2.10 --suffix mail-plus.com --allow 192.0.2.0/24 --json`, 'one of the two is enough; for programs'],
  [
    `${name} 192.0.2.10 --vendor mail-plus --resolver 127.0.0.1:5353`,
    'with a DNS server of your own: CI needs no internet',
  ],
  [
    `${name} --nginx /etc/nginx/nginx.conf --path /hook --vendor mailkit`,
    'does the configuration let the vendor in, and nobody else?',
  ],
  [
    `${name} --apache /etc/apache2/apache2.conf --path /hook --host hooks.example.com --allow-file allow.txt`,
    'the same of Apache, and of your own list',
  ],
  [
    `${name} --url https://hooks.example.com/hook --vendor mailkit`,
    'does the running endpoint refuse this machine, whatever it claims?',
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
