import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Editors read the schemas of files by the path in their `$schema`: they are published beside the programs. */
const SCHEMAS = ['webhook.config.schema.json', 'vendor.schema.json'];
const withSchemas = {
  name: 'with-schemas',
  generateBundle() {
    for (const fileName of SCHEMAS)
      this.emitFile({ type: 'asset', fileName, source: readFileSync(`src/config/${fileName}`) });
  },
};

/** commander can start commands that are programs of their own; ours are not, and node:child_process takes 2 ms to load. */
const withoutChildProcess = {
  name: 'without-child-process',
  resolveId: {
    filter: { id: /^node:child_process$/ },
    handler: (_, importer) => (importer?.includes('/commander/') ? '\0no-child-process' : null),
  },
  load: (id) => (id === '\0no-child-process' ? 'module.exports = {};' : null),
};

/** pg-boss can run jobs by a calendar, for which it brings one of half a megabyte; ours come by their own times. */
const withoutCalendar = {
  name: 'without-calendar',
  resolveId: {
    filter: { id: /^cron-parser$/ },
    handler: (_, importer) => (importer?.includes('/pg-boss/') ? '\0no-calendar' : null),
  },
  load: (id) => (id === '\0no-calendar' ? 'module.exports = {};' : null),
};

/** rolldown has each program load what CommonJS packages need, used or not: a file takes 0.3 ms to load. */
const withoutIdleRuntime = {
  name: 'without-idle-runtime',
  renderChunk: (code, { isEntry }) =>
    isEntry && code.split('require_rolldown_runtime').length === 2
      ? code.replace(/^const require_rolldown_runtime = require\(.*\);$/m, '')
      : null,
};

/**
 * rolldown hands on whatever another file needs through a getter, for the sake of variables that change later. What
 * never changes is handed on as it is: a tenth of what a file has to be read for, and one call less each time it is used.
 */
const withPlainExports = {
  name: 'with-plain-exports',
  renderChunk(code) {
    const changed = assignedIn(parseAst(code));
    return code.replace(EXPORT_GETTER, (getter, name, local) =>
      changed.has(local) ? getter : `exports[${name}] = ${local};`,
    );
  },
};
const EXPORT_GETTER =
  /Object\.defineProperty\(exports, ("[\w$]+"), \{\s+enumerable: true,\s+get: function \(\) \{\s+return ([\w$]+);\s+\}\s+\}\);/g;

/** The names of variables that are assigned after they were declared; some more do no harm. */
function assignedIn(node, names = new Set()) {
  if (Array.isArray(node)) for (const one of node) assignedIn(one, names);
  else if (node !== null && typeof node === 'object') {
    if (node.type === 'AssignmentExpression') namesIn(node.left, names);
    if (node.type === 'UpdateExpression') namesIn(node.argument, names);
    if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') namesIn(node.left, names);
    for (const child of Object.values(node)) assignedIn(child, names);
  }
  return names;
}

function namesIn(node, names) {
  if (node === null || typeof node !== 'object') return;
  if (node.type === 'Identifier') names.add(node.name);
  for (const child of Object.values(node)) namesIn(child, names);
}

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

const START = [
  'cli/run',
  'cli/terminal/(exit|error|output|overview|stdio|text|program-name|help-layout)',
  'model/(error|json|file-error|shell-word)',
];
const COMMAND = [
  'cli/run-alone',
  'cli/terminal/(command|command-help|command-spec|describe-flag|color|env-file|flag-values|flags)',
];
/** What `mp-export --help` tells of. */
const EXPORT = ['cli/history/(export|file-ending)', 'export/(export-plan|formats)', 'model/(attempt|export-field)'];
/**
 * What one recorded send enters, by layer, so that other commands load the layers that they need: before, a send loaded
 * 70 files where it loads 13 now, and took a tenth more CPU time (103 ms, now 91).
 */
const SEND_LAYERS = {
  // All that a completed word needs.
  places: ['cli/terminal/home-folder', 'config/load-config', 'vendors/registry'],
  model: ['model/[a-z0-9-]+', 'cli/terminal/mask-flag'],
  environment: [
    'cli/terminal/(environment|progress|read-input)',
    'cli/send/(mail-flags|render-sent)',
    'config/(secrets|select-webhook)',
  ],
  facts: ['vendors/(body-facts|drift|event-key|facts|find-event|handshake|read-body|signed-places|signing-facts)'],
  sign: ['sign/(attachment-url|missing-secret|signature)'],
  send: ['cli/send/(send|sent-reporter)', 'deliver/(deliver|transport)'],
  // Apart from what loads libsql, which a help does not need.
  values: ['history/(record-batch|stored-values)'],
  record: ['history/(insert-batch|open-database|writer)'],
};

/** Files of src, by their names; what they import goes with them, unless an earlier chunk has it. */
const chunkOf = (name, files) => ({ name, test: new RegExp(`/src/(${files.join('|')})\\.ts$`) });

export default defineConfig({
  input: {
    webhook: 'src/cli/webhook.ts',
    'mp-export': 'src/cli/mp-export.ts',
    'verify-cert': 'src/cli/verify-cert.ts',
  },
  platform: 'node',
  // libsql carries a compiled library: it stays a dependency, everything else is in the bundle. pg loads pg-native only
  // for who asks for it, and nobody does.
  external: ['libsql', 'pg-native'],
  // The transport is imported on demand by a file that some commands load without sending, and stands in the layer `send`.
  // How long a plugin took is said on a busy machine alone, and npm prints it to whoever packs or installs.
  checks: { ineffectiveDynamicImport: false, bundlerTimings: false },
  plugins: [withoutChildProcess, withoutCalendar, withoutIdleRuntime, withPlainExports, withSchemas, withNotices],
  output: {
    dir: 'dist',
    cleanDir: true,
    // The source is ESM. The bundle is CommonJS because Node 20 takes 0.7 ms to load an ES module and a quarter
    // of that for a CommonJS one; `webhook --help` went from 1.21 to 1.08 times `node -e 0`, a send from 2.6 to 2.4.
    format: 'cjs',
    dynamicImportInCjs: false,
    entryFileNames: '[name].cjs',
    chunkFileNames: 'chunks/[name]-[hash].cjs',
    // A file takes 0.3 ms to load, however small: what every program starts with is one, what every command is another.
    codeSplitting: {
      groups: Object.entries({ start: START, command: COMMAND, export: EXPORT, ...SEND_LAYERS }).map(([name, files]) =>
        chunkOf(name, files),
      ),
    },
    // Small to parse, but names are kept: a stack trace must stay readable.
    minify: { compress: true, mangle: false, codegen: true },
    comments: { legal: true },
  },
});
