import type { TopicPart } from '../terminal/topic.ts';
import { LINT_CHECKS } from '../../source/list/lint-checks.ts';

export const TEXTS = {
  callers: (): readonly TopicPart[] => [
    'Reverse DNS must be forward-confirmed: a PTR name of the address must be below the domain, at a dot ' +
      '(evilmail-plus.com is not), and the same name must lead back to the address. A caller passes if any one of ' +
      'network, list or reverse DNS matches, as the vendors offer them; each is shown.',
    {
      title: 'Words for reverse DNS, from RFC 8601:',
      terms: [
        ['pass', 'the name leads back to the address'],
        ['fail', 'it does not'],
        ['temperror', 'DNS did not answer: never allowed, try again'],
        ['permerror', 'the address has no name'],
      ],
    },
    "Names may come from this machine's /etc/hosts: --resolver asks a DNS server instead.",
    "A caller's address is that of the connection's peer. Behind your own proxy, the peer is the proxy; what " +
      'it adds to X-Forwarded-For counts, but only there: from any other caller, the header is only a claim.',
    'Addresses come from the first column of each line, with or without a port, so an access log works too; ' +
      'empty lines and # comments are skipped. A log may be compressed with gzip, or have JSON on each line, ' +
      'as Caddy, Traefik and nginx write it. A list of addresses (X-Forwarded-For) does not say which one ' +
      'called, so such a line is not read: choose another column, or a JSON field by its name, with --column. ' +
      'Each address is checked and shown once, with its number of calls. A line without an address is ' +
      'reported, and the others are still checked.',
    'Exit code: 1 if an address is not allowed, else 3 if DNS did not answer for one, else 5 if a line could ' +
      'not be read or there was none, else 0.',
    '--nginx and --apache read the configuration with its includes, and simulate who gets to POST to --path: ' +
      'the vendor (at each boundary that a rule draws within its networks), an unauthorised caller, and one ' +
      "who claims the vendor's address in a header. Each answer names the line that decided. Nothing is sent, " +
      'no server is needed, and what the files alone do not show is reported. Exit code 0 means that ' +
      'everything was determined and is as it should be. A file that another one includes is only part of a ' +
      'configuration, and does not pass, unless --part says that what includes it does not concern callers. ' +
      'Findings that differ only in their addresses are one line; --json has each.',
    '--ask-server also runs nginx -t or apachectl -t on the file, if installed, and shows the result. It has ' +
      'side effects: as the file says, modules are loaded, names looked up and logs created. A certificate or ' +
      'host that this machine lacks does not count against the rules.',
    '--url calls the endpoint from this machine, which is not the vendor: on every address of its host, and ' +
      "with headers that claim the vendor's address (the cases of webhook test). Its events are real requests.",
  ],

  allowlists: (): readonly TopicPart[] => [
    'A list has an address, CIDR or address/netmask on each line, or several separated by commas or spaces; ' +
      '# starts a comment. What two programs read as different networks (10.1, 010.0.0.1, ::ffff:192.0.2.1) is ' +
      'rejected, showing how each reads it, and a list with such an entry is not used. An IPv4 address within ' +
      'IPv6 is looked up as IPv4.',
    'allowlist check reads addresses from standard input as the first column of each line, so an access log ' +
      'works too; each line is answered. A line without an address is reported, and the others are still ' +
      'answered. Exit code: 1 if an address is not on the list, else 5 if a line could not be read or there ' +
      'was none, else 0.',
    'allowlist convert --from reads what --to wrote, not just any configuration.',
    {
      title: 'Checks of allowlist lint; only a failure exits with 1:',
      terms: LINT_CHECKS.map(
        ({ id, severity, title }) => [id, `${severity === 'pass' ? 'note' : severity}: ${title}`] as const,
      ),
    },
  ],
};
