import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Longer than all others: begun late, it alone would still run at the end. */
const LONGEST = 'test/docs/pages.';
/** What spawns programs and servers, and what is long. The rest is pure, and no file of it is long. */
const SLOW_KINDS = [
  LONGEST,
  'test/receivers/',
  'test/vendors/receiver-mistakes.',
  'test/code/',
  'test/ci/',
  'test/docs/',
  'test/soak/',
  'test/sdk/',
  'test/flows/',
  'test/cli/',
  'test/readme.',
  'test/package.',
  'test/certs/',
  'test/model/http-url.secrets.',
];

const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW_KINDS.some((kind) => moduleId.includes(`/${kind}`));
const rankOf = (file: TestSpecification): number => (file.moduleId.includes(`/${LONGEST}`) ? 0 : isSlow(file) ? 1 : 2);

/**
 * Starts the long files first, so that the run does not end with one worker waiting for another. Within a kind,
 * vitest's own order stands: the last run's times where it knows them, else the sizes of the files.
 */
export class SlowKindsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line no-array-sort -- it is vitest's method, not an array's
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}
