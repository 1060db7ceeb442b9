import { AppError } from '../model/error.ts';
import type { JsonValue } from '../model/json.ts';
import type { Webhook } from '../model/webhook.ts';
import { findProblems, makeProblemsError, type Known } from './check-config.ts';
import { JsonTextError, locateJson, nodeAt, placeOf, type JsonNode } from './locate-json.ts';
import type { Problem } from './problem.ts';

/** The content of a configuration file, as it is written there. */
export interface ConfigContent {
  $schema?: string;
  history?: string;
  webhooks: Webhook[];
}

/**
 * Reads the text of a configuration file (without byte-order mark) and checks it.
 * @param path of the file, for messages
 * @throws AppError `config` with file, line and column, path inside, and what was expected.
 */
export function parseConfig(text: string, path: string, known: Known): ConfigContent {
  const root = locate(text, path);
  const value = JSON.parse(text) as JsonValue;
  const problems = [...findRepeatedKeys(root, []), ...findProblems(value, known)]
    .map((problem) => ({ ...problem, start: nodeAt(root, problem.path).start }))
    .toSorted((a, b) => a.start - b.start);
  if (problems.length > 0) throw makeProblemsError('config', path, problems, ({ start }) => placeOf(text, start));
  return value as unknown as ConfigContent;
}

function locate(text: string, path: string): JsonNode {
  try {
    return locateJson(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new AppError('config', `${path}:${placeOf(text, error.offset)}: not valid JSON: ${error.message}`, {
      hint: 'webhook config schema prints what is allowed',
    });
  }
}

/** JSON readers keep the last of them in silence, so one of the two is not what its author thinks. */
export function findRepeatedKeys(node: JsonNode, path: Problem['path']): Problem[] {
  const members = node.members ?? [];
  const seen = new Set<string>();
  const repeated = members.filter(({ key }) => seen.size === seen.add(key).size);
  return [
    ...repeated.map(({ key }) => ({ path: [...path, key], message: 'this key is written twice in the same object' })),
    ...members.flatMap(({ key, value }) => findRepeatedKeys(value, [...path, key])),
    ...(node.elements ?? []).flatMap((element, index) => findRepeatedKeys(element, [...path, index])),
  ];
}
