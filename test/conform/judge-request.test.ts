import { expect, test } from 'vitest';
import type { Expectation, WireRequest } from '../../src/conform/conformance-case.ts';
import { judgeRequest } from '../../src/conform/judge-request.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import { findVendor } from '../helpers/vendors.ts';

const LIMITED = { outcome: 'refused', status: 429, error: 'answered 429', timings: { totalMs: 1 } } as Attempt;

/** Whoever counts requests has not looked at this one, so a limit is no refusal of it. */
test.each<[Expectation, ReturnType<typeof judgeRequest>['status']]>([
  ['accepted', 'fail'],
  ['tolerated', 'fail'],
  ['repeated', 'fail'],
  ['refused', 'warn'],
  ['refused-4xx', 'warn'],
  ['no-effect', 'warn'],
  ['same', 'warn'],
  ['either', 'warn'],
  ['survived', 'warn'],
  ['shut-out', 'warn'],
  ['whatever', 'pass'],
])('%s, answered 429, is a %s, whether effects are known or not', (expectation, status) => {
  const request: WireRequest = {
    event: 'optin',
    url: new URL('http://127.0.0.1/'),
    method: 'POST',
    headers: [],
    body: new Uint8Array(),
    expect: expectation,
    key: 'a',
  };
  const around = { requests: [request], attempts: [LIMITED], vendor: findVendor('mail2many'), slowAboveMs: null };
  for (const effects of [null, new Map()])
    expect(judgeRequest(request, LIMITED, { ...around, effects }).status).toBe(status);
});
