import { Option, type Command } from 'commander';
import type { EffectsSource } from '../../flows/session/read-effects.ts';
import { AppError } from '../../model/error.ts';
import type { CertificateOptions, GivenTexts } from '../../model/webhook.ts';
import { chooseColor, type ColorWhen } from './color.ts';
import { addShared, shareFlag } from './command-spec.ts';
import { envFileFlag, environmentVariables } from './env-file.ts';
import { endGroup } from './exit.ts';
import { durationMs, presentMs } from './flag-values.ts';

/** Flags that several commands share, spelled as curl spells them where curl has one. */

/** Of every command. */
export function addColorFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--color <when>', 'colour: auto, always, never').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--no-color', 'the same as --color never')
    .on('option:color', (when: ColorWhen) => chooseColor(when))
    .on('option:no-color', () => chooseColor('never'));
}

export interface NetworkFlags extends CertificateOptions {
  insecure?: boolean;
  resolve: string[];
  connectTo: string[];
  maxTime?: number;
}

const CONNECTION = 'Connection:';

export function addNetworkFlags(command: Command): Command {
  return addShared(command, 'connection', () => {
    command
      .optionsGroup(CONNECTION)
      .option('--max-time <duration>', "time for one attempt (default: the vendor's time-out)", durationMs);
    addTlsFlags(command)
      .option('-k, --insecure', 'accept any certificate of the endpoint')
      .option('--resolve <host:port:addr>', 'use this address for host:port (repeatable)', collect, [])
      .option('--connect-to <h1:p1:h2:p2>', 'connect to h2:p2 instead of h1:p1 (repeatable)', collect, []);
  });
}

export const passphraseEnvFlag = (): Option =>
  shareFlag(new Option('--passphrase-env <name>', 'environment variable with the passphrase of the key'), 'connection');
export const passphraseFileFlag = (): Option =>
  shareFlag(new Option('--passphrase-file <file>', 'file with the passphrase of the key'), 'connection');

/** The part of it that a configured webhook keeps. */
export function addTlsFlags(command: Command): Command {
  return addShared(command, 'connection', () =>
    command
      .optionsGroup(CONNECTION)
      .option('--cert <file>', 'client certificate, PEM')
      .option('--key <file>', 'its private key, PEM')
      .option('--pfx <file>', 'certificate and key in one PKCS#12 file')
      .addOption(passphraseEnvFlag())
      .addOption(passphraseFileFlag())
      .option('--cacert <file>', "trust only these CAs for the endpoint's certificate, PEM"),
  );
}

export interface StoreFlags {
  /** A file, `false` for `--no-history`, or `true` when neither flag was given. */
  history?: string | boolean;
  config?: string;
}

/** Of a command's `--config`: what it does with that file, and which one it is without the flag. */
export const configText = (verb: 'use' | 'read' | 'change'): string =>
  `configuration to ${verb} (default: webhook.config.json here or in a folder above)`;

/** Of a command that needs no history. */
export const configFlag = (): Option =>
  shareFlag(new Option('--config <file>', configText('use')).helpGroup('Files:'), 'configuration');

export const noHistoryFlag = (): Option =>
  shareFlag(new Option('--no-history', 'do not record').helpGroup('Files:'), 'configuration');

export function addStoreFlags(command: Command): Command {
  return addShared(command, 'configuration', () =>
    command
      .optionsGroup('Files:')
      .option('--history <file>', 'history to use (default: WEBHOOK_HISTORY, the configuration, XDG data)')
      .option('--config <file>', configText('use')),
  );
}

export function addSecretFlags(command: Command): Command {
  return addSecretSourceFlags(command).addOption(envFileFlag());
}

/** Where the secret is, for a command that writes that down. */
export function addSecretSourceFlags(command: Command): Command {
  return addShared(command, 'secrets', () =>
    command
      .optionsGroup('Secret:')
      .option(
        '--secret-env <name>',
        'environment variable with the secret (repeatable, the current one first)',
        oneOrMore,
      )
      .option(
        '--secret-file <file>',
        'file with the signing secret, - for stdin; one trailing newline is dropped',
        oneOrMore,
      )
      .option(
        '--secret <text>',
        'the signing secret itself: other users of this machine can read it, so prefer the two above',
        oneOrMore,
      ),
  );
}

