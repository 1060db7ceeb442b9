import { expect, test } from 'vitest';
import { changesForClaims } from '../../src/certs/claim-fixes.ts';

test.each([
  ['X-SSL-Client-Verify', '$ssl_client_verify'],
  ['ssl-client-subject-dn', '$ssl_client_s_dn'],
  ['ssl-client-cert', '$ssl_client_escaped_cert'],
  // The name is only a part of it, and whoever reads it wants the whole.
  ['X-Forwarded-Client-Cert', '""'],
  ['Client-Cert', '""'],
])('nginx overwrites %s with what it knows itself, or with nothing: %s', (name, value) => {
  expect(changesForClaims([name]).nginx).toMatch(new RegExp(`\nproxy_set_header ${name} \\${value};$`));
});
