import { listTimetable, type Timetable } from '../../deliver/retry-ladder.ts';
import { AppError } from '../../model/error.ts';
import type { Certainty } from '../../model/fact.ts';
import type { Vendor } from '../../model/vendor.ts';
import { withEvidence } from '../../vendors/evidence.ts';
import { datesOf, fieldsOf, isSigned, isTimed } from '../../vendors/facts.ts';
import { painter } from '../terminal/color.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { openAllVendors, openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import { renderFurther, splitVendors } from './further-vendors.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { renderTable } from '../terminal/table.ts';
import { textWidth, wrapText } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

/** The flags of `webhook retries` that `--table` looks at. */
interface TimetableFlags {
  vendor?: string;
  json?: boolean;
  url?: string;
  to?: string;
  reporter: readonly string[];
  config?: string;
}

/** `webhook retries --table`: when vendors try again. Throws AppError `usage` for a flag that would do nothing. */
export async function showTable({ vendor, json, url, to, reporter, config }: TimetableFlags): Promise<ExitCode> {
  const idle = Object.entries({ '--url': url, '--to': to, '--reporter': reporter[0] }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (idle !== undefined)
    throw new AppError('usage', `--table sends nothing, so ${idle} has no effect`, {
      hint: `leave out --table or ${idle}`,
    });
  const registry = await (vendor === undefined ? openAllVendors : openCommandVendors)(processEnvironment(), config);
  if (json) {
    const vendors = vendor === undefined ? await registry.loadAll() : [await registry.load(vendor)];
    answerJson({ timetables: (await Promise.all(vendors.map(listTimetable))).map(tableDocument) });
    return 0;
  }
  const { shown, further } =
    vendor === undefined ? await splitVendors(registry) : { shown: [await registry.load(vendor)], further: [] };
  const tables = (await Promise.all(shown.map(listTimetable))).map(renderTimetable);
  const rest = renderFurther(further, 'webhook retries --table --vendor VENDOR', ({ title }) => title);
  answer([...tables, ...rest].join('\n\n'));
  return 0;
}

function tableDocument({ vendor, steps, ends }: Timetable): Record<string, unknown> {
  const { delaysMs, deactivatesAfterMs } = vendor.retries;
  return {
    vendor: vendor.id,
    documentation: vendor.documentation,
    attempts: steps,
    delaysMs: withEvidence(vendor, delaysMs),
    ages: agesOf(vendor),
    timeoutMs: withEvidence(vendor, vendor.timeoutMs),
    ends,
    deactivatesAfterMs: deactivatesAfterMs === undefined ? null : withEvidence(vendor, deactivatesAfterMs),
  };
}

/** When a vendor tries again while an endpoint is down, as a person reads it. */
function renderTimetable({ vendor, steps, ends }: Timetable): string {
  const { bold, dim } = painter(screenOf(1));
  const { delaysMs, deactivatesAfterMs } = vendor.retries;
  const given = ends === 'deactivated' ? 'the whole webhook is deactivated' : 'given up';
  const allRows = steps.map(({ attempt, delayMs, sinceStartMs }, index) => {
    const next = steps[index + 1];
    return [
      String(attempt),
      index === 0 ? '' : exactDuration(delayMs),
      exactDuration(sinceStartMs),
      next === undefined ? given : `retried after ${exactDuration(next.delayMs)}`,
    ];
  });
  const rows = allRows.length <= MAX_ROWS ? allRows : foldRows(allRows);
  const notes = [
    ...(delaysMs.note === undefined ? [] : [delaysMs.note]),
    ...(deactivatesAfterMs === undefined
      ? []
      : [
          `after ${exactDuration(deactivatesAfterMs.value)} of failures no event is sent until the webhook is ` +
            `re-enabled [${deactivatesAfterMs.certainty}]`,
        ]),
    agesText(vendor),
    `each attempt may take ${exactDuration(vendor.timeoutMs.value)} [${vendor.timeoutMs.certainty}]`,
  ];
  const about = `steps [${delaysMs.certainty}]`;
  const isLong = vendor.title.length + about.length + 2 > textWidth();
  return [
    `${bold(vendor.title)}${isLong ? '\n' : '  '}${dim(about)}`,
    renderTable(['attempt', 'delay', 'since start', 'if it fails'], rows),
    ...notes.flatMap((text) => wrapText(text, '  ')).map(dim),
  ].join('\n');
}

/** A ladder of thousands of equal steps is told by its ends. */
const MAX_ROWS = 24;
const FIRST_ROWS = 4;
const LAST_ROWS = 2;

function foldRows(rows: readonly string[][]): string[][] {
  const left = rows.length - FIRST_ROWS - LAST_ROWS;
  return [...rows.slice(0, FIRST_ROWS), ['…', '', '', `${left} more`], ...rows.slice(-LAST_ROWS)];
}

/** What is old in a late attempt, and what is fresh. */
function agesText(vendor: Vendor): string {
  const { dates, signature } = agesOf(vendor);
  const ages =
    dates.length === 0
      ? 'the event has no date'
      : `as old as "since start" at each attempt: ${dates
          .map(({ path, certainty }) => `${path} [${certainty}]`)
          .join(', ')}`;
  return signature === 'fresh' ? `${ages}; the time of the signature is that of the attempt` : ages;
}

interface Ages {
  dates: { path: string; certainty: Certainty }[];
  /** `fresh`: signed at each attempt, with its time. `the same`: it carries no time. */
  signature: 'fresh' | 'the same' | null;
}

/** Of the vendor's first event. */
function agesOf(vendor: Vendor): Ages {
  const [event] = vendor.events;
  const certainties = new Map(fieldsOf(event).map(({ path, field }) => [path, field.certainty]));
  return {
    dates: (event === undefined ? [] : datesOf(event)).map(({ path }) => ({
      path,
      certainty: certainties.get(path) ?? 'us',
    })),
    signature: isTimed(vendor) ? 'fresh' : isSigned(vendor) ? 'the same' : null,
  };
}

const UNITS = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** To the second, in hours, minutes and seconds: `1 h 51 min`. A timetable that is rounded cannot be added up. */
export function exactDuration(ms: number): string {
  let rest = Math.round(ms / 1000) * 1000;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [`${count} ${unit}`];
  });
  return parts.length === 0 ? '0 s' : parts.join(' ');
}
