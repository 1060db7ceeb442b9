import { statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { JsonObject, JsonSchema, JsonValue } from '../model/json.ts';
import type { Vendor } from '../model/vendor.ts';
import { isVendorFile, type VendorRegistry } from '../model/vendor-registry.ts';
import { findUnsendable } from './check-vendor.ts';
import { findContentProblems, findForbidden } from './check-vendor-content.ts';
import { unknownName, type Problem } from './check-structure.ts';
import { makeVendor, type VendorParts } from './make-vendor.ts';
import { findMismatches } from './match-schema.ts';
import { placedError, readCheckedJson, type HandWrittenJson } from './read-checked-json.ts';
import { readTextFile } from './read-text-file.ts';
import schemaFile from './vendor.schema.json' with { type: 'json' };

/** The published JSON Schema of vendor files (draft 2020-12). */
export const VENDOR_SCHEMA: JsonSchema = schemaFile as unknown as JsonSchema;

/** Where a project that installed hookproof has the schema: beside the programs, so that an editor needs no network. */
export const VENDOR_SCHEMA_PATH = './node_modules/hookproof/dist/vendor.schema.json';

export interface VendorFileOptions {
  /** `config`: it configures a run; `input`: it is what a run is about. */
  kind: 'config' | 'input';
  /** Whom a file may extend by id. */
  builtIn: VendorRegistry;
}

/** A vendor, and what its own file says. */
export interface ReadVendor {
  vendor: Vendor;
  content: JsonObject;
}

const HINTS = {
  syntax: 'webhook vendor show mailkite prints a vendor as a file',
  content: 'webhook vendor schema prints the schema; webhook vendor show mailkite prints a vendor as a file',
};

/** So many files may extend one another. */
const MAX_DEPTH = 8;

/**
 * Reads the vendor of a file, and of the files that it extends. Nothing is run, and nothing is fetched.
 * @param file as errors name it, relative to the working directory
 * @param path absolute
 * @throws AppError of the kind of `options`, with file, line and column, path inside, and what was expected.
 */
export function readVendorFile(file: string, path: string, options: VendorFileOptions): Promise<ReadVendor> {
  return readChain({ file, path }, options, []);
}

interface VendorPath {
  file: string;
  path: string;
}

async function readChain(
  { file, path }: VendorPath,
  options: VendorFileOptions,
  above: readonly string[],
): Promise<ReadVendor> {
  const { kind } = options;
  const missingHint = 'webhook vendor show mailkite > FILE creates one to start from';
  const { text } = readTextFile({ path, name: file, what: 'vendor file', kind, missingHint });
  const json: HandWrittenJson = { file, text, kind, hints: HINTS };
  const content = readCheckedJson(json, findProblems) as JsonObject;
  const base = await readBase(content, { file, path }, options, [...above, path]).catch((error: unknown) => {
    throw error instanceof ExtendsProblem ? placedError(json, [error.problem]) : error;
  });
  const day = statSync(path).mtime.toISOString().slice(0, 10);
  return { vendor: makeSendable(json, { content, base, day }), content };
}

/** The vendor of a text that extends no other, and is no file yet. Throws AppError `input`. */
export function readVendorText(file: string, text: string, day: string): Vendor {
  const json: HandWrittenJson = { file, text, kind: 'input', hints: HINTS };
  const content = readCheckedJson(json, findProblems) as JsonObject;
  return makeSendable(json, { content, base: null, day });
}

function makeSendable(json: HandWrittenJson, parts: Pick<VendorParts, 'content' | 'base' | 'day'>): Vendor {
  const vendor = makeVendor({ ...parts, schema: VENDOR_SCHEMA, file: json.file });
  const problems = findUnsendable(vendor);
  if (problems.length > 0) throw placedError(json, problems);
  return vendor;
}

/** What one file says wrong, the first kind of fault first: of what follows from it nothing is told. */
function findProblems(value: JsonValue): Problem[] {
  const forbidden = findForbidden(value);
  if (forbidden.length > 0) return forbidden;
  const mismatches = findMismatches(VENDOR_SCHEMA, value);
  if (mismatches.length > 0) return mismatches;
  return findContentProblems(value as JsonObject);
}

/** It is told at the place of `extends`. */
class ExtendsProblem extends Error {
  override readonly name = 'ExtendsProblem';
  readonly problem: Problem;

  constructor(problem: Omit<Problem, 'path'>) {
    super(problem.message);
    this.problem = { ...problem, path: ['extends'] };
  }
}

async function readBase(
  content: JsonObject,
  { file, path }: VendorPath,
  options: VendorFileOptions,
  chain: readonly string[],
): Promise<Vendor | null> {
  const named = content['extends'] as string | undefined;
  if (named === undefined) {
    if (content['events'] !== undefined) return null;
    throw new ExtendsProblem({ message: '"events" is missing: expected a list of events, or "extends"' });
  }
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(named))
    throw new ExtendsProblem({ message: 'expected the id of a vendor or the path of a file: URLs are not fetched' });
  if (!isVendorFile(named)) return loadBase(named, options.builtIn);
  const next = resolve(dirname(path), named);
  if (chain.includes(next)) throw new ExtendsProblem({ message: `it extends itself, through ${named}` });
  if (chain.length >= MAX_DEPTH)
    throw new ExtendsProblem({ message: `more than ${MAX_DEPTH} files extend each other` });
  const nextFile = isAbsolute(named) ? named : join(dirname(file), named);
  return (await readChain({ file: nextFile, path: next }, options, chain)).vendor;
}

async function loadBase(id: string, builtIn: VendorRegistry): Promise<Vendor> {
  const ids = builtIn.entries.map((entry) => entry.id);
  if (ids.includes(id)) return builtIn.load(id);
  const { message, unknown } = unknownName(['extends'], 'vendor', id, ids);
  throw new ExtendsProblem({ message: `${message}, or the path of a file such as ./base.vendor.json`, unknown });
}
