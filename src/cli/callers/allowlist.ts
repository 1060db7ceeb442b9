import type { Command } from 'commander';
import { checkAllowlistCommand } from './allowlist-check.ts';
import { convertAllowlistCommand } from './allowlist-convert.ts';
import { lintAllowlistCommand } from './allowlist-lint.ts';
import { makeCommand } from '../terminal/command.ts';

/** `webhook allowlist check|lint|convert` */
export function allowlistCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'lists of addresses and networks: check, lint, convert to server configuration',
    examples: [
      [`${name} check allow.txt 185.136.200.7`, 'is this address on the list, and by which entry?'],
      [`${name} lint allow.txt`, 'placeholders, private networks, duplicates, and what servers read differently'],
      [`${name} convert allow.txt --to nginx`, 'the list as allow and deny lines'],
    ],
  })
    .addCommand(checkAllowlistCommand())
    .addCommand(lintAllowlistCommand())
    .addCommand(convertAllowlistCommand());
}
