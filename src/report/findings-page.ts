import type { Report } from '../model/report.ts';
import { formatDuration } from '../model/wording.ts';
import { clip, timeText } from './html/figures.ts';
import { findingsSection } from './findings-section.ts';
import { markup, type Markup } from './html/markup.ts';
import { writePage } from './html/page.ts';

/** One report as a page of its own; of several told as one, a section each. */
export function renderHtml(report: Report): string {
  const { command, target, startedAt, durationMs, parts } = report;
  return writePage({
    topic: command,
    title: clip(target, 300),
    made: `${timeText(startedAt)}, took ${formatDuration(durationMs)}`,
    lead: verdictLine(report),
    body:
      parts === undefined
        ? markup`<section><h2>What was checked</h2> ${findingsSection(report)}</section>`
        : parts.map(partSection),
    footer: markup`<p>
      What passed held in this run, unless a cause says that it proves nothing; what was skipped is unknown.
    </p>`,
  });
}

/** The verdict as a word beside its mark, for colour alone says nothing; and why, in one line. */
function verdictLine({ isGood, conclusion }: Report): Markup {
  const [tone, word] = isGood ? ['good', '✓ passed'] : ['bad', '✗ not passed'];
  return markup`<p class="lead"><strong class="${tone}">${word}</strong> ${clip(conclusion)}</p>`;
}

function partSection(report: Report): Markup {
  return markup`<section>
    <h2>${clip(report.target, 300)}</h2>
    ${verdictLine(report)} ${findingsSection(report)}
  </section>
  `;
}
