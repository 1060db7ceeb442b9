import type { Direction } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import { BODY_FIELDS, EXPORT_FIELDS, PURPOSE_FIELD, type ExportField } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';
import { readDateRange } from './date-range.ts';

/** As given by the user: texts are not checked yet. */
export interface ExportOptions {
  from?: string;
  to?: string;
  limit?: string;
  page?: string;
  asOf?: string;
  order?: string;
  failed?: boolean;
  includeTests?: boolean;
  event?: string;
  direction?: Direction;
  fields?: string;
  includeBodies?: boolean;
}

export interface ExportPlan {
  selection: Selection;
  fields: readonly ExportField[];
  withBodies: boolean;
}

/** Rows of a page when `--page` comes without `--limit`: documented nowhere, ours. */
export const DEFAULT_PAGE_ROWS = 100;

const ALL_FIELDS: readonly ExportField[] = [...EXPORT_FIELDS, PURPOSE_FIELD, ...BODY_FIELDS];

/** Checks what the user asked for of one webhook, or of all (null). Anything malformed: AppError `usage`. */
export function planExport(webhookUuid: string | null, options: ExportOptions): ExportPlan {
  const page = options.page === undefined ? 1 : readCount('--page', options.page, 1);
  const limit = options.limit === undefined ? null : readCount('--limit', options.limit, 1);
  const pageRows = options.page === undefined ? limit : (limit ?? DEFAULT_PAGE_ROWS);
  if (pageRows !== null && !Number.isSafeInteger(page * pageRows)) {
    throw new AppError('usage', `--page ${page} with ${pageRows} rows per page is beyond any history`);
  }
  const fields = readFields(options);
  return {
    selection: {
      webhookUuid,
      ...readDateRange(options.from, options.to),
      asOf: options.asOf === undefined ? null : readCount('--as-of', options.asOf, 0),
      event: options.event ?? null,
      ...(options.direction === undefined ? {} : { direction: options.direction }),
      failedOnly: options.failed ?? false,
      includeTests: options.includeTests ?? false,
      order: readOrder(options.order ?? 'desc'),
      limit: pageRows,
      page,
    },
    fields,
    withBodies: BODY_FIELDS.some((field) => fields.includes(field)),
  };
}

function readCount(flag: string, given: string, least: number): number {
  const count = /^\d+$/.test(given.trim()) ? Number(given) : -1;
  if (count >= least && Number.isSafeInteger(count)) return count;
  throw new AppError('usage', `${flag} ${given} is not a whole number of at least ${least}`);
}

function readOrder(given: string): Selection['order'] {
  if (given === 'desc' || given === 'asc') return given;
  throw new AppError('usage', `--order ${given}: it is desc (newest first) or asc`, {
    unknown: { given, among: ['desc', 'asc'] },
  });
}

function readFields({ fields: given, includeTests, includeBodies }: ExportOptions): readonly ExportField[] {
  const usual = includeTests ? [...EXPORT_FIELDS, PURPOSE_FIELD] : [...EXPORT_FIELDS];
  const names = given === undefined ? usual : given.split(',').map((name) => name.trim());
  const fields = names.map((name) => {
    const field = ALL_FIELDS.find((known) => known === name);
    if (field !== undefined) return field;
    throw new AppError('usage', name === '' ? '--fields has an empty name' : `unknown field ${name}`, {
      hint: `fields: ${ALL_FIELDS.join(', ')}`,
      unknown: { given: name, among: ALL_FIELDS },
    });
  });
  const twice = fields.find((field, index) => fields.indexOf(field) !== index);
  if (twice !== undefined) throw new AppError('usage', `--fields lists ${twice} twice`);
  return includeBodies ? [...fields, ...BODY_FIELDS.filter((field) => !fields.includes(field))] : fields;
}
