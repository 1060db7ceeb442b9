/** `2 intermediates`, `1 day` */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const MAX_LISTED = 5;

/** The first few of what may be a thousand. */
export function listSome(texts: readonly string[]): string {
  const more = texts.length > MAX_LISTED ? [`and ${texts.length - MAX_LISTED} more`] : [];
  return [...texts.slice(0, MAX_LISTED), ...more].join('; ');
}