/** A flag whose value goes by the name of another, so that both spellings are one. */
class SpelledOption extends Option {
  readonly #name: string;

  constructor(flags: string, description: string, name: string) {
    super(flags, description);
    this.#name = name;
  }

  override attributeName(): string {
    return this.#name;
  }
}

/** `--webhook NAME`, not shown, where the flag goes by another name. */
export function webhookSpelling(shown: 'to' | 'uuid'): Option {
  return new SpelledOption('--webhook <name>', `the same as --${shown}`, shown).hideHelp();
}

/** `--webhook NAME`, read as `old`, which is taken as it always was and not shown. */
export function addWebhookFlag(command: Command, old: 'to' | 'uuid', description: string): Command {
  return command
    .addOption(
      new SpelledOption('--webhook <name>', `${description}: ${old === 'uuid' ? KEPT_NAMES : WEBHOOK_NAMES}`, old),
    )
    .addOption(new Option(`--${old} <name>`).hideHelp());
}

/** `--to NAME` for commands that send; `--webhook` is the same. */
export function addTargetFlag(command: Command): Command {
  return command.option('--to <name>', `a configured webhook: ${WEBHOOK_NAMES}`).addOption(webhookSpelling('to'));
}

/** How a webhook is named in every command. */
export const WEBHOOK_NAMES = 'its name, its uuid or the beginning of that';
/** In commands that read the history, whose tables show the others by their URLs. */
export const KEPT_NAMES = 'its name, its URL, its uuid or the beginning of that';

export interface RepeatFlags {
  seed?: string;
  now?: number;
}

export function addRepeatFlags(command: Command): Command {
  return addShared(command, 'reproducibility', () =>
    command
      .optionsGroup('Reproducibility:')
      .option('--seed <text>', 'make ids from this text instead of at random')
      .option('--now <time>', 'pretend it is this time, such as 2026-11-01T09:00:00Z', presentMs),
  );
}

/** Where it is read which events the endpoint has processed. */
export interface EffectsFlags {
  effectsUrl?: string;
  effectsCmd?: string;
  /** Milliseconds. */
  effectsWait?: number;
}

export function addEffectsFlags(command: Command): Command {
  return addShared(command, 'effects', () =>
    command
      .optionsGroup('Effects:')
      .option('--effects-url <url>', 'URL that prints the ids of all processed events, as often as processed')
      .addOption(new Option('--effects-cmd <command>', 'command that prints them instead').conflicts('effectsUrl'))
      .option(
        '--effects-wait <duration>',
        'how long an event may still be processed after its answer, through a queue (default: 3s for an accepted ' +
          'event, 1s for one that must not be processed)',
        durationMs,
      ),
  );
}

/** Throws AppError `usage` for a wait without anything to wait for. */
export function effectsSourceOf({ effectsUrl, effectsCmd, effectsWait }: EffectsFlags): EffectsSource | null {
  if (effectsUrl !== undefined) return { url: effectsUrl };
  if (effectsCmd !== undefined)
    return {
      command: effectsCmd,
      env: environmentVariables(),
      endGroup: process.platform === 'win32' ? undefined : endGroup,
    };
  if (effectsWait !== undefined)
    throw new AppError('usage', '--effects-wait has no effect: nothing reports what was processed', {
      hint: 'add --effects-url URL or --effects-cmd COMMAND',
    });
  return null;
}

export const jsonFlag = (): Option => shareFlag(new Option('--json', 'print JSON'), 'output');

export function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** One text stays one: most flags that may be repeated are given once. */
const oneOrMore = (value: string, previous?: GivenTexts): GivenTexts =>
  previous === undefined ? value : [previous, value].flat();

export function commaList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
