import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/terminal/display-width.ts';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';
import { HAS_TERMINAL, linesOnTerminal } from '../../helpers/terminal.ts';

// What each command prints on a terminal, in every width: reports, errors, hints, warnings, progress.

const WIDTHS = [60, 80, 100, 200];
const SECRET = 'the-signing-secret-of-a-test';
const LONG = 'a-name-that-is-longer-than-any-line/'.repeat(3);

/** A command to paste is one line, whatever its length, and so are the lines of a configuration. */
const COPIED = /^(next|more): |^ *(nginx|apache|caddy|haproxy) {2}|^ {12}|^ {4}(ssl_|SSL)/;

interface Place {
  url: string;
  nobody: string;
}

const of = (...args: string[]): string[] => [...args, '--vendor', 'mail2many', '--secret-env', 'M2M_SECRET'];

const RUNS: readonly (readonly [what: string, args: (place: Place) => string[]])[] = [
  ['a suite: everything is refused', ({ url }) => of('test', '--url', url, '--skip', 'burst,large-*')],
  ['a suite: nobody listens', ({ nobody }) => of('test', '--url', nobody)],
  [
    'a suite: one bug',
    () => ['test', '--against-bug', 'reserialised-body', '--vendor', 'mail2many', '--only', 'body-*,json-*,unicode'],
  ],
  [
    'the same, every case',
    () => ['test', '--against-bug', 'no-verification', '--vendor', 'mailkit', '--only', 'refuse', '--verbose'],
  ],
  ['the list of cases', () => ['test', '--list', '--vendor', 'mailkite']],
  ['an unknown bug, of many', () => ['test', '--against-bug', 'no-such', '--vendor', 'mail2many']],
  ['certificates', () => ['certs', 'inspect', 'certs/client.pem', 'certs/server.key', 'certs/ca.pem']],
  ['an endpoint without TLS', ({ url }) => ['verify-cert', url.replace('http:', 'https:'), '--max-time', '5s']],
  ['a list that is wrong', () => ['allowlist', 'lint', 'allow.txt']],
  ['an address', () => ['check-source', '192.0.2.1', '--allow', '192.0.2.0/24', '--vendor', 'mailkit']],
  ['a delivery that is refused', ({ url }) => of('send', '--event', 'optin', '--url', url)],
  ['one that nobody takes', ({ nobody }) => of('send', '--event', 'optin', '--url', nobody)],
  ['several', ({ url }) => of('send', '--event', 'optin', '--url', url, '--count', '3')],
  ['a file that is missing', () => ['verify', `${LONG}.txt`, '--vendor', 'mail2many', '--secret', SECRET]],
  ['a flag that is none', () => ['send', `--${LONG}`]],
  ['an event that is none', ({ url }) => of('send', '--event', LONG, '--url', url)],
  ['a webhook that is none', () => ['send', '--to', LONG, '--event', 'optin']],
  [
    'a secret that is not set',
    ({ url }) => [
      'send',
      '--event',
      'optin',
      '--url',
      url,
      '--vendor',
      'mail2many',
      '--secret-env',
      'NOT_SET_ANYWHERE',
    ],
  ],
];

test.skipIf(!HAS_TERMINAL).each(RUNS)('%s: no line is longer than the terminal', async (_, args) => {
  const cwd = testFolder();
  const options = { cwd, env: { M2M_SECRET: SECRET, XDG_DATA_HOME: join(cwd, 'data'), CI: 'true' } };
  const endpoint = await openEndpoint((response) => response.writeHead(401).end('the signature does not fit'));
  const [port = 0] = await freePorts(1);
  writeFileSync(join(cwd, 'allow.txt'), '10.0.0.1\n010.0.0.1\n192.0.2.0/24\n0.0.0.0/0\n');
  const words = args({ url: endpoint.url, nobody: `http://127.0.0.1:${port}/hook` });
  if (words[0] === 'certs') await runProgram('webhook', ['certs', 'create'], options);
  const screens = await Promise.all(WIDTHS.map((width) => linesOnTerminal(width, ['webhook', ...words], options)));
  for (const [index, lines] of screens.entries()) {
    const width = WIDTHS[index] ?? 0;
    expect(
      lines.filter((line) => displayWidth(line) > width && !COPIED.test(line)),
      `${width} columns`,
    ).toEqual([]);
    expect(lines.join('').length, `${width} columns`).toBeGreaterThan(0);
  }
});

// Each changes what the next one finds, so they run one after the other.
test.skipIf(!HAS_TERMINAL)('a command that writes files: no line is longer than the terminal', async () => {
  const cwd = testFolder();
  const add = ['add', 'shop', '--vendor', 'mail2many', '--url', 'https://hooks.example.com/hook'];
  for (const width of WIDTHS) {
    for (const words of [['certs', 'create', '--force'], add, ['remove', 'shop']]) {
      const lines = await linesOnTerminal(width, ['webhook', ...words], { cwd });
      expect(lines.join('\n'), words.join(' ')).toMatch(/client\.passphrase +passphrase|^added shop|^removed shop/m);
      expect(
        lines.filter((line) => displayWidth(line) > width && !COPIED.test(line)),
        `${width} columns`,
      ).toEqual([]);
    }
  }
});
