import { AppError } from '../model/error.ts';
import { listRepeatedKeys, type JsonValue } from '../model/json.ts';
import { makeProblemsError } from './check-config.ts';
import type { Problem } from './check-structure.ts';
import { JsonTextError, locateJson, nodeAt, placeOf, type JsonNode } from '../model/locate-json.ts';

/** A JSON file that is written by hand, and how its faults are reported. */
export interface HandWrittenJson {
  file: string;
  text: string;
  kind: 'config' | 'input';
  /** For a text that is no JSON, and for one with something else than expected. */
  hints: { syntax: string; content: string };
}

/**
 * Reads JSON for which a fault is to be found by line and column: its syntax, keys that stand twice, and what
 * `findProblems` says of the value.
 * @throws AppError of that kind, with file, line and column, path inside, and what was expected.
 */
export function readCheckedJson(json: HandWrittenJson, findProblems: (value: JsonValue) => Problem[]): JsonValue {
  const root = locate(json);
  const value = JSON.parse(json.text) as JsonValue;
  const repeated = listRepeatedKeys(json.text).map((path) => ({
    path,
    message: 'this key is written twice in the same object',
  }));
  const problems = [...repeated, ...findProblems(value)];
  if (problems.length > 0) throw placedError(json, problems, root);
  return value;
}

/** One error that tells each problem with its line and column. */
export function placedError(json: HandWrittenJson, problems: readonly Problem[], root = locate(json)): AppError {
  const { file, text, kind, hints } = json;
  const placed = problems
    .map((problem) => ({ ...problem, start: nodeAt(root, problem.path).start }))
    .toSorted((a, b) => a.start - b.start);
  return makeProblemsError(kind, file, placed, { hint: hints.content, placeOf: ({ start }) => placeOf(text, start) });
}

function locate({ file, text, kind, hints }: HandWrittenJson): JsonNode {
  try {
    return locateJson(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new AppError(kind, `${file}:${placeOf(text, error.offset)}: not valid JSON: ${error.message}`, {
      hint: hints.syntax,
    });
  }
}
