import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { CapturedRequest } from '../../../src/receive/capture/captured-request.ts';
import { readCaptures } from '../../../src/receive/capture/read-capture.ts';
import { runCommandLine } from '../../helpers/program.ts';
import { openRaw, readRequest } from '../../helpers/raw-server.ts';

const read = (text: string | Uint8Array, body?: string): Promise<CapturedRequest[]> =>
  readCaptures(Buffer.from(text), body === undefined ? undefined : Buffer.from(body));
const one = async (text: string | Uint8Array, body?: string): Promise<CapturedRequest> =>
  (await read(text, body))[0] as CapturedRequest;
const textOf = ({ body }: CapturedRequest): string => Buffer.from(body).toString();

interface Seen {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Buffer;
}

/** A server that keeps the bytes of each request, and answers with an empty 200. */
async function openRecorder(): Promise<{ port: number; seen: Seen[] }> {
  const seen: Seen[] = [];
  const port = await openRaw((socket: Socket) =>
    readRequest(socket, (head, body) => {
      const [first = '', ...lines] = head.trimEnd().split('\r\n');
      const [method = '', target = ''] = first.split(' ');
      const headers = lines.map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at), line.slice(at + 1).trim()];
      });
      seen.push({ method, target, headers, body: Buffer.from(body) });
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    }),
  );
  return { port, seen };
}

/** What curl adds by itself, and says of itself and not of the request. */
const CURLS_OWN = new Set(['host', 'user-agent', 'accept', 'content-length', 'accept-encoding', 'expect']);

function withoutCurlsOwn(headers: readonly (readonly [string, string])[], given: readonly string[]): string[] {
  const names = new Set(given.map((name) => name.toLowerCase()));
  return headers
    .filter(([name]) => names.has(name.toLowerCase()) || !CURLS_OWN.has(name.toLowerCase()))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted();
}

/** Versions of curl write the escapes of a query in either case, and the request says so. */
const isCaseSensitive = ({ notes }: CapturedRequest): boolean => !notes.some((note) => note.includes('letter case'));
const upperCaseEscapes = (text: string): string => text.replace(/%[\da-f]{2}/g, (escape) => escape.toUpperCase());

