/** All uuids between these two, both included. */
export type UuidRange = readonly [first: string, last: string];

const SHAPE = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

/** The uuids that begin so; null where none can. */
export function uuidsFrom(beginning: string): UuidRange | null {
  if (beginning.length > SHAPE.length) return null;
  const fits = [...beginning].every((letter, index) =>
    SHAPE[index] === '-' ? letter === '-' : /[0-9a-f]/.test(letter),
  );
  if (!fits) return null;
  const rest = SHAPE.slice(beginning.length);
  return [beginning + rest.replaceAll('x', '0'), beginning + rest.replaceAll('x', 'f')];
}
