import type { Command } from 'commander';
import { CHECKS } from '../../certs/checks.ts';
import { plural } from '../../model/wording.ts';
import type { Watch } from '../../flows/certs/watch-certificates.ts';
import type { Finding } from '../../model/finding.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer } from '../terminal/output.ts';
import { listNames } from '../terminal/text.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporters.ts';
import { dayCount } from '../terminal/flag-values.ts';

interface WatchFlags extends ReporterFlags {
  days: number;
}

/** `webhook certs watch` */
export function watchCertificatesCommand(): Command {
  const command = makeCommand('watch', {
    summary: "find local copies of vendors' certificates that expire soon",
    topics: ['certificates'],
    examples: [
      [
        'webhook certs watch /etc/webhooks/certs',
        'exits with 1 if one expires within 30 days, or has expired: for cron',
      ],
      ['webhook certs watch certs --days 7 --reporter junit=certs.xml', 'a shorter notice, and a report for CI'],
    ],
  })
    .argument('<dir>', 'folder with the copies')
    .option('--days <days>', 'how many days a certificate must still be valid', dayCount, 30);
  return addReporterFlags(command).action(act(watch));
}

async function watch(directory: string, flags: WatchFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const [{ watchCertificates }, { processEnvironment }, { writeReports }, { renderHead }] = await Promise.all([
    import('../../flows/certs/watch-certificates.ts'),
    import('../terminal/environment.ts'),
    import('../terminal/reporters.ts'),
    import('../terminal/findings.ts'),
  ]);
  const beganAt = performance.now();
  const { findings, ...counts } = await watchCertificates({ directory, days: flags.days }, processEnvironment().clock);
  const failed = findings.filter(({ status }) => status === 'fail');
  const isGood = failed.length === 0;
  const conclusion = conclude(failed, counts, flags.days);
  const isForPeople = outputs.document === null && outputs.files.length === 0 && outputs.github === null;
  const shown = isForPeople ? findings.filter(({ status }) => status !== 'pass').map(inOneLine) : findings;
  const durationMs = performance.now() - beganAt;
  const report = {
    command: 'certs watch',
    target: directory,
    facts: counts,
    conclusion,
    isGood,
    findings: shown,
    startedAt: Date.now() - durationMs,
    durationMs,
  };
  if (shown.length === 0) answer(renderHead(report));
  else await writeReports(report, outputs);
  return isGood ? 0 : 1;
}

function conclude(
  failed: readonly Finding[],
  { certificates, skipped, closed, unreadable }: Omit<Watch, 'findings'>,
  days: number,
): string {
  const all = plural(certificates, 'certificate');
  const within = `within ${plural(days, 'day')}`;
  const damaged = failed.filter(({ id }) => id === CHECKS.L1.id).length;
  const ending = failed.length - damaged;
  return [
    ending === 0
      ? `${all}, none expires ${within}`
      : `${ending} of ${all} expired, or expiring ${within}: download the vendor's current one`,
    ...(damaged === 0 ? [] : [`damaged: ${plural(damaged, 'file')}`]),
    ...(unreadable.length === 0 ? [] : [`unreadable: ${listNames(unreadable)}`]),
    ...(closed.length === 0 ? [] : [`not checked, because it is PKCS#12: ${listNames(closed)}`]),
    ...(skipped === 0 ? [] : [`${plural(skipped, 'file')} without certificates`]),
  ].join('; ');
}

/** cron mails the output of every run, so what all certificates share stands in the conclusion alone. */
const inOneLine = (finding: Finding): Finding => ({ ...finding, expected: null, observed: null, fix: null });
