import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { lockHistory } from '../helpers/lock-history.ts';
import { openHistory } from '../helpers/open-history.ts';
import { runProgram } from '../helpers/program.ts';
import { openServer } from '../helpers/raw-server.ts';
import { hasSqlite } from '../helpers/sqlite-shell.ts';
import { amount, isLong, tell } from './soak.ts';

const TELL_PEAK = pathToFileURL(resolve(import.meta.dirname, '../helpers/tell-peak.js')).href;
const EVENTS = amount({ few: 8000, many: 200_000 });
/** V8 lets its heap grow for a while before it collects, that of Node 24 by 40 MiB within the first 8 000 events. */
const MOST_GROWTH_KIB = (isLong ? 32 : 80) * 1024;

/** The peak of memory, in KiB, of a run that is recorded in a new history. */
async function peakOf(events: number, url: string, cwd = testFolder()): Promise<number> {
  const peakFile = join(cwd, 'peak');
  const flags = ['--event', 'optin', '--secret', 'of-the-tests', '--connections', '50', '--json'];
  flags.push('--history', join(cwd, 'history.db'));
  const ended = await runProgram('webhook', ['load', '--url', url, '--count', String(events), ...flags], {
    cwd,
    env: { HOME: cwd, XDG_DATA_HOME: cwd, PEAK_FILE: peakFile, NODE_OPTIONS: `--import=${TELL_PEAK}` },
  });
  expect(ended.code, ended.stderr).toBe(0);
  return Number(readFileSync(peakFile, 'utf8'));
}

test('the memory of a load run does not grow with its events', async (context) => {
  const port = await openServer(createServer((request, response) => request.resume().on('end', () => response.end())));
  const url = `http://127.0.0.1:${port}/hook`;
  const [short, long] = [await peakOf(EVENTS / 2, url), await peakOf(EVENTS, url)];
  expect(long - short).toBeLessThan(MOST_GROWTH_KIB);
  tell(context, { events: EVENTS, 'KiB at their peak': long, 'KiB with half of them': short });
});

const LOCKED_MS = 5000;

// So few events as `npm test` has would all have room. That the recorder asks to wait is tested there with less.
if (isLong)
  test.skipIf(!hasSqlite)('nor with those that wait while another program holds the history', async (context) => {
    const port = await openServer(
      createServer((request, response) => request.resume().on('end', () => response.end())),
    );
    const url = `http://127.0.0.1:${port}/hook`;
    const free = await peakOf(EVENTS, url);
    const cwd = testFolder();
    const history = join(cwd, 'history.db');
    await (await openHistory(history)).close();
    const release = await lockHistory(history);
    const [held] = await Promise.all([peakOf(EVENTS, url, cwd), wait(LOCKED_MS).then(release)]);
    expect(held - free).toBeLessThan(64 * 1024);
    tell(context, { events: EVENTS, 'KiB at their peak': held, 'KiB with a free history': free });
  });
