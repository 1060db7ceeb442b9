import { execFile } from 'node:child_process';
import { delimiter, resolve } from 'node:path';
import type { ServerRules } from './server-rules.ts';

/** What the server that is installed here says of a configuration. */
export interface ServerAnswer {
  /**
   * `unsure`: it stumbled over something of this machine (a certificate, a name, a folder) before it had read all.
   * `absent`: it is not installed.
   */
  kind: 'takes' | 'refuses' | 'unsure' | 'absent';
  /** The command that was run. */
  command: string;
  /** In the server's own words. */
  said: string;
  place: { file: string; line: number } | null;
}

type Kind = ServerRules['server'];

/** The first of them that is installed is asked. apachectl sets the variables that Debian's configuration needs. */
const PROGRAMS: Readonly<Record<Kind, readonly (readonly [program: string, ...args: string[]])[]>> = {
  nginx: [['nginx', '-t', '-c']],
  apache: ['apachectl', 'apache2ctl', 'httpd', 'apache2'].map((program) => [program, '-t', '-f'] as const),
};

/** Not everybody has these in the path. */
const SBIN = ['/usr/sbin', '/usr/local/sbin'];
const MAX_MS = 20_000;
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs the server's own test of a main file. It starts no server, but is not free of effects: modules are loaded, logs
 * and temporary folders may be made, and names are looked up, all as the file says. So nobody is asked unbidden.
 */
export async function askServer(kind: Kind, file: string, env: NodeJS.ProcessEnv): Promise<ServerAnswer> {
  for (const [program, ...args] of PROGRAMS[kind]) {
    const all = [...args, resolve(file)];
    const ended = await runProgram(program, all, env);
    if (ended !== null) return { command: [program, ...all].join(' '), ...READERS[kind](ended) };
  }
  return { kind: 'absent', command: PROGRAMS[kind][0]?.join(' ') ?? '', said: '', place: null };
}

interface Ended {
  isGood: boolean;
  output: string;
}

/** Null: there is no such program. */
function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended | null> {
  const path = [env['PATH'] ?? '', ...SBIN].join(delimiter);
  return new Promise((done) => {
    execFile(
      program,
      args,
      { env: { ...env, PATH: path, LC_ALL: 'C' }, timeout: MAX_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT },
      (error, stdout, stderr) => {
        if (error !== null && error.code === 'ENOENT') return done(null);
        const late = error?.killed === true ? `\nno answer in ${MAX_MS / 1000} s` : '';
        return done({ isGood: error === null, output: `${stdout}${stderr}${late}` });
      },
    ).stdin?.end();
  });
}

/** What hangs on this machine and not on the lines: the configuration may be taken where it is used. */
const OF_THE_MACHINE = new RegExp(
  [
    'cannot load',
    'failed \\(\\d+:',
    'host not found',
    'no answer in',
    'get(?:pw|gr)nam',
    'permission denied',
    'no such file',
    'does not exist',
    'not a directory',
    'not readable',
    'must be a valid directory',
    'bad (?:user|group) name',
    'could not (?:open|resolve)',
    'cannot access',
    'unable to (?:open|access)',
    'is not supported on this platform',
  ].join('|'),
  'i',
);

type Said = Omit<ServerAnswer, 'command'>;

/** nginx opens files after it has read the lines, and says so in between. */
function readNginx({ isGood, output }: Ended): Said {
  if (isGood || / syntax is ok$/m.test(output)) return { kind: 'takes', said: 'syntax is ok', place: null };
  const line = output.split('\n').find((one) => one.includes('[emerg]')) ?? lastLine(output);
  const said = line.replace(/^.*\[emerg\] (?:\d+#\d+: )?/, '');
  const [, file = '', number = ''] = / in (\S.*):(\d+)$/.exec(said) ?? [];
  return { kind: whose(said), said, place: file === '' ? null : { file, line: Number(number) } };
}

/** The line of Apache that names the place may be followed by one that says what is wrong there. */
function readApache({ isGood, output }: Ended): Said {
  if (isGood) return { kind: 'takes', said: 'Syntax OK', place: null };
  const found = /Syntax error on line (\d+) of (.+?):\s*([^\n]*(?:\n(?!AH\d|\[|Action|The Apache)[^\n]+)*)/.exec(
    output,
  );
  if (found === null) return { kind: 'unsure', said: lastLine(output), place: null };
  const [, line = '', file = '', text = ''] = found;
  const said = text.trim().replaceAll('\n', ' ');
  return { kind: whose(said), said, place: { file, line: Number(line) } };
}

const whose = (said: string): 'refuses' | 'unsure' => (OF_THE_MACHINE.test(said) ? 'unsure' : 'refuses');

const lastLine = (output: string): string => output.trim().split('\n').at(-1) ?? '';

const READERS: Readonly<Record<Kind, (ended: Ended) => Said>> = { nginx: readNginx, apache: readApache };
