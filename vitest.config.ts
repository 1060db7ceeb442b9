import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { isFurtherNode, SAME_ON_EVERY_NODE } from './test/runner/further-node.ts';
import { SlowKindsFirst } from './test/runner/order.ts';

/** `npm run soak` sets it. */
const isSoak = process.env['SOAK_SEED'] !== undefined;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Packs 0.1.0 from its commit, which a shallow clone lacks; its short form reads a fixture that 0.1.0 wrote.
    exclude: [
      ...configDefaults.exclude,
      ...(isSoak ? [] : ['test/soak/upgrade.test.ts']),
      ...(isFurtherNode ? SAME_ON_EVERY_NODE : []),
    ],
    // Ends what hangs, and measures nothing: tests spawn real programs and servers, and ten times as slow a machine is
    // no failure.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Not threads: the system copies the page tables of the process that starts a program; from one of 1 GiB a start
    // takes 8 ms more.
    pool: 'forks',
    // KiB, as threads have: what the case of deep nesting does to a wrong receiver is told of that much.
    execArgv: ['--stack-size=3900'],
    // Files share their worker, and with it the modules they load: a worker for each file cost 0.14 s of CPU, a sixth
    // of the tests of certificates. So a test leaves nothing behind in a module or in process.env.
    isolate: false,
    // A fifth of the time of two workers on two cores was spent waiting for programs and servers.
    maxWorkers: availableParallelism() + 1,
    globalSetup: './test/runner/environment.ts',
    setupFiles: './test/runner/seed.ts',
    expect: { poll: { timeout: 60_000 } },
    sequence: { sequencer: SlowKindsFirst },
    reporters: ['default', './test/runner/slowest-files.ts'],
  },
});
