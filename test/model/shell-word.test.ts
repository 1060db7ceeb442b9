import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteForShell } from '../../src/model/shell-word.ts';

test('megabytes are a word, too', () => {
  const text = 'a'.repeat(8 * 1024 * 1024);
  expect(quoteForShell(text)).toBe(text);
});

test.each([
  ['shop', 'shop', 'shop'],
  ['http://127.0.0.1:3000/hook', 'http://127.0.0.1:3000/hook', 'http://127.0.0.1:3000/hook'],
  ['http://a.example/?a=1&b=2', `'http://a.example/?a=1&b=2'`, `"http://a.example/?a=1&b=2"`],
  [
    String.raw`C:\Users\me\my hook.json`,
    String.raw`'C:\Users\me\my hook.json'`,
    String.raw`"C:\Users\me\my hook.json"`,
  ],
  ['it is mine', `'it is mine'`, `"it is mine"`],
  [`it's`, String.raw`'it'\''s'`, `"it's"`],
  ['', `''`, `""`],
  // Double quotes do not keep these everywhere.
  [String.raw`C:\my dir` + '\\', `'C:\\my dir\\'`, `'C:\\my dir\\'`],
  [String.raw`\\server\a b`, String.raw`'\\server\a b'`, String.raw`'\\server\a b'`],
  ['$HOME', `'$HOME'`, `'$HOME'`],
  ['`id`', "'`id`'", "'`id`'"],
  ['a "b"', `'a "b"'`, `'a "b"'`],
  ['100% %PATH%', `'100% %PATH%'`, `'100% %PATH%'`],
  ['wow!', `'wow!'`, `'wow!'`],
  ['a\nb', `'a\nb'`, `'a\nb'`],
])('%j is one word of a shell', (text, posix, windows) => {
  expect(quoteForShell(text, 'linux')).toBe(posix);
  expect(quoteForShell(text, 'win32')).toBe(windows);
  // bash reads both: on Windows it is Git's.
  for (const word of [posix, windows])
    expect(execFileSync('bash', ['-c', `printf '%s.' ${word}`], { encoding: 'utf8' })).toBe(`${text}.`);
});
