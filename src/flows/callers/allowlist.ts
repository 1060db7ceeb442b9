import { findWebhook } from '../../config/select-webhook.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { Config } from '../../model/webhook.ts';
import { countFindings } from '../../report/describe-findings.ts';
import { readPeer } from '../../source/address.ts';
import type { AddressLine } from '../../source/log/address-log.ts';
import { type AddressList, type ListEntry, makeMatcher } from '../../source/list/address-list.ts';
import { convertList, readConverted, warnOfEntries } from '../../source/list/convert-list.ts';
import { FORMS, type ListForm } from '../../source/list/forms.ts';
import { lintList } from '../../source/list/lint-list.ts';
import { readEntry, readList } from '../../source/list/read-list.ts';
import { decodeList, refuseProblems, type ListBytes } from './read-allowlist.ts';

export interface GivenList extends ListBytes {
  /** Id of the form it is written in. */
  from: string;
}

function findForm(id: string): ListForm {
  const form = FORMS.find((one) => one.id === id);
  if (form === undefined)
    throw new AppError('usage', `unknown form ${id}`, {
      unknown: { given: id, among: FORMS.map((one) => one.id) },
    });
  return form;
}

/** Reads a list, its problems included. Throws AppError `input` for what is no text. */
function readGivenList(given: GivenList): AddressList {
  const text = decodeList(given);
  return given.from === 'list' ? readList(text, given.name) : readConverted(text, findForm(given.from), given.name);
}

function readUsable(given: GivenList): AddressList {
  const list = readGivenList(given);
  refuseProblems(list, given.name);
  return list;
}

/** An address that a list was asked about. */
export interface ListAnswer {
  /** As it was given. */
  address: string;
  /** The narrowest entry that holds it. */
  entry: ListEntry | null;
}

/** The counts of a run so far. An address counts as often as it came. */
export interface AllowlistTally {
  allowed: number;
  refused: number;
  /** Lines without an address. */
  unreadable: number;
}

export interface CheckedAllowlist {
  entryCount: number;
  answers: AsyncGenerator<ListAnswer, void>;
  tally: AllowlistTally;
}

/**
 * Asks a list about addresses as they come, each read as that of a connection's peer: `::ffff:192.0.2.1` is 192.0.2.1.
 * A line that holds no address goes to `onUnreadable`, and the run goes on. Throws AppError `input` for a list with a
 * problem.
 */
export function checkAllowlist(
  given: GivenList,
  asked: AsyncIterable<readonly AddressLine[]>,
  onUnreadable: (line: AddressLine) => void,
): CheckedAllowlist {
  const { entries } = readUsable(given);
  const tally = { allowed: 0, refused: 0, unreadable: 0 };
  return { entryCount: entries.length, answers: answerLines(asked, makeMatcher(entries), tally, onUnreadable), tally };
}

async function* answerLines(
  asked: AsyncIterable<readonly AddressLine[]>,
  match: ReturnType<typeof makeMatcher>,
  tally: AllowlistTally,
  onUnreadable: (line: AddressLine) => void,
): AsyncGenerator<ListAnswer, void> {
  for await (const batch of asked) {
    for (const line of batch) {
      const address = line.reason === undefined ? readPeer(line.text) : null;
      const entry = address === null ? null : match(address);
      tally[address === null ? 'unreadable' : entry === null ? 'refused' : 'allowed'] += 1;
      if (address === null) onUnreadable(line);
      else yield { address: line.text, entry };
    }
  }
}

/** Checks the words of a command line, all of which must be addresses. Throws AppError `input`. */
export function refuseWrongAddress(words: readonly string[]): void {
  const wrong = words.find((word) => readPeer(word) === null);
  if (wrong === undefined) return;
  const shown = wrong.length > 100 ? `${wrong.slice(0, 100)}…` : wrong;
  throw new AppError('input', `${shown} is not an address, or programs read it differently`, {
    hint: 'write four numbers without leading zeros, or IPv6: single addresses, no networks',
  });
}

export interface ConvertedAllowlist {
  text: string;
  /** What must not go into a server without a warning. */
  warnings: readonly string[];
  form: ListForm;
}

/**
 * Writes a list as configuration of a server. Throws AppError `input` for a list with a problem, or without an entry.
 */
export function convertAllowlist(given: GivenList, to: string, collapses: boolean): ConvertedAllowlist {
  const list = readUsable(given);
  if (list.entries.length === 0)
    throw new AppError('input', `${given.name} has no entries`, {
      hint: 'a configuration made from it would refuse every caller',
    });
  const form = findForm(to);
  return { text: convertList(list, form, collapses), form, warnings: warnOfEntries(list.entries) };
}

/** Reports what is wrong with a list. Throws AppError `input` for what is no text. */
export function lintAllowlist(given: GivenList, clock: Clock): Report {
  return lintRead(given.name, () => readGivenList(given), clock);
}

/**
 * Reports what is wrong with the `allow` of a configured webhook. Throws AppError `usage` where there is no such
 * webhook, or it has no list.
 */
export function lintConfiguredAllowlist(name: string, { webhooks }: Config, clock: Clock): Report {
  const webhook = findWebhook(webhooks, name);
  const { allow } = webhook;
  if (allow === undefined)
    throw new AppError('usage', `the webhook ${JSON.stringify(webhook.name)} has no "allow" in the configuration`, {
      hint: 'give a file: webhook allowlist lint FILE',
    });
  return lintRead(`"allow" of the webhook ${webhook.name}`, () => readEachEntry(allow), clock);
}

function readEachEntry(texts: readonly string[]): AddressList {
  const read = texts.map(readEntry);
  return {
    entries: read.filter((one) => 'network' in one),
    problems: read.filter((one) => 'reason' in one),
    remarks: [],
  };
}

function lintRead(target: string, read: () => AddressList, clock: Clock): Report {
  const startedAt = clock.now();
  const list = read();
  const findings = lintList(list);
  return {
    command: 'allowlist lint',
    target,
    facts: { entries: list.entries.length },
    conclusion: concludeLint(findings),
    isGood: findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt,
    durationMs: clock.now() - startedAt,
  };
}

function concludeLint(findings: readonly Finding[]): string {
  const { fail, warn } = countFindings(findings);
  if (fail > 0) return 'the list has errors';
  return warn > 0 ? 'the list has no errors, but has warnings' : 'the list has no errors';
}
