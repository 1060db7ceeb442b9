import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what is made once in a run of the tests. */
    runFolder: string;
    /** `NODE_EXTRA_CA_CERTS` as the run was given it, for a test that speaks to the npm registry. */
    extraCaCerts: string | undefined;
  }
}

/**
 * Gives the run a folder of its own and removes it at the end; takes from its programs the authorities that the machine
 * adds: they would widen what the programs trust, and Node 20 reads that file at every start (50 of 75 ms with Debian's
 * bundle, in some 800 starts).
 */
export default function setup(project: TestProject): () => void {
  project.provide('extraCaCerts', process.env['NODE_EXTRA_CA_CERTS']);
  delete process.env['NODE_EXTRA_CA_CERTS'];
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-run-'));
  project.provide('runFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
