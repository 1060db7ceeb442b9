import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPeer } from '../../../src/source/address/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import type { Decision, ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hasApache } from '../../helpers/apache.ts';
import { startApacheRules, type RulesServer } from '../../helpers/apache-rules.ts';
import { CALLERS, CASES, type RuleCase } from './cases.ts';

/** Nothing when the simulation says what the server did, as far as it says anything. */
function describeDifference(status: number, { outcome, status: claimed, because, place }: Decision, isOpen: boolean): string[] {
  const did = isOpen ? 'undecided' : status < 300 ? 'admitted' : 'refused';
  if (outcome === did && (isOpen || claimed === null || claimed === status)) return [];
  return [`Apache answered ${status}, which is ${did}; simulated: ${outcome} ${claimed ?? ''} by line ${place?.line ?? '-'}: ${because}`];
}

const hostOf = (index: number): string => `c${index}.test`;

describe.skipIf(!hasApache)(`Apache and its simulation${hasApache ? '' : ' (skipped: apache2 is not installed)'}`, () => {
  let apache: RulesServer;
  let rules: ServerRules;

  beforeAll(async () => {
    apache = await startApacheRules({
      hosts: Object.fromEntries(CASES.map(({ config }, index) => [hostOf(index), config])),
      files: { 'included.conf': '<Location /hook>\nRequire ip 127.0.0.2\n</Location>\n', 'access/.htaccess': 'Require ip 127.0.0.2 127.1\n', users: '' },
    });
    rules = openApache(apache, makeReadIncluded());
  });
  afterAll(() => apache?.stop());

  const simulate = (index: number, { path = '/hook', headers = {} }: RuleCase, from: string): Decision => {
    const peer = readPeer(from);
    if (peer === null) throw new Error(`${from} is no address`);
    return rules.decide({ path, host: hostOf(index), port: apache.port, peer, headers: Object.entries(headers) });
  };

  test.each(CASES.map((one, index) => ({ ...one, index })))('$name', async (one) => {
    const differences = (await Promise.all(CALLERS.map(async (from) => {
      const status = await apache.ask(hostOf(one.index), one.path ?? '/hook', { from, ...(one.headers === undefined ? {} : { headers: one.headers }) });
      const decision = simulate(one.index, one, from);
      const isOpen = one.undecided === 'all' || one.undecided?.includes(from) === true;
      return describeDifference(status, decision, isOpen).map((text) => `${from}: ${text}`);
    }))).flat();
    expect(differences, `${one.config}\n${differences.join('\n')}`).toEqual([]);
  });
});
