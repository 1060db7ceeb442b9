import { expect, test } from 'vitest';
import { findNearMiss } from '../../../src/cli/terminal/names.ts';

test.each<[typed: string, among: string[], meant: string | null]>([
  ['alow', ['deny', 'allow'], 'allow'],
  ['deney', ['allow', 'deny'], 'deny'],
  ['dney', ['deny'], 'deny'],
  ['Allow', ['allow'], 'allow'],
  ['requier', ['Require'], 'Require'],
  ['client_max_body_siz', ['client_body_buffer_size', 'client_max_body_size'], 'client_max_body_size'],
  ['locatoin_', ['location'], null],
  ['prxy_pas', ['proxy_pass'], 'proxy_pass'],
  ['prx_pas', ['proxy_pass'], null],
  ['echo', ['perl', 'etag'], null],
  ['anything', [], null],
])('%s among %j means %s', (typed, among, meant) => {
  expect(findNearMiss(typed, among)).toBe(meant);
});
