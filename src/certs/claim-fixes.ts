import type { Server } from '../model/finding.ts';
import { changeForClaims } from './node-fixes.ts';
import { CERTIFICATE_CLAIMS } from '../vendors/certificate-claims.ts';

/** What a server tells of the certificate itself, by what the header is known to hold; null: nothing of that kind. */
const TOLD: readonly (readonly [holds: RegExp, nginx: string, apache: string])[] = [
  [/^SUCCESS$/, '$ssl_client_verify', 'SSL_CLIENT_VERIFY'],
  [/^\{subject\}$/, '$ssl_client_s_dn', 'SSL_CLIENT_S_DN'],
  [/^\{issuer\}$/, '$ssl_client_i_dn', 'SSL_CLIENT_I_DN'],
  [/^\{serial\}$/, '$ssl_client_serial', 'SSL_CLIENT_M_SERIAL'],
  [/^\{pem\w+\}$/, '$ssl_client_escaped_cert', 'SSL_CLIENT_CERT'],
];

/** A caller's own headers of these names overwritten or taken away. */
export function changesForClaims(names: readonly string[]): Record<Server, string> {
  const claims = names.map((name) => {
    const told = CERTIFICATE_CLAIMS.flatMap(({ headers }) => headers).find((header) => header[0] === name)?.[1] ?? '';
    const [, nginx = '""', apache = null] = TOLD.find(([holds]) => holds.test(told)) ?? [];
    return { name, nginx, apache };
  });
  const eachLine = (comment: string, line: (claim: (typeof claims)[number]) => string[]): string =>
    [`# ${comment}`, ...claims.flatMap(line)].join('\n');
  return {
    nginx: eachLine('next to every proxy_pass, for plain http too', ({ name, nginx }) => [
      `proxy_set_header ${name} ${nginx};`,
    ]),
    apache: eachLine('in every virtual host, including plain http', ({ name, apache }) => [
      `RequestHeader unset ${name} early`,
      ...(apache === null ? [] : [`RequestHeader set ${name} \\`, `  "%{${apache}}s"`]),
    ]),
    caddy: eachLine('in every site, including plain http', ({ name }) => [`request_header -${name}`]),
    haproxy: eachLine('in every frontend, before any rule that sets them', ({ name }) => [
      `http-request del-header ${name}`,
    ]),
    node: changeForClaims(names),
  };
}
