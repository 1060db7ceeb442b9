import type { Command } from 'commander';
import { act, makeCommand } from './command.ts';
import type { ExitCode } from './exit.ts';
import { collect, commaList, durationMs, jsonFlag } from './flags.ts';

export interface SourceFlags {
  vendor?: string;
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

const NOTES = `Reverse DNS is judged forward-confirmed: a PTR name of the address must be below the domain, at a dot
(evilmail-plus.com is not), and that same name must lead back to the address. Words of RFC 8601: pass,
fail, temperror (DNS gave no answer: never allowed, ask again), permerror (the address has no name).
Where several ways are given (a list, the vendor's network, reverse DNS), one that passes is enough,
as the vendors offer them; each is shown. Names of a resolver of this machine may come from its
/etc/hosts: --resolver asks another one.

An address is that of the connection's peer. Behind a proxy of yours the peer is the proxy; what it
adds to X-Forwarded-For counts, but only there: from anybody else the header is a claim.

Input is the first column of each line, so an access log will do; empty lines and # comments are left
out. Each address is checked and shown once, and counted as often as it came. A line without an
address is told, and the others go on. Exit code: 1 when an address is not allowed, else 3 when DNS
gave no answer for one, else 5 when a line could not be read, else 0.`;

/** `webhook check-source` */
export function checkSourceCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'is the caller the vendor? An address against reverse DNS, vendor networks and allowlists',
    examples: [
      [`${name} 192.0.2.10 --vendor mail-plus`, 'is this a host of Mail-Plus? Every step of its reverse DNS'],
      [`${name} 185.136.200.7 2001:db8::1 --vendor mailkit`, "the vendor's network, for several addresses"],
      [`${name} --addresses access.log --allow-file allow.txt`, 'everybody in a log against your allowlist; also: … < access.log'],
      [`${name} 192.0.2.10 --suffix mail-plus.com --allow 192.0.2.0/24 --json`, 'one of the two is enough; for programs'],
      [`${name} 192.0.2.10 --vendor mail-plus --resolver 127.0.0.1:5353`, 'with a DNS server of your own: CI needs no internet'],
    ],
  })
    .argument('[address...]', 'address of the caller, as the socket or a log tells it; - for standard input')
    .option('--addresses <file>', 'the first column of this file, - for standard input (default, off a terminal)')
    .optionsGroup('Who is allowed:')
    .option('--vendor <id>', "by the vendor's network (Mailkit) or reverse DNS (Mail-Plus)")
    .option('--to <name|uuid>', 'callers of a configured webhook: its vendor, and its "allow"')
    .option('--suffix <domain>', 'by reverse DNS: a name below this domain (repeatable)', collect, [])
    .option('--allow <cidr>', 'this address or network (repeatable, or by comma)', collectCommas, [])
    .option('--allow-file <file>', 'the addresses and networks in this file (repeatable)', collect, [])
    .option('--config <file>', 'configuration to use (default: webhook.config.json, found upwards from here)')
    .optionsGroup('DNS:')
    .option('--resolver <host:port>', 'ask this DNS server, by its address; repeatable: the next one when one fails (default: those of the system)', collect, [])
    .option('--timeout <duration>', 'for all questions about one address together (default: 5s)', durationMs)
    .optionsGroup('Report:')
    .addOption(jsonFlag());
  return command.addHelpText('after', `\n${NOTES}`).action(act(checkSource));
}

function collectCommas(value: string, previous: string[]): string[] {
  return [...previous, ...commaList(value)];
}

async function checkSource(addresses: string[], flags: SourceFlags): Promise<ExitCode> {
  const { checkCallers } = await import('./check-callers.ts');
  return checkCallers(addresses, flags);
}
