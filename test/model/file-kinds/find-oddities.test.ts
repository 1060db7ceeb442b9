import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findOddities } from '../../../src/model/file-kinds/find-oddities.ts';
import { caddySyntaxError, hasCaddy } from '../../helpers/caddy.ts';
import { makeOddCertificates, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

describe.skipIf(!hasOpenssl || !hasCaddy)('what OpenSSL reads and Caddy does not', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  /** As the file of the CAs that verify clients. */
  const isReadByCaddy = (name: string): boolean =>
    caddySyntaxError(
      odd.path('.'),
      `localhost:8443 {
         tls ${odd.path('leaf.pem')} ${odd.path('leaf.key')} {
           client_auth {
             mode require_and_verify
             trusted_ca_cert_file ${odd.path(name)}
           }
         }
       }`,
    ) === null;

  test.each<[string, (pem: string) => string, boolean]>([
    ['nothing odd', (pem) => pem, false],
    ['text before it', (pem) => `# mine\n${pem}`, false],
    ['CRLF', (pem) => pem.replaceAll('\n', '\r\n'), false],
    ['a byte-order mark', (pem) => `\uFEFF${pem}`, true],
    ['the old label', (pem) => pem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), true],
    ['parameters before it', (pem) => `${PARAMETERS}${pem}`, true],
    ['parameters behind it', (pem) => `${pem}${PARAMETERS}`, false],
  ])('%s', (_, change, isOdd) => {
    const text = change(odd.read('ca.pem').toString());
    writeFileSync(odd.path('odd.pem'), text);
    expect(() => createSecureContext({ ca: text })).not.toThrow();
    const oddities = findOddities({ path: 'odd.pem', bytes: odd.read('odd.pem') });
    expect([isReadByCaddy('odd.pem'), oddities.length]).toEqual(isOdd ? [false, 1] : [true, 0]);
    for (const { cure } of oddities) {
      execFileSync('sh', ['-c', cure?.command ?? ''], { cwd: odd.path('.') });
      expect(isReadByCaddy('odd-new.pem')).toBe(true);
    }
  });
});

const PARAMETERS = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
