import { Option, type Command } from 'commander';
import type { CertificateDiagnosis } from '../../flows/certs/verify-certificate.ts';
import type { AwaitedEndpoint } from '../../flows/session/await-application.ts';
import type { Config } from '../../model/webhook.ts';
import { type CheckId, CHECKS } from '../../certs/checks.ts';
import { AppError } from '../../model/error.ts';
import { SERVERS, type Server } from '../../model/finding.ts';
import { addStartFlags, withApplication } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { envFileFlag } from '../terminal/env-file.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addNetworkFlags, collect, type NetworkFlags, commaList, configFlag } from '../terminal/flags.ts';
import { addMaskFlag } from '../terminal/mask-flag.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporters.ts';
import { startProgress } from '../terminal/progress.ts';
import { dayCount, port } from '../terminal/flag-values.ts';

interface VerifyCertFlags extends NetworkFlags, ReporterFlags, StartFlags {
  uuid?: string;
  vendor?: string;
  config?: string;
  servername?: string;
  otherHost: string[];
  plainPort: number[];
  clientCa?: string;
  clientCaKey?: string;
  clientCaPassphraseEnv?: string;
  clientCaPassphraseFile?: string;
  pin?: string;
  server?: Server;
  daysWarning: number;
  only: CheckId[];
  skip: CheckId[];
  maxTime: number;
}

const MAX_TIME_MS = 10_000;
const DAYS_WARNING = 30;

const examplesFor = (name: string): [string, string][] => [
  [
    `${name} https://hooks.example.com/mailkit --vendor mailkit --cert client.pem --key client.key ` +
      '--passphrase-env PASS',
    'is a certificate enforced, and does mine get the answer that Mailkit counts as success?',
  ],
  [
    `${name} https://hooks.example.com/inbound --vendor mail-plus --pin server-ca.pem`,
    'does Mail-Plus, which trusts only the given certificate, trust the server at every address?',
  ],
  [`${name} https://hooks.example.com/mailkit`, 'what can be checked without a certificate'],
  [
    `${name} https://localhost:8443/hook --cacert certs/ca.pem --cert certs/client.pem --key ` +
      'certs/client.key --passphrase-file certs/client.passphrase --client-ca certs/ca.pem --client-ca-key ' +
      'certs/ca.key',
    'every check, with the files of webhook certs create',
  ],
  [
    `${name} shop --reporter junit=verify-cert.xml --server nginx`,
    'a configured webhook, in CI; fixes are shown for nginx only',
  ],
];

/** `verify-cert`, alone and as `webhook verify-cert` */
export function verifyCertCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'check that an endpoint enforces client certificates and accepts yours',
    daily: ['--vendor', '--cert', '--key', '--cacert', '--pin', '--only', '--json'],
    topics: ['certificates'],
    examples: examplesFor(name),
  })
    .argument('[https-url|name]', 'the endpoint, or a configured webhook')
    .option('--uuid <uuid>', 'a configured webhook by its uuid')
    .option('--vendor <id|file>', 'send an event of this vendor, judge by its rules (default: {}, any 2xx)')
    .addOption(configFlag());
  addNetworkFlags(addMaskFlag(command)).setOptionValueWithSource('maxTime', MAX_TIME_MS, 'default');
  describe(command, '--max-time', 'total time (default: 10s)');
  describe(command, '--insecure', "leave out the check of the server's own certificate (S1)");
  command
    .option('--servername <name>', "name for the handshake and the server's certificate (default: that of the URL)")
    .option('--other-host <name>', 'another virtual host of the same server, for P8 and P10 (repeatable)', collect, [])
    .option(
      '--plain-port <port>',
      'look for the webhook on this port in plain http (repeatable; default: 80 or the same)',
      ports,
      [],
    );
  command.addOption(envFileFlag());
  addTrustFlags(command);
  addStartFlags(command);
  addCheckFlags(command);
  return addReporterFlags(command).action(act(verifyCert));
}

