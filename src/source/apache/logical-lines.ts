import type { ConfigFile } from '../rules/server-rules.ts';
import { configError } from './config-error.ts';

export interface LogicalLine {
  /** Of the first line of it, from 1. */
  line: number;
  /** Without surrounding space, never empty, never a comment. */
  text: string;
}

/** Apache allows 16 MiB; nobody writes that. */
const MAX_LENGTH = 256 * 1024;

/**
 * The lines of a file: a backslash at the end takes in the next line, also behind a comment, and a comment is one only
 * at the beginning of a line. Throws AppError `input` for a line that is too long.
 */
export function readLogicalLines({ file, text }: ConfigFile): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let parts: string[] = [];
  let length = 0;
  let first = 1;
  const end = (): void => {
    const whole = parts.join('').trim();
    if (whole !== '' && !whole.startsWith('#')) lines.push({ line: first, text: whole });
    parts = [];
    length = 0;
  };
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (parts.length === 0) first = index + 1;
    const physical = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const continues = physical.endsWith('\\');
    parts.push(continues ? physical.slice(0, -1) : physical);
    length += physical.length;
    if (length > MAX_LENGTH) throw configError({ file, line: first }, `a line of more than ${MAX_LENGTH} characters`);
    if (!continues) end();
  }
  end();
  return lines;
}
