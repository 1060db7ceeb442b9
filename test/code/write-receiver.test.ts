import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { FRAMEWORKS, findFramework, writeReceiver } from '../../src/code/write-receiver.ts';
import { makeVendorKey } from '../../src/flows/vendor/make-vendor-key.ts';
import { AppError } from '../../src/model/error.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { isPublicKey } from '../../src/sign/scheme/sign-bytes.ts';
import { freePorts, untilOpen } from '../helpers/free-ports.ts';
import { MADE_UP_VENDORS } from '../helpers/made-up-vendors.ts';
import { runSuiteAt } from '../helpers/run-suite.ts';
import { isInstalled } from '../helpers/server-process.ts';
import { findVendor, secretFor, VENDORS } from '../helpers/vendors.ts';

// The suite is the oracle: what is written must accept every good request, and reject every planted mistake.

const PYTHON = ['python3', '/usr/bin/python3'].find((one) => isInstalled(one, '-c', 'import flask'));
const PYTHON_OF_KEYS = ['python3', '/usr/bin/python3'].find((one) =>
  isInstalled(one, '-c', 'import flask, cryptography'),
);
const HAS_PHP = isInstalled('php', '--version');
/** One is mostly waiting, and more would make each other slow. */
const atOnce = pLimit(2);
/** Others come first. */
const TIMEOUT_MS = 180_000;

const isSigned = ({ signature }: Vendor): boolean => signature.value !== null;
const hasKeyPair = ({ signature: { value } }: Vendor): boolean => value !== null && isPublicKey(value.algorithm);
const write = (vendor: Vendor, framework: string): string =>
  writeReceiver(vendor, findFramework(framework), { program: 'npx webhook', vendor: vendor.id });

/** Why nothing can be written; null where something can. */
function whyNot(vendor: Vendor, framework: string): string | null {
  try {
    write(vendor, framework);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'usage') return error.message;
    throw error;
  }
}

/** In every framework, with all cases. */
const WHOLE = ['mail2many', 'stripe', 'standard-webhooks'];
const SCHEMES = [...WHOLE, 'sendgrid', 'twilio', 'mailgun'];
/** What else there is, a framework decides, whoever the vendor is. */
const SIGNED_CASES = ['refuse', 'event-*', 'handshake-*'];
const ROWS = [
  ...VENDORS.filter(isSigned).map((vendor) => ({ vendor, framework: 'express' })),
  ...FRAMEWORKS.map(({ id }) => ({ vendor: findVendor('mailkit'), framework: id })),
  ...SCHEMES.flatMap((id) => ['flask', 'php'].map((framework) => ({ vendor: findVendor(id), framework }))),
].filter(({ vendor, framework }) => whyNot(vendor, framework) === null);

for (const { vendor, framework } of ROWS) {
  test.concurrent(
    `the suite finds nothing: ${vendor.id}, ${framework}`,
    ({ expect: expectHere, skip, onTestFinished }) =>
      atOnce(async () => {
        const command = commandFor(framework, vendor);
        if (typeof command === 'string') return skip(command);
        const secret = secretFor(vendor);
        const { origin, end } = await startReceiver(vendor, framework, command, secret);
        onTestFinished(end);
        const { report, answered } = await runSuiteAt(vendor, `${origin}/hook`, {
          secret,
          only: WHOLE.includes(vendor.id) || !isSigned(vendor) ? [] : SIGNED_CASES,
        });
        const failed = report.findings
          .filter(({ id, status }) => status === 'fail' || (id === 'event-header-swapped' && status === 'warn'))
          .map(({ id }) => id);
        expectHere({ answered, failed, isGood: report.isGood }).toEqual({ answered: true, failed: [], isGood: true });
      }),
    TIMEOUT_MS,
  );
}

const asExpress4 = (code: string): string =>
  code.replace('const app = express();', '$& app.use((request, response, next) => { request.body ??= {}; next(); });');

test.each(['text/plain', 'application/x-www-form-urlencoded'])(
  'a body called %s is answered by Express 4, too, which leaves an object where no parser has read one',
  async (type) => {
    const { origin, end } = await startReceiver(
      findVendor('mail2many'),
      'express',
      [process.execPath],
      'any',
      asExpress4,
    );
    const answer = await fetch(`${origin}/hook`, { method: 'POST', headers: { 'content-type': type }, body: 'a=b' });
    end();
    expect(answer.status).toBe(401);
  },
);

test.each(WHOLE)('%s takes 20 to 40 lines, none too wide', (id) => {
  const code = FRAMEWORKS.map((framework) => write(findVendor(id), framework.id).split('\n'));
  const lengths = code.map((lines) => lines.filter((line) => line.trim() !== '').length);
  expect(
    lengths.every((length) => length >= 20 && length <= 40),
    lengths.join(' '),
  ).toBe(true);
  // The commands of the head stay on their line: they are copied.
  const wide = code.flatMap((lines) => lines.filter((line) => line.length > 120 && !/^\S+ (?:Run|Test):/.test(line)));
  expect(wide).toEqual([]);
});

