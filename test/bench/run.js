/**
 * `npm run bench`: every budget that is measured, side by side with its rival in one run. Ends with 1 when a
 * budget is missed; a goal that was never reached yet is told and does not count. Names as arguments choose rows: `npm
 * run bench -- start-up`.
 */
import { benchAllowlist } from './allowlist-bench.js';
import { benchExport } from './export-bench.js';
import { benchLongList } from './long-list-bench.js';
import { benchListen } from './listen-bench.js';
import { benchLoad } from './load-bench.js';
import { benchReport } from './report-bench.js';
import { benchStartUp } from './start-up.js';
import { benchSuite } from './suite-bench.js';
import { benchVerifyCert } from './verify-cert-bench.js';

const PARTS = {
  'start-up': benchStartUp,
  'verify-cert': benchVerifyCert,
  test: benchSuite,
  listen: benchListen,
  load: benchLoad,
  export: benchExport,
  allowlist: benchAllowlist,
  'long-list': benchLongList,
  report: benchReport,
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}`);
  process.exit(2);
}

// Node 20 reads that file at every start: 40 ms of 60 with Debian's bundle, on both sides of a ratio.
if (process.env.NODE_EXTRA_CA_CERTS !== undefined)
  console.error('NODE_EXTRA_CA_CERTS is set: without it Node starts sooner, and the ratios of starts are larger');

let missed = 0;
for (const [name, part] of Object.entries(PARTS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  for (const row of await part()) {
    const kept = row.skipped === undefined && isKept(row);
    if (!kept && row.skipped === undefined && row.isGoal !== true) missed += 1;
    console.log(
      row.skipped === undefined
        ? textOf(row, kept).replace(/^MISSED/, row.isGoal === true ? 'NOT YET' : 'MISSED')
        : `skipped  ${row.name}: ${row.skipped}`,
    );
  }
}
process.exitCode = missed === 0 ? 0 : 1;

function isKept({ ms, budgetMs, amount, most, ratio, budget, atLeast, peakMiB, budgetMiB }) {
  if (most !== undefined) return amount <= most;
  if (budgetMs !== undefined) return ms <= budgetMs;
  if (atLeast !== undefined) return ratio >= atLeast;
  return ratio <= budget && (peakMiB === undefined || peakMiB <= budgetMiB);
}

function textOf(
  {
    name,
    ms,
    budgetMs,
    amount,
    most,
    unit,
    against,
    aMs,
    bMs,
    aPerSecond,
    bPerSecond,
    ratio,
    budget,
    atLeast,
    peakMiB,
    budgetMiB,
  },
  kept,
) {
  if (atLeast !== undefined)
    return `${kept ? 'kept  ' : 'MISSED'}  ${name}: ${Math.round(aPerSecond)} a second against ${Math.round(bPerSecond)} of ${against}: ${ratio.toFixed(2)} × (at least ${atLeast})`;
  if (budgetMs !== undefined)
    return `${kept ? 'kept  ' : 'MISSED'}  ${name}: ${Math.round(ms)} ms (budget ${budgetMs} ms)`;
  if (most !== undefined)
    return `${kept ? 'kept  ' : 'MISSED'}  ${name}: ${Math.round(amount)} ${unit} (at most ${most})`;
  const memory = peakMiB === undefined ? '' : `, peak ${Math.round(peakMiB)} MiB (budget ${budgetMiB})`;
  return `${kept ? 'kept  ' : 'MISSED'}  ${name}: ${Math.round(aMs)} ms against ${Math.round(bMs)} ms of ${against}: ${ratio.toFixed(2)} × (budget ${budget})${memory}`;
}
