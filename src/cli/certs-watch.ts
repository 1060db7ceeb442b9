import type { Command } from 'commander';
import type { Watch } from '../flows/watch-certificates.ts';
import type { Finding } from '../model/finding.ts';
import { act, makeCommand } from './command.ts';
import type { ExitCode } from './exit.ts';
import { count } from './flags.ts';
import { answer } from './output.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from './reporter-flags.ts';

interface WatchFlags extends ReporterFlags {
  days: number;
}

const NOTES = `Vendors publish certificates, as PEM or DER, and replace them: local copies must be refreshed. Every
file below the folder is looked at; what holds no certificate is left out and counted. A report for
people names only what needs a look; --json and --reporter have every certificate.`;

/** `webhook certs watch` */
export function watchCertificatesCommand(): Command {
  const command = makeCommand('watch', {
    summary: "local copies of vendors' certificates that expire soon",
    examples: [
      ['webhook certs watch /etc/webhooks/certs', 'exit code 1 when one expires within 30 days, or has expired: for cron'],
      ['webhook certs watch certs --days 7 --reporter junit=certs.xml', 'a shorter notice, and a report for CI'],
    ],
  })
    .argument('<dir>', 'folder with the copies')
    .option('--days <days>', 'how many days a certificate must still be valid', count, 30);
  return addReporterFlags(command).addHelpText('after', `\n${NOTES}`).action(act(watch));
}

async function watch(directory: string, flags: WatchFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const [{ watchCertificates }, { systemClock }, { writeReports }, { renderHead }] = await Promise.all([
    import('../flows/watch-certificates.ts'),
    import('../flows/clock.ts'),
    import('./reporters.ts'),
    import('./render/findings.ts'),
  ]);
  const beganAt = performance.now();
  const { findings, ...counts } = await watchCertificates({ directory, days: flags.days }, systemClock);
  const bad = findings.filter(({ status }) => status === 'fail').length;
  const conclusion = conclude(bad, counts, flags.days);
  const isForPeople = outputs.document === null && outputs.files.length === 0 && outputs.github === null;
  const shown = isForPeople ? findings.filter(({ status }) => status !== 'pass').map(inOneLine) : findings;
  const durationMs = performance.now() - beganAt;
  const report = { command: 'certs watch', target: directory, facts: counts, conclusion, isGood: bad === 0, findings: shown, startedAt: Date.now() - durationMs, durationMs };
  if (shown.length === 0) answer(renderHead(report));
  else await writeReports(report, outputs);
  return bad === 0 ? 0 : 1;
}

function conclude(bad: number, { certificates, skipped, closed, unreadable }: Omit<Watch, 'findings'>, days: number): string {
  const all = `${certificates} certificate${certificates === 1 ? '' : 's'}`;
  const within = `within ${days} day${days === 1 ? '' : 's'}`;
  const verdict = bad === 0 ? `${all}, none expires ${within}` : `${bad} of ${all} expired, or to expire ${within}: fetch what the vendor publishes now`;
  const others = [[skipped, 'without certificates'], [closed, 'in PKCS#12, not opened'], [unreadable, 'not readable']] as const;
  const files = others.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]));
  return files.length === 0 ? verdict : `${verdict} (files ${files.join(', ')})`;
}

/** cron sends it by mail, for every run: what is the same for all certificates stands in the conclusion. */
const inOneLine = (finding: Finding): Finding => ({ ...finding, expected: null, observed: null, advice: null });
