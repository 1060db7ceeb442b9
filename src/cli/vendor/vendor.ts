import type { Command } from 'commander';
import { makeCommand } from '../terminal/command.ts';
import { checkCommand } from './vendor-check.ts';
import { keyCommand } from './vendor-key.ts';
import { learnCommand } from './vendor-learn.ts';
import { listVendorsCommand } from './vendor-list.ts';
import { schemaCommand, showCommand } from './vendor-show.ts';

/** `webhook vendor list|show|learn|check|key|schema` */
export function vendorCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'list vendors; show, check or learn your own vendor file',
    topics: ['vendors'],
    examples: [
      [`${name} list`, 'built in and configured, with what is known of each'],
      [`${name} show stripe > acme.vendor.json`, 'one as a file: a start for your own'],
      [
        `${name} learn capture.http --secret-env ACME_SECRET -o acme.vendor.json`,
        'a vendor file from a captured request',
      ],
      [`${name} check acme.vendor.json`, 'its errors, what is missing, and what that costs'],
      ['webhook send --vendor ./acme.vendor.json --event order.created --url …', 'then: play that vendor'],
    ],
  })
    .addCommand(listVendorsCommand())
    .addCommand(showCommand())
    .addCommand(learnCommand())
    .addCommand(checkCommand())
    .addCommand(keyCommand())
    .addCommand(schemaCommand());
}
