import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine } from '../../helpers/program.ts';

/** What a shell makes of a program that SIGPIPE ended. */
const SIGPIPE_CODE = 141;
/** Their answers fill a pipe many times over, so that the program is still writing when the reader is gone. */
const COUNT = 100_000;

const callers = (first: string, last: string): string =>
  [
    first,
    ...Array.from({ length: COUNT }, (_, index) => `10.${index >> 16}.${(index >> 8) & 0xff}.${index & 0xff}`),
    last,
  ].join('\n');
const LOGS = {
  'refused-first': callers('8.8.8.8', '10.0.0.1'),
  'refused-last': callers('10.0.0.1', '8.8.8.8'),
  allowed: callers('10.0.0.1', '10.0.0.2'),
};

const WEBHOOK = `"${process.execPath}" "${bin('webhook')}"`;
const SOURCE = 'check-source --allow 10.0.0.0/8 --addresses';
const LIST = 'allowlist check allow.txt - <';

test.each<[command: string, log: keyof typeof LOGS, reader: string, code: number]>([
  [SOURCE, 'refused-first', 'head -1', 1],
  [SOURCE.replace('--addresses', '--json --addresses'), 'refused-first', 'head -c 1', 1],
  [SOURCE, 'refused-first', 'grep -q 8.8.8.8', 1],
  [SOURCE, 'refused-last', 'head -1', SIGPIPE_CODE],
  [SOURCE, 'allowed', 'head -1', SIGPIPE_CODE],
  [LIST, 'refused-first', 'head -1', 1],
  ['allowlist check allow.txt - --json <', 'refused-first', 'head -c 1', 1],
  [LIST, 'refused-last', 'head -1', SIGPIPE_CODE],
  [LIST, 'allowed', 'head -1', SIGPIPE_CODE],
])('half an answer is never a yes: %s %s | %s', async (command, log, reader, code) => {
  const cwd = testFolder();
  writeFileSync(join(cwd, 'allow.txt'), '10.0.0.0/8\n');
  writeFileSync(join(cwd, log), LOGS[log]);
  const { stdout, stderr } = await runCommandLine(
    'sh',
    ['-c', `{ ${WEBHOOK} ${command} ${log}; echo $? >code; } | ${reader} >/dev/null; cat code`],
    { cwd },
  );
  expect([stdout.trim(), stderr]).toEqual([String(code), '']);
});

test('a reader who is gone at the end leaves the verdict as it is', async () => {
  const cwd = testFolder();
  writeFileSync(join(cwd, 'allow.txt'), '10.0.0.0/8\n');
  const of = async (address: string): Promise<string> =>
    (
      await runCommandLine(
        'sh',
        [
          '-c',
          `{ read -r _ <gate; ${WEBHOOK} allowlist check allow.txt ${address}; echo $? >code; } |
            { exec 0<&-; echo >gate; }; cat code`,
        ],
        { cwd },
      )
    ).stdout.trim();
  await runCommandLine('mkfifo', ['gate'], { cwd });
  expect([await of('10.0.0.1'), await of('8.8.8.8')]).toEqual(['0', '1']);
});
