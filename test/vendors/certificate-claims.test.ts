import { expect, test } from 'vitest';
import { HEADER_NAME, isHeaderValue } from '../../src/model/header.ts';
import { CERTIFICATE_CLAIMS } from '../../src/vendors/certificate-claims.ts';

const ROWS = CERTIFICATE_CLAIMS.map((entry) => [entry.proxy, entry] as const);

test.each(ROWS)('%s: headers that can go out, and where they were read', (_, { headers, source, certainty }) => {
  for (const [name, value] of headers) {
    expect(name).toMatch(HEADER_NAME);
    expect(isHeaderValue(value), value).toBe(true);
    expect(value).not.toBe('');
  }
  // CGI and its like would join two values of one name.
  expect(new Set(headers.map(([name]) => name.toLowerCase().replaceAll('_', '-'))).size).toBe(headers.length);
  expect(source).toMatch(/^https:\/\//);
  expect(['doc', 'pub', 'inf']).toContain(certainty);
});

test.each([
  'X-SSL-Client-Verify',
  'X-Client-Verify',
  'ssl-client-verify',
  'ssl-client-cert',
  'SSL_CLIENT_VERIFY',
  'X-SSL',
  'X-Forwarded-Client-Cert',
  'X-Forwarded-Tls-Client-Cert',
  'X-Forwarded-Tls-Client-Cert-Info',
  'Client-Cert',
  'Client-Cert-Chain',
  'X-Amzn-Mtls-Clientcert',
  'X-Amzn-Mtls-Clientcert-Leaf',
  'CloudFront-Viewer-Cert-Present',
  'X-ARR-ClientCert',
  'X-Client-Cert-Chain-Verified',
  'Cf-Cert-Verified',
  'Cf-Client-Cert-Der-Base64',
  'SSLClientCertStatus',
  'X-SSL-Client-Certificate',
])('%s is among them', (name) => {
  expect(CERTIFICATE_CLAIMS.some(({ headers }) => headers.some(([one]) => one === name))).toBe(true);
});
