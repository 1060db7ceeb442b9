import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { runProgram } from '../../helpers/program.ts';

const CONFIG = JSON.stringify({
  webhooks: [
    { name: 'shop', vendor: 'amazon-ses' },
    { name: 'news', vendor: 'mailkit' },
  ],
});

/** What is offered for the last word. */
async function offered(...words: string[]): Promise<string[]> {
  const cwd = testFolder();
  writeFileSync(join(cwd, 'webhook.config.json'), CONFIG);
  const { stdout } = await runProgram('webhook', ['__complete', '--', ...words], { cwd });
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[0] ?? '');
}

const CALLBACK_CASES = ['unsigned', 'forged', 'foreign-host', 'other-account', 'contradicted'].map(
  (one) => `callback-${one}`,
);

test.each<[what: string, words: string[], names: string[]]>([
  ["cases are those of the vendor's", ['test', '--vendor', 'amazon-ses', '--only', 'callback-'], CALLBACK_CASES],
  ["or of the webhook's", ['test', 'shop', '--skip', 'callback-'], CALLBACK_CASES],
  ['and none that another vendor has', ['test', '--vendor', 'mailkit', '--only', 'callback-'], []],
  ["nor another webhook's", ['test', 'news', '--only', 'callback-'], []],
  ['of several webhooks those of each', ['test', 'news', 'shop', '--only', 'callback-'], CALLBACK_CASES],
  [
    'of a vendor that is not known all there are',
    ['test', '--vendor', './a.json', '--only', 'callback-'],
    CALLBACK_CASES,
  ],
  [
    'groups and events are among them',
    ['test', '--vendor', 'mailkit', '--only', 'refuse,event-full-s'],
    ['refuse,event-full-subscribe'],
  ],
  [
    'bugs are those that its receiver can have',
    ['listen', '--vendor', 'amazon-ses', '--bug', 'calls-'],
    ['calls-unverified', 'calls-any-host', 'calls-for-anyone'],
  ],
  ['and no others', ['test', '--vendor', 'mailkit', '--against-bug', 'calls-'], []],
  ['or none at all', ['test', '--against-bug', 'non'], ['none']],
])('%s', async (_, words, names) => {
  expect((await offered(...words)).toSorted()).toEqual(names.toSorted());
});
