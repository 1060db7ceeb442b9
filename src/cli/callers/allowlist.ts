import { Option, type Command } from 'commander';
import { MAX_LIST_BYTES } from '../../flows/callers/read-allowlist.ts';
import { AppError } from '../../model/error.ts';
import type { Report } from '../../model/report.ts';
import { FORMS } from '../../source/list/forms.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { addWebhookFlag, jsonFlag, configFlag } from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { readInput } from '../terminal/read-input.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporters.ts';
import { processEnvironment } from '../terminal/environment.ts';
import type { CheckFlags } from './allowlist-check.ts';

const FORM_IDS = FORMS.map(({ id }) => id);

interface FromFlag {
  from: string;
}

/** `webhook allowlist check|lint|convert` */
export function allowlistCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'check, lint and convert lists of addresses and networks',
    examples: [
      [`${name} check allow.txt 185.136.200.7`, 'is this address on the list, and by which entry?'],
      [`${name} lint allow.txt`, 'placeholders, private networks, duplicates, and what servers read differently'],
      [`${name} convert allow.txt --to nginx`, 'the list as allow and deny lines'],
    ],
  })
    .addCommand(checkCommand())
    .addCommand(lintCommand())
    .addCommand(convertCommand());
}

/** The argument and the flag that name a list; `argument` is `[list]` where it may be left out. */
function addListArguments(command: Command, argument = '<list>'): Command {
  return command
    .argument(argument, 'file with the list, - for stdin')
    .addOption(
      new Option('--from <form>', 'the format of the list: list, or what allowlist convert wrote')
        .choices(FORM_IDS)
        .default('list'),
    );
}

/** Throws AppError `input`. */
async function readGiven(path: string, { from }: FromFlag) {
  return { name: path === '-' ? 'standard input' : path, bytes: await readInput(path, 'list', MAX_LIST_BYTES), from };
}

function checkCommand(): Command {
  const command = makeCommand('check', {
    summary: 'say whether an address is on a list, and by which entry',
    topics: ['allowlists'],
    examples: [
      ['webhook allowlist check allow.txt 185.136.200.7', 'exits with 0 if it is, with 1 if it is not'],
      ["cut -d' ' -f1 access.log | sort -u | webhook allowlist check allow.txt -", 'all callers in a log'],
    ],
  });
  return addListArguments(command)
    .argument('<addresses...>', 'addresses as in a log; - reads them from stdin: the first column of each line')
    .addOption(jsonFlag())
    .action(act(check));
}

async function check(path: string, addresses: string[], flags: CheckFlags & FromFlag): Promise<ExitCode> {
  if (path === '-' && addresses.includes('-'))
    throw new AppError('usage', 'the list and the addresses cannot both come from stdin', {
      hint: 'give one of them as a file or as arguments',
    });
  const given = await readGiven(path, flags);
  return (await import('./allowlist-check.ts')).checkAllowlistAddresses(given, addresses, flags);
}

interface LintFlags extends FromFlag, ReporterFlags {
  to?: string;
  config?: string;
}

function lintCommand(): Command {
  const command = makeCommand('lint', {
    summary: 'show what is wrong with a list',
    topics: ['allowlists'],
    examples: [
      [
        'webhook allowlist lint allow.txt',
        'placeholders, private networks, duplicates, and what servers read differently',
      ],
      ['webhook allowlist lint allow.txt --reporter github', 'the same in CI'],
      ['webhook allowlist lint --webhook shop', 'the "allow" of a configured webhook'],
    ],
  });
  const listed = addListArguments(command, '[list]');
  addWebhookFlag(listed, 'to', 'check the "allow" list of a configured webhook instead of a file').addOption(
    configFlag(),
  );
  return addReporterFlags(command).action(act(lint));
}

async function lint(path: string | undefined, flags: LintFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const { writeReports } = await import('../terminal/reporters.ts');
  const report = await lintGiven(path, flags);
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}

async function lintGiven(path: string | undefined, flags: LintFlags): Promise<Report> {
  const { lintAllowlist, lintConfiguredAllowlist } = await import('../../flows/callers/allowlist.ts');
  const environment = processEnvironment();
  const { to, config } = flags;
  if ((path === undefined) === (to === undefined))
    throw new AppError('usage', to === undefined ? 'no list was given' : 'a file and --webhook give two lists', {
      hint: 'run webhook allowlist lint FILE, or use --webhook NAME for a configured webhook',
    });
  if (to === undefined) return lintAllowlist(await readGiven(path ?? '-', flags), environment.clock);
  const { loadConfig } = await import('../../config/load-config.ts');
  return lintConfiguredAllowlist(to, await loadConfig(config, environment), environment.clock);
}

interface ConvertFlags extends FromFlag {
  to: string;
  output?: string;
  collapse?: boolean;
  json?: boolean;
}

function convertCommand(): Command {
  const command = makeCommand('convert', {
    summary: 'convert a list to a server configuration, or back',
    topics: ['allowlists'],
    examples: [
      [
        'webhook allowlist convert allow.txt --to nginx -o allow.conf',
        'allow and deny lines, for include in a location',
      ],
      [
        'webhook allowlist convert allow.conf --from nginx --to nftables --collapse',
        'the same for the firewall, with as few networks as possible',
      ],
    ],
  });
  return addListArguments(command)
    .addOption(new Option('--to <form>', 'the format to write').choices(FORM_IDS).makeOptionMandatory())
    .option('--collapse', 'merge overlapping and adjacent networks, sorted by address')
    .option('-o, --output <file>', 'write this file, complete or not at all (default: stdout)')
    .addOption(jsonFlag())
    .action(act(convert));
}

async function convert(path: string, flags: ConvertFlags): Promise<ExitCode> {
  const { convertAllowlist } = await import('../../flows/callers/allowlist.ts');
  const { text, form, warnings } = convertAllowlist(await readGiven(path, flags), flags.to, flags.collapse === true);
  const output = flags.output === '-' ? undefined : flags.output;
  if (output !== undefined) await writeFile(output, text);
  for (const warning of warnings) warn(warning);
  const { title, notes, check: command } = form;
  if (flags.json) {
    const isOnStdout = output === undefined;
    answerJson({ to: flags.to, output: output ?? null, text: isOnStdout ? text : null, notes, check: command });
    return 0;
  }
  if (output === undefined) answer(text);
  for (const note of [...notes, ...(command === null ? [] : [`check: ${command}`])]) say(`${title}: ${note}`);
  return 0;
}

async function writeFile(path: string, text: string): Promise<void> {
  const { writeWholeFile } = await import('../terminal/whole-file.ts');
  await writeWholeFile(path, Buffer.from(text), interruptSignal());
}
