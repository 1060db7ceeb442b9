/** Names, parted by white space. */
export function namesOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** The same as an expression; `*` is any end. */
export function patternOf(text: string): RegExp {
  return new RegExp(
    `^(?:${text
      .trim()
      .replaceAll('*', String.raw`\w*`)
      .split(/\s+/)
      .join('|')})$`,
  );
}
