import { expect, test } from 'vitest';
import { concludeSuite, type Circumstances } from '../../src/conform/conclude.ts';
import type { Finding } from '../../src/model/finding.ts';

const finding = (group: 'accept' | 'refuse' | 'robust', status: Finding['status']): Finding => ({
  id: 'x',
  title: 'x',
  group,
  status,
  detail: '',
  expected: null,
  observed: null,
  fix: null,
  serverFixes: [],
  reference: null,
  durationMs: 0,
});
const [accepts, refuses, survives] = [finding('accept', 'pass'), finding('refuse', 'pass'), finding('robust', 'pass')];
const [odd, lax] = [finding('accept', 'warn'), finding('refuse', 'warn')];

test.each<[findings: Finding[], around: Partial<Circumstances>, isGood: boolean, text: string]>([
  [[accepts, refuses, survives], {}, true, 'accepts every valid request and rejects every forged one'],
  [[accepts, refuses, odd], {}, true, 'accepts valid requests and rejects forged requests; 1 case is worth a look'],
  [[accepts], {}, true, 'accepts valid requests'],
  [[refuses, finding('accept', 'skip')], {}, true, 'rejects forged requests'],
  [[survives], {}, true, 'survives malformed requests'],
  [
    [accepts, refuses, lax, lax],
    { welcomed: 2 },
    true,
    'accepts valid requests and processes no forged requests, but answers with success in 2 of 3 cases where ' +
      'it must reject',
  ],
  [
    [accepts, refuses, lax, lax, odd],
    { welcomed: 2, processesRefused: true },
    true,
    'accepts valid requests, but answers with success in 2 of 3 cases where it must reject; 1 other case is worth a look',
  ],
  [
    [lax],
    { welcomed: 1 },
    true,
    'processes no forged requests, but answers with success in 1 of 1 case where it must reject',
  ],
  [[accepts, lax, odd, odd], { known: 1 }, true, 'only known failures: 1 of 4 cases; 2 other cases are worth a look'],
  [[accepts, finding('refuse', 'fail'), lax], { welcomed: 1 }, false, '1 of 3 cases fails'],
  [[refuses], { acceptsGoodRequests: false }, false, 'the endpoint refuses everything; its refusals prove nothing'],
  [[odd], { acceptsGoodRequests: false }, false, 'no good request was accepted in any form that was tried'],
  [[odd], { acceptsGoodRequests: false, known: 1 }, true, 'only known failures: 1 of 1 case'],
  [[accepts, lax], { unproved: 1 }, false, 'requests are answered 429: in 1 of 2 cases that proves nothing'],
  [[accepts], { stopped: 'interrupted' }, false, 'interrupted'],
  [
    [lax, finding('refuse', 'fail')],
    { stopped: 'gone', failedBefore: 1 },
    false,
    'gone; before that, 1 of 2 cases fails',
  ],
  [[finding('accept', 'skip')], {}, false, 'no case was tried'],
])('%#: what it comes to', (findings, around, isGood, text) => {
  expect(
    concludeSuite(findings, {
      stopped: null,
      failedBefore: 0,
      acceptsGoodRequests: true,
      answersGoodRequests: around.acceptsGoodRequests ?? true,
      unproved: 0,
      causes: [],
      known: 0,
      welcomed: 0,
      processesRefused: false,
      ...around,
    }),
  ).toMatchObject({ isGood, text });
});
