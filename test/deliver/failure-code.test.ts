import { expect, test } from 'vitest';
import { explainError, type FailureContext } from '../../src/deliver/explain-error.ts';
import { failureCode } from '../../src/deliver/failure-code.ts';

const failing = (code: string, message = ''): NodeJS.ErrnoException => Object.assign(new Error(message), { code });
const context: FailureContext = {
  host: 'h.example:8443',
  secure: true,
  stage: 'tls',
  timeoutMs: 1500,
  clientCertificate: true,
  status: null,
  detail: '',
};

test.each([
  // Node 20, and Node 24 with its newer OpenSSL.
  [failing('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), 'TLS_ALERT_40'],
  [failing('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', '…:SSL alert number 40'), 'TLS_ALERT_40'],
  [failing('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'), 'TLS_ALERT_42'],
  [failing('ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE'), 'TLS_ALERT_43'],
  [failing('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'), 'TLS_ALERT_45'],
  [failing('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'TLS_ALERT_48'],
  [failing('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'), 'TLS_ALERT_80'],
  [failing('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'TLS_ALERT_116'],
  [failing('ERR_SSL_NEW_ALERT', 'SSL alert number 121'), 'TLS_ALERT_121'],
  [failing('ERR_SSL_WRONG_VERSION_NUMBER'), 'NOT_TLS'],
  [failing('ERR_SSL_PACKET_LENGTH_TOO_LONG'), 'NOT_TLS'],
  [failing('ECONNREFUSED'), 'ECONNREFUSED'],
  [failing('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED'],
  [new AggregateError([failing('ENETUNREACH'), failing('ECONNREFUSED')]), 'ECONNREFUSED'],
  [new AggregateError([failing('ENETUNREACH')]), 'ENETUNREACH'],
  [new Error('odd'), 'NETWORK'],
])('%o has the code %s', (error, code) => {
  expect(failureCode(error)).toBe(code);
});

test.each([
  'UNABLE_TO_GET_CRL',
  'TLS_ALERT_99',
  'ERR_SSL_ODD',
  'EODD',
  'EPIPE',
  'EAI_AGAIN',
  'CERT_NOT_YET_VALID',
  'TLS_ALERT_43',
  'TLS_ALERT_48',
  'TLS_ALERT_80',
])('explains %s with the host it happened on', (code) => {
  const { error } = explainError(code, { ...context, detail: 'odd (thing)' });
  expect(error).toMatch(code === 'EPIPE' ? /endpoint/ : /h\.example:8443/);
});

test.each([
  ['dns', 'DNS did not answer'],
  ['connect', 'did not accept the connection'],
  ['tls', 'TLS handshake'],
  ['answer', 'did not answer'],
  ['headers', 'headers'],
  ['body', 'answered 200'],
] as const)('a time-out says what it waited for: %s', (stage, words) => {
  const { error } = explainError('TIMEOUT', { ...context, stage, status: stage === 'body' ? 200 : null });
  expect(error).toContain(words);
  expect(error).toContain('1.5 s');
});
