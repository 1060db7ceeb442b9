import { AppError } from '../../model/error.ts';
import { basicAuthorization } from '../../model/http-url.ts';
import { HIDDEN } from '../../model/secret-name.ts';
import { targetOf } from './called-urls.ts';
import { noteBody } from './capture-notes.ts';
import { UNSAID, type CapturedRequest } from './captured-request.ts';
import { readCurlData, type CurlData } from './curl-body.ts';
import { listCurlCalls, type CurlCall, type PipedInput } from './curl-calls.ts';
import { readCurlHeaders } from './curl-headers.ts';
import { readCurlArguments, type CurlOption, type CurlTransfer } from './curl-options.ts';
import { curlUrl } from './curl-url.ts';
import type { ShellWord } from './shell-word.ts';
import { splitShell } from './split-shell.ts';
import { isWindowsCommand, splitWindows } from './split-windows.ts';

/** A command line that calls curl, or one of the programs that pipe a body into it. */
const COMMAND =
  /^(?:\s|#.*\n|[$%] )*(?:[A-Za-z_]\w*=\S* +)*(?:(?:\S*[/\\])?curl(?:\.exe)?(?=[\s^])|(?:printf|echo|cat)(?=\s))/;

/** Whether a text begins with a command that calls curl. */
export const isCurlCommand = (opening: string): boolean => COMMAND.test(opening);

/**
 * The requests that curl would send for command lines of a POSIX shell or of Windows' cmd; nothing is run, and no file
 * or variable is read. Of what curl adds by itself there is only the Content-Type. `body` takes the place of the body
 * where one is given; it must be where the command does not hold it. Throws AppError `input`.
 */
export function parseCurlCommand(bytes: Buffer, maxBytes: number, body?: Uint8Array): CapturedRequest[] {
  const start = /^[$%] /.test(bytes.toString('latin1', 0, 2)) ? 2 : 0;
  const lines = bytes.subarray(start);
  const { tokens, notes } = isWindowsCommand(lines) ? splitWindows(lines) : splitShell(lines);
  const isCut = tokens.some((token) => 'operator' in token && token.operator === '&' && token.isTight);
  const common = isCut ? [...notes, AMPERSAND] : notes;
  return listCurlCalls(tokens, maxBytes).flatMap((call) =>
    readCurlArguments(call.words).flatMap((transfer) => readTransfer(transfer, call, common, body)),
  );
}

const AMPERSAND = 'an & outside quotes ends the command, so what follows it is not part of the URL';

function readTransfer(
  transfer: CurlTransfer,
  { input }: CurlCall,
  common: readonly string[],
  body: Uint8Array | undefined,
): CapturedRequest[] {
  const { options } = transfer;
  refuseConfig(options);
  const data = readCurlData(options, input);
  const isQuery = has(options, 'get');
  const sent = body ?? sentBody(options, isQuery ? null : data, input);
  if (isQuery) requireData(data, 'query');
  if (transfer.urls.length === 0)
    throw new AppError('input', 'the curl command has no URL', { hint: 'copy the whole command' });
  return transfer.urls.map((word) => {
    const url = urlOf(word, options, isQuery ? data : null);
    const { headers, notes } = readCurlHeaders(options, hasUser(word) ? null : basicAuthorization(new URL(url.text)), {
      isForm: data !== null && !isQuery,
    });
    const request: CapturedRequest = {
      ...UNSAID,
      source: 'curl-command',
      method: methodOf(options, data !== null),
      path: targetOption(options) ?? targetOf(url.text),
      url: url.isWhole ? Buffer.from(url.text, 'latin1').toString('utf8') : null,
      headers,
      body: sent,
    };
    const unsure = [...common, ...noteUrl(url, options), ...notes];
    return { ...request, notes: body === undefined ? [...unsure, ...noteBody(request)] : unsure };
  });
}

function noteUrl({ text, isWhole }: { text: string; isWhole: boolean }, options: readonly CurlOption[]): string[] {
  const isEncoded = has(options, 'url-query') || (has(options, 'get') && has(options, 'data-urlencode'));
  return [
    ...(isWhole ? [] : ['part of the URL comes from a variable, which is not read']),
    ...(isEncoded && /%[\da-f]{2}/i.test(text) ? [EITHER_CASE] : []),
  ];
}

const EITHER_CASE =
  'curl encodes the query, and its versions differ in the letter case of %2F: the vendor may have used the other one';

const has = (options: readonly CurlOption[], name: string): boolean => options.some((option) => option.name === name);
const lastOf = (options: readonly CurlOption[], name: string): ShellWord | null =>
  options.findLast((option) => option.name === name)?.value ?? null;
const latin1 = ({ bytes }: ShellWord): string => bytes.toString('latin1');
const hasUser = ({ bytes }: ShellWord): boolean => bytes.includes(`${HIDDEN}@`);

/** What stands in another file is not known, and may change everything. */
function refuseConfig(options: readonly CurlOption[]): void {
  const file = options.find(({ name }) => name === 'config' || name === 'variable');
  if (file !== undefined)
    throw new AppError('input', `the curl command takes options from elsewhere (--${file.name}), which is not read`, {
      hint: 'write them into the command',
    });
}

function targetOption(options: readonly CurlOption[]): string | null {
  const target = lastOf(options, 'request-target');
  return target === null ? null : latin1(target);
}

function methodOf(options: readonly CurlOption[], hasData: boolean): string {
  const given = lastOf(options, 'request');
  if (given !== null && given.bytes.length > 0) return latin1(given).slice(0, 100);
  if (has(options, 'head')) return 'HEAD';
  if (has(options, 'upload-file')) return 'PUT';
  if (has(options, 'get')) return 'GET';
  return hasData || has(options, 'form') || has(options, 'form-string') ? 'POST' : 'GET';
}

/** Throws where the command does not hold the body. */
function sentBody(options: readonly CurlOption[], data: CurlData | null, input: PipedInput | null): Uint8Array {
  if (has(options, 'form') || has(options, 'form-string'))
    throw noBody('curl -F builds a multipart form whose bytes are not in the command', 'the body');
  const file = lastOf(options, 'upload-file');
  if (file === null) return requireData(data, 'body') ?? new Uint8Array();
  const isInput = /^[-.]$/.test(latin1(file));
  if (isInput && input !== null && 'bytes' in input) return input.bytes;
  throw noBody('curl -T sends a file, which is not in the command', 'the body');
}

function requireData(data: CurlData | null, what: string): Buffer | null {
  if (data === null || data.missing === null) return data?.bytes ?? null;
  throw noBody(`the ${what} of the curl command is in ${data.missing}, which is not read`, `the ${what}`);
}

function noBody(message: string, what: string): AppError {
  const hint =
    what === 'the body'
      ? 'give the bytes that were sent with --body FILE'
      : `write ${what} into the command, or give the request as raw HTTP`;
  return new AppError('input', message, { hint });
}

/** As Latin-1, each character a byte. */
function urlOf(
  word: ShellWord,
  options: readonly CurlOption[],
  query: CurlData | null,
): { text: string; isWhole: boolean } {
  const added = options.flatMap(({ name, value }) => (name === 'url-query' && value !== null ? [value] : []));
  const encoded = added.map((value) => encodeQuery(value));
  const text = curlUrl(latin1(word), {
    isLiteral: has(options, 'globoff'),
    isPathAsIs: has(options, 'path-as-is'),
    query: [...(query === null ? [] : [query.bytes]), ...encoded].map((bytes) => bytes.toString('latin1')),
  });
  return { text, isWhole: [word, ...added].every(({ unknown }) => unknown.length === 0) };
}

/** `--url-query`: encoded as `--data-urlencode` does, and behind a plus sign as it is. */
function encodeQuery(value: ShellWord): Buffer {
  if (value.bytes[0] === PLUS) return value.bytes.subarray(1);
  return readCurlData([{ name: 'data-urlencode', value }], null)?.bytes ?? Buffer.alloc(0);
}

const PLUS = 0x2b;
