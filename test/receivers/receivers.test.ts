import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { test } from 'vitest';
import { freePorts, untilOpen } from '../helpers/free-ports.ts';
import { runProgram } from '../helpers/program.ts';
import { findVendor } from '../helpers/vendors.ts';
import { isInstalled } from '../helpers/server-process.ts';

// What the suite says of small real applications, in the languages of the vendors' own samples: good ones and faulty ones.

const SECRET = 'whsec_of_the_receivers';
const NODE = [process.execPath];
/** The first python3 of a path may be a pyenv's, which does not see Debian's packages. */
const PYTHONS = ['python3', '/usr/bin/python3'];
const PYTHON = firstOf(PYTHONS, '--version');
const FLASK = firstOf(PYTHONS, '-c', 'import flask');
const PHP = isInstalled('php', '--version') ? ['php'] : 'PHP is not installed: php-cli';
/** A row is mostly waiting for late effects. More at once would be noticed by the cases that look at the time. */
const atOnce = pLimit(2);

interface Row {
  app: string;
  vendor: string;
  /** Or what is missing on this machine. */
  command: readonly string[] | string;
  args?: readonly string[];
  /** PHP is given its port; the others report theirs. */
  takesPort?: boolean;
  /** Nobody reports to the suite what was processed. */
  byStatus?: boolean;
  exit: 0 | 1;
  /** What is wrong with it, so that a reader can compare; all of the suite's words are in `verdicts/`. */
  conclusion: string;
  /** The terminal report is no longer: one fault is told once. */
  rows?: number;
  /** Cases that must be among the failures. */
  fails: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    app: 'node-http.js',
    vendor: 'mailkite',
    command: NODE,
    exit: 0,
    conclusion: 'accepts every valid request and rejects every forged one',
    fails: [],
  },
  // Of several signatures the last one counts: nobody without the secret can use that.
  {
    app: 'express-raw.js',
    vendor: 'mailkite',
    command: NODE,
    exit: 0,
    conclusion: 'accepts valid requests, but answers with success in 2 of 33 cases where it must reject',
    fails: [],
  },
  {
    app: 'express-json.js',
    vendor: 'mailkite',
    command: NODE,
    exit: 1,
    conclusion: '9 of 75 cases fail',
    fails: ['json-spaced', 'body-respaced', 'large-1mib', 'stale', 'replay', 'same-id-again'],
  },
  {
    app: 'http_server.py',
    vendor: 'mailkit',
    command: PYTHON,
    exit: 0,
    conclusion: 'accepts every valid request and rejects every forged one',
    fails: [],
  },
  // Answers 201, expects EMAIL, and drops the connection where it throws.
  {
    app: 'http_server.py',
    vendor: 'mailkit',
    command: PYTHON,
    args: ['strict'],
    exit: 1,
    conclusion:
      'no answer counts as success: good events are answered 201, but Mailkit expects 200 (and 1 other cause); ',
    fails: [
      'event-full-unsubscribe',
      'unknown-value',
      'event-minimal-unsubscribe',
      'chunked',
      'malformed-json',
      'empty-body',
    ],
  },
  {
    app: 'flask_careful.py',
    vendor: 'mailkite',
    command: FLASK,
    exit: 0,
    conclusion: 'accepts every valid request and rejects every forged one',
    fails: [],
  },
  // Works first and verifies then, over JSON that json.dumps writes in ASCII.
  {
    app: 'flask_json.py',
    vendor: 'mailkite',
    command: FLASK,
    exit: 1,
    conclusion: 'every forged event is refused, but processed anyway; 42 of 75 cases fail',
    fails: ['event-full-email.received', 'unicode', 'json-spaced', 'wrong-secret', 'body-changed', 'stale', 'replay'],
  },
  // The forgeries it works on look refused.
  {
    app: 'flask_json.py',
    vendor: 'mailkite',
    command: FLASK,
    byStatus: true,
    exit: 1,
    conclusion: '29 of 75 cases fail',
    fails: ['event-full-email.received', 'unicode', 'json-spaced'],
  },
  {
    app: 'flask_mail_plus.py',
    vendor: 'mail-plus',
    command: FLASK,
    exit: 1,
    conclusion: '3 of 37 cases fail',
    fails: ['event-minimal-inbound'],
  },
  // The vendor's own sample reads X-Mail2many-Signature, and the vendor sends X-Mail2Many-Signature.
  {
    app: 'mail2many-sample.php',
    vendor: 'mail2many',
    command: PHP,
    takesPort: true,
    exit: 1,
    conclusion: 'header names are only found in Title-Case; 17 of 62 cases fail',
    rows: 25,
    fails: ['event-full-optin', 'headers-lower-case'],
  },
  {
    app: 'mail2many-careful.php',
    vendor: 'mail2many',
    command: PHP,
    takesPort: true,
    exit: 0,
    conclusion: 'accepts every valid request and rejects every forged one',
    fails: [],
  },
];

