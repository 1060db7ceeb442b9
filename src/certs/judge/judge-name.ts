import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { readDetails } from '../file/certificate-details.ts';
import { isNamedIssuer, isSelfSigned, nameOf, type ClientChain } from './client-chain.ts';
import { makeFinding } from './finding.ts';

/**
 * L7: a certificate with its CA's own name. OpenSSL then takes it for self-signed and refuses it. It comes from giving
 * the same answers to openssl's questions twice.
 */
export function judgeName({ leaf, path }: ClientChain): Finding {
  if (isSelfSigned(leaf)) {
    return makeFinding(
      CHECKS.L7,
      null,
      {
        status: 'warn',
        detail: 'it is self-signed: no CA vouches for it',
        expected: 'a certificate that a CA issued',
        observed: `${nameOf(leaf)}, signed by its own key`,
        fix: 'a server accepts it only where the certificate itself is in the CA file; have it issued by a CA',
      },
      0,
    );
  }
  const collided = path.find((one) => isNamedIssuer(one, one) && !isSelfSigned(one));
  if (collided === undefined) return makeFinding(CHECKS.L7, null, { status: 'pass', detail: nameOf(leaf) }, 0);
  return makeFinding(
    CHECKS.L7,
    null,
    {
      status: 'fail',
      detail: `${nameOf(collided)} is also the name of the CA that issued it, so OpenSSL takes it for self-signed`,
      expected: 'a subject that differs from the issuer',
      observed: nameOf(collided),
      fix: "have it issued again with a name of its own: answer openssl's questions, the Common Name above all, not as for the CA",
    },
    0,
  );
}

/** L8: without version 3 there are no extensions, and so no limits to what the certificate may do. */
export function judgeVersion({ leaf }: ClientChain): Finding {
  const { version } = readDetails(leaf);
  if (version >= 3) return makeFinding(CHECKS.L8, null, { status: 'pass', detail: `version ${version}` }, 0);
  return makeFinding(
    CHECKS.L8,
    null,
    {
      status: 'warn',
      detail: `it is of version ${version}, without extensions; nginx, Apache, HAProxy, Caddy and Node accept it all the same`,
      expected: 'version 3',
      observed: `version ${version}`,
      fix: 'issue it with extensions: openssl x509 -req … -extfile FILE, or webhook certs create',
    },
    0,
  );
}
