import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../helpers/folder.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { hasPostgres, POSTGRES, serverForFile } from '../helpers/postgres.ts';
import { bin, runCommandLine } from '../helpers/program.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/team.md'), 'utf8');

const blocks = [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', inside = '']) => ({
  language,
  text: inside.trim(),
}));

const COUNT = 400;

/** A terminal of its own, in which something runs until it is stopped. */
interface Terminal {
  child: ChildProcess;
  output: () => string;
  until: (text: string) => Promise<void>;
  stop: () => Promise<string>;
}

function openTerminal(commands: string, cwd: string, env: Record<string, string>): Terminal {
  const child = spawn('sh', ['-c', commands.replace(/^(.*)$(?![\s\S])/m, 'exec $1')], {
    cwd,
    env: { ...process.env, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += String(bytes)));
  const gone = once(child, 'close');
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  onTestFinished(async () => {
    if (!isGone()) child.kill('SIGKILL');
    await gone;
  });
  return {
    child,
    output: () => output,
    until: async (text) => {
      while (!output.includes(text)) {
        expect(isGone(), output).toBe(false);
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), gone]);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      await gone;
      return output;
    },
  };
}

/** What differs from run to run is left out. */
const linesOf = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, 'ID')
        .replaceAll(/\d+(?:\.\d+)*/g, 'N')
        .replaceAll(/N m?s\b/g, 'TIME')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    );

describe.skipIf(!hasPostgres)(POSTGRES, () => {
  const server = serverForFile();

  /** One worker alone might have sent everything before the other is there: none is woken until both ask. */
  async function holdUpWorkers(): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: server().url('hooks') });
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('begin; lock table hookproof_jobs.job in access exclusive mode');
    const waiting = 'select count(distinct pid)::integer as workers from pg_locks where not granted';
    return async () => {
      await expect.poll(() => server().run(waiting)).toEqual([{ workers: 2 }]);
      await client.query('commit');
    };
  }

  test('each step of docs/team.md works as it is written, and shows no password', { timeout: 240_000 }, async () => {
    const cwd = testFolder();
    mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
    for (const name of ['webhook', 'mp-export']) symlinkSync(bin(name), join(cwd, 'node_modules/.bin', name));
    symlinkSync(root, join(cwd, 'node_modules/hookproof'));
    const port = String((await freePorts(1))[0]);
    await server().admit(['hooks', 'auditor'].map((user) => `host hooks ${user} 127.0.0.1/32 scram-sha-256`));
    const env = { HOME: cwd, PGHOST: '127.0.0.1', PGPORT: String(server().port) };
    const real = (text: string): string =>
      text
        .replaceAll('5432', String(server().port))
        .replaceAll('3000', port)
        .replaceAll('npx ', './node_modules/.bin/')
        .replaceAll('sudo -u postgres psql', 'psql -U postgres');
    const exported: string[] = [];
    const terminals: Terminal[] = [];
    const run = (text: string): ReturnType<typeof runCommandLine> =>
      runCommandLine('sh', ['-e', '-c', `exec 2>&1\n${[...exported, real(text)].join('\n')}`], { cwd, env });
    const open = async (text: string, ready: string): Promise<void> => {
      const terminal = openTerminal([...exported, real(text)].join('\n'), cwd, env);
      terminals.push(terminal);
      await terminal.until(ready);
    };
    let printed = '';
    let everything = '';
    for (const { language, text } of blocks) {
      if (language === 'text')
        for (const line of linesOf(text)) expect(linesOf(printed), `${line}\n\nof\n\n${printed}`).toContain(line);
      else if (text.includes('webhook listen')) await open(text, `:${port}`);
      else if (text === 'npx webhook worker') {
        const letBothBegin = await holdUpWorkers();
        const working = Promise.all(['one', 'two'].map(() => open(text, 'working on')));
        await letBothBegin();
        await working;
        while (!(await run('npx webhook queue stats --json')).stdout.includes('"webhooks":[]')) await setTimeout(100);
      } else {
        exported.push(
          ...real(text)
            .split('\n')
            .filter((line) => line.startsWith('export ')),
        );
        const ended = await run(text);
        expect(ended.code, `${text}\n\n${ended.stdout}`).toBe(0);
        printed = ended.stdout;
        everything += printed;
      }
    }
    const [receiver, ...workers] = terminals as [Terminal, ...Terminal[]];
    const worked = await Promise.all(workers.map(({ stop }) => stop()));
    const sent = worked.map((output) => output.split('\n').filter((line) => line.startsWith('delivered ')).length);
    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(COUNT);
    expect(Math.min(...sent)).toBeGreaterThan(0);
    expect(await receiver.stop()).toContain(`${COUNT} requests`);
    expect(readFileSync(join(cwd, 'team.csv'), 'utf8').trim().split('\n')).toHaveLength(COUNT + 1);
    everything += worked.join('') + readFileSync(join(cwd, 'team.csv'), 'utf8');
    for (const secret of ['the-password', 'the-signing-secret']) expect(everything).not.toContain(secret);
  });
});
