import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { freePorts } from '../helpers/free-ports.ts';
import { runCommandLine, type Ended } from '../helpers/program.ts';
import { copyRepository, ROOT } from '../helpers/repository.ts';

interface Step {
  name: string;
  id?: string;
  shell: string;
  'working-directory': string;
  env?: Record<string, string>;
  run: string;
}

interface Action {
  inputs: Record<string, { default: string }>;
  outputs: { 'exit-code': { value: string } };
  runs: { using: string; steps: Step[] };
}

const SECRET = 'the-signing-secret';
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
const [build, run] = action.runs.steps as [Step, Step];

let folder: string;
let actionPath: string;

/** A fresh checkout of the action, built once by its own first step. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hookproof-action-'));
  actionPath = join(folder, 'action');
  copyRepository(actionPath);
  const built = await play(build, (name) => ({ 'github.action_path': actionPath })[name]);
  expect(built.code, built.stdout + built.stderr).toBe(0);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A step as the runner does it: expressions replaced, the text in a file, the shell with the runner's own flags. */
function play(step: Step, valueOf: (name: string) => string | undefined, env = {}, cwd = folder): Promise<Ended> {
  const put = (text: string): string =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (whole, name: string) => valueOf(name) ?? whole);
  const script = join(mkdtempSync(join(folder, 'step-')), 'run.sh');
  writeFileSync(script, put(step.run));
  const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, put(value)]));
  expect(step.shell).toBe('bash');
  return runCommandLine('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
    cwd: join(put(step['working-directory']).replace(/^(?!\/)/, `${cwd}/`)),
    env: { HOME: folder, NODE_EXTRA_CA_CERTS: inject('extraCaCerts'), ...env, ...own },
  });
}

/** `uses:` with inputs and env: how it ended, and its output. */
async function use(inputs: Record<string, string>, env = {}): Promise<Ended & { output: string; work: string }> {
  const work = mkdtempSync(join(folder, 'work-'));
  const output = join(work, 'output');
  const ended = await play(
    run,
    (name) => {
      const input = /^inputs\.(.*)/.exec(name)?.[1];
      if (input === undefined) return { 'github.action_path': actionPath }[name];
      return inputs[input] ?? action.inputs[input]?.default;
    },
    { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(work, 'summary.md'), ...env },
    work,
  );
  return { ...ended, output: existsSync(output) ? readFileSync(output, 'utf8') : '', work };
}

const listen = (port: number, bug: string): string =>
  `node '${actionPath}/bin/hookproof.js' listen --vendor mail2many --port ${port} --secret-env M2M_SECRET ` +
  `--no-history --bug ${bug}`;

test('a script has no expression in it: an input is never part of what the shell reads', () => {
  expect(action.runs.using).toBe('composite');
  for (const step of action.runs.steps) expect(step.run).not.toContain('${{');
  expect(action.outputs['exit-code'].value).toBe(`\${{ steps.${run.id}.outputs.exit-code }}`);
});

test('a second use does not build again', async () => {
  const built = await play(build, (name) => ({ 'github.action_path': actionPath })[name]);
  expect(built).toMatchObject({ code: 0, stdout: '' });
});

test('it starts an application, tests it, and reports', async () => {
  const [port] = await freePorts(1);
  const inputs = {
    url: `http://127.0.0.1:${port}/`,
    vendor: 'mail2many',
    'secret-env': 'M2M_SECRET',
    start: listen(port as number, 'no-verification'),
    reporter: 'github\njunit=webhooks.xml\n',
    args: '--only\nevent-full-optin,no-signature',
  };
  const { code, stdout, stderr, output, work } = await use(inputs, { M2M_SECRET: SECRET });
  expect(code, stdout + stderr).toBe(1);
  expect(output).toBe('exit-code=1\n');
  expect(stdout).toMatch(/^::error /m);
  expect(readFileSync(join(work, 'webhooks.xml'), 'utf8')).toContain('<failure');
  expect(stdout + stderr + readFileSync(join(work, 'webhooks.xml'), 'utf8')).not.toContain(SECRET);
});

test('a configured webhook by its name, in a folder of the workspace', async () => {
  const work = join(folder, 'project');
  mkdirSync(work);
  const [port] = await freePorts(1);
  const webhook = { vendor: 'mail2many', events: ['optin'], secret: { env: 'M2M_SECRET' } };
  const shop = { uuid: '5f2f3d7e-3c57-4b0b-8a55-8f3f2c3b9a01', name: 'shop', url: `http://127.0.0.1:${port}/` };
  writeFileSync(join(work, 'hooks.json'), JSON.stringify({ webhooks: [{ ...shop, ...webhook }] }));
  const inputs = { webhook: 'shop', config: 'hooks.json', 'working-directory': work };
  const args = '--only\nevent-full-optin';
  const start = listen(port as number, 'no-verification');
  const tested = await use({ ...inputs, start, args }, { M2M_SECRET: SECRET });
  expect(tested, tested.stdout + tested.stderr).toMatchObject({ code: 0, output: 'exit-code=0\n' });
  expect(await use({ ...inputs, command: 'retries' }, { M2M_SECRET: SECRET })).toMatchObject({
    output: expect.stringMatching(/^exit-code=[1-9]/),
  });
});

test.each([
  ['test', { vendor: 'mail2many' }, 3],
  ['handshake', { vendor: 'slack' }, 3],
  ['send', { vendor: 'mail2many', args: '--event\noptin' }, 3],
  ['verify-cert', {}, 3],
  ['test', { vendor: 'no-vendor' }, 2],
])('%s of %j where nothing listens', async (command, inputs, code) => {
  const [port] = await freePorts(1);
  const scheme = command === 'verify-cert' ? 'https' : 'http';
  const secret: Record<string, string> = command === 'verify-cert' ? {} : { 'secret-env': 'M2M_SECRET' };
  const all: Record<string, string> = { command, url: `${scheme}://127.0.0.1:${port}/`, ...secret, ...inputs };
  const ended = await use(all, { M2M_SECRET: SECRET });
  expect(ended, ended.stdout + ended.stderr).toMatchObject({ code, output: `exit-code=${code}\n` });
});

const HOSTILE = `x'"; touch pwned; $(touch pwned) \`touch pwned\` \${{ github.token }}`;

test.each(['command', 'webhook', 'url', 'vendor', 'secret-env', 'config', 'reporter', 'args'])(
  'a hostile %s is one argument, and refused',
  async (name) => {
    const { code, output, work } = await use({ url: 'http://127.0.0.1:1/', vendor: 'mail2many', [name]: HOSTILE });
    expect(code).toBeGreaterThan(0);
    expect(output).toBe(`exit-code=${code}\n`);
    expect(existsSync(join(work, 'pwned'))).toBe(false);
  },
);
