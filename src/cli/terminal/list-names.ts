const MAX_NAMED = 3;

/** The first few of what may be a thousand files: `a.pem, b.pem, c.pem and 7 more`. */
export function listNames(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names.slice(0, MAX_NAMED).join(', ')}${more}`;
}
