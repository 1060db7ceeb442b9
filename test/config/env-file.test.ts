import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfiguredEnvFile, readEnvFile, secretsAmong } from '../../src/config/env-file.ts';
import { testFolder } from '../helpers/folder.ts';

const fileOf = (text: string): string => {
  const path = join(testFolder(), '.env');
  writeFileSync(path, text);
  return path;
};

test('a file as Node reads one: quotes, comments, export', () => {
  const path = fileOf('# ours\nA=1\nexport B="two words" # said\nC=\'#no comment\'\nD=\r\n');
  expect({ ...readEnvFile(path) }).toEqual({ A: '1', B: 'two words', C: '#no comment', D: '' });
});

test('one that cannot be read, or sets nothing, is refused; the configuration may name one that is not there', () => {
  expect(() => readEnvFile(join(testFolder(), '.env'))).toThrow(/--env-file .*no such file/);
  expect(() => readEnvFile(testFolder())).toThrow(/it is a folder/);
  expect(() => readEnvFile(fileOf('the-secret-itself'))).toThrow(/^--env-file \S+ sets no variable$/);
  expect(readConfiguredEnvFile(join(testFolder(), '.env'))).toEqual({});
});

test('secrets among variables, by name or looks, and the password of a URL', () => {
  const variables = {
    SHOP_SECRET: 'a b c',
    API_KEY: 'plain',
    NODE_ENV: 'production',
    URL: 'http://127.0.0.1:3000/hook',
    DATABASE_URL: 'postgres://shop:hunter2pass@127.0.0.1/shop',
    OTHER: 'whsec_c2VjcmV0LW9mLXRlc3Rz',
    EMPTY: '',
  };
  expect(secretsAmong(variables)).toEqual(['a b c', 'plain', 'hunter2pass', 'whsec_c2VjcmV0LW9mLXRlc3Rz']);
});
