import { AppError } from '../model/error.ts';
import type { JsonValue, JsonSchema } from '../model/json.ts';
import { VENDOR_FILE, type VendorEntry } from '../model/vendor-registry.ts';
import type { ConfiguredVendor, Webhook } from '../model/webhook.ts';
import { builtInVendors } from '../vendors/registry.ts';
import { findStructureProblems, pathText, unknownName, type Problem, CONFIG_SCHEMA } from './check-structure.ts';

/** A vendor that a configuration may name. */
export interface KnownVendor extends Pick<VendorEntry, 'id' | 'events' | 'selectable'> {
  /** Paths of its file, as the configuration writes them. */
  references?: readonly string[];
}

/** What a configuration may name. */
export interface Known {
  vendors: readonly KnownVendor[];
}

/** The vendors that there are: those of files, and the built-in ones. */
export function knownVendors(configured: readonly Pick<ConfiguredVendor, 'entry' | 'references'>[] = []): Known {
  const ofFiles = configured.map(({ entry, references }) => ({ ...entry, references }));
  const others = builtInVendors.entries.filter(({ id }) => !ofFiles.some((one) => one.id === id));
  return { vendors: [...ofFiles, ...others] };
}

const SHOWN_AT_MOST = 5;

/** Everything wrong in a parsed configuration: its structure, then the names in what is well formed. */
export function findProblems(value: JsonValue, known: Known): Problem[] {
  const structure = findStructureProblems(value);
  if (structure.some(({ path }) => path.length < 2)) return structure;
  const broken = new Set(structure.map(({ path }) => path[1]));
  const webhooks = (value as unknown as { webhooks: Webhook[] }).webhooks;
  const names = webhooks.flatMap((webhook, index) =>
    broken.has(index) ? [] : findNameProblems(webhook, ['webhooks', index], known),
  );
  const sound = webhooks.map((webhook, index) => (broken.has(index) ? null : webhook));
  return [...structure, ...names, ...findRepeated(sound)];
}

function findNameProblems(webhook: Webhook, path: Problem['path'], { vendors }: Known): Problem[] {
  const problems: Problem[] = [];
  if (!URL.canParse(webhook.url)) {
    problems.push({
      path: [...path, 'url'],
      message: 'expected a URL with a valid host and a port up to 65535, found other text',
    });
  }
  const vendor = vendors.find(
    ({ id, references = [] }) => id === webhook.vendor || references.includes(webhook.vendor),
  );
  if (vendor === undefined) {
    return [
      ...problems,
      unknownName(
        [...path, 'vendor'],
        'vendor',
        webhook.vendor,
        vendors.map(({ id }) => id),
      ),
    ];
  }
  const unknownIn = (key: 'events' | 'dataSelection', what: string, among: readonly string[]): Problem[] =>
    (webhook[key] ?? []).flatMap((name, index) =>
      among.includes(name) ? [] : [unknownName([...path, key, index], what, name, among)],
    );
  return [
    ...problems,
    ...unknownIn('events', `event of ${vendor.id}`, vendor.events),
    ...unknownIn('dataSelection', `payload element of ${vendor.id}`, vendor.selectable),
  ];
}

/** Names and uuids share one space: `--to` takes either. */
function findRepeated(webhooks: readonly (Webhook | null)[]): Problem[] {
  const seenAt = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [index, webhook] of webhooks.entries()) {
    if (webhook === null) continue;
    for (const key of ['uuid', 'name'] as const) {
      const path = ['webhooks', index, key];
      const id = webhook[key];
      const first = seenAt.get(id.toLowerCase());
      if (first === undefined) seenAt.set(id.toLowerCase(), pathText(path));
      else problems.push({ path, message: `${JSON.stringify(id)} is already used by ${first}` });
    }
  }
  return problems;
}

export const CONFIG_HINT = 'webhook config schema prints the schema; webhook events lists vendors and events';

/**
 * One error that names the first few problems.
 * @param subject what is wrong: a file, or a webhook
 * @param options.placeOf `line:column` of a problem, where there is a text
 */
export function makeProblemsError<Kind extends Problem>(
  kind: 'config' | 'input' | 'usage',
  subject: string,
  problems: readonly Kind[],
  { hint, placeOf }: { hint: string; placeOf?: (problem: Kind) => string },
): AppError {
  const lines = problems.slice(0, SHOWN_AT_MOST).map((problem) => {
    const parts = [placeOf?.(problem), pathText(problem.path), problem.message];
    return parts.filter(Boolean).join(': ');
  });
  const more = problems.length - lines.length;
  const many = [
    `${subject} has ${problems.length} problems:`,
    ...lines,
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n  ');
  const unknown = problems.flatMap((problem) => problem.unknown ?? []);
  return new AppError(
    kind,
    problems.length === 1 ? `${subject}:${placeOf === undefined ? ' ' : ''}${lines[0]}` : many,
    {
      hint,
      // The nearest name is only a help when it is clear which of several names it is for.
      unknown: unknown.length === 1 ? unknown[0] : undefined,
    },
  );
}

/**
 * Checks one webhook that is about to be added.
 * @throws AppError `usage`.
 */
export function checkWebhook(webhook: Webhook, known: Known): void {
  // As the file will have it: without what is undefined.
  const written = JSON.parse(JSON.stringify(webhook)) as JsonValue;
  const problems = findProblems({ webhooks: [written] }, known);
  if (problems.length === 0) return;
  const own = problems.map(({ path, ...rest }) => Object.assign(rest, { path: path.slice(2) }));
  throw makeProblemsError('usage', `the webhook ${JSON.stringify(webhook.name)}`, own, { hint: CONFIG_HINT });
}

/**
 * The published schema with the names of vendors, events and payload elements filled in, so that an editor completes
 * them. A vendor may also be a file, whose events the schema cannot know.
 */
export function makeNamedSchema({ vendors }: Known): JsonSchema {
  const schema = structuredClone(CONFIG_SCHEMA);
  const webhook = objectAt(schema, '$defs', 'webhook', 'properties');
  objectAt(webhook, 'vendor')['anyOf'] = [{ enum: vendors.map(({ id }) => id) }, { pattern: VENDOR_FILE.source }];
  objectAt(webhook, 'events', 'items')['anyOf'] = [
    { enum: [...new Set(vendors.flatMap(({ events }) => events))] },
    { type: 'string' },
  ];
  objectAt(webhook, 'dataSelection', 'items')['enum'] = [...new Set(vendors.flatMap(({ selectable }) => selectable))];
  return schema;
}

function objectAt(schema: JsonSchema, ...path: string[]): JsonSchema {
  return path.reduce((node, step) => node[step] as JsonSchema, schema);
}
