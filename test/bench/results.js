import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/**
 * What a part measured, in one shape for the table, the JSON and docs/performance.md: `ours` and `rival` are numbers in
 * `unit`, `ratio` is ours to the rival's. A row's `goal` is the budget; where it was never met, `limit` is what the row
 * must not fall behind (`isGoal`: it has none yet).
 */
export function toResult(part, row) {
  const { name, against = null, skipped, goal, isGoal = false, peakMiB, budgetMiB } = row;
  if (skipped !== undefined) return { part, name, skipped };
  const { ours, rival = null, ratio = null, unit, limit, isAtLeast = false } = measuredOf(row);
  const holds = (bound) => {
    const value = ratio ?? ours;
    return isAtLeast ? value >= bound : value <= bound && (peakMiB === undefined || peakMiB <= budgetMiB);
  };
  const sign = isAtLeast ? '≥' : '≤';
  const memory = peakMiB === undefined ? null : { peakMiB, budgetMiB };
  const budget = `${sign} ${goal ?? limit} ${ratio === null ? unit : '×'}`;
  const pass = holds(goal ?? limit);
  return { part, name, ours, rival, unit, against, ratio, budget, memory, pass, isMissed: !isGoal && !holds(limit) };
}

function measuredOf({ ms, budgetMs, amount, most, unit, aMs, bMs, aPerSecond, bPerSecond, ratio, budget, atLeast }) {
  if (most !== undefined) return { ours: amount, unit, limit: most };
  if (budgetMs !== undefined) return { ours: ms, unit: 'ms', limit: budgetMs };
  if (atLeast !== undefined)
    return { ours: aPerSecond, rival: bPerSecond, ratio, unit: '/s', limit: atLeast, isAtLeast: true };
  return { ours: aMs, rival: bMs, ratio, unit: 'ms', limit: budget };
}

/** What the figures depend on. Call it before anything is measured: it has the load of the machine. */
export function describeMachine(environment) {
  const [first] = cpus();
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' and uncommitted changes'),
    node: process.version,
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    kernel: `${type()} ${release()}`,
    loadAverage: loadavg().map((one) => Number(one.toFixed(2))),
    isNodeExtraCaCertsSet: environment.NODE_EXTRA_CA_CERTS !== undefined,
  };
}

function git(...args) {
  try {
    return execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

const amountText = (value, unit) => (value === null ? '' : `${Math.round(value)}${unit === '/s' ? '' : ' '}${unit}`);

function verdictOf({ pass, isMissed, skipped }) {
  if (skipped !== undefined) return 'skipped';
  if (isMissed) return 'MISSED';
  return pass ? 'kept' : 'NOT YET';
}

/** Of a row: verdict, what, ours, the rival's, ratio, budget. */
function cellsOf(result) {
  const { name, skipped, ours, rival, unit, against, ratio, budget, memory } = result;
  if (skipped !== undefined) return [verdictOf(result), `${name}: ${skipped}`, '', '', '', ''];
  const peak = memory === null ? '' : `, peak ${Math.round(memory.peakMiB)} MiB (≤ ${memory.budgetMiB})`;
  const theirs = rival === null ? '' : `${amountText(rival, unit)} (${against})`;
  return [
    verdictOf(result),
    name,
    amountText(ours, unit) + peak,
    theirs,
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    budget,
  ];
}

/** One line of the terminal. */
export function lineOf(result) {
  const [verdict, name, ours, theirs, ratio, budget] = cellsOf(result);
  if (result.skipped !== undefined) return `${verdict.padEnd(7)}  ${name}`;
  return `${verdict.padEnd(7)}  ${name}: ${ours}${theirs && ` against ${theirs}: ${ratio}`} (budget ${budget})`;
}

const [FROM, TO] = ['<!-- bench -->', '<!-- /bench -->'];

/** The page with the table of a run between its two marks, and nothing else of it changed. */
export function quoteRun(page, { machine, results }) {
  const [start, end] = [page.indexOf(FROM), page.indexOf(TO)];
  if (start === -1 || end < start) throw new Error(`the page has no ${FROM} … ${TO}`);
  return `${page.slice(0, start + FROM.length)}\n\n${quoteOf(machine, results)}\n\n${page.slice(end)}`;
}

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function quoteOf(machine, results) {
  const { date, commit, node, cpu, cores, memoryMiB, kernel, loadAverage, isNodeExtraCaCertsSet } = machine;
  return [
    `Measured on ${date.slice(0, 10)} at commit ${commit.slice(0, 12)}${commit.slice(40)}: Node ${node}, ${cores} cores of ` +
      `${cpu}, ${memoryMiB} MiB, ${kernel}; load average at the start ${loadAverage.join(', ')}; ` +
      `\`NODE_EXTRA_CA_CERTS\` was ${isNodeExtraCaCertsSet ? 'set' : 'not set'}.`,
    '',
    row(['', 'what', 'ours', 'against', 'ratio', 'budget']),
    row(Array(6).fill('---')),
    ...results.map((result) => row(cellsOf(result))),
  ].join('\n');
}