const calledUrl = (command: string, port: number, path: string): string => {
  const [user = ''] = /[^'/]+@(?=HOST)/.exec(command) ?? [];
  return `http://${user}127.0.0.1:${port}${Buffer.from(path, 'latin1').toString()}`;
};

const hasCurl = spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0;
const body = `{"text":"Grüße\\n","long":"${'x'.repeat(3000)}"}`;

test.skipIf(!hasCurl).each<[what: string, command: string]>([
  ['nothing but a URL', 'curl URL/hook'],
  ['no scheme, no path, a query', "curl 'HOST?a=1&b[]=%7e' -g"],
  ['headers in the order given', "curl -H 'X-B: 1' -H'x-a:2' --header 'X-B: 3' URL/"],
  [
    'an empty header and one taken away',
    "curl -H 'X-Empty;' -H 'X-None:' -H 'Accept:' -H 'nonsense' -H 'X; y' -d a URL/",
  ],
  ['data, several times', "curl -d a=1 --data b --data-ascii '' --data-raw @c --data-binary '&' URL/hook"],
  ['data with line breaks', "curl URL/hook -d 'a\r\n  b\n' -H 'Content-Type: text/plain'"],
  ['empty data', "curl -d '' URL/hook"],
  ['data with another method', 'curl -XPATCH URL/hook --request DELETE -d x'],
  ['one word of letters', 'curl -sSLkXPUT -dx URL/hook'],
  [
    'Postman',
    `curl --location --request POST 'URL/hook?x=1' \\\n--header 'Content-Type: application/json' \\\n--data-raw ` +
      `'{\n    "a": "it'\\''s"\n}'`,
  ],
  [
    'Chrome',
    `curl 'URL/hook' \\\n  -H 'accept: */*' \\\n  -b 'a=1; b=2' \\\n  -H 'content-type: application/json' \\\n  ` +
      `--data-raw $'{"a":"it\\'s \\u0021 \\u00fc\\\\n"}' \\\n  --insecure`,
  ],
  [
    'Firefox',
    `curl 'URL/hook' --compressed -X POST -H 'User-Agent: Mozilla/5.0' -H 'Accept-Encoding: gzip, deflate' ` +
      `--data-binary $'a\\r\\nb\\x00c\\x7f\\'d'`,
  ],
  [
    'Insomnia',
    `curl --request POST \\\n  --url 'URL/hook?a=b' \\\n  --header 'Content-Type: application/json' \\\n  ` +
      `--header 'User-Agent: insomnia/2023.5.8' \\\n  --data '{"a": 1}'`,
  ],
  [
    'PHP’s way to write it',
    `curl -X POST "URL/hook?a=\\$1" -H "X-Sig: sha256=\\"ab\\"" -d "{\\"a\\": \\"\\\\\\\\ \\\`b\\\` !\\"}"`,
  ],
  [
    'every escape of bash',
    String.raw`curl URL/hook -d $'\a\b\e\E\f\n\r\t\v\\\'\"\?\x4\x41\x{42}\x\xg\101\18\u41\U1F600\q\cA\c?\uD83D\ude00é'`,
  ],
  ['a zero byte, which ends a text', String.raw`curl URL/hook -d $'ab\0cd'ef`],
  ['bytes that are no UTF-8', String.raw`curl URL/hook --data-binary $'\xff\xfe\x80'`],
  ['words put together', `curl "UR"L'/ho'ok -d a"b"'c'\\d\\\n"e\\\nf\\g" # a comment 'without end`],
  ['--data-urlencode', "curl URL/hook --data-urlencode 'a=é&=~-._' --data-urlencode =x/y --data-urlencode 'b%' -d c"],
  ['-G', "curl -G URL/hook -d a=1 --data-urlencode 'b=ü/@'"],
  ['-G behind a query', "curl --get 'URL/hook?x=%20' -d 'a=1&b'"],
  ['-I', 'curl --head URL/hook'],
  ['--json, twice', `curl --json '{"a":' --json '1}' URL/hook`],
  ['--json with headers of its own', `curl --json '{}' -H 'content-type: application/vnd.x+json' URL/hook`],
  ['--url-query', "curl --url-query 'a=é' --url-query '+b=%41' 'URL/hook?x'"],
  ['-u', "curl -u 'user:pa:ss' URL/hook"],
  ['credentials in the URL', "curl 'http://us%40er:p@HOST/hook'"],
  ['-u and a header', "curl -u a:b -H 'Authorization: Bearer x' URL/hook"],
  ['a token', 'curl --oauth2-bearer abc URL/hook'],
  ['-A, -e and -b', "curl -A 'me 1' -e 'http://a/;auto' -b a=1 -b 'c=2; d' URL/hook"],
  ['a path with dots', "curl 'URL/a/./b/../c/..?x=/../y'"],
  ['a path with dots as it is', "curl --path-as-is 'URL/a/../b'"],
  ['a pattern that is none', "curl 'URL/{a}/\\[b\\]?c=\\{d\\}'"],
  ['a fragment', "curl 'URL/hook?a#b?c'"],
  ['letters beyond ASCII in the URL', "curl 'URL/hö?ü=ß'"],
  ['another target', "curl --request-target '/x?y' URL/hook"],
  [
    'what hookproof pipes into it',
    `printf %s ${Buffer.from(body).toString('base64')} \\\n  | base64 -d \\\n  | curl -sS -i --http1.1 --globoff ` +
      `--path-as-is --noproxy '*' -X POST URL/hook \\\n  -H 'Content-Type: application/json' \\\n  --data-binary @-`,
  ],
  [
    'the same, packed',
    `printf %s ${gzipSync(body).toString('base64')} | base64 -d | gzip -dc | curl URL/hook -H 'Accept:' ` +
      `--data-binary @-`,
  ],
  ['-d from a pipe, which leaves out line breaks', `printf '%s\\n' 'a\r\n b' | curl URL/hook -d @- --data c`],
  ['echo', `echo -n a '"b"' | curl URL/hook --data-binary @- | cat > /dev/null 2>&1`],
  ['echo with its line break', `echo '{"a":1}' | curl -T - -H 'Transfer-Encoding:' -H 'Content-Length: 8' URL/hook`],
  ['a here-document', `curl URL/hook --data-binary @- <<'EOF' -H 'X: y'\n{"a": "$b"}\n\n  EOF\nEOF\n`],
  ['a here-document that is expanded', `cat <<-END | curl URL/hook -d @-\n\t\t"a" \\$b \\\\ \\\nc\n\tEND\n`],
  ['a here-document of one line less than it looks', `curl URL/hook --data-binary @- <<'E'\nEE\n E\nE \n\nE\n`],
  ['a here-string', `curl URL/hook --data-binary @- <<< 'a b'`],
  ['options behind the URL, and words that look like some', 'curl -d a -- URL/-x URL/y'],
  [
    'switches that are turned off, and shortened names',
    'curl --no-keepalive --no-progress-meter --max-redirs 3 --heade X:y URL/hook',
  ],
])('curl sends what is read of its command: %s', async (_, command) => {
  const { port, seen } = await openRecorder();
  const line = command
    .replaceAll('URL/', `http://127.0.0.1:${port}/`)
    .replaceAll('UR"L\'/', `http"://127.0.0.1:${port}'/`)
    .replaceAll('HOST', `127.0.0.1:${port}`);
  const env = { ...process.env, LC_ALL: 'C.UTF-8', HOME: '/nowhere', no_proxy: '*' };
  await runCommandLine('bash', ['-c', line], { env });
  const found = await read(line);
  expect(seen.length).toBeGreaterThan(0);
  expect(found).toHaveLength(seen.length);
  for (const [index, sent] of seen.entries()) {
    const got = found[index] as CapturedRequest;
    const given = got.headers.map(([name]) => name);
    const target = isCaseSensitive(got) ? sent.target : upperCaseEscapes(sent.target);
    expect([got.source, got.method, got.path]).toEqual(['curl-command', sent.method, target]);
    expect(got.url).toBe(
      command.includes('target') ? `http://127.0.0.1:${port}/hook` : calledUrl(command, port, got.path),
    );
    expect(Buffer.from(got.body).toString('latin1')).toBe(sent.body.toString('latin1'));
    expect(withoutCurlsOwn(got.headers, given)).toEqual(withoutCurlsOwn(sent.headers, given));
  }
});

test.skipIf(!hasCurl)('every option of the curl of this machine is known, and whether a value follows', async () => {
  const { stdout } = await runCommandLine('curl', ['--help', 'all'], {});
  const options = [...stdout.matchAll(/^\s*(?:-(\S), )? *--(\S+)( <.*>| \[.*)?/gm)];
  expect(options.length).toBeGreaterThan(200);
  for (const [, letter, name = '', value] of options) {
    // These end a command or begin another, name other options, or make a body that is not in the command.
    if (/^(?:next|config|form|form-string|help|variable|upload-file)$/.test(name)) continue;
    for (const option of [`--${name}`, ...(letter === undefined ? [] : [`-${letter}`])]) {
      const urls = (await read(`curl http://a/ ${option} b http://c/`)).length;
      expect([option, urls]).toEqual([option, value === undefined ? 3 : name === 'url' ? 3 : 2]);
    }
  }
});

/** As Chrome quotes for cmd and for bash ("Copy as cURL"). */
const chromeCmd = (text: string): string =>
  `^"${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[^a-zA-Z0-9\s_\-:=+~'/.',?;()*`]/g, '^$&')
    .replace(/%(?=\w)/g, '%^')
    .replace(/\r?\n/g, '^\n\n')}^"`;