for (const row of ROWS) {
  const name = [row.app, ...(row.args ?? []), ...(row.byStatus ? ['by status'] : [])].join(' ');
  test.concurrent(name, ({ expect, skip, onTestFinished }) =>
    atOnce(async () => {
      const { app, vendor, command, args = [], takesPort, byStatus, exit, conclusion, rows, fails } = row;
      if (typeof command === 'string') return skip(command);
      const folder = mkdtempSync(join(tmpdir(), 'hookproof-receivers-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const { origin, end } = await startApp(app, command, { args, takesPort, folder });
      onTestFinished(end);
      const flags = [
        // What they do, they do before they answer.
        ...(byStatus ? [] : ['--effects-wait', '200ms']),
        ...(byStatus ? [] : ['--effects-url', `${origin}/processed`]),
        ...(findVendor(vendor).signature.value === null ? [] : ['--secret-env', 'HOOK_SECRET']),
      ];
      const { code, stdout, stderr } = await runProgram(
        'webhook',
        ['test', '--url', `${origin}/hook`, '--vendor', vendor, ...flags, '--reporter', 'json=verdicts.json'],
        { cwd: folder, env: { HOOK_SECRET: SECRET } },
      );
      expect([stderr, code]).toEqual([
        expect.stringMatching(/^note: events that \S+ accepts take effect there.*\n$/),
        exit,
      ]);
      expect(stdout).toContain(`\n\n${conclusion}`);
      expect(stdout.split('\n').length).toBeLessThanOrEqual(rows ?? Infinity);
      const { findings } = JSON.parse(readFileSync(join(folder, 'verdicts.json'), 'utf8')) as {
        findings: { id: string; status: string }[];
      };
      const idsOf = (status: string): string[] => findings.filter((one) => one.status === status).map(({ id }) => id);
      expect(idsOf('fail')).toEqual(expect.arrayContaining([...fails]));
      const table = ['fail', 'warn', 'skip', 'pass'].map(
        (status) =>
          `${status}\n${idsOf(status)
            .map((id) => `  ${id}\n`)
            .join('')}`,
      );
      await expect(table.join('')).toMatchFileSnapshot(
        join(import.meta.dirname, 'verdicts', `${name.replaceAll(/[ .]/g, '-')}.txt`),
      );
    }),
  );
}

/** The program of these that ends well with `args`; else what to install. */
function firstOf(programs: readonly string[], ...args: string[]): string[] | string {
  const found = programs.find((program) => isInstalled(program, ...args));
  return found === undefined
    ? `no ${programs.join(' or ')} that runs ${args.join(' ')}: python3, python3-flask`
    : [found];
}

interface Start {
  args: readonly string[];
  takesPort: boolean | undefined;
  folder: string;
}

/** Starts the application on a free loopback port. `end` ends its process. */
async function startApp(
  app: string,
  [program = '', ...before]: readonly string[],
  { args, takesPort, folder }: Start,
): Promise<{ origin: string; end: () => void }> {
  const file = join(import.meta.dirname, app);
  const [port = 0] = takesPort ? await freePorts(1) : [];
  const line = takesPort ? [...before, '-S', `127.0.0.1:${port}`, file] : [...before, file, ...args];
  const env = { ...process.env, HOOK_SECRET: SECRET, EFFECTS: join(folder, 'effects'), PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(program, line, { env, stdio: ['ignore', 'pipe', takesPort ? 'ignore' : 'inherit'] });
  const end = (): void => void child.kill();
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${app} did not start`);
  });
  // Later it is meant to end.
  ended.catch(() => undefined);
  const reported = takesPort
    ? untilOpen(port, () => undefined).then(() => port)
    : once(child.stdout as Readable, 'data').then(String);
  return { origin: `http://127.0.0.1:${String(await Promise.race([reported, ended])).trim()}`, end };
}
