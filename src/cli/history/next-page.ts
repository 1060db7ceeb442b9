import { quoteForShell } from '../../model/shell-word.ts';
import type { ExportSummary } from '../../flows/history/export-history.ts';
import type { ExportFlags } from './export-flags.ts';

/** The command of the next page: the user's own filters again, and `--to` and `--as-of` so that the pages stay where they are. */
export function nextPageLine(program: string, flags: ExportFlags, next: NonNullable<ExportSummary['next']>): string {
  const {
    uuid,
    from,
    limit,
    order,
    failed,
    event,
    includeTests,
    fields,
    includeBodies,
    format,
    json,
    history,
    config,
  } = flags;
  const parts: (readonly [flag: string, value: string | boolean | undefined])[] = [
    ['--uuid', uuid],
    ['--from', from],
    ['--to', next.to],
    ['--as-of', String(next.asOf)],
    ['--limit', limit],
    ['--page', String(next.page)],
    ['--order', order === 'asc' ? order : undefined],
    ['--failed', failed],
    ['--event', event],
    ['--include-tests', includeTests],
    ['--fields', fields],
    ['--include-bodies', includeBodies],
    ['--format', format],
    ['--json', json],
    ['--history', typeof history === 'string' ? history : undefined],
    ['--config', config],
  ];
  const words = parts.flatMap(([flag, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [flag] : [flag, quoteForShell(value)];
  });
  return [program, ...words].join(' ');
}