/** As Chrome quoted before, and Charles and others do still. */
const doubled = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const escaped = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

test.each<[what: string, lines: string[], quote: (text: string) => string]>([
  ['Chrome', [' ^\n  ', ' ^\r\n  '], chromeCmd],
  ['others, with lines that go on', [' ^\n', ' ^\r\n\t'], escaped],
  ['others, on one line', [' '], doubled],
])('a command for Windows, by %s', async (_, separators, quote) => {
  const words = [
    '-X',
    quote('PUT'),
    '-H',
    quote('X-Sig: a%41b&c|d <e> (f) ^g'),
    '--data-raw',
    quote('{"a":"b c","d":"%PATH% !é"}'),
  ];
  for (const separator of separators) {
    const command = [`curl ${quote('https://h/a?b=1&c=%20')}`, ...words].join(separator);
    const [found, ...others] = await read(`${command}\r\n`);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      source: 'curl-command',
      method: 'PUT',
      url: 'https://h/a?b=1&c=%20',
      headers: [
        ['Content-Type', 'application/x-www-form-urlencoded'],
        ['X-Sig', 'a%41b&c|d <e> (f) ^g'],
      ],
      notes: [],
    });
    expect(textOf(found as CapturedRequest)).toBe('{"a":"b c","d":"%PATH% !é"}');
  }
});

