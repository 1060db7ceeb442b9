import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/terminal/display-width.ts';
import { testFolder } from '../../helpers/folder.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { HAS_TERMINAL, linesOnTerminal } from '../../helpers/terminal.ts';
import { loadReport } from '../../load/load-reports.ts';

const GIVEN = { schemaVersion: 2, allowDropped: false, allowLate: false, expectations: [] };
const QUICK = { ...GIVEN, ...loadReport() };
const SLOW = {
  ...GIVEN,
  ...loadReport({
    times: Array.from({ length: 50 }, () => 900),
    counts: { delivered: 48, refused: 2, dropped: 3 },
    statuses: { 200: 48, 503: 2 },
    startedAt: '2026-11-30T14:05:01.000Z',
  }),
};

/** A folder with the reports of two machines, and the program in it. */
function place(): { cwd: string; merge: (...args: string[]) => Promise<Ended> } {
  const cwd = testFolder();
  writeFileSync(join(cwd, 'a.json'), JSON.stringify(QUICK));
  writeFileSync(join(cwd, 'b.json'), JSON.stringify(SLOW));
  return { cwd, merge: (...args) => runProgram('webhook', ['load', 'merge', ...args], { cwd, env: { HOME: cwd } }) };
}

test('two reports become one, judged together and written as table, page, JUnit and distribution', async () => {
  const { cwd, merge } = place();
  const reporters = 'terminal,html=load.html,junit=load.xml,json=load.json';
  const expected = ['--expect', 'p50<1s', '--expect', 'delivered>99%'];
  const ended = await merge('a.json', 'b.json', ...expected, '--reporter', reporters, '--hgrm', 'load.hgrm');
  expect(ended).toMatchObject({ code: 1, stderr: '' });
  expect(ended.stdout).toMatch(/^150 +148 +2 +0 +3 +13\.6$/m);
  expect(ended.stdout).toMatch(/^met +p50<1s +82\.\d+ ms\nnot met +delivered>99% +96\.732%$/m);
  expect(ended.stdout.trimEnd().split('\n').at(-1)).toBe(
    'failed      3 of 153 events dropped: 2000 were in flight ' +
      '(raise --max-in-flight, or accept it with --allow-dropped); 1 of 2 expectations not met',
  );
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');
  expect(read('load.html')).toContain('<title>load: http://127.0.0.1:8080/hook</title>');
  expect(read('load.xml')).toMatch(/tests="3" failures="2"/);
  expect(read('load.hgrm')).toMatch(/#\[Max +=.*Total count +=  +150\]/);
  const document = JSON.parse(read('load.json'));
  expect(document).toMatchObject({ schemaVersion: 2, kind: 'load', verdict: { outcome: 'no' }, allowDropped: false });
  // What was merged can be merged, and judged anew.
  const again = await merge('load.json', '--allow-dropped', '--json', '--expect', 'delivered>96%');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(again.stdout)).toMatchObject({ counts: document.counts, service: document.service });
});

test.skipIf(!existsSync('/dev/full'))(
  'every file that cannot be written is named, and the others are there',
  async () => {
    const { cwd, merge } = place();
    for (const name of ['full.html', 'full.hgrm']) symlinkSync('/dev/full', join(cwd, name));
    const reporters = 'terminal,html=full.html,json=load.json';
    const ended = await merge('b.json', '--allow-dropped', '--reporter', reporters, '--hgrm', 'full.hgrm');
    expect(ended).toMatchObject({ code: 2, stdout: expect.stringMatching(/^(passed|failed) /m) });
    expect(ended.stderr).toMatch(/^warning: .*full\.hgrm: the disk is full$/m);
    expect(ended.stderr).toMatch(/^error: .*full\.html: the disk is full$/m);
    expect(JSON.parse(readFileSync(join(cwd, 'load.json'), 'utf8'))).toMatchObject({ kind: 'load' });
  },
);

test('the distribution alone on stdout, from a report on stdin', async () => {
  const { cwd } = place();
  const ended = await runProgram('webhook', ['load', 'merge', '-', '--hgrm', '-'], {
    cwd,
    env: { HOME: cwd },
    input: JSON.stringify(QUICK),
  });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^ +Value +Percentile TotalCount/);
  expect(ended.stdout).not.toContain('passed');
});

test('runs that were not at the same time are told on stderr', async () => {
  const { cwd, merge } = place();
  writeFileSync(join(cwd, 'c.json'), JSON.stringify({ ...QUICK, startedAt: '2026-11-30T15:00:00.000Z' }));
  const { code, stderr } = await merge('a.json', 'c.json', '--json');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^c\.json started after a\.json had ended/),
  });
});

test.each([
  [['a.json', 'missing.json'], 5, /report missing\.json: /],
  [['a.json', 'findings.json'], 5, /findings\.json is not a load report: it is not what webhook load writes/],
  [['a.json', 'later.json'], 5, /later\.json is not a load report: it has another version \(schemaVersion 3\)/],
  [
    ['a.json', 'other.json'],
    2,
    /not parts of one run\n  the endpoint: http:.* in a\.json, http:.*other in other\.json/,
  ],
  [['a.json', 'a.json'], 2, /a\.json and a\.json are the same run/],
  [['a.json', '--expect', 'p99'], 2, /the limit is missing\n  quote it, because the shell interprets < and >/],
  [['a.json', '--expect', 'deliverd>99%'], 2, /unknown figure deliverd\n  did you mean delivered/],
  [['a.json', '--hgrm', '-', '--json'], 2, /--hgrm - and a report cannot both go to stdout/],
  [['a.json', '--hgrm', join('no', 'folder.hgrm')], 2, /cannot write no.folder\.hgrm/],
  [['a.json', '--reporter', 'html=no/such/page.html'], 2, /cannot write .*page\.html/],
  [['-', '-'], 2, /standard input can be read once/],
  [[], 2, /needs <files>/],
])('%j is refused with code %i, and nothing is written', async (args, code, message) => {
  const { cwd } = place();
  writeFileSync(join(cwd, 'findings.json'), '{"schemaVersion":2,"findings":[]}');
  writeFileSync(join(cwd, 'later.json'), JSON.stringify({ ...QUICK, schemaVersion: 3 }));
  const target = { ...QUICK.target, url: 'http://127.0.0.1:8080/other' };
  writeFileSync(join(cwd, 'other.json'), JSON.stringify({ ...QUICK, target }));
  const paths = args.map((one) => (existsSync(join(cwd, one)) ? join(cwd, one) : one));
  const before = readdirSync(cwd);
  const ended = await askCommand(['load', 'merge', ...paths]);
  expect({ ...ended, stderr: ended.stderr.replaceAll(`${cwd}/`, '') }).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringMatching(message),
  });
  expect(readdirSync(cwd)).toEqual(before);
});

test.skipIf(!HAS_TERMINAL)('no line is longer than the terminal', async () => {
  const { cwd } = place();
  const command = ['webhook', 'load', 'merge', 'a.json', 'b.json', '-v', '--expect', 'p99<1ms'] as const;
  const lines = await linesOnTerminal(60, command, { cwd, env: { HOME: cwd } });
  expect(lines.length).toBeGreaterThan(25);
  expect(lines.filter((line) => displayWidth(line) > 60)).toEqual([]);
});
