/**
 * JSON on one line, for stdout: a `##[` within it, which the log of a GitHub job would take for the beginning of a
 * command, is written in escapes. Who parses it gets the same.
 */
export function writeJsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('##[', String.raw`\u0023\u0023[`);
}