test('Windows: several lines of a body, backslashes, and several commands', async () => {
  const [first, second] = await read(
    [
      `curl ${chromeCmd('http://h/')} ^`,
      `  --data-raw ${chromeCmd('{\n"a": "\\"b\\""}')} &`,
      `curl ${chromeCmd('http://h/2')} -d ${chromeCmd('C:\\x')}`,
    ].join('\n'),
  );
  expect(textOf(first as CapturedRequest)).toBe('{\n"a": "\\"b\\""}');
  expect(first?.url).toBe('http://h/');
  // What a browser copies here is not what it sent.
  expect(textOf(second as CapturedRequest)).toBe('C:\\\\x');
  expect(second?.notes).toEqual([expect.stringMatching(/two backslashes in a row/)]);
});

test('what is not in the command is not made up: variables, files, programs', async () => {
  const found = await one(
    `$ curl -sS "http://h/hook?token=\${WEBHOOK_QUERY_TOKEN:?set it}&a=$1" -H "X-Key: $(cat key)" -H 'X: y' -H @more.txt \\
      --user "\${WEBHOOK_CREDENTIALS:?set it to user:password}" -b jar.txt --data-raw '{"a":1}'`,
  );
  expect(found).toMatchObject({
    url: null,
    path: '/hook?token=***&a=***',
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['X', 'y'],
    ],
  });
  expect(found.notes).toEqual([
    expect.stringMatching(/part of the URL comes from a variable/),
    expect.stringMatching(/header X-Key comes from \$\(…\)/),
    expect.stringMatching(/headers in the file more\.txt/),
    expect.stringMatching(/Authorization comes from \$WEBHOOK_CREDENTIALS/),
    expect.stringMatching(/part of the header Cookie/),
  ]);
});

test.each<[what: string, command: string, note: RegExp]>([
  ['laid out by a tool', `curl http://h/ -d '{\n  "a": 1\n}'`, /multi-line JSON of unknown length/],
  ['of another length', `curl http://h/ -H 'Content-Length: 9' -d '{"a":1}'`, /Content-Length says 9 bytes .* has 7/],
  ['with halves of a character', String.raw`curl http://h/ -d $'\ud83d\ude00'`, /two halves/],
  ['cut by an &', `curl http://h/?a=1&b=2`, /an & outside quotes/],
])('a body or URL %s gets a note', async (_, command, note) => {
  expect((await one(command)).notes).toEqual([expect.stringMatching(note)]);
});

test.each<[what: string, command: string, message: RegExp]>([
  [
    'a file',
    'curl http://h/ -d @body.json',
    /the body of the curl command is in the file body\.json, which is not read/,
  ],
  ['a file to be encoded', 'curl http://h/ --data-urlencode a@b', /in the file b, which is not read/],
  ['standard input', 'curl http://h/ --data-binary @-', /in standard input, which is not read/],
  ['a file that is piped', 'cat body.json | curl http://h/ -d @-', /in the output of cat body\.json/],
  ['another program', 'echo 1 | jq . | curl http://h/ -d @-', /in the output of jq \./],
  ['a file from the shell', 'curl http://h/ -d @- < body.json', /in the file body\.json/],
  ['a variable', 'curl http://h/ -d "{\\"a\\": \\"$A\\"}"', /in \$A, which is not read/],
  ['backticks', 'curl http://h/ -d `date`', /in `…`, which is not read/],
  ['a form', 'curl http://h/ -F a=b', /-F builds a multipart form/],
  ['an upload', 'curl http://h/ -T file', /-T sends a file/],
])('a body in %s is asked for, and taken when it is given', async (_, command, message) => {
  await expect(read(command)).rejects.toThrow(
    expect.objectContaining({
      kind: 'input',
      message: expect.stringMatching(message),
      hint: expect.stringContaining('--body FILE'),
    }),
  );
  expect(await one(command, 'given')).toMatchObject({ body: Buffer.from('given'), source: 'curl-command' });
});

