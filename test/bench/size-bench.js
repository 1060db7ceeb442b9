import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fillHistory, FILLED_WEBHOOK } from '../helpers/fill-history.js';

const [WEBHOOK, EXPORT] = ['webhook', 'mp-export'].map((name) => resolve(import.meta.dirname, `../../bin/${name}.js`));
const TELL_PEAK = new URL('../helpers/tell-peak.js', import.meta.url).href;
const LIMIT = 100;

/**
 * What each command takes of a history of `rows` attempts: one run of each, in this order, since the first that has a
 * long way counts attempts for all. Figures without a budget; the longest history that was tried is 10 000 000.
 * `SIZE_HISTORY` names a file to work on instead of a new one: what such a run prunes is gone.
 */
export async function measureSize(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-size-'));
  try {
    const history = process.env.SIZE_HISTORY ?? join(folder, 'history.db');
    if (!existsSync(history)) await fillHistory(history, rows, { isWhole: true });
    const gib = (statSync(history).size / 1024 ** 3).toFixed(1);
    const measured = [];
    for (const [name, program, args] of commandsOf(rows, join(folder, 'out.csv'))) {
      const one = { name, ...runOnce(program, [...args, '--history', history], folder) };
      console.log(`${one.name}: ${one.seconds.toFixed(2)} s, peak ${Math.round(one.peakMiB)} MiB`);
      measured.push(one);
    }
    return { rows, gib, measured };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const at = (row) => new Date(1_767_225_600_000 + row * 1700).toISOString();

/** The oldest thousandth was refused, and is of the event `optout`; attempts are 1.7 s apart. */
function commandsOf(rows, out) {
  const one = ['--uuid', FILLED_WEBHOOK];
  const csv = [...one, '--format', 'csv', '-o', out];
  const page = Math.floor(rows / LIMIT / 2);
  return [
    ['history list', WEBHOOK, ['history', 'list']],
    ['history list --webhook …', WEBHOOK, ['history', 'list', '--webhook', FILLED_WEBHOOK]],
    ['history list --failed, the first time: counts every attempt', WEBHOOK, ['history', 'list', '--failed']],
    ['history list --failed', WEBHOOK, ['history', 'list', '--failed']],
    ['history list --event optout', WEBHOOK, ['history', 'list', '--event', 'optout']],
    ['history list --direction in: none', WEBHOOK, ['history', 'list', '--direction', 'in']],
    ['history list --since …: none', WEBHOOK, ['history', 'list', '--since', at(rows)]],
    ['history show last', WEBHOOK, ['history', 'show', 'last']],
    [`mp-export --limit ${LIMIT}`, EXPORT, [...csv, '--limit', String(LIMIT)]],
    [`mp-export --limit ${LIMIT} --page ${page}`, EXPORT, [...csv, '--limit', String(LIMIT), '--page', String(page)]],
    ['mp-export --failed', EXPORT, [...csv, '--failed']],
    [`mp-export --from …: the last tenth`, EXPORT, [...csv, '--from', at(rows * 0.9)]],
    ['mp-export, all as CSV', EXPORT, csv],
    ['history stats', WEBHOOK, ['history', 'stats']],
    ['history prune --before …: a tenth', WEBHOOK, ['history', 'prune', '--yes', '--before', at(rows / 10)]],
    [
      'history prune --keep-last …: another tenth',
      WEBHOOK,
      ['history', 'prune', '--yes', '--keep-last', `${rows * 0.8}`],
    ],
  ];
}

function runOnce(program, args, folder) {
  const peakFile = join(folder, 'peak');
  const started = performance.now();
  const { status, signal, stderr } = spawnSync(process.execPath, ['--import', TELL_PEAK, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, PEAK_FILE: peakFile },
  });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status ?? signal}: ${stderr}`);
  return { seconds, peakMiB: Number(readFileSync(peakFile, 'utf8')) / 1024 };
}

/** A table for docs/performance.md. */
export const sizeTable = ({ measured }) =>
  [
    '| command | time | peak memory |',
    '|---|---|---|',
    ...measured.map(
      ({ name, seconds, peakMiB }) => `| \`${name}\` | ${seconds.toFixed(1)} s | ${Math.round(peakMiB)} MiB |`,
    ),
  ].join('\n');
