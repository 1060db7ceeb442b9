import { layOutTerms, type Term, wrapWords } from './help-layout.ts';

/** A part of a topic: a paragraph, terms with what they mean, or lines that stand as they are. */
export type TopicPart = string | { title?: string; terms: readonly Term[] };

/** As the list of all topics has it. */
export interface TopicEntry {
  name: string;
  /** What it tells, as its title and in the list of all. */
  summary: string;
  /** Loads its text, and with it the lists of what it tells of. */
  load: () => Promise<readonly TopicPart[]>;
}

/** `webhook help NAME` */
export async function renderTopic({ name, summary, load }: TopicEntry, width: number): Promise<string> {
  const parts = (await load()).map((part) => {
    if (typeof part === 'string') return wrapWords(part, width);
    return [...(part.title === undefined ? [] : wrapWords(part.title, width)), ...layOutTerms(part.terms, width)];
  });
  return [wrapWords(`${name}: ${summary}`, width), ...parts].map((lines) => lines.join('\n')).join('\n\n');
}