test.each<[what: string, command: string, message: RegExp]>([
  ['no URL', 'curl -d a', /has no URL/],
  ['a URL that is none', 'curl http://', /no URL that can be read/],
  ['a URL with a space', "curl 'http://h/a b'", /no URL that can be read/],
  ['several URLs in one', "curl 'http://h/{a,b}'", /is a pattern/],
  ['a range of URLs', "curl 'http://h/[1-9:2]'", /is a pattern/],
  ['a quote that does not end', "curl 'http://h/", /a quote ' that is not closed/],
  ['a double quote that does not end', 'curl "http://h/', /a quote " that is not closed/],
  ['an ANSI quote that does not end', "curl http://h/ -d $'a\\'", /a quote \$' that is not closed/],
  ['braces that do not end', 'curl "http://h/${A"', /a \{ that is not closed/],
  ['a here-document that does not end', 'curl http://h/ -d @- <<EOF\na\n', /a here-document that is not closed/],
  ['a typing mistake', 'curl --haeder a http://h/', /the option --haeder, which curl does not have/],
  ['half an option', 'curl --data- a http://h/', /the option --data-, which/],
  ['a letter that is none', 'curl -£ http://h/', /which curl does not have/],
  ['an option without value', 'curl http://h/ -H', /ends after -H/],
  ['a header that is none', "curl http://h/ -H 'a b: c'", /an invalid header/],
  ['a header of two lines', "curl http://h/ -H $'a: b\\nc: d'", /an invalid header/],
  ['options in a file', 'curl -K secret.cfg', /takes options from elsewhere \(--config\)/],
  ['another program', 'curl http://h/; rm -rf x', /the capture has the command "rm", but only curl is read/],
  ['an & and more behind it', 'curl http://h/?a=1&b=2 -d x', /has the command "-d"/],
  ['a subshell', 'curl http://h/ && (curl http://h/)', /is inside \(/],
  ['what cannot be unpacked', 'printf %s aaaa | base64 -d | gunzip | curl http://h/ -d @-', /cannot be decompressed/],
  [
    'a bomb',
    `printf %s ${gzipSync(Buffer.alloc(65 * 1024 * 1024)).toString('base64')} | base64 -d | gzip -dc | curl h -d @-`,
    /cannot be decompressed/,
  ],
  ['a million words', `curl h ${'a '.repeat(1_000_000)}`, /more than 20000 words/],
  ['a million lines', `curl h ${'\n'.repeat(1_000_000)}`, /more than 20000 words/],
  ['a million letters', `curl -${'s'.repeat(1_000_000)}`, /has the option -sss/],
  ['a million variables', `curl h -d "${'$a'.repeat(1_000_000)}"`, /more than a thousand values from variables/],
  ['a million dollars', `curl "${'${'.repeat(1_000_000)}`, /a \{ that is not closed/],
  [
    'a million here-documents',
    `curl h ${'<<a '.repeat(9000)}\n${'b\n'.repeat(100_000)}`,
    /here-document that is not closed/,
  ],
])('%s is an error that says what is wrong', async (_, command, message) => {
  await expect(read(command)).rejects.toThrow(
    expect.objectContaining({ kind: 'input', message: expect.stringMatching(message) }),
  );
});

test('a body of 2 MB in each kind of quotes is read in no time to speak of', async () => {
  const long = 'a\\"b '.repeat(400_000);
  expect(textOf(await one(`curl h -d '${long}'`))).toHaveLength(long.length);
  expect(textOf(await one(`curl h -d "${long}"`))).toHaveLength(1_600_000);
  expect(textOf(await one(`curl h -d $'${long}'`))).toHaveLength(1_600_000);
  expect(textOf(await one(`curl h -d "${long}" ^\n -s`))).toHaveLength(1_600_000);
});
