import { expect, test } from 'vitest';
import { judgeAnswer } from '../../src/deliver/judge-answer.ts';
import type { Header } from '../../src/model/plan.ts';
import type { AckMode, SuccessRule } from '../../src/model/vendor.ts';

const ANY_2XX: SuccessRule = { statuses: '2xx' };
const ONLY_200: SuccessRule = { statuses: [200] };

const judge = (status: number, success: SuccessRule, body = '', ackMode?: AckMode, headers: Header[] = []) =>
  judgeAnswer({ status, headers, body: Buffer.from(body) }, success, ackMode);

test.each([
  [200, ANY_2XX, 'delivered', null],
  [204, ANY_2XX, 'delivered', null],
  [299, ANY_2XX, 'delivered', null],
  [304, ANY_2XX, 'refused', 'HTTP_304'],
  [404, ANY_2XX, 'refused', 'HTTP_404'],
  [503, ANY_2XX, 'refused', 'HTTP_503'],
  [200, ONLY_200, 'delivered', null],
  [201, ONLY_200, 'refused', 'HTTP_201'],
  [204, ONLY_200, 'refused', 'HTTP_204'],
])('%i under %o is %s', (status, rule, outcome, errorCode) => {
  expect(judge(status, rule)).toMatchObject({ outcome, errorCode });
});

const ACCEPTED: SuccessRule = { statuses: '2xx', body: { text: '[accepted]' } };
const STATUS_OK: SuccessRule = { statuses: [200], body: { json: { status: 'ok' } } };

test.each([
  [ACCEPTED, '[accepted]\n', 'delivered'],
  [ACCEPTED, '', 'refused'],
  [ACCEPTED, 'not [accepted]', 'refused'],
  [STATUS_OK, '{"status":"ok","more":[]}', 'delivered'],
  [STATUS_OK, '{"status":"no"}', 'refused'],
  [STATUS_OK, '[]', 'refused'],
])('under %o the body %j is %s', (rule, body, outcome) => {
  expect(judge(200, rule, body)).toMatchObject({
    outcome,
    errorCode: outcome === 'delivered' ? null : 'BODY_MISMATCH',
  });
});

test('says why a 2xx is not enough', () => {
  expect(judge(204, ONLY_200)).toMatchObject({
    error: 'answered 204, but only 200 counts as success',
    hint: 'make the endpoint answer 200',
  });
});

test('says where a redirect goes, without control characters or credentials', () => {
  const verdict = judge(301, ANY_2XX, '', 'lenient', [['LOCATION', 'https://u:secret@example.com/\u001b[31mx']]);
  expect(verdict.error).toBe('answered 301 to https://example.com/[31mx: redirects are not followed');
});

test.each([
  ['<center>The plain HTTP request was sent to HTTPS port</center>', 'speaks TLS'],
  ['Your browser sent a request ... speaking plain HTTP to an SSL-enabled server port.', 'speaks TLS'],
  ['<center>No required SSL certificate was sent</center>', 'requires a client certificate'],
  ['<center>The SSL certificate error</center>', 'did not accept the client certificate'],
  ['Missing ALPN Protocol, expected `h2`', 'only speaks HTTP/2'],
])('recognises the error page "%s"', (page, words) => {
  expect(judge(400, ANY_2XX, page)).toMatchObject({ errorCode: 'HTTP_400', error: expect.stringContaining(words) });
});

test.each([
  [200, '{"status":"ok"}', [], 'delivered', null],
  [200, '', [['X-MailKite-Ack', 'OK']], 'delivered', null],
  [200, 'ok', [], 'refused', 'ACK_MISSING'],
  [200, '{"status":"spam"}', [], 'refused', 'ACK_MISSING'],
  [200, '["status","ok"]', [], 'refused', 'ACK_MISSING'],
  [500, '{"status":"ok"}', [], 'refused', 'HTTP_500'],
] as [number, string, Header[], string, string | null][])(
  'ack mode: %i %s %o is %s',
  (status, body, headers, outcome, errorCode) => {
    expect(judge(status, ANY_2XX, body, 'ack', headers)).toMatchObject({ outcome, errorCode });
  },
);

test.each([
  ['{"status":"ok"}', []],
  ['{"status":"spam"}', ['spam']],
  ['{"status":"drop"}', ['drop']],
  ['{"status":"ok","actions":[{"type":"block-sender"},{"type":7},null]}', ['block-sender']],
])('control mode reads %s', (body, control) => {
  expect(judge(200, ANY_2XX, body, 'control')).toEqual({
    outcome: 'delivered',
    errorCode: null,
    error: null,
    hint: null,
    control,
  });
});

test.each(['', 'ok', '{"status":"maybe"}', '{"status":["ok"]}', '{"status"', '\uFFFD'])(
  'control mode delivers an unreadable reply %o, steers nothing and says so',
  (body) => {
    expect(judge(200, ANY_2XX, body, 'control')).toMatchObject({
      outcome: 'delivered',
      control: [],
      hint: expect.stringContaining('no control reply'),
    });
  },
);

test('outside control mode a reply steers nothing', () => {
  expect(judge(200, ANY_2XX, '{"status":"spam"}')).toMatchObject({ outcome: 'delivered', control: [] });
});
