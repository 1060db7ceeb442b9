import type { Command } from 'commander';
import { makeCommand } from '../terminal/command.ts';
import { learnCommand } from './vendor-learn.ts';

/** `webhook vendor learn` */
export function vendorCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'vendors as files: learn one from captured requests',
    examples: [
      [
        `${name} learn capture.http --secret-env ACME_SECRET -o acme.vendor.json`,
        'a vendor file from a captured request',
      ],
    ],
  }).addCommand(learnCommand());
}
