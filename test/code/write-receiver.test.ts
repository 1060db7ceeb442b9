import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import { FRAMEWORKS } from '../../src/code/write-receiver.ts';
import { AppError } from '../../src/model/error.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { MADE_UP_VENDORS } from '../helpers/made-up-vendors.ts';
import { runSuiteAt } from '../helpers/run-suite.ts';
import { findVendor, secretFor, VENDORS } from '../helpers/vendors.ts';
import { isFurtherNode } from '../runner/further-node.ts';
import { programFor, startReceiver, writtenReceiver as write } from '../helpers/written-receiver.ts';

// The suite is the oracle: what is written must accept every good request, and reject every planted mistake.

/** One is mostly waiting, and more would make each other slow. */
const atOnce = pLimit(2);
/** Others come first. */
const TIMEOUT_MS = 180_000;

const isSigned = ({ signature }: Vendor): boolean => signature.value !== null;

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
/** Advice that a receiver written for one vendor can follow. */
const NEVER_WARNED = /^(?:event-header-swapped$|callback-)/;
/** PHP and Python are the same whatever Node asks them. */
const HERE = FRAMEWORKS.map(({ id }) => id).filter((id) => id === 'express' || !isFurtherNode);
const ROWS = [
  ...VENDORS.filter(isSigned).map((vendor) => ({ vendor, framework: 'express' })),
  ...HERE.map((framework) => ({ vendor: findVendor('mailkit'), framework })),
  ...SCHEMES.flatMap((id) =>
    HERE.filter((one) => one !== 'express').map((framework) => ({ vendor: findVendor(id), framework })),
  ),
].filter(({ vendor, framework }) => whyNot(vendor, framework) === null);

for (const { vendor, framework } of ROWS) {
  test.concurrent(
    `the suite finds nothing: ${vendor.id}, ${framework}`,
    ({ expect: expectHere, skip, onTestFinished }) =>
      atOnce(async () => {
        const found = programFor(framework, vendor);
        if ('missing' in found) return skip(found.missing);
        const secret = secretFor(vendor);
        const { origin, testOrigin, end } = await startReceiver(vendor, framework, { ...found, secret });
        onTestFinished(end);
        const callsBack = vendor.signature.value?.keyUrl !== undefined;
        const { report, answered } = await runSuiteAt(vendor, `${origin}/hook`, {
          secret,
          callbacksAt: callsBack ? testOrigin : undefined,
          only: [...WHOLE, 'amazon-ses'].includes(vendor.id) || !isSigned(vendor) ? [] : SIGNED_CASES,
        });
        const failed = report.findings
          .filter(({ id, status }) => status === 'fail' || (status === 'warn' && NEVER_WARNED.test(id)))
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
    const running = { program: process.execPath, secret: 'any', change: asExpress4 };
    const { origin, end } = await startReceiver(findVendor('mail2many'), 'express', running);
    const answer = await fetch(`${origin}/hook`, { method: 'POST', headers: { 'content-type': type }, body: 'a=b' });
    end();
    expect(answer.status).toBe(401);
  },
);

test('a receiver takes 17 to 40 lines, a few of them more', () => {
  const lengths = VENDORS.flatMap((vendor) =>
    FRAMEWORKS.filter(({ id }) => whyNot(vendor, id) === null).map(({ id }) => ({
      name: `${vendor.id}, ${id}`,
      length: linesOf(vendor, id).filter((line) => line.trim() !== '').length,
    })),
  );
  expect(Math.min(...lengths.map(({ length }) => length))).toBe(17);
  expect(lengths.filter(({ length }) => length > 40).map(({ name, length }) => `${name}: ${length}`))
    .toMatchInlineSnapshot(`
      [
        "amazon-ses, express: 64",
        "mandrill, express: 43",
        "mandrill, php: 52",
        "messagebird, express: 50",
        "twilio, php: 47",
      ]
    `);
});

const linesOf = (vendor: Vendor, framework: string): string[] => write(vendor, framework).split('\n');

test.each([...WHOLE, 'amazon-ses'])('no line of %s is too wide', (id) => {
  const lines = FRAMEWORKS.flatMap((framework) =>
    whyNot(findVendor(id), framework.id) === null ? linesOf(findVendor(id), framework.id) : [],
  );
  // The commands of the head stay on their line: they are copied.
  expect(lines.filter((line) => line.length > 120 && !/^\S+ (?:Key|Run|Test):/.test(line))).toEqual([]);
});

test.each(FRAMEWORKS.map(({ id }) => id))('%s is not told to know a retry by an id that is not signed', (framework) => {
  const told = (id: string): boolean[] =>
    [/is_?known\(/i, /is not signed: recognise a retry/, /warns of replay-refreshed/].map((one) =>
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
      "amazon-ses:  | cannot write a receiver yet: each request names the address of its key",
      "messagebird:  | cannot write a receiver yet: its signature is a JWT",
      "token-of-body:  | cannot write a receiver yet: its signature is a JWT",
      "token-of-key-pair: cannot write a receiver yet: its signature is a JWT signed with a key pair | cannot write a receiver yet: its signature is a JWT",
      "digest-in-place: cannot write a receiver yet: it signs the body with another text in place of the signature",
      "hmac-in-place: cannot write a receiver yet: it signs the body with another text in place of the signature",
      "form-in-place: cannot write a receiver yet: it signs the body with another text in place of the signature",
      "signs-url: cannot write a receiver yet: the signature is in the query that it signs",
      "parts: cannot write a receiver yet: its body is multipart/form-data",
      "signed-parts: cannot write a receiver yet: its body is multipart/form-data",
    ]
  `);
});

test('of a vendor that signs nothing the head says so, and what else there is', () => {
  expect(write(findVendor('mailkit'), 'express').split('\n').slice(0, 6)).toMatchInlineSnapshot(`
    [
      "// Receives the webhooks of Mailkit with Express, in receiver.mjs.",
      "// Mailkit signs nothing: THIS CODE ACCEPTS EVERY REQUEST.",
      "// It sends a client certificate: require it in the server in front of this.",
      "// It calls from 185.136.200.0/22: refuse all other addresses.",
      "// Run:   npm install express && node receiver.mjs",
      "// Test:  npx webhook test --url http://127.0.0.1:3000/hook --vendor mailkit",
    ]
  `);
  expect(write(findVendor('mail-plus'), 'flask').split('\n').slice(0, 5)).toMatchInlineSnapshot(`
    [
      "# Receives the webhooks of Mail-Plus with Flask, in receiver.py.",
      "# Mail-Plus signs nothing: THIS CODE ACCEPTS EVERY REQUEST.",
      "# The reverse DNS of its addresses ends in mail-plus.com: check it, and confirm it forwards.",
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

test.each(FRAMEWORKS.map(({ id }) => id))('a text of a vendor file stays the text that it is: %s', (framework) => {
  const vendor = findVendor('standard-webhooks');
  const { value: spec } = vendor.signature;
  if (spec === null) throw new Error('it signs');
  const prefix = `/', '', '') . evil() . trim('"\\`;
  const key = { encoding: 'base64', prefix } as const;
  const code = write({ ...vendor, signature: { ...vendor.signature, value: { ...spec, key } } }, framework);
  const bare = code.replaceAll(/(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\^(?:[^/\\\n]|\\.)*\/)/g, '');
  expect(bare.split('\n').filter((line) => line.includes('evil') && !/^(?:\/\/|#)/.test(line))).toEqual([]);
});
