/**
 * Set by `.ci/run` for Node 22 and 24, when the whole suite has run on Node 20: what depends on no version of Node need
 * not be asked three times.
 */
export const isFurtherNode = process.env['FURTHER_NODE'] !== undefined;

/**
 * Texts of the repository, and what is worked out from data alone: no program of ours, server or socket takes part.
 * The receivers that make mistakes are objects in memory here; against real servers they stand in `test/flows/test`.
 */
export const SAME_ON_EVERY_NODE = [
  'test/architecture.test.ts',
  'test/map.test.ts',
  'test/mutants/patches.test.ts',
  'test/vendors/receiver-mistakes*.test.ts',
];
