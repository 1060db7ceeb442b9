import { findWebhook } from '../../config/select-webhook.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { Config } from '../../model/webhook.ts';
import { countFindings } from '../../report/describe-findings.ts';
import { lintList } from '../../source/list/lint-list.ts';
import type { AddressList } from '../../source/list/list-entry.ts';
import { readEntry } from '../../source/list/read-list.ts';
import { readAllowlist, type GivenList } from './read-allowlist.ts';

/** What is wrong with a list, as a report. Throws AppError `input` for what is no text. */
export function lintAllowlist(given: GivenList, clock: Clock): Report {
  return reportOn(given.name, () => readAllowlist(given), clock);
}

/** The same for what a configured webhook allows. Throws AppError `usage` where there is no such webhook, or it has no list. */
export function lintConfiguredAllowlist(name: string, { webhooks }: Config, clock: Clock): Report {
  const webhook = findWebhook(webhooks, name);
  const { allow } = webhook;
  if (allow === undefined)
    throw new AppError('usage', `the webhook ${JSON.stringify(webhook.name)} has no "allow" in the configuration`, {
      hint: 'give a file: webhook allowlist lint FILE',
    });
  return reportOn(`"allow" of the webhook ${webhook.name}`, () => readEntries(allow), clock);
}

function readEntries(texts: readonly string[]): AddressList {
  const read = texts.map(readEntry);
  return {
    entries: read.filter((one) => 'network' in one),
    problems: read.filter((one) => 'reason' in one),
    remarks: [],
  };
}

function reportOn(target: string, read: () => AddressList, clock: Clock): Report {
  const startedAt = clock.now();
  const list = read();
  const findings = lintList(list);
  return {
    command: 'allowlist lint',
    target,
    facts: { entries: list.entries.length },
    conclusion: conclude(findings),
    isGood: findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt,
    durationMs: clock.now() - startedAt,
  };
}

function conclude(findings: readonly Finding[]): string {
  const { fail, warn } = countFindings(findings);
  if (fail > 0) return 'something is wrong with the list';
  return warn > 0 ? 'nothing is wrong with the list, but something needs a look' : 'nothing is wrong with the list';
}
