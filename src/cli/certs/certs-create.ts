import { Option, type Command } from 'commander';
import type { KeyType } from '../../certs/create/make-key.ts';
import { AppError } from '../../model/error.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { envFileFlag } from '../terminal/env-file.ts';
import type { CommandSpec } from '../terminal/command-spec.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { collect, jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, warn } from '../terminal/output.ts';
import { dayCount, keyBits } from '../terminal/flag-values.ts';

interface CreateFlags {
  host: string[];
  name: string;
  keyType: KeyType;
  bits?: number;
  days: number;
  passphraseEnv?: string;
  passphraseFile?: string;
  /** False for `--no-passphrase`. */
  passphrase: boolean;
  lab?: boolean;
  force?: boolean;
  json?: boolean;
}

const DEFAULT_HOSTS = ['localhost', '127.0.0.1', '::1'];

const EXAMPLES: [string, string][] = [
  ['webhook certs create', 'into the folder certs: an RSA key with a passphrase, as Mailkit requires'],
  ['webhook certs create tls --host hooks.example.com --days 90', 'for this server, for 90 days, into the folder tls'],
  ['webhook certs create --passphrase-env PASS', "the client's key with your own passphrase"],
  ['webhook certs create lab --lab', 'adds expired, premature, wrong and forged ones, for your own tests'],
];

const SPEC: CommandSpec = {
  summary: 'create a CA, a client certificate for the vendor and a server certificate',
  daily: ['--host', '--days', '--key-type', '--passphrase-env', '--lab', '--force'],
  topics: ['certificates'],
  examples: EXAMPLES,
};

/** `webhook certs create` */
export function createCertificatesCommand(): Command {
  return makeCommand('create', SPEC)
    .argument('[dir]', 'folder to write to', 'certs')
    .optionsGroup('Certificates:')
    .option(
      '--host <host>',
      `name or address of the server (repeatable; default: ${DEFAULT_HOSTS.join(', ')})`,
      collect,
      [],
    )
    .option('--name <cn>', 'common name of the client; the CA\'s adds " CA"', 'webhook client')
    .option(
      '--days <days>',
      'how long client and server certificates are valid (the CA: ten years, or twice as long)',
      dayCount,
      365,
    )
    .option('--lab', 'add certificates that a server must refuse, and one with two intermediates')
    .optionsGroup('Keys:')
    .addOption(
      new Option('--key-type <type>', 'type of all keys: rsa, ec, ed25519')
        .choices(['rsa', 'ec', 'ed25519'])
        .default('rsa'),
    )
    .option('--bits <bits>', 'their size: 2048, 3072, 4096 for rsa; 256, 384 for ec (default: the first)', keyBits)
    .option('--passphrase-env <name>', "environment variable with the passphrase for the client's key")
    .option(
      '--passphrase-file <file>',
      'file with the passphrase, - for stdin (default: a random one, written to client.passphrase)',
    )
    .option('--no-passphrase', "leave the client's key unencrypted; Mailkit accepts none without a passphrase")
    .addOption(envFileFlag())
    .optionsGroup('Files:')
    .option('--force', 'replace files with the same names')
    .addOption(jsonFlag())
    .action(act(create));
}

async function create(directory: string, flags: CreateFlags): Promise<ExitCode> {
  const [{ createCertificates }, { openCommandVendors, processEnvironment }, { renderCreated }] = await Promise.all([
    import('../../flows/certs/create-certificates.ts'),
    import('../terminal/environment.ts'),
    import('./render-certificates.ts'),
  ]);
  const environment = processEnvironment();
  const hosts = flags.host.length === 0 ? DEFAULT_HOSTS : flags.host;
  const { passphraseEnv: env, passphraseFile: file } = flags;
  const created = await createCertificates(
    {
      directory,
      name: flags.name,
      hosts,
      keyKind: { type: flags.keyType, bits: flags.bits },
      days: flags.days,
      passphrase: passphraseWanted(flags),
      replace: flags.force === true,
      lab: flags.lab === true,
    },
    openCommandVendors(environment),
    environment,
    environment.clock,
  );
  for (const warning of created.warnings) warn(warning);
  if (flags.json) {
    const files = created.files.map(({ path, kind, mode, subject, notAfter, sha256 }) => ({
      path,
      kind,
      mode: mode.toString(8).padStart(4, '0'),
      subject,
      notAfter,
      sha256,
    }));
    answerJson({ directory, files });
  } else answer(renderCreated(created, hosts[0] as string, { env, file }));
  return 0;
}

function passphraseWanted({
  passphraseEnv: env,
  passphraseFile: file,
  passphrase,
}: CreateFlags): 'none' | 'random' | { env?: string | undefined; file?: string | undefined } {
  const isGiven = env !== undefined || file !== undefined;
  if (passphrase) return isGiven ? { env, file } : 'random';
  if (isGiven)
    throw new AppError('usage', 'a passphrase and --no-passphrase exclude each other', {
      hint: 'leave one of them out',
    });
  return 'none';
}
