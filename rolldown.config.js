import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/**
 * undici's client asks for node:http2 when it loads and goes on without it when that fails. hookproof
 * speaks HTTP/1.1 alone, as the vendors do, so a start need not pay for HTTP/2 (4 ms on Node 20).
 */
const withoutHttp2 = {
  name: 'without-http2',
  resolveId: (id) => (id === 'node:http2' ? '\0no-http2' : null),
  load: (id) => (id === '\0no-http2' ? 'throw new Error("HTTP/2 is not part of this build");' : null),
};

/** undici asks for node:assert to check its own logic; loading it takes 1 ms, and what it says of a failure helps nobody here. */
const withSmallAssert = {
  name: 'with-small-assert',
  resolveId: (id, importer) => (id === 'node:assert' && importer?.includes('/undici/') ? '\0small-assert' : null),
  load: (id) =>
    id === '\0small-assert'
      ? 'module.exports = (value, message) => { if (!value) throw message instanceof Error ? message : new Error(message ?? "undici: assertion failed"); };'
      : null,
};

/** Editors read the configuration's schema by the path in its `$schema`: it is published beside the programs. */
const CONFIG_SCHEMA = 'webhook.config.schema.json';
const withConfigSchema = {
  name: 'with-config-schema',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: CONFIG_SCHEMA, source: readFileSync(`src/config/${CONFIG_SCHEMA}`) });
  },
};

/** commander can start commands that are programs of their own; ours are not, and node:child_process takes 2 ms to load. */
const withoutChildProcess = {
  name: 'without-child-process',
  resolveId: (id, importer) =>
    id === 'node:child_process' && importer?.includes('/commander/') ? '\0no-child-process' : null,
  load: (id) => (id === '\0no-child-process' ? 'module.exports = {};' : null),
};

/**
 * Parts of undici that the bare client never reaches, a third of what there would be to parse: its HTTP parser for
 * processors without SIMD (Node 20 runs on none), and fetch, which it asks for when a body is a form.
 */
const withoutFetch = {
  name: 'without-fetch',
  load: (id) =>
    /\/undici\/lib\/(llhttp\/llhttp-wasm|web\/fetch\/body)\.js$/.test(id)
      ? 'throw new Error("not part of this build");'
      : null,
};

/** The bundle carries other people's code: their licences go with it. */
const withNotices = {
  name: 'with-notices',
  generateBundle() {
    const folders = [...this.getModuleIds()].flatMap(
      (id) => /^(?!\0).*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? [],
    );
    const notices = [...new Set(folders)].map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
    });
    this.emitFile({
      type: 'asset',
      fileName: 'THIRD-PARTY-NOTICES.txt',
      source: notices.toSorted().join(`\n${'-'.repeat(72)}\n\n`),
    });
  },
};

export default defineConfig({
  input: {
    webhook: 'src/cli/webhook.ts',
    'mp-export': 'src/cli/mp-export.ts',
    'verify-cert': 'src/cli/verify-cert.ts',
  },
  platform: 'node',
  // libsql carries a compiled library: it stays a dependency, everything else is in the bundle.
  external: ['libsql'],
  plugins: [withoutHttp2, withoutChildProcess, withoutFetch, withSmallAssert, withConfigSchema, withNotices],
  output: {
    dir: 'dist',
    cleanDir: true,
    // The source is ESM. The bundle is CommonJS because Node 20 takes 0.7 ms to load an ES module and a quarter
    // of that for a CommonJS one; `webhook --help` went from 1.21 to 1.08 times `node -e 0`, a send from 2.6 to 2.4.
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
    // Small to parse, but names are kept: a stack trace must stay readable.
    minify: { compress: true, mangle: false, codegen: true },
    comments: { legal: true },
  },
});
