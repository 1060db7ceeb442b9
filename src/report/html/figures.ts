import type { Outcome } from '../../model/attempt.ts';
import { markup, type Markup, type MarkupPiece } from './markup.ts';

/** `100 000`, with a narrow space that does not break. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** `1 attempt`, `2 attempts` */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `98.2%`; never 100% where something is missing, nor 0% where something is there. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  if (part !== whole && percent > 99.9) return 'over 99.9%';
  if (part !== 0 && percent < 0.1) return 'under 0.1%';
  return part === 0 || part === whole ? `${percent}%` : `${percent.toFixed(1)}%`;
}

/** `2026-11-30 14:05 UTC` */
export function timeText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** A text from outside may be of any length, and there may be many. */
export function clip(text: string, most = 4000): string {
  return text.length > most ? `${text.slice(0, most)}… (${countText(text.length - most)} more characters)` : text;
}

/** A name that may be broken behind its dots and lines. */
export function breakable(name: string): Markup {
  return markup`${name.split(/(?<=[._:/-])/).map((part, index) => (index === 0 ? part : markup`<wbr/>${part}`))}`;
}

export interface DataColumn {
  head: string;
  kind: 'words' | 'number' | 'bar';
}

/** A table whose first column names its rows. `total` is the last row. */
export function dataTable(
  caption: string,
  columns: readonly DataColumn[],
  rows: readonly (readonly MarkupPiece[])[],
  total: readonly MarkupPiece[] | null = null,
): Markup {
  const cells = (row: readonly MarkupPiece[]): MarkupPiece =>
    row.map((cell, index) =>
      index === 0
        ? markup`<th scope="row" class="words">${cell}</th>`
        : markup`<td class="${columns[index]?.kind ?? 'words'}">${cell}</td>`,
    );
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <thead>
        <tr>
          ${columns.map(({ head, kind }) => markup`<th scope="col" class="${kind}">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            markup`<tr>
              ${cells(row)}
            </tr> `,
        )}
        ${
          total === null
            ? null
            : markup`<tr class="total">
                ${cells(total)}
              </tr> `
        }
      </tbody>
    </table>
  </div>`;
}

/** How large a part is, beside the number that says it. */
export function shareBar(part: number, whole: number, kind: string): Markup {
  const width = whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10;
  return markup`<svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class="${kind}" width="${width}" height="6" />
  </svg>`;
}

/** The colour of an outcome, beside its name. */
export function swatch(outcome: Outcome | 'dropped'): Markup {
  return markup`<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">
<rect class="${outcome}" width="12" height="12"/></svg>`;
}

/** Numbers at the top, each with its name and what it is measured by. */
export function tiles(
  facts: readonly (readonly [name: MarkupPiece, value: string, note: string, tone?: string])[],
): Markup {
  return markup`<dl class="tiles">
    ${facts.map(
      ([name, value, note, tone = '']) =>
        markup`<div>
          <dt>${name}</dt>
          <dd class="${tone}">${value}<small>${note}</small></dd>
        </div> `,
    )}
  </dl>`;
}
