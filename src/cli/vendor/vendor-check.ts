import type { Command } from 'commander';
import { countFindings } from '../../report/describe-findings.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addReporterFlags, readReporters, writeReports, type ReporterFlags } from '../terminal/reporters.ts';

/** `webhook vendor check FILE` */
export function checkCommand(): Command {
  const command = makeCommand('check', {
    summary: 'check a vendor file: its errors, what is missing, and what that costs',
    topics: ['vendors'],
    examples: [
      ['webhook vendor check acme.vendor.json', 'structure, samples, vectors, outdated facts, and what is unknown'],
      ['webhook vendor check acme.vendor.json --reporter junit=vendor.xml', 'in CI'],
    ],
  }).argument('<file>', 'the vendor file');
  return addReporterFlags(command).action(act(check));
}

async function check(file: string, flags: ReporterFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const beganAt = performance.now();
  const environment = processEnvironment();
  const { clock, ids } = environment;
  const { checkVendorFile } = await import('../../flows/vendor/check-vendor-file.ts');
  const { vendor, findings } = await checkVendorFile(file, environment, clock, ids);
  const isGood = countFindings(findings).fail === 0;
  const conclusion = isGood ? 'the file is valid' : 'the file is not valid';
  const durationMs = performance.now() - beganAt;
  const report = {
    command: 'vendor check',
    target: file,
    facts: { vendor: vendor.id },
    conclusion,
    isGood,
    findings,
    startedAt: clock.now() - durationMs,
    durationMs,
  };
  await writeReports(report, outputs);
  return isGood ? 0 : 1;
}
