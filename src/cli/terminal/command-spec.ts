/** What makes a command one of ours, beside what commander knows of it. */
export interface CommandSpec {
  summary: string;
  /** What to type, and what it does: shown first in the help. */
  examples: readonly (readonly [line: string, effect: string])[];
  /** Of a command without arguments: the flags that say what people type as one. */
  insteadOfArguments?: string;
  /** Of such a command: the flag that such a word belongs to. Without it there is none to name. */
  flagFor?: (word: string) => string | null;
}
