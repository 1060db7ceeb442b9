import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sample } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/model/error.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import { hasApache } from '../../helpers/apache.ts';
import { rulesSyntaxError, startApacheRules, type RulesServer } from '../../helpers/apache-rules.ts';
import { SEED } from '../../runner/seed.ts';
import { findDifferences } from './find-differences.ts';
import { generatedRules, type GeneratedRules } from './generate-rules.ts';

const WANTED = 300;
const REJECTED = 25;

const made = sample(generatedRules, { numRuns: WANTED * 6, seed: SEED });
const isRead = ({ config }: GeneratedRules): boolean => {
  try {
    openApache(
      {
        file: '/generated.conf',
        text: `<VirtualHost *:80>\n${config.replaceAll('{root}', '/root').replaceAll('{upstream}', 'http://127.0.0.1:1')}\n</VirtualHost>`,
      },
      () => [],
    );
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
};
const read = made.filter(isRead).slice(0, WANTED);
const rejected = made.filter((one) => !isRead(one)).slice(0, REJECTED);

describe.skipIf(!hasApache)(
  `rules made by chance, TEST_SEED=${SEED}${hasApache ? '' : ' (skipped: apache2 is not installed)'}`,
  () => {
    let apache: RulesServer;

    beforeAll(async () => {
      apache = await startApacheRules({
        hosts: Object.fromEntries(read.map(({ config }, index) => [`g${index}.test`, config])),
        files: { users: '' },
      });
    });
    afterAll(() => apache?.stop());

    test(`${read.length} configurations are simulated as Apache decides`, async () => {
      const rules = openApache(apache, makeReadIncluded());
      const wrong: string[] = [];
      for (const [index, { config, headers }] of read.entries()) {
        const differences = await findDifferences(apache, rules, {
          host: `g${index}.test`,
          path: '/hook',
          headers,
          undecided: [],
        });
        if (differences.length > 0) wrong.push(`${config}\n${JSON.stringify(headers)}\n${differences.join('\n')}`);
      }
      expect(wrong, `TEST_SEED=${SEED}: ${wrong.length} differ; the first:\n${wrong[0]}`).toEqual([]);
      expect(read.length).toBe(WANTED);
    });

    test('what is refused as wrong, Apache does not start with', () => {
      const folder = mkdtempSync(join(tmpdir(), 'hookproof-apache-'));
      const accepted = rejected.filter(
        ({ config }) => rulesSyntaxError(folder, { hosts: { 'rejected.test': config } }) === null,
      );
      rmSync(folder, { recursive: true });
      expect(
        accepted.map(({ config }) => config),
        `TEST_SEED=${SEED}`,
      ).toEqual([]);
      expect(rejected.length).toBe(REJECTED);
    });
  },
);