function addTrustFlags(command: Command): void {
  command
    .optionsGroup('What the two sides trust:')
    .option('--client-ca <file>', 'CAs that the server trusts for clients, PEM (L4, L10 to L12, P3)')
    .option('--client-ca-key <file>', 'private key of the first of them, PEM, to issue forged certificates (P4)')
    .option('--client-ca-passphrase-env <name>', 'environment variable with its passphrase')
    .option('--client-ca-passphrase-file <file>', 'file with its passphrase')
    .option('--pin <file>', 'the only certificate that the vendor trusts, PEM (S2)');
}

function addCheckFlags(command: Command): void {
  command
    .optionsGroup('Checks:')
    .option('--only <ids>', 'only these checks, such as P1,P2,R2', checkIds, [])
    .option('--skip <ids>', 'all checks but these', checkIds, [])
    .addOption(
      new Option('--days-warning <n>', 'warn about certificates that expire within this many days')
        .argParser(dayCount)
        .default(DAYS_WARNING),
    )
    .addOption(new Option('--server <name>', 'show what to change for this server only').choices(SERVERS));
}

/** The shared flags have a special meaning here. */
function describe(command: Command, flag: string, description: string): void {
  const option = command.options.find(({ long }) => long === flag);
  if (option !== undefined) option.description = description;
}

const ports = (value: string, previous: readonly number[]): number[] => [...previous, port(value)];

async function verifyCert(target: string | undefined, flags: VerifyCertFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const [
    { verifyCertificate },
    { chooseEndpoint },
    { openConfig, openCommandVendors, processEnvironment },
    { writeReports },
  ] = await Promise.all([
    import('../../flows/certs/verify-certificate.ts'),
    import('../../flows/certs/plan-probes.ts'),
    import('../terminal/environment.ts'),
    import('../terminal/reporters.ts'),
  ]);
  const base = processEnvironment();
  const environment = Object.assign(base, { vendors: openCommandVendors(base, flags.config) });
  const progress = startProgress();
  const readConfig = (): Promise<Config> => openConfig(flags.config, environment);
  const options = { ...flags, target };
  const diagnose = (): Promise<CertificateDiagnosis> =>
    verifyCertificate(options, environment, readConfig, environment.clock, environment.ids, (text) =>
      progress.show(text),
    );
  const awaited = async (): Promise<AwaitedEndpoint> => {
    const { url } = await chooseEndpoint(options, environment.vendors, readConfig);
    return { ...flags, url, transport: null };
  };
  const { answered, report } = await withApplication(flags, environment, {
    endpoints: flags.start === undefined && flags.waitReady === undefined ? [] : [await awaited()],
    secrets: [],
    run: () => (flags.start === undefined ? diagnose() : unlessAborted(diagnose(), environment.signal)),
    isGood: (diagnosis) => diagnosis.report.isGood,
    isAnswered: (diagnosis) => diagnosis.answered,
  }).finally(() => progress.clear());
  await writeReports(report, outputs);
  if (!answered) return 3;
  return report.isGood ? 0 : 1;
}

/** Ctrl-C ends the application first, and what is asked of it need not be waited for. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    const stop = ({ kind, message }: AppError): void =>
      reject(new AppError(kind, `${message} before all checks were made: no verdict`));
    signal.addEventListener('abort', () => stop(signal.reason as AppError), { once: true });
  });
  return Promise.race([work, aborted]);
}

const IDS = Object.keys(CHECKS) as CheckId[];

/** Reads `--only P1,P2`, in any letter case. Throws AppError `usage`. */
function checkIds(value: string, previous: readonly CheckId[] = []): CheckId[] {
  const given = commaList(value).map(
    (text) => IDS.find((id) => id.toLowerCase() === text.toLowerCase()) ?? unknownCheck(text),
  );
  return [...previous, ...given];
}

function unknownCheck(given: string): never {
  throw new AppError('usage', `unknown check ${given}`, {
    hint: `checks: ${IDS.join(', ')}`,
    unknown: { given, among: IDS },
  });
}
