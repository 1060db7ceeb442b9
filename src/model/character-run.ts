// A text from elsewhere may have millions of the same character in a row. A regular expression for such a run keeps a
// place to return to for each of them. V8 has 64 MiB for these places, which is a few million where it compiles with
// less care, as it does in a process that has used many expressions; what needs more throws a RangeError. And a search
// for a run that ends somewhere starts again at each of its characters. So such a run is gone over by hand.

/** Where the run of these characters ends that begins at `start`. */
export function endOfRun(text: string, characters: string, start = 0): number {
  let end = start;
  while (end < text.length && characters.includes(text.charAt(end))) end += 1;
  return end;
}

/** Where the run of these characters begins that ends before `end`. */
export function startOfRun(text: string, characters: string, end = text.length): number {
  let start = end;
  while (start > 0 && characters.includes(text.charAt(start - 1))) start -= 1;
  return start;
}

/** Does the same to each line; lines end with LF alone. */
export const eachLine = (text: string, change: (line: string) => string): string =>
  text
    .split('\n')
    .map((line) => change(line))
    .join('\n');
