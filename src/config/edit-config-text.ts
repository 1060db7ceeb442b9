import type { Webhook } from '../model/webhook.ts';
import { locateJson, nodeAt, splice, type JsonNode } from '../model/locate-json.ts';

/** Where a project that installed hookproof has the schema: beside the programs, so that an editor needs no network. */
const SCHEMA_PATH = './node_modules/hookproof/dist/webhook.config.schema.json';

/** The text of a configuration file without webhooks. */
export function newConfigText(): string {
  return `${JSON.stringify({ $schema: SCHEMA_PATH, webhooks: [] }, null, 2)}\n`;
}

/** `text` with `webhook` as the last of its list, written in the style of the file; all else stays as it is. */
export function insertWebhook(text: string, webhook: Webhook): string {
  const { list, elements } = webhookList(text);
  const last = elements.at(-1);
  const style = styleOf(text);
  if (style === null) {
    const item = JSON.stringify(webhook);
    return last === undefined
      ? splice(text, list.start, list.end, `[${item}]`)
      : splice(text, last.end, last.end, `,${item}`);
  }
  const listIndent = indentAt(text, list.start);
  const itemIndent = last === undefined ? listIndent + style.indent : indentAt(text, last.start);
  const item = JSON.stringify(webhook, null, style.indent).replaceAll('\n', `${style.newline}${itemIndent}`);
  const line = `${style.newline}${itemIndent}${item}`;
  if (last === undefined) return splice(text, list.start, list.end, `[${line}${style.newline}${listIndent}]`);
  return splice(text, last.end, last.end, `,${line}`);
}

/** `text` without the webhook at `index`; all else stays as it is. */
export function deleteWebhook(text: string, index: number): string {
  const { list, elements } = webhookList(text);
  const [before, own, after] = [elements[index - 1], elements[index], elements[index + 1]];
  if (own === undefined) return text;
  if (before !== undefined) return splice(text, before.end, own.end, '');
  return after === undefined ? splice(text, list.start, list.end, '[]') : splice(text, own.start, after.start, '');
}

function webhookList(text: string): { list: JsonNode; elements: readonly JsonNode[] } {
  const list = nodeAt(locateJson(text), ['webhooks']);
  return { list, elements: list.elements ?? [] };
}

/** How the file breaks and indents its lines; null when it is one line. */
function styleOf(text: string): { newline: string; indent: string } | null {
  const first = /(\r?\n)([ \t]+)\S/.exec(text);
  if (first !== null) return { newline: first[1] as string, indent: first[2] as string };
  return text.trim().includes('\n') ? { newline: '\n', indent: '  ' } : null;
}

/** The white space that begins the line of `offset`. */
function indentAt(text: string, offset: number): string {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(lineStart, offset))?.[0] ?? '';
}
