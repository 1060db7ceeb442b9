import type { Command } from 'commander';
import { createCertificatesCommand } from './certs-create.ts';
import { inspectCertificatesCommand } from './certs-inspect.ts';
import { snippetCommand } from './certs-snippet.ts';
import { watchCertificatesCommand } from './certs-watch.ts';
import { makeCommand } from '../terminal/command.ts';

/** `webhook certs create|inspect|watch|snippet` */
export function certsCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'create, inspect and watch certificates; print server configuration',
    examples: [
      [`${name} create`, 'a CA, a client and a server certificate with their keys, in the folder certs'],
      [`${name} inspect certs/client.pem certs/client.key`, 'what they are, until when, and what is wrong with them'],
      [`${name} snippet --server nginx`, 'a configuration that requires them'],
    ],
  })
    .addCommand(createCertificatesCommand())
    .addCommand(inspectCertificatesCommand())
    .addCommand(watchCertificatesCommand())
    .addCommand(snippetCommand());
}
