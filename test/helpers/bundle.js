import { rolldown } from 'rolldown';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Turns one TypeScript module of `src/` into plain JavaScript at `file`, for child processes of tests:
 * Node 20 cannot strip types. Packages are loaded from this checkout, wherever `file` is.
 * @param {string} module path below the checkout, such as `src/history/writer.ts`
 * @param {string} file ends in `.mjs`
 */
export async function bundleModule(module, file) {
  const bundle = await rolldown({ input: module, cwd: ROOT, platform: 'node', external: ['libsql'] });
  await bundle.write({ file, format: 'esm', paths: { libsql: import.meta.resolve('libsql') } });
  await bundle.close();
}
