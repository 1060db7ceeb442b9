import type { Command } from 'commander';
import { act, makeCommand } from './command.ts';
import type { ExitCode } from './exit.ts';
import { addNetworkFlags, jsonFlag, type NetworkFlags } from './flags.ts';
import { answer, answerJson } from './output.ts';
import { painter } from './render/color.ts';
import { renderFindings } from './render/findings.ts';

interface Flags extends NetworkFlags {
  vendor?: string;
  json?: boolean;
  maxTime: number;
}

const MAX_TIME_MS = 10_000;

const NOTES = `Calls the endpoint with real POST requests on TLS 1.2 and 1.3: without a certificate, with a
self-signed one and, where given, with yours. An endpoint that lets them in takes them for real
events. Exit code 0 says that a certificate is enforced, that yours (if given) got the vendor's
success, and that no check failed; 1 also stands for what could not be told.`;

/** `verify-cert`, alone and as `webhook verify-cert` */
export function verifyCertCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: "the endpoint's client-certificate set-up, diagnosed",
    examples: [
      [`${name} https://hooks.example.com/mailkit`, 'is a client certificate asked for, and refused without?'],
      [`${name} https://hooks.example.com/mailkit --vendor mailkit --cert client.pem --key client.key --passphrase-env PASS`, 'and does mine get the answer that Mailkit counts as success?'],
      [`${name} https://localhost:8443/hook --cacert ca.pem --json`, 'a server with a certificate of your own CA'],
    ],
  })
    .argument('<https-url>', 'the endpoint')
    .option('--vendor <id>', 'send the sample event of this vendor and judge by its success rule (default: {} and any 2xx)')
    .addOption(jsonFlag());
  addNetworkFlags(command).setOptionValueWithSource('maxTime', MAX_TIME_MS, 'default');
  describe(command, '--max-time', 'for everything together (default: 10s)');
  describe(command, '--insecure', "leave out the check of the server's own certificate (S1)");
  return command.addHelpText('after', `\n${NOTES}`).action(act(verifyCert));
}

/** The shared flags mean something of their own here. */
function describe(command: Command, flag: string, description: string): void {
  const option = command.options.find(({ long }) => long === flag);
  if (option !== undefined) option.description = description;
}

async function verifyCert(url: string, flags: Flags): Promise<ExitCode> {
  const [{ verifyCertificate }, { isEnforced, VERDICT_TEXT }, { systemClock }, { makeIds }, { systemRandom }] = await Promise.all([
    import('../flows/verify-certificate.ts'),
    import('../certs/judge/judge-verdict.ts'),
    import('../flows/clock.ts'),
    import('../plan/ids.ts'),
    import('../plan/random.ts'),
  ]);
  const machine = { workingDirectory: process.cwd(), env: process.env, stdin: process.stdin };
  const { answered, ...diagnosis } = await verifyCertificate({ ...flags, url }, machine, systemClock, makeIds(systemRandom()));
  const { target, verdict, findings } = diagnosis;
  const isGood = isEnforced(verdict) && findings.every(({ status }) => status !== 'fail');
  if (flags.json) answerJson(diagnosis);
  else {
    const paint = painter(process.stdout);
    const verdictText = (isGood ? paint.green : paint.red)(VERDICT_TEXT[verdict]);
    answer(`${answered ? verdictText : paint.yellow('nothing answered TLS')}  ${target}\n\n${renderFindings(findings)}`);
  }
  if (!answered) return 3;
  return isGood ? 0 : 1;
}
