import type { Finding } from '../model/finding.ts';
import type { CommonCause, Report } from '../model/report.ts';
import { countFindings, describeCause, describeFinding, joinAlike, type Labelled } from './describe-findings.ts';
import { clip, countText, dataTable, tiles } from './html/figures.ts';
import { markup, type Markup, type MarkupPiece } from './html/markup.ts';

/** Findings of one kind that are shown in full: of a list that long nobody reads the rest. */
const MOST_SHOWN = 200;

const MARKS: Readonly<Record<Finding['status'], string>> = { pass: '✓', fail: '✗', warn: '!', skip: '–' };

/** What one report found: counts, what is wrong in full, and what is not, folded. */
export function findingsSection({ findings, causes = [] }: Pick<Report, 'findings' | 'causes'>): Markup {
  const of = (status: Finding['status']): Finding[] => findings.filter((one) => one.status === status);
  const explained = (one: Finding): boolean => causes.some(({ id }) => id === one.cause);
  const wrong = [...of('fail'), ...of('warn')];
  const alone = foldFixes(joinAlike(wrong.filter((one) => !explained(one))));
  return markup`${countTiles(findings, causes)} ${causes.map((cause) => causeCard(cause, findings))}
  ${alone.slice(0, MOST_SHOWN).map(findingCard)}
  ${alone.length > MOST_SHOWN ? markup`<p class="note">and ${countText(alone.length - MOST_SHOWN)} more</p>` : null}
  ${folded('explained by a cause above', wrong.filter(explained))} ${folded('passed', of('pass'))}
  ${folded('skipped', of('skip'))}`;
}

function countTiles(findings: readonly Finding[], causes: readonly CommonCause[]): Markup {
  const counts = countFindings(findings);
  const voided = new Set(causes.flatMap(({ voids }) => voids)).size;
  return tiles([
    ['Failed', countText(counts.fail), 'must be fixed', counts.fail > 0 ? 'bad' : ''],
    ['Warnings', countText(counts.warn), 'should be checked', counts.warn > 0 ? 'doubt' : ''],
    [
      'Passed',
      countText(counts.pass),
      voided === 0 ? 'held in this run' : voided === 1 ? '1 proves nothing' : `${countText(voided)} prove nothing`,
    ],
    ['Skipped', countText(counts.skip), 'unknown'],
  ]);
}

/** Several findings often ask for one change: it is told in full with the first of them. */
function foldFixes(findings: readonly Finding[]): Finding[] {
  const first = new Map<string, string>();
  return findings.map((finding) => {
    const { id, fix, serverFixes } = finding;
    if (serverFixes.length === 0) return finding;
    const change = JSON.stringify([fix, serverFixes]);
    const told = first.get(change);
    if (told !== undefined && told !== id) return { ...finding, fix: `the same as for ${told}`, serverFixes: [] };
    first.set(change, id);
    return finding;
  });
}

function findingCard(finding: Finding): Markup {
  const { id, title, status, detail, reference, reproduce = null } = finding;
  return markup`<article class="finding ${status}">
    <h3>${mark(status)} ${clip(title)} <span class="quiet">${clip(id)}</span></h3>
    <p>${clip(detail)}</p>
    ${labelled(describeFinding({ ...finding, reproduce: null }))}${referenceLine(reference)} ${commandLine(reproduce)}
  </article> `;
}

function causeCard(cause: CommonCause, findings: readonly Finding[]): Markup {
  return markup`<article class="finding fail">
    <h3>${mark('fail')} ${clip(cause.title)} <span class="quiet">one cause</span></h3>
    ${labelled(describeCause({ ...cause, reproduce: null }, findings))} ${commandLine(cause.reproduce)}
  </article> `;
}

const STATUS_WORDS: Readonly<Record<Finding['status'], string>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warning',
  skip: 'skipped',
};

const TONES: Readonly<Record<Finding['status'], string>> = { pass: 'good', fail: 'bad', warn: 'doubt', skip: 'quiet' };

const mark = (status: Finding['status']): Markup =>
  markup`<span class="${TONES[status]}" role="img" aria-label="${STATUS_WORDS[status]}">${MARKS[status]}</span>`;

function labelled(texts: readonly Labelled[]): MarkupPiece {
  if (texts.length === 0) return null;
  return markup`<dl class="facts">
    ${texts.map(
      ({ label, text, isChange }) =>
        markup`<dt>${label}</dt>
          <dd>${isChange ? markup`<pre>${clip(text)}</pre>` : clip(text)}</dd> `,
    )}
  </dl>`;
}

/** A link only where it leads to a page: a text from outside could be `javascript:`. */
function referenceLine(reference: string | null): MarkupPiece {
  if (reference === null) return null;
  const shown = clip(reference, 300);
  return markup`<p class="note">
    ${
      /^https?:\/\/\S{1,300}$/i.test(reference)
        ? markup`<a href="${reference}" rel="noreferrer noopener">${shown}</a>`
        : shown
    }
  </p>`;
}

function commandLine(command: string | null): MarkupPiece {
  if (command === null) return null;
  return markup`<details><summary>a command to reproduce it</summary><pre>${clip(command)}</pre></details>`;
}

function folded(what: string, findings: readonly Finding[]): MarkupPiece {
  if (findings.length === 0) return null;
  const rows = findings
    .slice(0, MOST_SHOWN)
    .map((one) => [clip(one.title, 300), clip(one.id, 100), clip(one.detail, 300)]);
  const more = findings.length - rows.length;
  return markup`<details>
    <summary>${countText(findings.length)} ${what}</summary>
    ${dataTable(what, COLUMNS, rows)} ${more > 0 ? markup`<p class="note">and ${countText(more)} more</p>` : null}
  </details> `;
}

const COLUMNS = [
  { head: 'check', kind: 'words' },
  { head: 'id', kind: 'words' },
  { head: 'why', kind: 'words' },
] as const;
