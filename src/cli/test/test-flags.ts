import { Option, type Command } from 'commander';
import type { Severity } from '../../conform/conformance-case.ts';
import { GROUPS } from '../../conform/cases/list-cases.ts';
import { urlForShell } from '../../deliver/curl-command.ts';
import type { OpenTarget } from '../../flows/session/open-target.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { AckMode } from '../../model/vendor.ts';
import { textsOf, type SecretOptions } from '../../model/webhook.ts';
import {
  addNetworkFlags,
  addSecretFlags,
  addStoreFlags,
  collect,
  commaList,
  WEBHOOK_NAMES,
  type NetworkFlags,
  type StoreFlags,
  addEffectsFlags,
  type EffectsFlags,
} from '../terminal/flags.ts';
import type { EnvFileFlags } from '../terminal/env-file.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { addStartFlags } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { addReporterFlags, type ReporterFlags } from '../terminal/reporters.ts';
import { programName } from '../terminal/program-name.ts';

export interface TestFlags
  extends NetworkFlags, MaskFlags, SecretOptions, StoreFlags, ReporterFlags, EffectsFlags, StartFlags, EnvFileFlags {
  url?: string;
  againstBug?: string;
  vendor?: string;
  events?: string[];
  select?: string[];
  ackMode?: AckMode;
  callbacksAt?: string;
  only: string[];
  skip: string[];
  severity: Severity;
  baseline?: string;
  writeBaseline?: string;
  maxTime: number;
  list?: boolean;
  record?: boolean;
}

const MAX_TIME_MS = 120_000;

/** Of the commands that ask an endpoint to call an address. */
export const CALLBACKS_AT = [
  '--callbacks-at <origin>',
  "serve what the endpoint must call here, on this machine: it must accept this as one of the vendor's hosts",
] as const;

/** In the order of the help. */
export function addTestFlags(command: Command): Command {
  addTargetFlags(command);
  addMaskFlag(addSecretFlags(command));
  addEffectsFlags(command);
  addCaseFlags(command);
  addStartFlags(command);
  addNetworkFlags(command).setOptionValueWithSource('maxTime', MAX_TIME_MS, 'default');
  const maxTime = command.options.find(({ long }) => long === '--max-time');
  if (maxTime !== undefined) maxTime.description = 'total time (default: 2m)';
  addStoreFlags(command).option('--record', 'keep every request in the history, marked as a test');
  return addReporterFlags(command).option('--curl', 'print a command to reproduce each failure');
}

function addTargetFlags(command: Command): void {
  command
    .argument('[name...]', `configured webhooks, each by ${WEBHOOK_NAMES} (default: all)`)
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint; with one NAME its secret and vendor are used')
    .option('--vendor <id|file>', 'with --url: the vendor that calls it')
    .addOption(
      new Option('--against-bug <name>', 'test the built-in receiver with this bug planted (none: no bug)').conflicts([
        'url',
        'start',
        'effectsUrl',
        'effectsCmd',
      ]),
    )
    .option('--events <names>', 'events that the endpoint is for, comma-separated (default: as configured)', commaList)
    .option('--select <elements>', 'Mail-Plus data selection: only these elements, comma-separated', commaList)
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as accepted').choices(['lenient', 'ack', 'control']),
    )
    .option(...CALLBACKS_AT);
}

function addCaseFlags(command: Command): void {
  command
    .optionsGroup('Cases:')
    .option('--only <cases>', `only these: ids, ids with *, ${GROUPS.join(', ')}; comma-separated`, collectList, [])
    .option('--skip <cases>', 'all but these (repeatable)', collectList, [])
    .option('--list', 'list the cases that would be tried, and send nothing')
    .addOption(
      new Option('--severity <level>', 'what fails the build: must, or should as well')
        .choices(['must', 'should'])
        .default('must'),
    )
    .option('--baseline <file>', 'known failures, reported as warnings')
    .option('--write-baseline <file>', 'write the failures of this run as the known ones, and exit with 0');
}

function collectList(value: string, previous: string[]): string[] {
  return commaList(value).reduce((all, one) => collect(one, all), previous);
}

/** The command line that runs one case again; secrets by the names of their places alone. */
export function rerunLine(id: string, { name, vendor, url }: OpenTarget, flags: TestFlags): string {
  const own = flags.againstBug;
  const place = own === undefined ? ['--url', urlForShell(url, 'hookproof')] : ['--against-bug', quoteForShell(own)];
  const where =
    name === undefined
      ? [...place, '--vendor', quoteForShell(flags.vendor ?? vendor.id)]
      : [quoteForShell(name), ...(flags.url === undefined && own === undefined ? [] : place)];
  const rules = [
    ...flags.resolve.flatMap((rule) => ['--resolve', quoteForShell(rule)]),
    ...flags.connectTo.flatMap((rule) => ['--connect-to', quoteForShell(rule)]),
    ...(flags.mask ?? []).flatMap((masked) => ['--mask', quoteForShell(masked)]),
    ...(flags.envFile ?? []).flatMap((file) => ['--env-file', quoteForShell(file)]),
  ];
  // A command of the user's may hold a token: it is not repeated.
  const effects = [
    ...(flags.effectsUrl === undefined ? [] : ['--effects-url', urlForShell(flags.effectsUrl, 'hookproof', 'EFFECTS')]),
    ...(flags.effectsCmd === undefined ? [] : ["--effects-cmd '…'"]),
  ];
  const start = flags.start === undefined ? [] : ["--start '…'"];
  const insecure = flags.insecure ? ['-k'] : [];
  return [
    `${programName()} test`,
    ...where,
    ...repeatedFlags(flags),
    '--only',
    quoteForShell(id),
    ...rules,
    ...insecure,
    ...effects,
    ...start,
  ].join(' ');
}

function repeatedFlags(flags: TestFlags): string[] {
  const { secret, events, select, effectsWait } = flags;
  const values = {
    '--cert': flags.cert,
    '--key': flags.key,
    '--pfx': flags.pfx,
    '--passphrase-env': flags.passphraseEnv,
    '--passphrase-file': flags.passphraseFile,
    '--cacert': flags.cacert,
    '--config': flags.config,
    '--events': events?.join(','),
    '--select': select?.join(','),
    '--ack-mode': flags.ackMode,
    '--callbacks-at': flags.callbacksAt,
    '--effects-wait': effectsWait === undefined ? undefined : `${effectsWait}ms`,
  };
  const secrets = {
    '--secret-env': flags.secretEnv ?? (secret === undefined ? undefined : 'WEBHOOK_SECRET'),
    '--secret-file': flags.secretFile,
  };
  return [...Object.entries(secrets), ...Object.entries(values)].flatMap(([flag, value]) =>
    textsOf(value).flatMap((text) => [flag, quoteForShell(text)]),
  );
}
