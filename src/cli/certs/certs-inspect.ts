import type { Command } from 'commander';
import type { Finding } from '../../model/finding.ts';
import { countFindings, countsText } from '../../report/describe-findings.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { envFileFlag } from '../terminal/env-file.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer } from '../terminal/output.ts';
import { listNames } from '../terminal/text.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporters.ts';
import { dayCount } from '../terminal/flag-values.ts';

interface InspectFlags extends ReporterFlags {
  clientCa?: string;
  vendor?: string;
  daysWarning: number;
  passphraseEnv?: string;
  passphraseFile?: string;
}

/** `webhook certs inspect` */
export function inspectCertificatesCommand(): Command {
  const command = makeCommand('inspect', {
    summary: 'show what certificate, request and key files are, and what is wrong with them',
    topics: ['certificates'],
    examples: [
      ['webhook certs inspect client.pem client.key ca.pem', 'do they belong together, and will a server accept them?'],
      [
        'webhook certs inspect client.pfx --passphrase-env PASS --vendor mailkit',
        "does it meet Mailkit's rule for your own keys?",
      ],
      [
        'openssl s_client -connect hooks.example.com:443 -showcerts </dev/null | webhook certs inspect -',
        'certificates from a pipe',
      ],
    ],
  })
    .argument('<files...>', 'PEM, DER, PKCS#12, requests, bundles, keys; - is stdin')
    .optionsGroup('Judging:')
    .option('--client-ca <file>', "the server's CA file, PEM, which it verifies client certificates with")
    .option('--vendor <id|file>', "check the key against this vendor's rule for your own certificates")
    .option('--days-warning <days>', 'warn about what expires within this many days', dayCount, 30)
    .option('--passphrase-env <name>', 'environment variable with the passphrase of the keys')
    .option('--passphrase-file <file>', 'file with the passphrase of the keys');
  command.addOption(envFileFlag());
  return addReporterFlags(command).action(act(inspect));
}

async function inspect(paths: string[], flags: InspectFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const [{ inspectCertificates }, { openCommandVendors, processEnvironment }, { writeReports }, { renderInspected }] =
    await Promise.all([
      import('../../flows/certs/inspect-certificates.ts'),
      import('../terminal/environment.ts'),
      import('../terminal/reporters.ts'),
      import('./render-certificates.ts'),
    ]);
  const beganAt = performance.now();
  const environment = processEnvironment();
  const { files, closed, unproved, findings } = await inspectCertificates(
    { ...flags, files: paths },
    openCommandVendors(environment),
    environment,
    environment.clock,
  );
  const isGood = findings.every(({ status }) => status !== 'fail') && closed.length + unproved.length === 0;
  const conclusion = conclude(findings, closed, unproved);
  if (outputs.document === null) answer(`${renderInspected(files)}\n\n`);
  const durationMs = performance.now() - beganAt;
  await writeReports(
    {
      command: 'certs inspect',
      target: paths.join(' '),
      facts: { files, closed, unproved },
      conclusion,
      isGood,
      findings,
      startedAt: Date.now() - durationMs,
      durationMs,
    },
    outputs,
  );
  return isGood ? 0 : 1;
}

/** What was not opened may be wrong in any way, so it is no success. */
function conclude(findings: readonly Finding[], closed: readonly string[], unproved: readonly string[]): string {
  const counts = countFindings(findings);
  const verdict =
    counts.fail > 0 ? `errors found: ${countsText(counts)}` : counts.warn > 0 ? 'no errors, but warnings' : 'no errors';
  const open = unproved.map((what) => `; unknown: ${what}`).join('');
  if (closed.length === 0) return open === '' || counts.fail > 0 ? verdict : `no errors found${open}`;
  const unopened = `not opened without a passphrase: ${listNames(closed)}`;
  if (counts.pass + counts.fail + counts.warn === 0) return `nothing could be checked; ${unopened}`;
  return `${counts.fail > 0 ? verdict : `${verdict} in what could be checked`}; ${unopened}`;
}
