import type { ConformanceCase } from '../../conform/conformance-case.ts';
import type { OpenTarget } from '../../flows/session/open-target.ts';
import { wantedCases } from '../../flows/test/suite-choice.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { wrapText } from '../terminal/text.ts';
import type { TestFlags } from './test-flags.ts';

/** `--list`: the cases that would be tried on each target. */
export function listCasesOf(targets: readonly OpenTarget[], flags: TestFlags): void {
  const lists = targets.map((target) => ({
    target: target.name === undefined && flags.url === undefined ? null : target.shownUrl,
    vendor: target.vendor.id,
    cases: wantedCases(target, flags),
  }));
  if (lists.some(({ target }) => target === null))
    say('the cases for an endpoint on this machine, over http; list those of yours with --url URL');
  if (flags.json) {
    const [only, ...others] = lists.map((list) => ({ ...list, cases: list.cases.map(describeCase) }));
    answerJson(others.length === 0 && only !== undefined ? only : { results: [only, ...others] });
  } else answer(lists.map(({ target, vendor, cases }) => `${target ?? vendor}\n${renderCases(cases)}`).join('\n\n'));
}

function describeCase({ id, group, severity, assumptions, title, mistake, fix, reference }: ConformanceCase): object {
  return { id, group, severity, assumptions, title, mistake, fix, reference };
}

/** One line a case: group, severity, id, what holds when it passes. */
function renderCases(cases: readonly ConformanceCase[]): string {
  const width = Math.max(0, ...cases.map(({ id }) => id.length));
  return cases
    .flatMap(({ id, group, severity, title }) =>
      wrapText(title, `${group.padEnd('accept'.length)}  ${severity.padEnd('should'.length)}  ${id.padEnd(width)}  `),
    )
    .join('\n');
}
