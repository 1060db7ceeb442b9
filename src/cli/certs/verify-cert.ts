import { Option, type Command } from 'commander';
import type { CertificateDiagnosis } from '../../flows/certs/verify-certificate.ts';
import type { AwaitedEndpoint } from '../../flows/session/await-application.ts';
import type { Config } from '../../model/webhook.ts';
import { type CheckId, CHECKS } from '../../certs/checks.ts';
import { MAX_AT_ONCE, MOST_CONNECTIONS } from '../../certs/survey/bounds.ts';
import { AppError } from '../../model/error.ts';
import { SERVERS, type Server } from '../../model/finding.ts';
import { addStartFlags, withApplication } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addNetworkFlags, collect, type NetworkFlags, commaList } from '../terminal/flags.ts';
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

const NOTES = `Calls the endpoint with real POST requests on TLS 1.2 and 1.3: without a certificate, with one that
nobody issued, with one of an impostor CA and, where given, with yours; where an application answers
those, also with headers that claim a certificate (P11). An endpoint that lets them in takes them for
real events. Exit code 0 says that a certificate is enforced, that what you gave was proved (your
certificate got the vendor's success, the pin was compared, …), that every address was reached, and
that no check failed; 1 also stands for what could not be told. With --only or --skip the code rests
on the chosen checks alone; one that --only names must have been made. For a vendor that shows no
certificate (Mail-Plus) the pin is proved instead: S2 at every address, S3 and P9.`;

const { forAddress, forHost, forOtherHost, forClaims } = MOST_CONNECTIONS;

const CONNECTIONS = `It opens ${forAddress + forHost} connections at most, ${MAX_AT_ONCE} at a time.
Each further address of the host adds ${forAddress}, each --other-host ${forOtherHost},
each further --plain-port 1 at each address, and an application that answers who shows no good
certificate up to ${forClaims} (P11). --only and --skip leave out what is not needed.`;

const examplesFor = (name: string): [string, string][] => [
  [
    `${name} https://hooks.example.com/mailkit --vendor mailkit --cert client.pem --key client.key ` +
      '--passphrase-env PASS',
    'is a certificate enforced, and does mine get the answer that Mailkit counts as success?',
  ],
  [
    `${name} https://hooks.example.com/inbound --vendor mail-plus --pin server-ca.pem`,
    'does the certificate that Mail-Plus was given trust the server, at every address?',
  ],
  [`${name} https://hooks.example.com/mailkit`, 'what can be told without a certificate'],
  [
    `${name} https://localhost:8443/hook --cacert certs/ca.pem --cert certs/client.pem --key ` +
      'certs/client.key --passphrase-file certs/client.passphrase --client-ca certs/ca.pem --client-ca-key ' +
      'certs/ca.key',
    'everything, with what webhook certs create made',
  ],
  [
    `${name} shop --reporter junit=verify-cert.xml --server nginx`,
    'a configured webhook, in CI; what to change is told for nginx alone',
  ],
];

/** `verify-cert`, alone and as `webhook verify-cert` */
export function verifyCertCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: "the endpoint's client-certificate set-up, diagnosed",
    examples: examplesFor(name),
  })
    .argument('[https-url|name]', 'the endpoint, or a configured webhook')
    .option('--uuid <uuid>', 'a configured webhook by its uuid')
    .option(
      '--vendor <id|file>',
      'send the sample event of this vendor and judge by its rules (default: {} and any 2xx)',
    )
    .option('--config <file>', 'configuration to use (default: webhook.config.json, found upwards from here)');
  addNetworkFlags(addMaskFlag(command)).setOptionValueWithSource('maxTime', MAX_TIME_MS, 'default');
  describe(command, '--max-time', 'for everything together (default: 10s)');
  describe(command, '--insecure', "leave out the check of the server's own certificate (S1)");
  command
    .option(
      '--servername <name>',
      "name for the handshake, and for the server's certificate (default: the host of the URL)",
    )
    .option('--other-host <name>', 'another virtual host of the same server, for P8 and P10 (repeatable)', collect, [])
    .option(
      '--plain-port <port>',
      'look for the webhook in plain http there (repeatable; default: 80 beside 443, else the same port)',
      ports,
      [],
    );
  addTrustFlags(command);
  addStartFlags(command);
  addCheckFlags(command);
  return addReporterFlags(command)
    .addHelpText('after', `\n${NOTES}\n\n${CONNECTIONS}\n\n${checksText()}`)
    .action(act(verifyCert));
}

function addTrustFlags(command: Command): void {
  command
    .optionsGroup('What the two sides trust:')
    .option('--client-ca <file>', 'the CAs that the server trusts for clients, PEM: for L4, L10 to L12 and P3')
    .option(
      '--client-ca-key <file>',
      'the private key of the first of them, PEM: issues certificates that must be refused (P4)',
    )
    .option('--client-ca-passphrase-env <name>', 'environment variable with its passphrase')
    .option('--client-ca-passphrase-file <file>', 'file with its passphrase')
    .option('--pin <file>', 'the certificate that the vendor was given to trust alone, PEM (Mail-Plus; S2)');
}

function addCheckFlags(command: Command): void {
  command
    .optionsGroup('Checks:')
    .option('--only <ids>', 'these checks alone, such as P1,P2,R2', checkIds, [])
    .option('--skip <ids>', 'all but these', checkIds, [])
    .addOption(
      new Option('--days-warning <n>', 'warn of certificates that expire within so many days')
        .argParser(dayCount)
        .default(DAYS_WARNING),
    )
    .addOption(new Option('--server <name>', 'tell what to change for this server alone').choices(SERVERS));
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
    { loadConfig },
    { openCommandVendors, processEnvironment },
    { writeReports },
  ] = await Promise.all([
    import('../../flows/certs/verify-certificate.ts'),
    import('../../flows/certs/plan-probes.ts'),
    import('../../config/load-config.ts'),
    import('../terminal/environment.ts'),
    import('../terminal/reporters.ts'),
  ]);
  const base = processEnvironment();
  const environment = Object.assign(base, { vendors: openCommandVendors(base, flags.config) });
  const progress = startProgress();
  const readConfig = (): Promise<Config> => loadConfig(flags.config, environment);
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
  }).finally(() => progress.clear());
  await writeReports(report, outputs);
  if (!answered) return 3;
  return report.isGood ? 0 : 1;
}

/** Ctrl-C ends the application first, and what is asked of it need not be waited for. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
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
  throw new AppError('usage', `there is no check ${given}`, {
    hint: `checks: ${IDS.join(', ')}`,
    unknown: { given, among: IDS },
  });
}

/** Every check with what it proves, for the help. */
export function checksText(): string {
  const width = Math.max(...IDS.map((id) => id.length));
  return ['Checks:', ...IDS.map((id) => `  ${id.padEnd(width)}  ${CHECKS[id].title}`)].join('\n');
}
