import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hasApache } from '../../helpers/apache.ts';
import { startApacheRules, type RulesServer } from '../../helpers/apache-rules.ts';
import { CASES } from './cases.ts';
import { findDifferences } from './find-differences.ts';

const hostOf = (index: number): string => `c${index}.test`;

describe.skipIf(!hasApache)(
  `Apache and its simulation${hasApache ? '' : ' (skipped: apache2 is not installed)'}`,
  () => {
    let apache: RulesServer;
    let rules: ServerRules;

    beforeAll(async () => {
      apache = await startApacheRules({
        hosts: Object.fromEntries(CASES.map(({ config }, index) => [hostOf(index), config])),
        main: '<AuthzProviderAlias ip vendor "127.0.0.2">\n</AuthzProviderAlias>',
        files: {
          'included.conf': '<Location /hook>\nRequire ip 127.0.0.2\n</Location>\n',
          'access/.htaccess': 'Require ip 127.0.0.2 127.1\n',
          'access/options/.htaccess': 'Options -Indexes\n',
          'access/ordered/.htaccess': 'Require ip 127.0.0.2\n',
          'access/server/.htaccess': 'Require ip 127.0.0.2\nListen 1\n',
          'access/wrong/.htaccess': 'Options Index\n',
          'access/unknown/.htaccess': 'Requires ip 127.0.0.2\n',
          users: '',
        },
      });
      rules = openApache(apache, makeReadIncluded());
    });
    afterAll(() => apache?.stop());

    test.each(CASES.map((one, index) => ({ ...one, index })))(
      '$name',
      async ({ config, index, path = '/hook', headers = {}, undecided = [] }) => {
        const differences = await findDifferences(apache, rules, { host: hostOf(index), path, headers, undecided });
        expect(differences, `${config}\n${differences.join('\n')}`).toEqual([]);
      },
    );
  },
);
