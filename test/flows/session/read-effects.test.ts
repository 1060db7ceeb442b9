import { existsSync, readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { endGroup } from '../../../src/cli/terminal/exit.ts';
import { parseIds, readEffects } from '../../../src/flows/session/read-effects.ts';
import { testFolder } from '../../helpers/folder.ts';

test.each([
  ['printf "a\\nb\\n"', { a: 1, b: 1 }],
  ['echo \'["a","a"]\'', { a: 2 }],
])('effects by a command: %s', async (command, counts) => {
  expect(Object.fromEntries(await readEffects({ command }, new AbortController().signal))).toEqual(counts);
});

test('a command that prints without end, or stays silent, is stopped', async () => {
  const limited = new AbortController();
  await expect(readEffects({ endGroup, command: 'yes 0123456789' }, limited.signal)).rejects.toThrow(
    'printed more than',
  );
  const waiting = readEffects({ endGroup, command: 'sleep 600' }, limited.signal);
  limited.abort();
  await expect(waiting).rejects.toThrow('could not be run');
});

test.skipIf(process.platform === 'win32')(
  'a command that is stopped ends with all that its shell started',
  async () => {
    const folder = testFolder();
    const limited = new AbortController();
    const waiting = readEffects({ endGroup, command: `sleep 600 & echo $! > ${folder}/pid; wait` }, limited.signal);
    const pid = await vi.waitFor(
      () => Number(/^\d+\n/.exec(readFileSync(`${folder}/pid`, 'utf8'))?.[0] ?? expect.fail('not started yet')),
      { timeout: 60_000 },
    );
    limited.abort();
    await expect(waiting).rejects.toThrow('could not be run');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 60_000 });
  },
);

/** Where nobody takes over the orphans of a container, a killed one stays as a zombie. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '');
  } catch {
    return false;
  }
}

test.each([
  ['["a","b",7]', ['a', 'b', '7']],
  ['a\r\n\nb\n', ['a', 'b']],
  ['', []],
  ['[]', []],
  [' [ "a", null ] ', ['a']],
])('effects %j', (given, ids) => {
  expect(parseIds(given)).toEqual(ids);
});

test.each(['[1', '[{"id":1}]', '[["a"]]'])('no effects: %j', (given) => {
  expect(() => parseIds(given)).toThrow(/effects/);
});

test('effects name ids in all their digits, numbers and texts alike', () => {
  expect(parseIds('[9007199254740993, 9007199254740992, "1", 1, 1e3, null, "a \\" 2"]')).toEqual([
    '9007199254740993',
    '9007199254740992',
    '1',
    '1',
    '1000',
    'a " 2',
  ]);
});
