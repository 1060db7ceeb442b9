import { runProgram, runCommandLine, type Ended } from '../../helpers/program.ts';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import { testFolder } from '../../helpers/folder.ts';
import { finding, HOSTILE, hostileReport, MIXED, report } from '../../report/reports.ts';

let built: string;
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'hookproof-test-'));
  const bundle = await rolldown({
    input: resolve(import.meta.dirname, '../../report/report-program.ts'),
    platform: 'node',
  });
  await bundle.write({ dir: built, format: 'esm', entryFileNames: 'check.mjs', chunkFileNames: '[name]-[hash].mjs' });
  await bundle.close();
});
afterAll(() => rmSync(built, { recursive: true, force: true }));

interface Checked extends Ended {
  folder: string;
  read(name: string): string;
}

/** Runs the command in a folder of its own that has `report.json`. */
async function check(
  one: Report,
  args: readonly string[],
  { env = {}, folder = testFolder() }: { env?: Record<string, string | undefined>; folder?: string } = {},
): Promise<Checked> {
  writeFileSync(join(folder, 'report.json'), JSON.stringify(one));
  const ended = await runCommandLine(process.execPath, [join(built, 'check.mjs'), ...args, 'report.json'], {
    cwd: folder,
    env: { GITHUB_STEP_SUMMARY: undefined, ...env },
  });
  return { ...ended, folder, read: (name) => readFileSync(join(folder, name), 'utf8') };
}

const isTerminalReport = (text: string): boolean =>
  text.startsWith(`${MIXED.target}\n\npass  P1  `) &&
  text.includes(`\n\n${MIXED.conclusion}\n3 passed, 1 failed, 1 warning, 1 skipped in `) &&
  text.endsWith('\nfailed: P5\n');
const isJson = (text: string): boolean => (JSON.parse(text) as { schemaVersion: number }).schemaVersion === 2;
const isJunit = (text: string): boolean => text.startsWith('<?xml ') && text.endsWith('</testsuites>\n');
const isTap = (text: string): boolean => text.startsWith('TAP version 14\n1..6\n');
const isAnnotated = (text: string): boolean =>
  isTerminalReport(text.replace(/\n::error .*\n::warning .*\n$/, '\n')) && text.includes('\n::error ');

test.each([
  ['nothing', [], isTerminalReport],
  ['terminal', ['--reporter', 'terminal'], isTerminalReport],
  ['--json', ['--json'], isJson],
  ['json', ['--reporter', 'json'], isJson],
  ['the same twice', ['--json', '--reporter', 'json,json'], isJson],
  ['junit', ['--reporter=junit'], isJunit],
  ['junit=-', ['--reporter', 'junit=-'], isJunit],
  ['tap', ['--reporter', 'tap'], isTap],
  ['github', ['--reporter', 'github'], isAnnotated],
] as const)('stdout gets one thing: %s', async (_, args, isRight) => {
  const { code, stdout, stderr, folder } = await check(MIXED, args);
  expect([code, stderr]).toEqual([1, 'checking\n']);
  expect(stdout).toSatisfy(isRight);
  expect(readdirSync(folder)).toEqual(['report.json']);
});

test('several at once: documents in files, the terminal report on stdout', async () => {
  const { code, stdout, read, folder } = await check(MIXED, [
    '--reporter',
    'junit=out.xml,tap=out.tap',
    '--reporter',
    'json=out.json',
  ]);
  expect(code).toBe(1);
  expect(stdout).toSatisfy(isTerminalReport);
  expect(read('out.xml')).toSatisfy(isJunit);
  expect(read('out.tap')).toSatisfy(isTap);
  expect(read('out.json')).toSatisfy(isJson);
  expect(readdirSync(folder).toSorted()).toEqual(['out.json', 'out.tap', 'out.xml', 'report.json']);
});

test('a document on stdout stays alone: annotations go to stderr, others into files', async () => {
  const { stdout, stderr, read } = await check(MIXED, ['--json', '--reporter', 'json=copy.json,github']);
  expect(stdout).toSatisfy(isJson);
  expect(stderr).toMatch(/^checking\n::error .*\n::warning .*\n$/);
  expect(read('copy.json')).toBe(stdout);
});

