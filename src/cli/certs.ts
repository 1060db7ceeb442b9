import type { Command } from 'commander';
import { createCertificatesCommand } from './certs-create.ts';
import { inspectCertificatesCommand } from './certs-inspect.ts';
import { snippetCommand } from './certs-snippet.ts';
import { watchCertificatesCommand } from './certs-watch.ts';
import { makeCommand } from './command.ts';

/** `webhook certs create` */
export function certsCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'create a CA, client and server certificates',
    examples: [
      [`${name} create`, 'a CA, a client and a server certificate with their keys, in the folder certs'],
      [`${name} create --lab`, 'and certificates that a server must refuse, for tests of your own'],
    ],
  })
    .addCommand(createCertificatesCommand())
    .addCommand(inspectCertificatesCommand())
    .addCommand(watchCertificatesCommand())
    .addCommand(snippetCommand());
}
