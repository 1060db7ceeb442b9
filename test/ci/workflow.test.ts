import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../helpers/repository.ts';

interface Job {
  'runs-on': string;
  strategy: { matrix: { node: number[]; os?: string[] } };
  steps: { uses?: string; run?: string; with?: Record<string, string> }[];
}

const { jobs } = parse(readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8')) as { jobs: Record<string, Job> };
const { scripts, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
};

test('Linux has every Node that .ci/run has, the oldest is that of the manifest', () => {
  const script = readFileSync(join(ROOT, '.ci/run'), 'utf8');
  const [, others = ''] = /for major in ([\d ]+);/.exec(script) ?? [];
  const [, oldest = ''] = /^>=(\d+)/.exec(engines.node) ?? [];
  expect(jobs['linux']?.strategy.matrix.node).toEqual([oldest, ...others.split(' ')].map(Number));
});

test('Windows and macOS have jobs', () => {
  expect(jobs['portable']?.strategy.matrix.os).toEqual(['windows-latest', 'macos-latest']);
});

const lines = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

test.each(lines)('%s: what it names is there', (line) => {
  const [, script] = /^npm (?:run )?(test\S*)/.exec(line) ?? [];
  if (script !== undefined) expect(scripts).toHaveProperty([script]);
  for (const path of `${line} ${scripts[script ?? ''] ?? ''}`.match(/(?:\.ci|test)\/[\w/]+/g) ?? [])
    expect(existsSync(join(ROOT, path)), path).toBe(true);
});
