import type { Command } from 'commander';
import { sampleSecret } from '../../code/receiver-head.ts';
import { findFramework, secretVariable, writeReceiver } from '../../code/write-receiver.ts';
import { runTry, type TryProgress } from '../../flows/setup/run-try.ts';
import type { SuiteResult } from '../../flows/test/run-suite.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { Vendor } from '../../model/vendor.ts';
import { countFindings } from '../../report/describe-findings.ts';
import { makeSecret } from '../../sign/scheme/compute.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { painter } from '../terminal/color.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { durationMs } from '../terminal/flag-values.ts';
import { answer } from '../terminal/output.ts';
import { inOwnName, typedName } from '../terminal/program-name.ts';
import { startProgress } from '../terminal/progress.ts';
import { plainLine, wrapText } from '../terminal/text.ts';
import { renderSentLine } from '../send/render-sent.ts';
import { configText } from '../terminal/flags.ts';
import { screenOf } from '../terminal/stdio.ts';

interface TryFlags {
  for?: number;
  config?: string;
}

/** The one that most examples are of. */
const USUAL_VENDOR = 'mail2many';

/** `webhook try [VENDOR]` */
export function tryCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'start a receiver, send to it, test it, find a planted bug: all in one terminal',
    examples: [
      ['webhook try', 'a first look at mail2many; Ctrl-C ends it, and nothing is left running'],
      ['webhook try stripe', 'the same with another vendor'],
      ['webhook try ./acme.vendor.json --for 10s', 'with your own vendor; it stops on its own'],
    ],
  })
    .argument('[vendor]', `its id, or a vendor file (default: ${USUAL_VENDOR})`)
    .option(
      '--for <duration>',
      'keep running this long (default: until Ctrl-C on a terminal, else not at all)',
      durationMs,
    )
    .option('--config <file>', configText('read'))
    .action(act(tryVendor));
}

async function tryVendor(reference: string | undefined, flags: TryFlags): Promise<ExitCode> {
  const environment = processEnvironment();
  const named = reference ?? USUAL_VENDOR;
  const vendor = await openCommandVendors(environment, flags.config).load(named);
  const spec = vendor.signature.value;
  const hasKeyPair = spec !== null && isPublicKey(spec.algorithm);
  const secret = spec === null ? null : hasKeyPair ? makeSecret(spec) : sampleSecret(spec);
  const stayMs = flags.for ?? (screenOf(1).isTTY ? null : 0);
  const shown = { vendor, named, secret: hasKeyPair ? null : secret, stayMs };
  const { isAsExpected } = await runTry({ vendor, secret, stayMs }, environment, progressOf(shown));
  return isAsExpected ? 0 : 1;
}

interface Shown {
  vendor: Vendor;
  /** As the user named it. */
  named: string;
  /** An example that is nobody's; null where none can be typed. */
  secret: string | null;
  stayMs: number | null;
}

function progressOf(shown: Shown): TryProgress {
  const spinner = startProgress();
  const { dim, bold } = painter(screenOf(1));
  const tell = (text: string): void => {
    spinner.clear();
    answer(text);
  };
  return {
    working: spinner.show,
    listening: (url) => tell(`${bold('1. a receiver')}  the built-in, correct one listens on ${url}`),
    sent: (sent) => tell(`${bold('2. an event')}    ${renderSentLine(sent)}`),
    tested: (result) => tell(`${bold('3. the test')}    ${conclusionOf(result)}`),
    testedBug: (bug, result) =>
      tell([`${bold('4. a bug')}       ${bug}, planted in a second receiver:`, ...bugLines(result)].join('\n')),
    waiting: (url) => tell(['', ...nextLines(url, shown)].join('\n')),
    answered: ({ method, path, status, body }) =>
      answer(`${method} ${plainLine(path)}  ${status}  ${dim(plainLine(body).slice(0, MAX_BODY))}`),
  };
}

const MAX_BODY = 60;

function conclusionOf({ report }: SuiteResult): string {
  const { green, red } = painter(screenOf(1));
  const { pass, fail } = countFindings(report.findings);
  const cases = `${pass} of ${report.findings.length} cases pass`;
  return report.isGood ? green(`${cases}, none fails`) : red(`${cases}, ${fail} fail`);
}

/** What it comes to, and one fault in full: that of a report of one's own. */
function bugLines({ report }: SuiteResult): string[] {
  const { dim, red } = painter(screenOf(1));
  const [cause] = report.causes ?? [];
  const failed = report.findings.find(({ status, mistake }) => status === 'fail' && mistake);
  const lines: readonly (readonly [string, string | null | undefined])[] = cause
    ? [['     fix      ', cause.fix]]
    : [
        ['     found    ', failed && `${failed.id}: ${failed.title}`],
        ['     mistake  ', failed?.mistake],
        ['     fix      ', failed?.fix],
      ];
  return [
    ...wrapText(plainLine(report.conclusion), '     ').map(red),
    ...lines.flatMap(([label, text]) => (text ? wrapText(plainLine(inOwnName(text)), label).map(dim) : [])),
  ];
}

/** A command that is refused is none to print. */
function canBeWritten(vendor: Vendor): boolean {
  try {
    return writeReceiver(vendor, findFramework('express'), { program: '', vendor: vendor.id }) !== '';
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function nextLines(url: string, { vendor, named, secret, stayMs }: Shown): string[] {
  const program = typedName();
  const name = quoteForShell(named);
  const event = quoteForShell(vendor.events[0]?.name ?? '');
  const variable = secretVariable(vendor, vendor.signature.value);
  const [before, after] =
    secret === null ? ['', ''] : [`${variable}=${quoteForShell(secret)} `, ` --secret-env ${variable}`];
  const canSend = stayMs !== 0 && (secret !== null || vendor.signature.value === null);
  return [
    ...(canSend
      ? [
          'Next, in another terminal:',
          `  ${before}${program} send --vendor ${name} --event ${event} --url ${url}${after}`,
          `  ${before}${program} test --vendor ${name} --url ${url}${after}`,
        ]
      : ['Next:', `  ${program} test --against-bug none --vendor ${name}`]),
    ...(canBeWritten(vendor) ? [`  ${program} receiver ${name} --for express`] : []),
    ...(stayMs === null ? ['', 'It keeps running and shows each request. Stop it with Ctrl-C.'] : []),
  ];
}
