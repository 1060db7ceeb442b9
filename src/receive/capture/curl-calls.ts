import { gunzipSync } from 'node:zlib';
import { AppError } from '../../model/error.ts';
import { isOperator, type ShellToken, type ShellWord } from './shell-word.ts';

/** What a program reads from standard input; where it is not known, who would have to be asked. */
export type PipedInput = { bytes: Buffer } | { unknown: string };

/** One call of curl in some command lines. */
export interface CurlCall {
  /** Those behind `curl`. */
  words: readonly ShellWord[];
  input: PipedInput | null;
}

/** One program between two pipes. */
interface Stage {
  words: ShellWord[];
  /** Of a redirection. */
  input: PipedInput | null;
}

/** Ends a line of programs: what follows is another. */
const ENDS = new Set(['\n', ';', '&', '&&', '||']);

/** What changes nothing that a request has. */
const HARMLESS = new Set(['', 'cd', 'export', 'set', 'setopt', 'true']);

/**
 * The calls of curl in command lines, each with what is piped into it: of the programs that hookproof's own commands
 * use for a body, which are not run, but known. Throws AppError `input` for another program that is no part of a pipe:
 * it tells that the command was split in the wrong place.
 */
export function listCurlCalls(tokens: readonly ShellToken[], maxBytes: number): CurlCall[] {
  return listPipes(tokens).flatMap((stages) => callsOf(stages, maxBytes));
}

function listPipes(tokens: readonly ShellToken[]): Stage[][] {
  const pipes: Stage[][] = [[{ words: [], input: null }]];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as ShellToken;
    const pipe = pipes.at(-1) as Stage[];
    const stage = pipe.at(-1) as Stage;
    if (!isOperator(token)) stage.words.push(token);
    else if (ENDS.has(token.operator)) pipes.push([{ words: [], input: null }]);
    else if (/^\|&?$/.test(token.operator)) pipe.push({ words: [], input: null });
    else if (/[<>]/.test(token.operator)) {
      const next = tokens[++at];
      if (next !== undefined && !isOperator(next)) stage.input = redirected(token.operator, next) ?? stage.input;
    } else throw new AppError('input', `the curl command is inside ${token.operator}`, { hint: ONLY_CURL });
  }
  return pipes;
}

function redirected(operator: string, word: ShellWord): PipedInput | null {
  if (operator === '<<' || operator === '<<-') return knownOr(word, word.bytes);
  if (operator === '<<<') return knownOr(word, Buffer.concat([word.bytes, Buffer.from('\n')]));
  return operator === '<' ? { unknown: `the file ${textOf(word)}` } : null;
}

function knownOr({ unknown: [name] }: ShellWord, bytes: Buffer): PipedInput {
  return name === undefined ? { bytes } : { unknown: name };
}

function callsOf(stages: readonly Stage[], maxBytes: number): CurlCall[] {
  let input: PipedInput | null = null;
  for (const stage of stages) {
    const words = stage.words.slice(countAssignments(stage.words));
    const [first, ...others] = words;
    const program = first === undefined ? '' : textOf(first).replace(/^.*[/\\]/, '');
    const piped: PipedInput | null = stage.input ?? input;
    if (/^curl(?:\.exe)?$/i.test(program)) return [{ words: others, input: piped }];
    if (HARMLESS.has(program)) return [];
    if (stage === stages.at(-1))
      throw new AppError(
        'input',
        `the capture has the command "${textOf(first as ShellWord)}", but only curl is read`,
        {
          hint: ONLY_CURL,
        },
      );
    input = outputOf(program, others, piped, maxBytes);
  }
  return [];
}

const ONLY_CURL =
  'give only the curl command; put a URL with & or ; in quotes, and end a continued line with \\ (or ^ on Windows)';

/** `NAME=value` before a program. */
function countAssignments(words: readonly ShellWord[]): number {
  const at = words.findIndex(({ bytes }) => !/^[A-Za-z_]\w*=/.test(bytes.toString('latin1', 0, 200)));
  return at < 0 ? words.length : at;
}

const textOf = ({ bytes }: ShellWord): string => bytes.toString('utf8', 0, 60);

/** What a program writes, for the few that are known well enough to tell without running them. */
function outputOf(
  program: string,
  words: readonly ShellWord[],
  input: PipedInput | null,
  maxBytes: number,
): PipedInput {
  const [unread] = words.flatMap(({ unknown }) => unknown);
  if (unread !== undefined) return { unknown: unread };
  const flags = words.filter(({ bytes }) => bytes[0] === DASH).map(textOf);
  const others = words.filter(({ bytes }) => bytes[0] !== DASH);
  if (program === 'printf') return printed(words);
  if (program === 'echo') return echoed(words);
  if (others.length > 0) return { unknown: `the output of ${program} ${others.map(textOf).join(' ')}`.slice(0, 100) };
  if (program === 'cat') return input ?? { unknown: 'standard input' };
  if (input === null || 'unknown' in input) return input ?? { unknown: `the output of ${program}` };
  const isDecoding = flags.some((flag) => /^(?:-[a-z]*d[a-z]*|-D|--decode|--decompress)$/i.test(flag));
  if (program === 'base64' && isDecoding) return { bytes: Buffer.from(input.bytes.toString('latin1'), 'base64') };
  const isUnzip = program === 'gunzip' || program === 'zcat' || (program === 'gzip' && isDecoding);
  return isUnzip ? { bytes: unzip(input.bytes, maxBytes) } : { unknown: `the output of ${program}` };
}

const DASH = 0x2d;

/** `printf %s TEXT`: the text. */
function printed([format, text]: readonly ShellWord[]): PipedInput {
  const how = format === undefined ? '' : textOf(format);
  if (text === undefined || !/^%s(?:\\n)?$/.test(how)) return { unknown: 'the output of printf' };
  return { bytes: how === '%s' ? text.bytes : Buffer.concat([text.bytes, Buffer.from('\n')]) };
}

/** Shells differ in what a backslash is to echo. */
function echoed(words: readonly ShellWord[]): PipedInput {
  const [first] = words;
  const isBare = first !== undefined && textOf(first) === '-n';
  const texts = isBare ? words.slice(1) : words;
  if (texts.some(({ bytes }) => bytes.includes('\\')) || (!isBare && first?.bytes[0] === DASH))
    return { unknown: 'the output of echo' };
  const parts = texts.flatMap(({ bytes }, index) => (index === 0 ? [bytes] : [Buffer.from(' '), bytes]));
  return { bytes: Buffer.concat(isBare ? parts : [...parts, Buffer.from('\n')]) };
}

function unzip(bytes: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new AppError('input', 'the compressed body of the curl command cannot be decompressed', {
      hint: 'give the bytes that were sent with --body FILE',
      cause: error,
    });
  }
}