test('the job summary is appended to the file of the step, or has a file of its own', async () => {
  const folder = testFolder();
  const summary = join(folder, 'summary.md');
  writeFileSync(summary, '# before\n');
  await check(MIXED, ['--reporter', 'github'], { folder, env: { GITHUB_STEP_SUMMARY: summary } });
  await check(MIXED, ['--reporter', 'github'], { folder, env: { GITHUB_STEP_SUMMARY: summary } });
  const { read } = await check(MIXED, ['--reporter', 'github=own.md'], {
    folder,
    env: { GITHUB_STEP_SUMMARY: summary },
  });
  expect(read('summary.md').match(/^# before$|^## /gm)).toEqual(['# before', '## ', '## ']);
  expect(read('own.md')).toMatch(/^## ❌ verify-cert/);
  expect(read('summary.md').endsWith(`${read('own.md')}${read('own.md')}`)).toBe(true);
});

test('a summary that is full stays as it is, with a warning', async () => {
  const folder = testFolder();
  const summary = join(folder, 'summary.md');
  writeFileSync(summary, '');
  truncateSync(summary, 1024 * 1024 - 50);
  const { code, stderr, read } = await check(MIXED, ['--reporter', 'github'], {
    folder,
    env: { GITHUB_STEP_SUMMARY: summary },
  });
  expect([code, stderr]).toEqual([1, 'checking\nwarning: the job summary is full: GitHub allows 1 MiB per step\n']);
  expect(read('summary.md')).toHaveLength(1024 * 1024 - 50);
});

test.each([
  ['a typo', ['--reporter', 'juint=x.xml'], 'unknown reporter juint\n  did you mean junit?'],
  ['a typo in a list', ['--reporter', 'junit=x.xml,jsn'], 'did you mean json?'],
  ['no name', ['--reporter', ','], '--reporter needs a name'],
  ['no file', ['--reporter', 'junit='], '--reporter junit= needs a file'],
  ['terminal in a file', ['--reporter', 'terminal=x'], 'the terminal report always goes to stdout'],
  [
    'two documents on stdout',
    ['--reporter', 'tap', '--json'],
    'json and tap cannot both go to stdout\n  give one a file: --reporter tap=FILE',
  ],
  [
    'terminal and a document',
    ['--reporter', 'terminal,json'],
    'json and terminal cannot both go to stdout\n  give one a file: --reporter json=FILE',
  ],
  ['one file for two', ['--reporter', 'junit=x,tap=./x'], 'two reporters cannot share the file ./x'],
  ['github twice', ['--reporter', 'github,github=x'], '--reporter github is given twice'],
  [
    'no such folder',
    ['--reporter', 'junit=gone/x.xml'],
    'cannot write gone/x.xml: no such folder\n  choose another file',
  ],
  ['a folder', ['--reporter', 'github=folder'], 'cannot write folder: it is a folder'],
  ['a file for a folder', ['--reporter', 'junit=report.json/x.xml'], 'report.json/x.xml: part of its path is a file'],
])('2, before anything runs: %s', async (_, args, message) => {
  const folder = testFolder();
  mkdirSync(join(folder, 'folder'));
  const { code, stdout, stderr } = await check(MIXED, args, { folder });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`error: `);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('checking');
  expect(readdirSync(folder).toSorted()).toEqual(['folder', 'report.json']);
});

test('2, before anything runs: the summary of the step cannot be written', async () => {
  const { code, stdout, stderr } = await check(MIXED, ['--reporter', 'github'], {
    env: { GITHUB_STEP_SUMMARY: '/nowhere/at/all.md' },
  });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr.startsWith('error: cannot write the job summary /nowhere/at/all.md: no such folder\n')).toBe(true);
  expect(stderr.split('\n')[1]).toMatch(/^ {2}GITHUB_STEP_SUMMARY names this file/);
});

test.skipIf(!existsSync('/proc/self'))(
  '2: a folder that is there and takes no file is not called missing',
  async () => {
    const { code, stderr } = await check(MIXED, ['--reporter', 'junit=/proc/x.xml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: cannot write \/proc\/x\.xml: (its folder is not writable|you are not allowed to write there)\n/,
    );
  },
);

test('what a file held stays when the report cannot be made', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'out.xml'), 'before');
  const { code, stderr } = await runCommandLine(
    process.execPath,
    [join(built, 'check.mjs'), '--reporter', 'junit=out.xml', 'gone.json'],
    { cwd: folder },
  );
  expect(code).toBe(70);
  expect(stderr).toContain('ENOENT');
  expect(readFileSync(join(folder, 'out.xml'), 'utf8')).toBe('before');
  expect(readdirSync(folder)).toEqual(['out.xml']);
});

test.skipIf(!existsSync('/dev/full'))(
  '2: a disk that is full takes neither the answer nor the other file',
  async () => {
    const { code, stdout, stderr, read } = await check(MIXED, ['--reporter', 'junit=/dev/full,tap=out.tap']);
    expect(code).toBe(2);
    expect(stdout).toSatisfy(isTerminalReport);
    expect(stderr).toContain('/dev/full: the disk is full');
    expect(read('out.tap')).toSatisfy(isTap);
  },
);

test.skipIf(process.platform === 'win32')('a pipe gets the document once, and is not opened before', async () => {
  const folder = testFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const [text] = await Promise.all([readFile(pipe, 'utf8'), check(MIXED, ['--reporter', `junit=${pipe}`], { folder })]);
  expect(text).toSatisfy(isJunit);
});

test('help names every reporter', async () => {
  const { code, stdout } = await runProgram('webhook', ['help', 'output']);
  expect(code).toBe(0);
  for (const name of ['terminal', 'json', 'junit', 'tap', 'github'])
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test.each(
  HOSTILE.filter(([what]) => ['a workflow command', 'controls', 'directions', 'nothing', '100 kB'].includes(what)),
)('%s moves no cursor', async (_, text) => {
  const folder = testFolder();
  const { stdout, read } = await check(
    { ...hostileReport(text), facts: { verdict: text, files: [{ path: text }] } },
    ['--reporter', 'github=out.md,tap=out.tap,junit=out.xml,json=out.json'],
    { folder },
  );
  for (const shown of [stdout, read('out.md'), read('out.tap'), read('out.xml')]) expect(shown).not.toMatch(UNSAFE);
  expect(JSON.parse(read('out.json'))).toMatchObject({ findings: [{ detail: text }, {}, {}, {}] });
  expect(stdout.split('\n').filter((line) => line.startsWith('::'))).toHaveLength(3);
  expect(stdout.length).toBeLessThan(60_000);
});

test('no finding is no success', async () => {
  const { code, stdout } = await check(report([], { isGood: false, conclusion: 'nothing answered TLS' }), []);
  expect(code).toBe(1);
  expect(stdout).toBe(`${MIXED.target}\n\nnothing answered TLS\nnothing was checked in 1.6 s\n`);
  expect((await check(report([finding('pass')]), [])).code).toBe(0);
});
