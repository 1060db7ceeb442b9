import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeReadIncluded, readConfigFile } from '../../../src/source/rules/read-included.ts';
import { testFolder } from '../../helpers/folder.ts';

function folderOf(names: readonly string[]): string {
  const folder = testFolder();
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), `# ${name}\n`);
  }
  return folder;
}

test.each<[pattern: string, found: string[]]>([
  ['*.conf', ['a.conf', 'b.conf']],
  ['[b-z].conf', ['b.conf']],
  ['?.conf', ['a.conf', 'b.conf']],
  ['*/x', ['sites (old)/x']],
  ['sites (old)/*', ['sites (old)/x']],
  ['{a,b}.conf*', []],
  ['a.conf', ['a.conf']],
  ['none', []],
  ['a.conf/.htaccess', []],
  ['none*', []],
])('%s means %j', (pattern, found) => {
  const folder = folderOf(['b.conf', 'a.conf', '.hidden.conf', 'sites (old)/x']);
  expect(makeReadIncluded()(join(folder, pattern)).map(({ file }) => file.slice(folder.length + 1))).toEqual(found);
});

test('a folder means all that is below it', () => {
  const folder = folderOf(['conf/b', 'conf/a/c']);
  expect(makeReadIncluded()(join(folder, 'conf')).map(({ text }) => text)).toEqual(['# conf/a/c\n', '# conf/b\n']);
});

test.each([
  ['none', 'no such file'],
  ['a.conf/none', 'part of its path is a file, not a folder'],
])('%s is told not to be there, in plain words', (name, why) => {
  const folder = folderOf(['a.conf']);
  expect(() => readConfigFile(join(folder, name))).toThrow(`cannot read ${join(folder, name)}: ${why}`);
});

test('a folder is no configuration', () => {
  expect(() => readConfigFile(testFolder())).toThrow(/: it is not a file/);
});

test.each(['/', '/*/*/*/*'])('%s, which stands for a whole disk, is refused before it is read', (pattern) => {
  expect(() => makeReadIncluded()(pattern)).toThrow(`${pattern} stands for more than 20000 files and folders`);
});
