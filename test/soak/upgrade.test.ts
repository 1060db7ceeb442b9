import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test, type TestContext } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { expectSound, hasSqlite } from '../helpers/sqlite-shell.ts';
import { openAnswering, run, WEBHOOKS, writeHistory } from '../upgrade/write-history.js';
import { amount, tell } from './soak.ts';

/** The commit that 0.1.0 was packed from. */
const RELEASE = '93d7a1e36daf21f90e7f997f2de84b88b3fe8c91';
const ROOT = resolve(import.meta.dirname, '../..');
const NEW = join(ROOT, 'bin');

// Of `npm run soak` alone (vitest.config.ts). The short form is `test/history/migrations.test.ts`, by a fixture.

/** Why it cannot be made here; null where it can. */
function whyNoRelease(): string | null {
  if (!hasSqlite) return 'the shell of SQLite is not installed';
  const { status } = spawnSync('git', ['-C', ROOT, 'cat-file', '-e', `${RELEASE}^{commit}`]);
  return status === 0 ? null : 'this checkout lacks the commit of 0.1.0: git fetch --unshallow gets it';
}

/** The programs of the tarball of 0.1.0, packed from its commit and with its own dependencies. */
function packRelease(): string {
  const folder = join(testFolder(), 'release');
  const ask = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  mkdirSync(folder);
  ask('git', 'clone', '--quiet', '--no-checkout', ROOT, '.');
  ask('git', 'checkout', '--quiet', RELEASE);
  ask('npm', 'ci', '--silent', '--prefer-offline', '--no-audit', '--no-fund');
  const packed = ask('npm', 'pack', '--silent').trim().split('\n').at(-1) ?? '';
  // Below the clone, where its dependencies are found.
  ask('tar', '-xzf', packed);
  expect(ask(process.execPath, 'package/bin/webhook.js', '--version')).toMatch(/^hookproof 0\.1\.0 /);
  return join(folder, 'package/bin');
}

interface Place {
  cwd: string;
  history: string;
  /** A program on the history of the place. */
  ask: (bin: string, program: string, line: string) => Promise<string>;
}

function makePlace(): Place {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const ask: Place['ask'] = async (bin, program, line) =>
    (await run(bin, program, [...line.split(' '), '--history', history], { cwd, codes: [0, 1] })).toString();
  return { cwd, history, ask };
}

/** Every export of every webhook, and the list: what the program reads of the history. */
async function readAll({ ask }: Place, bin: string): Promise<Record<string, string>> {
  const read: Record<string, string> = {};
  for (const [name, uuid] of Object.entries(WEBHOOKS))
    for (const format of ['csv', 'ndjson', 'json'])
      read[`${name}.${format}`] = await ask(
        bin,
        'mp-export',
        `--uuid ${uuid} --format ${format} --include-bodies --include-tests`,
      );
  read['list'] = await ask(bin, 'webhook', 'history list --limit 100000 --json');
  return read;
}

const listed = ({ list = '' }: Record<string, string>): number =>
  (JSON.parse(list) as { deliveries: unknown[] }).deliveries.length;

/** The other program reads the same bytes, and every part of every record is there. */
async function expectAlike(place: Place, before: string, after: string): Promise<Record<string, string>> {
  const [one, other] = [await readAll(place, before), await readAll(place, after)];
  expect(Object.keys(one)).toHaveLength(13);
  for (const name of Object.keys(one)) expect(other[name], name).toBe(one[name]);
  expect(listed(one)).toBeGreaterThan(0);
  await expectSound(place.history);
  return one;
}

const prune = ({ ask }: Place, bin: string, keep: number): Promise<string> =>
  ask(bin, 'webhook', `history prune --keep-last ${keep} --yes`);

/** Both programs send to the history at once; gives the ids that they printed. */
async function sendAtOnce({ ask }: Place, bins: readonly string[], events: number): Promise<string[]> {
  const { origin, close } = await openAnswering();
  const to = `--vendor mail-plus --event inbound --url ${origin}/ok --uuid ${WEBHOOKS.inbox} --json`;
  const one = (bin: string, nth: number): Promise<string> =>
    ask(bin, 'webhook', `send ${to} --count ${events} --connections ${1 + (nth % 4)}`);
  const printed = await Promise.all(bins.map(one)).finally(close);
  return printed.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line.includes('"deliveryId"'))
      .map((line) => (JSON.parse(line) as { deliveryId: string }).deliveryId),
  );
}

async function tryBothWays(context: TestContext): Promise<void> {
  const why = whyNoRelease();
  if (why !== null) return context.skip(why);
  const OLD = packRelease();
  const figures: Record<string, number> = {};
  for (const [what, first, second] of [
    ['begun by 0.1.0', OLD, NEW],
    ['begun by this version', NEW, OLD],
  ] as const) {
    const place = makePlace();
    await writeHistory(first, place.cwd);
    const begun = listed(await expectAlike(place, first, second));
    // The one writes on where the other began, and so on in turn.
    await sendAtOnce(place, [second], 40);
    await sendAtOnce(place, [first], 40);
    const both = listed(await expectAlike(place, second, first));
    expect(both).toBe(begun + 80);
    const events = amount({ few: 20, many: 300 });
    const ids = await sendAtOnce(place, [first, second, first, second, first, second], events);
    const sent = await expectAlike(place, first, second);
    expect([ids.length, listed(sent)]).toEqual([6 * events, both + 6 * events]);
    expect(ids.filter((id) => !sent['list']?.includes(`"deliveryId":"${id}"`))).toEqual([]);
    await prune(place, second, 100);
    expect(listed(await expectAlike(place, second, first))).toBe(100);
    await prune(place, first, 50);
    expect(listed(await expectAlike(place, first, second))).toBe(50);
    await sendAtOnce(place, [second, first], 10);
    expect(listed(await expectAlike(place, first, second))).toBe(70);
    figures[`deliveries, ${what}`] = listed(sent);
  }
  tell(context, { ...figures, lost: 0 });
}

test('a history goes back and forth between 0.1.0 and this version', tryBothWays);
