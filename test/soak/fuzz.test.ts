import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../src/model/error.ts';
import { SHOP } from '../config/known.ts';
import { bin } from '../helpers/program.ts';
import { commandLines } from './command-lines.ts';
import { listDoors, type Door } from './doors.ts';
import { amount, isLong, SEED, tell } from './soak.ts';
import { UNSAFE } from './hostile-answer.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** Whatever an input is, it is read or refused in a moment; a machine may be busy. */
const MOST_MS = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'hookproof-fuzz-'));
const doors = await listDoors(folder);
let watchdog: Watchdog;

beforeAll(() => {
  watchdog = startWatchdog(MOST_MS);
});
afterEach(() => watchdog.rest());
afterAll(async () => {
  await watchdog.stop();
  rmSync(folder, { recursive: true });
});

test('every input is tried at one of the doors', () => {
  expect(doors.reduce((sum, { share }) => sum + share, 0)).toBe(100);
});

test.for(doors.filter(({ isSlow }) => isLong || isSlow !== true).map((door) => [door.name, door] as const))(
  '%s',
  async ([, door], context) => {
    const inputs = Math.ceil((amount({ few: 2000, many: 100_000 }) * door.share) / 100);
    const sums = { read: 0, refused: 0, slowestMs: 0 };
    await fc.assert(
      fc.asyncProperty(door.inputs, async (bytes) => {
        watchdog.watch(`${door.name}: ${bytes.toString('base64')}`);
        const beganAt = performance.now();
        sums[await knock(door, bytes)] += 1;
        sums.slowestMs = Math.max(sums.slowestMs, performance.now() - beganAt);
      }),
      { seed: SEED, numRuns: inputs },
    );
    const { read, refused, slowestMs } = sums;
    tell(context, { seed: SEED, inputs, read, refused, 'ms the slowest': Math.round(slowestMs) });
    // Inputs that are all refused at the first byte would try nothing.
    expect(read).toBeGreaterThan(0);
  },
);

async function knock({ kinds, open }: Door, bytes: Buffer): Promise<'read' | 'refused'> {
  try {
    await open(bytes);
    return 'read';
  } catch (error) {
    if (error instanceof AppError && kinds.includes(error.kind) && error.message !== '') return 'refused';
    throw error;
  }
}

/** Whoever is killed after it did not end. */
const ENDED_BY_ITSELF = null;
const CODES: readonly (number | null)[] = [0, 1, 2, 3, 4, 5];

test('command lines, and files on standard input, of the real program', async (context) => {
  const cwd = join(folder, 'program');
  mkdirSync(cwd);
  const runs = isLong ? amount({ few: 0, many: 1000 }) : 8;
  const codes = new Map<number | null, number>();
  const inputs = fc.tuple(commandLines(['-', 'given', 'webhook.config.json']), fc.oneof(...doors.map(inputsOf)));
  await fc.assert(
    fc.asyncProperty(inputs, async ([args, input]) => {
      writeFileSync(join(cwd, 'given'), input);
      writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks: [{ ...SHOP, vendor: 'mailkit' }] }));
      const env = { HOME: cwd, PATH: '/usr/bin:/bin', SECRET: 'a secret' };
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, [bin('webhook'), ...args], {
        cwd,
        input,
        env,
        timeout: MOST_MS,
        killSignal: 'SIGKILL',
      });
      expect({ signal, stderr: stderr.toString() }).toEqual({ signal: ENDED_BY_ITSELF, stderr: expect.any(String) });
      expect(CODES, stderr.toString()).toContain(status);
      expect(UNSAFE.exec(stderr.toString())?.input).toBeUndefined();
      expect(stdout.includes('\u001b')).toBe(false);
      codes.set(status, (codes.get(status) ?? 0) + 1);
    }),
    { seed: SEED, numRuns: runs, endOnFailure: true },
  );
  const ended = [...codes].toSorted().map(([code, times]) => `${times} with ${code}`);
  tell(context, { seed: SEED, runs, ended: ended.join(', ') });
});

const inputsOf = ({ inputs }: Door): fc.Arbitrary<Buffer> => inputs;