test.each(FRAMEWORKS.map(({ id }) => id))('%s is not told to know a retry by an id that is not signed', (framework) => {
  const told = (id: string): boolean[] =>
    [/is_?known\(/i, /is not signed: know a retry/, /warns of replay-refreshed/].map((one) =>
      one.test(write(findVendor(id), framework)),
    );
  expect([told('mail2many'), told('standard-webhooks'), told('stripe')]).toEqual([
    [false, true, true],
    [true, false, false],
    [true, false, false],
  ]);
});

test('what cannot be written is refused by name', () => {
  const refused = [...VENDORS, ...MADE_UP_VENDORS].flatMap((vendor) => {
    const reasons = new Set(FRAMEWORKS.map(({ id }) => whyNot(vendor, id)));
    return reasons.size === 1 && reasons.has(null) ? [] : [`${vendor.id}: ${[...reasons].join(' | ')}`];
  });
  expect(refused).toMatchInlineSnapshot(`
    [
      "amazon-ses: no receiver can be written yet: each request names the address of its key",
      "messagebird:  | no receiver can be written yet: its signature is a JWT",
      "token-of-body:  | no receiver can be written yet: its signature is a JWT",
      "token-of-key-pair: no receiver can be written yet: its signature is a JWT by a key pair | no receiver can be written yet: its signature is a JWT",
      "digest-in-place: no receiver can be written yet: it signs the body with another text in the place of the signature",
      "hmac-in-place: no receiver can be written yet: it signs the body with another text in the place of the signature",
      "form-in-place: no receiver can be written yet: it signs the body with another text in the place of the signature",
      "signs-url: no receiver can be written yet: the signature stands in the query that it signs",
      "parts: no receiver can be written yet: its body is multipart/form-data",
      "signed-parts: no receiver can be written yet: its body is multipart/form-data",
    ]
  `);
});

test('of a vendor that signs nothing the head says so, and what else there is', () => {
  expect(write(findVendor('mailkit'), 'express').split('\n').slice(0, 6)).toMatchInlineSnapshot(`
    [
      "// Receives the webhooks of Mailkit with Express, in receiver.mjs.",
      "// Mailkit signs nothing: THIS CODE ACCEPTS EVERY REQUEST.",
      "// It shows a client certificate: require it in the server in front of this.",
      "// It calls from 185.136.200.0/22: let nobody else in.",
      "// Run:   npm install express && node receiver.mjs",
      "// Test:  npx webhook test --url http://127.0.0.1:3000/hook --vendor mailkit",
    ]
  `);
  expect(write(findVendor('mail-plus'), 'flask').split('\n').slice(0, 5)).toMatchInlineSnapshot(`
    [
      "# Receives the webhooks of Mail-Plus with Flask, in receiver.py.",
      "# Mail-Plus signs nothing: THIS CODE ACCEPTS EVERY REQUEST.",
      "# The reverse DNS of its addresses ends in mail-plus.com: check it, forwards too.",
      "# Run:   pip install flask && python3 receiver.py",
      "# Test:  npx webhook test --url http://127.0.0.1:3000/hook --vendor mail-plus",
    ]
  `);
});

test.each(FRAMEWORKS.map(({ id }) => id))('a text of a vendor file stays within its comment: %s', (framework) => {
  const vendor = findVendor('mailkit');
  const codeOf = (title: string): string[] =>
    write({ ...vendor, title }, framework)
      .split(/[\n\r\u2028\u2029]|\?>/)
      .filter((line) => !/^(?:\/\/|#)/.test(line));
  expect(codeOf('Acme\nevil()\r\u2028evil()?><?php evil();')).toEqual(codeOf('Acme'));
});

function commandFor(framework: string, vendor: Vendor): readonly string[] | string {
  if (framework === 'express') return [process.execPath];
  if (framework === 'php') return HAS_PHP ? ['php'] : 'PHP is not installed: php-cli';
  const python = hasKeyPair(vendor) ? PYTHON_OF_KEYS : PYTHON;
  return python === undefined ? 'no python3 with Flask: python3-flask, python3-cryptography' : [python];
}

/** In a folder of its own, on a free port, with the environment variable that its own head names. */
async function startReceiver(
  vendor: Vendor,
  framework: string,
  [program = '']: readonly string[],
  secret: string,
  change = (code: string): string => code,
): Promise<{ origin: string; end: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-written-'));
  const code = write(vendor, framework);
  const { file } = findFramework(framework);
  writeFileSync(join(folder, file), change(code));
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  const [port = 0] = await freePorts(1);
  const variable = /\b[A-Z0-9_]+_(?:SECRET|PUBLIC_KEY)\b/.exec(code)?.[0] ?? 'NONE';
  const shown = hasKeyPair(vendor) ? (await makeVendorKey(vendor, secret, Date.now())).shown : secret;
  const args = framework === 'php' ? ['-S', `127.0.0.1:${port}`, file] : [file];
  const env = { ...process.env, PORT: String(port), [variable]: shown, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(program, args, { cwd: folder, env, stdio: 'ignore' });
  let hasEnded = false;
  void once(child, 'exit').then(() => (hasEnded = true));
  await untilOpen(port, () => {
    if (hasEnded) throw new Error(`the receiver of ${vendor.id} did not start`);
  });
  const end = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { origin: `http://127.0.0.1:${port}`, end };
}
