import { layOutTerms, wrapWords } from './help-layout.ts';
import type { TopicEntry } from './topic.ts';

/** `webhook help NAME` */
export async function renderTopic({ name, summary, load }: TopicEntry, width: number): Promise<string> {
  const parts = (await load()).map((part) => {
    if (typeof part === 'string') return wrapWords(part, width);
    return [...(part.title === undefined ? [] : wrapWords(part.title, width)), ...layOutTerms(part.terms, width)];
  });
  return [wrapWords(`${name}: ${summary}`, width), ...parts].map((lines) => lines.join('\n')).join('\n\n');
}
