/** As many digits of a uuid as a person compares. */
const LEAST = 8;

/** The shortest beginning of `uuid`, of eight digits at least, that no other of `known` has. */
export function shortestBeginning(uuid: string, known: readonly string[]): string {
  for (let length = LEAST; length < uuid.length; length++) {
    const beginning = uuid.slice(0, length);
    if (!known.some((other) => other !== uuid && other.startsWith(beginning))) return beginning;
  }
  return uuid;
}
