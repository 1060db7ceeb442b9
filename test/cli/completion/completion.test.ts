import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runProgram } from '../../helpers/program.ts';
import { isInstalled } from '../../helpers/server-process.ts';

const PROMPT = 'READY> ';
/** A name that would be run by a shell that took it for a command. */
const HOSTILE = 'evil $(touch ran); `touch ran`';

const SHELLS = [
  {
    shell: 'bash',
    start: 'bash --rcfile rc/bash -i',
    files: { 'rc/bash': `PS1='${PROMPT}'\nbind 'set enable-bracketed-paste off'\neval "$(webhook completion bash)"\n` },
  },
  {
    shell: 'zsh',
    start: 'zsh -i',
    files: {
      'rc/.zshrc': `PROMPT='${PROMPT}'\nunsetopt zle_bracketed_paste PROMPT_SP 2>/dev/null\nautoload -Uz compinit\ncompinit -u -D\neval "$(webhook completion zsh)"\n`,
    },
  },
  {
    shell: 'fish',
    start: 'fish -i',
    files: {
      // Otherwise fish makes completions of every man page, in the background.
      'data/fish/generated_completions/none.fish': '',
      'rc/fish/config.fish': `function fish_prompt; echo -n '${PROMPT}'; end\nset -g fish_greeting\nset -g fish_history ''\nwebhook completion fish | source\n`,
    },
  },
] as const;

/** What is typed, Tab at its end, and the words that the program gets. */
const TYPED: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['webhook hand', ['handshake']],
  ['webhook certs cre', ['certs', 'create']],
  ['webhook send --event optin_', ['send', '--event', 'optin_additional_channels']],
  ['webhook send --to sho', ['send', '--to', 'shop']],
  ['webhook send --to=sho', ['send', '--to=shop']],
  ['webhook send --to evi', ['send', '--to', HOSTILE]],
  ['webhook send --eml mes', ['send', '--eml', 'message.eml']],
  ['webhook send --secret-file=mes', ['send', '--secret-file=message.eml']],
  ['webhook test --env-file mes', ['test', '--env-file', 'message.eml']],
  ['webhook test --only refuse,rob', ['test', '--only', 'refuse,robust']],
  ['webhook test --only refuse,empty-s', ['test', '--only', 'refuse,empty-signature']],
  ['webhook test --against-bug never-c', ['test', '--against-bug', 'never-calls-back']],
  ['webhook listen --bug reser', ['listen', '--bug', 'reserialised-body']],
  ['hookproof help exit', ['help', 'exit-codes']],
  ['mp-export --manif', ['--manifest']],
  ['verify-cert --cac', ['--cacert']],
];

test.skipIf(!isInstalled('bash', '--version'))('the lines of the help: silent without webhook in PATH', async () => {
  const { stdout } = await runProgram('webhook', ['help', 'shells']);
  const [line = '', path = ''] = [/command -v.*completion bash\)"/, /PATH=\S+/].map((one) => one.exec(stdout)?.[0]);
  const cwd = testFolder();
  const folder = join(cwd, 'node_modules/.bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'webhook'), `#!/bin/sh\nexec '${process.execPath}' '${bin('webhook')}' "$@"\n`, {
    mode: 0o755,
  });
  const run = (first: string): string => {
    const script = `${first}\n${line}\ncomplete -p webhook >/dev/null 2>&1 && echo completes`;
    const ended = spawnSync('/bin/bash', ['--norc', '-c', script], {
      cwd,
      env: { PATH: '/nowhere' },
      encoding: 'utf8',
    });
    return ended.stdout + ended.stderr;
  };
  expect([run(''), run(path)]).toEqual(['', 'completes\n']);
});

for (const { shell, start, files } of SHELLS)
  test.skipIf(!isInstalled(shell, '--version') || !isInstalled('script', '--version'))(
    `${shell} completes what is typed`,
    async () => {
      const cwd = testFolder();
      for (const [name, text] of Object.entries({ ...files, ...filesOf() })) {
        mkdirSync(dirname(join(cwd, name)), { recursive: true });
        writeFileSync(join(cwd, name), text);
      }
      for (const program of PROGRAMS) chmodSync(join(cwd, 'bin', program), 0o755);
      const terminal = openTerminal(start, cwd);
      for (const [line, words] of TYPED) {
        await terminal.reads(PROMPT);
        expect(await terminal.type(`${line}\t\r`), line).toBe(words.map((word) => `[${word}]`).join(''));
      }
      await terminal.end();
      expect(existsSync(join(cwd, 'ran'))).toBe(false);
    },
  );

const PROGRAMS = ['webhook', 'hookproof', 'mp-export', 'verify-cert'] as const;

/** The programs answer completion themselves, and otherwise print their words. */
function filesOf(): Record<string, string> {
  const programs = PROGRAMS.map((program) => [
    `bin/${program}`,
    `#!/bin/sh\ncase $1 in __complete | completion) exec ${process.execPath} ${bin(program)} "$@" ;; esac\n` +
      `printf 'ARGS:'\nfor word; do printf '[%s]' "$word"; done\necho ':END'\n`,
  ]);
  const webhooks = ['shop', HOSTILE].map((name) => ({ name, vendor: 'mail2many' }));
  return {
    ...Object.fromEntries(programs),
    'webhook.config.json': JSON.stringify({ webhooks }),
    'message.eml': '',
  };
}

interface Terminal {
  reads: (text: string) => Promise<void>;
  /** What the program printed that was run by it. */
  type: (keys: string) => Promise<string>;
  end: () => Promise<void>;
}

/** A shell on a terminal of its own, as script(1) makes one. */
function openTerminal(start: string, cwd: string): Terminal {
  const env = {
    PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`,
    HOME: cwd,
    ZDOTDIR: join(cwd, 'rc'),
    XDG_CONFIG_HOME: join(cwd, 'rc'),
    XDG_DATA_HOME: join(cwd, 'data'),
    HISTFILE: '/dev/null',
    TERM: 'xterm',
    LC_ALL: 'C.UTF-8',
  };
  const child = spawn('script', ['-qfc', start, '/dev/null'], {
    cwd,
    env,
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let seen = '';
  let wake: (() => void) | null = null;
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    wake?.();
  });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(seen);
      if (found !== null) {
        seen = seen.slice(found.index + found[0].length);
        return found;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    reads: async (text) => void (await until(new RegExp(text))),
    type: async (keys) => {
      child.stdin.write(keys);
      return (await until(/ARGS:(.*):END/))[1] ?? '';
    },
    end: async () => {
      const ended = once(child, 'close');
      child.stdin.write('exit\r');
      await ended;
    },
  };
}

test.each(['bash', 'zsh', 'fish', 'powershell'])(
  '%s: called hookproof, the script leaves another webhook alone',
  async (shell) => {
    const [own, other] = await Promise.all(
      (['webhook', 'hookproof'] as const).map((program) => runProgram(program, ['completion', shell])),
    );
    expect([own?.code, other?.code]).toEqual([0, 0]);
    expect(own?.stdout).toMatch(/\bwebhook\b/);
    expect(other?.stdout).not.toMatch(/\bwebhook\b/);
  },
);

test('a shell that is not known is refused', async () => {
  expect(await runProgram('webhook', ['completion', 'fsh'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('fish'),
  });
});
