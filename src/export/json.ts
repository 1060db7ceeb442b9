import type { Format } from './format.ts';
import { writeObject, writeObjectSql } from './ndjson.ts';

/** One array of objects, an object a line. */
export const JSON_ARRAY: Format = {
  opening: () => '[\n',
  sqlLine: writeObjectSql,
  line: writeObject,
  separator: ',\n',
  closing: '\n]\n',
  empty: () => '[]\n',
};
