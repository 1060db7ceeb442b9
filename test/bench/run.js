/**
 * `npm run bench`: every budget that is measured, side by side with its rival in one run. Ends with 1 when a
 * budget is missed; a goal that was never reached yet is told and does not count. Names as arguments choose rows: `npm
 * run bench -- start-up`. `--json FILE` keeps the result with what the machine is; `--docs FILE` measures nothing, and
 * writes the table of such a file to docs/performance.md.
 * `npm run bench -- size --attempts 10000000` is apart, for it takes many minutes and has no budget: what each command
 * takes of a history of that size, as a table.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { benchAllowlist } from './allowlist-bench.js';
import { benchDeepPage } from './deep-page-bench.js';
import { benchExport } from './export-bench.js';
import { benchLongList } from './long-list-bench.js';
import { benchListen } from './listen-bench.js';
import { benchLoad } from './load-bench.js';
import { benchOpenLoop } from './open-loop-bench.js';
import { benchReport } from './report-bench.js';
import { describeMachine, lineOf, quoteRun, toResult } from './results.js';
import { measureSize, sizeTable } from './size-bench.js';
import { benchStartUp } from './start-up.js';
import { benchSuite } from './suite-bench.js';
import { benchVerifyCert } from './verify-cert-bench.js';

const PARTS = {
  'start-up': benchStartUp,
  'verify-cert': benchVerifyCert,
  test: benchSuite,
  listen: benchListen,
  load: benchLoad,
  'open-loop': benchOpenLoop,
  export: benchExport,
  'deep-page': benchDeepPage,
  allowlist: benchAllowlist,
  'long-list': benchLongList,
  report: benchReport,
};

const { values: flags, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, docs: { type: 'string' }, attempts: { type: 'string' } },
});
const isOfSize = chosen.length === 1 && chosen[0] === 'size';
const unknown = isOfSize ? [] : chosen.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}, and size alone`);
  process.exit(2);
}

if (flags.docs === undefined && !existsSync(resolve(import.meta.dirname, '../../dist'))) {
  console.error('there is nothing to measure: build the programs first, with npm run build');
  process.exit(2);
}

if (isOfSize) console.log(sizeTable(await measureSize(readAttempts(flags.attempts ?? '1000000'))));
else if (flags.docs === undefined) await measure();
else {
  const page = resolve(import.meta.dirname, '../../docs/performance.md');
  writeFileSync(page, quoteRun(readFileSync(page, 'utf8'), JSON.parse(readFileSync(flags.docs, 'utf8'))));
}

async function measure() {
  const machine = describeMachine(process.env);
  const results = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    for (const row of await part()) {
      const result = toResult(name, row);
      results.push(result);
      console.log(lineOf(result));
    }
  }
  if (flags.json !== undefined)
    writeFileSync(flags.json, `${JSON.stringify({ kind: 'bench', machine, results }, null, 2)}\n`);
  process.exitCode = results.some(({ isMissed }) => isMissed) ? 1 : 0;
}

function readAttempts(text) {
  if (/^[1-9]\d{3,8}$/.test(text)) return Number(text);
  console.error(`--attempts ${text} is not a number from 1000 to 999999999`);
  return process.exit(2);
}
