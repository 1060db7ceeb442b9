import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderJson } from '../../../src/report/reporters.ts';
import { askCommand } from '../../helpers/ask-command.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';
import { loadReport } from '../../load/load-reports.ts';
import { MIXED } from '../../report/reports.ts';

/** A webhook named shop, a delivery, a failure and a test. */
async function place(): Promise<{ cwd: string; file: string; report: (...args: string[]) => Promise<Ended> }> {
  const cwd = testFolder();
  const history = await openHistory(join(cwd, 'history.db'));
  await history.append(...makeRecord(0));
  await history.append(...makeRecord(1, { attempt: REFUSED }));
  await history.append(...makeRecord(2, { delivery: { purpose: 'test', event: 'secret-test' } }));
  const shop = { uuid: WEBHOOK, name: 'shop', vendor: 'mail2many', url: 'https://example.test/', events: ['optin'] };
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks: [shop] }));
  const env = { WEBHOOK_HISTORY: history.path, HOME: cwd };
  return { cwd, file: history.path, report: (...args) => runProgram('webhook', ['report', ...args], { cwd, env }) };
}

test('a page of what was recorded, without tests, the same each time for the same --now', async () => {
  const { cwd, report } = await place();
  const now = ['--now', '2026-11-30T00:00:00Z'];
  const written = await report('-o', 'report.html', ...now);
  expect(written).toMatchObject({ code: 0, stdout: '', stderr: '2 attempts in report.html: open it in a browser\n' });
  const page = readFileSync(join(cwd, 'report.html'), 'utf8');
  expect(page).toContain('created 2026-11-30 00:00 UTC');
  expect(page).toContain('shop');
  expect(page).toContain('the endpoint answered 500');
  expect(page).not.toContain('secret-test');
  expect((await report(...now)).stdout).toBe(page);
  expect((await report('--uuid', 'shop', '--failed', '-o', '-')).stdout.replace(/\s+/g, ' ')).toContain(
    'Chosen: webhook shop; only deliveries whose last attempt was not delivered<',
  );
  writeFileSync(join(cwd, 'webhook.config.json'), JSON.stringify({ webhooks: [] }));
  const unnamed = (await report('--uuid', WEBHOOK, ...now)).stdout.replaceAll('<wbr/>', '');
  expect(unnamed).toContain('Chosen: webhook example.test/hook');
  expect(unnamed).not.toContain(WEBHOOK);
});

test('export --format html writes the same page, of the attempts that its flags choose', async () => {
  const { cwd, file } = await place();
  const run = (program: 'webhook' | 'mp-export', ...args: string[]): Promise<Ended> =>
    runProgram(program, args, { cwd, env: { WEBHOOK_HISTORY: file, HOME: cwd } });
  const all = await run('webhook', 'export', '--format', 'html');
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout).toContain('2 attempts sent');
  expect(await run('mp-export', '--uuid', 'shop', '--to', '2026-11-01T10:00:00Z', '-o', 'page.html')).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '1 attempt in page.html: open it in a browser\n',
  });
  const page = readFileSync(join(cwd, 'page.html'), 'utf8').replace(/\s+/g, ' ');
  expect(page).toContain('Chosen: webhook shop; up to 2026-11-01 10:00 UTC<');
  const tests = await run('webhook', 'export', '--format', 'html', '--include-tests', '--event', 'secret-test');
  expect(tests.stdout).toContain('1 attempt sent');
  expect(tests.stdout).toContain('with the requests of webhook test');
  expect(await run('mp-export', '--format', 'html')).toMatchObject({ code: 2, stdout: '' });
});

test('what --reporter json wrote is a part of it', async () => {
  const { cwd, report } = await place();
  const file = join(cwd, 'certificate.json');
  writeFileSync(file, renderJson(MIXED, 2));
  utimesSync(file, 0, Date.parse('2026-11-29T10:00:00Z') / 1000);
  const { code, stdout } = await report('--include', 'certificate.json');
  expect(code).toBe(0);
  expect(stdout).toContain('from certificate.json of 2026-11-29 10:00 UTC');
  expect(stdout).toContain('the given certificate succeeds');
});

test('a load run is a part of it, judged by what it was judged by', async () => {
  const { cwd, report } = await place();
  const run = loadReport({ counts: { delivered: 95, refused: 5 }, statuses: { 200: 95, 500: 5 } });
  const document = {
    schemaVersion: 2,
    ...run,
    allowDropped: false,
    allowLate: false,
    expectations: [{ expectation: 'delivered>99%' }],
  };
  writeFileSync(join(cwd, 'load.json'), JSON.stringify(document));
  const { code, stdout } = await report('--include', 'load.json');
  expect(code).toBe(0);
  expect(stdout.replace(/\s+/g, ' ')).toMatch(
    /<h2>Load on .*✗ failed<\/strong> the expectation is not met.*from load\.json.*delivered&gt;99%.*95%/,
  );
  writeFileSync(join(cwd, 'load.json'), JSON.stringify({ ...document, late: null }));
  expect(await report('--include', 'load.json')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('load.json is not a load report: late is not an object'),
  });
});

test.each([
  [['--include', 'missing.json'], 5, /missing\.json/],
  [['--include', 'history.db'], 5, /is not a report/],
  [['-o', 'history.db'], 2, /is the history file itself/],
  [['-o', join('no', 'folder', 'report.html')], 2, /report\.html/],
  [['-o', 'report.xlsx'], 2, /not a \.xlsx file\n.*-o report\.html; rows as csv: webhook export -o report\.csv/],
  [['-o', 'report.jsonl'], 2, /not a \.jsonl file\n.*rows as ndjson: webhook export -o report\.ndjson/],
  [['-o', 'report.pdf'], 2, /not a \.pdf file\n.*name it -o report\.html$/m],
])('%j is refused, and nothing is written', async (args, code, message) => {
  const { cwd, report } = await place();
  expect(await report(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  expect(readdirSync(cwd)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^report\./)]));
});

test('an event that is not there is no empty page', async () => {
  const { file } = await place();
  const ended = await askCommand(['report', '-o', '-', '--event', 'optut', '--history', file]);
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean optout') });
});
