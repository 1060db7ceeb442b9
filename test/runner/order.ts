import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What spawns programs and servers. The rest is pure, and no file of it is long. */
const SLOW_KINDS = [
  'test/receivers/',
  'test/sdk/',
  'test/flows/',
  'test/cli/',
  'test/readme.',
  'test/package.',
  'test/certs/',
  'test/model/http-url.secrets.',
];

const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW_KINDS.some((kind) => moduleId.includes(`/${kind}`));

/**
 * Starts the long files first, so that the run does not end with one worker waiting for another. Within a kind,
 * vitest's own order stands: the last run's times where it knows them, else the sizes of the files.
 */
export class SlowKindsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line no-array-sort -- it is vitest's method, not an array's
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
