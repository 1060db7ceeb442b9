import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../../helpers/program.ts';

const run = (...args: string[]): ReturnType<typeof runProgram> => runProgram('webhook', ['receiver', ...args]);

test.each(['express', 'flask', 'php'])('%s: its head is how to run it, and how to test it', async (framework) => {
  const { code, stdout, stderr } = await run('stripe', '--for', framework);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const commands = [...stdout.matchAll(/^(?:\/\/|#) (?:Run|Test): +(.*)$/gm)].map(([, command]) => command);
  expect(commands).toEqual([
    expect.stringMatching(/STRIPE_SECRET=whsec_\S+ \S+ .*receiver\.\w+$/),
    expect.stringMatching(
      /^STRIPE_SECRET=whsec_\S+ webhook test --url http:\/\/127\.0\.0\.1:3000\/hook --vendor stripe /,
    ),
  ]);
});

test('with a key pair: its commands work as they are printed, again and again', async () => {
  const { stdout } = await run('sendgrid', '--for', 'flask');
  const [key = '', start = ''] = [...stdout.matchAll(/^# (?:Key|Run): +(.*)$/gm)].map(([, command = '']) => command);
  const cwd = testFolder();
  symlinkSync(bin('webhook'), join(cwd, 'webhook'));
  const env = { PATH: `${cwd}:${process.env['PATH']}`, HOME: cwd };
  const said = start.replace(/^.*&& /, '').replace(/python3 .*/, '; printf "$SENDGRID_PUBLIC_KEY"');
  const answers = [await runCommandLine('bash', ['-c', key], { cwd, env })];
  for (const command of [said, said]) answers.push(await runCommandLine('bash', ['-c', command], { cwd, env }));
  const [made, ...shown] = answers.map(({ stdout: text }) => text.trim());
  expect(made).toMatch(/^MFkw/);
  expect(shown).toEqual([made, made]);
});

test("a vendor file of the user's own", async () => {
  const file = join(testFolder(), 'acme.vendor.json');
  const shown = await runProgram('webhook', ['vendor', 'show', 'stripe']);
  writeFileSync(
    file,
    shown.stdout.replaceAll('Stripe-Signature', 'Acme-Signature').replace('"id":"stripe"', '"id":"acme"'),
  );
  const { code, stdout } = await run(file, '--for', 'flask');
  expect({ code, hasHeader: stdout.includes('request.headers.get("Acme-Signature"') }).toEqual({
    code: 0,
    hasHeader: true,
  });
});

test.each([
  [['stripe'], /no framework was given[\s\S]*express, flask, php/],
  [['stripe', '--for', 'flsk'], /cannot write a receiver for "flsk"[\s\S]*flask/],
  [['strip', '--for', 'flask'], /strip[\s\S]*stripe/],
  [['amazon-ses', '--for', 'php'], /cannot write a receiver yet: each request names the address of its key/],
  [['messagebird', '--for', 'php'], /cannot write a receiver yet: its signature is a JWT/],
])('%j is refused with what to type', async (args, expected) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(expected) });
});
