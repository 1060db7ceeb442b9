import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { freePorts, untilOpen } from '../helpers/free-ports.ts';
import { runProgram } from '../helpers/program.ts';
import { isInstalled } from '../helpers/server-process.ts';

// What the suite says of small real applications, in the languages of the vendors' own samples: good ones and faulty ones.

const SECRET = 'whsec_of_the_receivers';
const NODE = [process.execPath];
const hasPython = isInstalled('python3', '--version');
const hasPhp = isInstalled('php', '--version');

interface Row {
  app: string;
  vendor: string;
  command: readonly string[];
  args?: readonly string[];
  /** Of PHP: the port is given, not told. */
  takesPort?: boolean;
  exit: 0 | 1;
  /** What is wrong with it, so that a reader can compare; all of the suite's words are in `verdicts/`. */
  conclusion: string;
  /** Cases that must be among the failures. */
  fails: readonly string[];
}

const ROWS: readonly Row[] = [
  { app: 'node-http.js', vendor: 'mailkite', command: NODE, exit: 0, conclusion: 'accepts what it must and refuses what it must', fails: [] },
  // Of several signatures the last one counts: nobody without the secret can use that.
  { app: 'express-raw.js', vendor: 'mailkite', command: NODE, exit: 0, conclusion: 'accepts what it must, but answers success in 2 of 33 cases where it must refuse', fails: [] },
  { app: 'express-json.js', vendor: 'mailkite', command: NODE, exit: 1, conclusion: '22 of 73 cases fail', fails: ['json-spaced', 'body-respaced', 'large-1mib', 'stale', 'replay', 'same-id-again', 'event-full-email.sent'] },
  { app: 'http_server.py', vendor: 'mailkit', command: ['python3'], exit: 0, conclusion: 'accepts what it must and refuses what it must', fails: [] },
  // Answers 201, expects EMAIL and METHOD, and drops the connection where it throws.
  { app: 'http_server.py', vendor: 'mailkit', command: ['python3'], args: ['strict'], exit: 1, conclusion: 'the endpoint refuses everything', fails: ['event-full-unsubscribe', 'unknown-value', 'event-minimal-unsubscribe', 'chunked', 'malformed-json', 'empty-body'] },
  // The vendor's own sample reads X-Mail2many-Signature, and the vendor sends X-Mail2Many-Signature.
  { app: 'mail2many-sample.php', vendor: 'mail2many', command: ['php'], takesPort: true, exit: 1, conclusion: '25 of 62 cases fail', fails: ['event-full-optin', 'headers-lower-case'] },
  { app: 'mail2many-careful.php', vendor: 'mail2many', command: ['php'], takesPort: true, exit: 0, conclusion: 'accepts what it must and refuses what it must', fails: [] },
];

const isThere = ({ command: [program] }: Row): boolean => (program === 'python3' ? hasPython : program === 'php' ? hasPhp : true);

test.each(ROWS.filter(isThere).map((row) => [[row.app, ...(row.args ?? [])].join(' '), row] as const))('%s', async (name, row) => {
  const { app, vendor, command, args = [], takesPort, exit, conclusion, fails } = row;
  const origin = await startApp(app, [...command], args, takesPort === true);
  const who = vendor === 'mailkit' ? ['--events', 'unsubscribe'] : ['--secret-env', 'HOOK_SECRET'];
  const folder = testFolder();
  const { code, stdout, stderr } = await runProgram('webhook', ['test', '--url', `${origin}/hook`, '--vendor', vendor, '--effects-url', `${origin}/processed`, ...who, '--reporter', 'json=verdicts.json'], { cwd: folder, env: { HOOK_SECRET: SECRET } });
  expect([stderr, code]).toEqual(['', exit]);
  expect(stdout.slice(0, conclusion.length)).toBe(conclusion);
  const { findings } = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as { findings: { id: string; status: string }[] };
  const idsOf = (status: string): string[] => findings.filter((one) => one.status === status).map(({ id }) => id);
  expect(idsOf('fail')).toEqual(expect.arrayContaining([...fails]));
  const table = ['fail', 'warn', 'skip', 'pass'].map((status) => `${status}\n${idsOf(status).map((id) => `  ${id}\n`).join('')}`);
  await expect(table.join('')).toMatchFileSnapshot(join(import.meta.dirname, 'verdicts', `${name.replaceAll(/[ .]/g, '-')}.txt`));
});

/** Starts the application on a free loopback port; gone when the test ends. */
async function startApp(app: string, [program = '', ...before]: string[], args: readonly string[], takesPort: boolean): Promise<string> {
  const file = join(import.meta.dirname, app);
  const [port = 0] = takesPort ? await freePorts(1) : [];
  const line = takesPort ? [...before, '-S', `127.0.0.1:${port}`, file] : [...before, file, ...args];
  const child = spawn(program, line, { env: { ...process.env, HOOK_SECRET: SECRET, EFFECTS: join(testFolder(), 'effects') }, stdio: ['ignore', 'pipe', takesPort ? 'ignore' : 'inherit'] });
  let hasEnded = false;
  child.once('exit', () => { hasEnded = true; });
  onTestFinished(() => void child.kill());
  if (!takesPort) return new Promise((ready) => { child.stdout?.once('data', (chunk: Buffer) => ready(`http://127.0.0.1:${String(chunk).trim()}`)); });
  await untilOpen(port, () => {
    if (hasEnded) throw new Error(`${app} did not start`);
  });
  return `http://127.0.0.1:${port}`;
}
