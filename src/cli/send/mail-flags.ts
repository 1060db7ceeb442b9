import { InvalidArgumentError, Option, type Command } from 'commander';
import { addShared } from '../terminal/command-spec.ts';
import { durationMs } from '../terminal/flag-values.ts';
import { collect } from '../terminal/flags.ts';

/** What is made of a mail. */
export function addMailFlags(command: Command): Command {
  return addShared(command, 'mail', () =>
    command
      .option(
        '--rcpt <address>',
        'with --eml: the recipient whose copy it is (repeatable: one event each)',
        collect,
        [],
      )
      .option('--inline-attachments', 'with --eml: attachments as base64 in the body (zero retention)'),
  );
}

/** Where links to attachments lead. */
export function addAttachmentFlags(command: Command): Command {
  return addShared(command, 'mail', () =>
    command
      .optionsGroup('Attachments:')
      .option(
        '--serve-attachments <host:port>',
        'with --eml: serve the attachments, so that their links work while this runs',
        listenAddress,
      )
      .addOption(
        new Option('--serve-for <duration>', 'serve them for at most this long, or until each is fetched')
          .argParser(durationMs)
          .default(10_000, '10s'),
      )
      .addOption(
        new Option(
          '--attachments-at <url>',
          'start attachment links with this URL, where webhook listen answers them after this command has ended',
        )
          .argParser(linkBase)
          .conflicts(['serveAttachments', 'inlineAttachments', 'data']),
      ),
  );
}

/** `HOST:PORT`, `[::1]:8080`, or `:8080` for loopback. Port 0 takes a free one. */
function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new InvalidArgumentError('expected HOST:PORT such as 127.0.0.1:8080 (port 0 picks a free one)');
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

/** What links begin with: an http or https URL, with a path or none, that nothing of a link would be lost behind. */
function linkBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:3000');
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('expected only scheme, host and path: the signed link has its own query');
  return url.href;
}
