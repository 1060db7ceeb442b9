// Where the directives stand, unless a line says otherwise: nginx in server { }, Apache in <VirtualHost>, Caddy in the
// site's block, HAProxy in the frontend; node-fixes.ts has Node's. test/certs/server-fixes.test.ts puts every one of
// them before the real servers. A report shows them behind its labels, so they are short.
//
// nginx    https://nginx.org/en/docs/http/ngx_http_ssl_module.html
// Apache   https://httpd.apache.org/docs/2.4/mod/mod_ssl.html
// Caddy    https://caddyserver.com/docs/caddyfile/directives/tls
// HAProxy  https://docs.haproxy.org/2.6/configuration.html#5.1
import type { Finding, Server, ServerFix } from '../model/finding.ts';
import { changesForClaims } from './claim-fixes.ts';
import { CLIENT_CA, CLIENT_INTERMEDIATE, NODE_CHANGES, SERVER_CERTIFICATE, SERVER_KEY } from './node-fixes.ts';

/** Why a check failed, and what to do about it. */
export interface Remedy {
  /** What is wrong, in plain words: lower-case, no full stop. */
  cause: string;
  /** What to do, whatever the server. */
  fix: string;
  /** What to change, by server. None where it is not the server that must change, or cannot. */
  changes: Partial<Record<Server, string>>;
}

/**
 * Caddy 2.6 reads the first certificate of a file alone. Since 2.8 `trust_pool file` says the same, and this still
 * works.
 */
const caddyAuth = (...caFiles: readonly string[]): string => `tls {
  client_auth {
    mode require_and_verify
${caFiles.map((file) => `    trusted_ca_cert_file ${file}`).join('\n')}
  }
}`;
/** A bind line cannot be broken, and everybody's begins otherwise. */
const haproxyBind = (words = ''): string =>
  `# at the end of the bind line\nca-file ${CLIENT_CA} verify required${words}`;

const SIGNATURE_ALGORITHMS = 'ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256:ed25519';

/** A virtual host that asks for a certificate and takes those of one CA. */
const ENFORCED = {
  nginx: `ssl_client_certificate ${CLIENT_CA};\nssl_verify_client on;`,
  apache: `SSLCACertificateFile ${CLIENT_CA}\nSSLVerifyClient require\nSSLVerifyDepth 1`,
  caddy: caddyAuth(CLIENT_CA),
  haproxy: haproxyBind(),
} as const;

export const FIXES = {
  'not-asked': {
    cause: 'the server does not ask for a client certificate',
    fix: 'request one for the whole virtual host, and configure the CA that you accept',
    changes: ENFORCED,
  },
  optional: {
    cause: 'the server asks for a client certificate, but accepts callers without one',
    fix: 'require the certificate',
    changes: {
      nginx: '# instead of optional\nssl_verify_client on;',
      apache: '# instead of optional\nSSLVerifyClient require',
      caddy: `# instead of request or verify_if_given\n${ENFORCED.caddy}`,
      haproxy: `# instead of verify optional\n${ENFORCED.haproxy}`,
    },
  },
  'not-verified': {
    cause: 'the server accepts any client certificate, regardless of its issuer',
    fix: 'make the server verify the certificate against the CA',
    changes: {
      nginx: '# instead of optional_no_ca\nssl_verify_client on;',
      apache: '# instead of optional_no_ca\nSSLVerifyClient require',
      caddy: `# instead of request or require: they do not check the CA\n${ENFORCED.caddy}`,
      haproxy: `# without crt-ignore-err and ca-ignore-err\n${ENFORCED.haproxy}`,
    },
  },
  'faults-forgiven': {
    cause: 'the server ignores faults in certificates from its own CA',
    fix:
      'reject certificates that are expired, not valid yet, or issued for another purpose; if the application ' +
      'checks certificates, make it check that too',
    changes: {
      haproxy: `# without crt-ignore-err\n${ENFORCED.haproxy}`,
    },
  },
  'error-page-turned-ok': {
    cause: 'the server refuses the certificate, but an error page turns the refusal into a success',
    fix: 'make error pages keep the status of the refusal',
    changes: {
      // https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors
      nginx:
        '# instead of error_page 495 496 =200\nerror_page 495 496 =403 @no_certificate;\n' +
        'location @no_certificate { return 403; }',
    },
  },
  'unknown-ca': {
    cause: "the server's CA file lacks the issuer of the client certificate",
    fix: 'add the root of the client certificate to the CA file',
    changes: {
      nginx: `ssl_client_certificate ${CLIENT_CA};`,
      apache: `SSLCACertificateFile ${CLIENT_CA}`,
      caddy: ENFORCED.caddy,
      haproxy: ENFORCED.haproxy,
    },
  },
  'missing-intermediate': {
    cause: 'the client sends its leaf without an intermediate certificate that leads to the CA',
    fix:
      'append each missing intermediate to the client certificate file, after the one that it issued; or add ' +
      "them to the server's CA file next to the root",
    changes: {
      nginx: `# root and intermediates, one after the other in one file\nssl_client_certificate ${CLIENT_CA};`,
      apache:
        `# root and intermediates, one after the other in one file\nSSLCACertificateFile ${CLIENT_CA}\n` +
        'SSLVerifyDepth 2',
      caddy: `# one certificate per file: Caddy may read only the first\n${caddyAuth(CLIENT_CA, CLIENT_INTERMEDIATE)}`,
      haproxy: `# root and intermediates, one after the other in one file\n${ENFORCED.haproxy}`,
    },
  },
  'public-ca': {
    cause: 'the server trusts public CAs for client certificates, and anyone can get a certificate from them',
    fix:
      "put only your callers' CA in the CA file, not the system's bundle; if the application checks the " +
      "caller's name, skip this check",
    changes: {
      nginx: `# this CA only\nssl_client_certificate ${CLIENT_CA};`,
      apache: `# this CA only\nSSLCACertificateFile ${CLIENT_CA}`,
      caddy: `# this CA only\n${caddyAuth(CLIENT_CA)}`,
      haproxy: `# this CA only, not @system-ca\n${ENFORCED.haproxy}`,
    },
  },
  expired: {
    cause: 'the client certificate, or one above it, has expired',
    fix: "issue a new one: webhook certs create; if its dates are correct, set the server's clock",
    changes: {},
  },
  'wrong-usage': {
    cause: 'the client certificate is not meant for TLS clients',
    fix:
      'issue one with extended key usage clientAuth and key usage digitalSignature, or with neither: webhook ' +
      'certs create',
    changes: {},
  },
  'depth-too-small': {
    cause: 'the chain of the client certificate is longer than the server allows',
    fix:
      'raise the limit to the length of the chain: nginx counts only the intermediates, Apache the root too; ' +
      'Caddy and HAProxy have no such limit',
    changes: {
      nginx: '# up to two intermediates\nssl_verify_depth 2;',
      apache: '# up to two intermediates, and the root\nSSLVerifyDepth 3',
    },
  },
  'per-location': {
    cause:
      'the certificate is requested in one location only, after the handshake: clients cannot answer that on ' +
      'TLS 1.3',
    fix: 'request it for the whole virtual host; move other paths to a separate virtual host',
    changes: {
      // https://httpd.apache.org/docs/2.4/ssl/ssl_howto.html#arbitraryclients: a location means a second handshake.
      apache: '# in <VirtualHost>, not in <Location> or .htaccess\nSSLVerifyClient require\nSSLVerifyDepth 1',
    },
  },
  'body-buffer': {
    cause: 'the server rejects large bodies',
    fix:
      'allow the size that the vendor may send; if Apache requests the certificate per location, request it ' +
      'for the whole virtual host instead, so that no body is buffered',
    changes: {
      // https://nginx.org/en/docs/http/ngx_http_core_module.html#client_max_body_size: 1m by default
      nginx: 'client_max_body_size 10m;',
      // 128 KiB by default, and only for certificates per location.
      // https://httpd.apache.org/docs/2.4/mod/core.html#limitrequestbody
      apache: '<Location "/">\n  SSLRenegBufferSize 10485760\n  LimitRequestBody 10485760\n</Location>',
      // https://caddyserver.com/docs/caddyfile/directives/request_body
      caddy: 'request_body {\n  max_size 10MB\n}',
    },
  },
  'ca-list': {
    cause:
      "the server's list of acceptable CAs does not name the issuer of the client certificate: Java clients " +
      'then send no certificate',
    fix: 'build the list from the CA file that certificates are verified with',
    changes: {
      nginx: `# ssl_trusted_certificate verifies, but is not in the list\nssl_client_certificate ${CLIENT_CA};`,
      apache:
        '# without SSLCADNRequestFile and SSLCADNRequestPath,\n# or with the same file\n' +
        `SSLCACertificateFile ${CLIENT_CA}\nSSLCADNRequestFile ${CLIENT_CA}`,
      caddy: ENFORCED.caddy,
      haproxy: `# ca-verify-file verifies, but is not in the list\n${ENFORCED.haproxy}`,
    },
  },
  'key-type-refused': {
    cause: 'the server accepts no signatures by this type of key',
    fix: 'make the server accept ECDSA, RSA and Ed25519, or use a client certificate with another type of key',
    changes: {
      // The command of OpenSSL: https://docs.openssl.org/3.0/man3/SSL_CONF_cmd/ (ClientSignatureAlgorithms)
      nginx: `ssl_conf_command ClientSignatureAlgorithms\n  ${SIGNATURE_ALGORITHMS};`,
      apache: `SSLOpenSSLConfCmd ClientSignatureAlgorithms \\\n  ${SIGNATURE_ALGORITHMS}`,
    },
  },
  'virtual-host-bypass': {
    cause: 'another server name in the handshake opens the webhook without a certificate',
    fix: 'reject handshakes for other names, and requests whose Host differs from the name in the handshake',
    changes: {
      // since nginx 1.19.4
      nginx:
        '# next to the other server blocks for the same address\nserver {\n  listen 443 ssl default_server;\n  ' +
        'ssl_reject_handshake on;\n}',
      // Apache 2.4.66 adds SSLVHostSNIPolicy, whose default does the same for names that differ.
      apache: '# in every virtual host of this address, the first too\nSSLStrictSNIVHostCheck on',
      // On by default where a client certificate is asked for.
      // https://caddyserver.com/docs/caddyfile/options#strict-sni-host
      caddy: '# at the top of the Caddyfile; never insecure_off\n{\n  servers {\n    strict_sni_host on\n  }\n}',
      haproxy:
        `${haproxyBind(' strict-sni')}\n\n# in the frontend\n` +
        'http-request set-var(txn.host) hdr(host),host_only,lower\n' +
        'acl is_same_host ssl_fc_sni,lower,strcmp(txn.host) eq 0\n' +
        'http-request deny deny_status 421 unless is_same_host',
    },
  },
  'plain-http': {
    cause: 'the webhook is also served on plain http, where no certificate can be requested',
    fix: 'serve only a redirect there',
    changes: {
      nginx:
        '# the only server block of port 80 for this name\nserver {\n  listen 80;\n' +
        '  server_name hooks.example.com;\n  return 301 https://hooks.example.com$request_uri;\n}',
      apache:
        '# the only virtual host of port 80 for this name\n<VirtualHost *:80>\n  ServerName hooks.example.com\n' +
        '  Redirect permanent "/" "https://hooks.example.com/"\n</VirtualHost>',
      caddy:
        '# instead of a separate site\nhttp://hooks.example.com {\n  redir https://hooks.example.com{uri} ' +
        'permanent\n}',
      haproxy: 'http-request redirect scheme https code 301 if !{ ssl_fc }',
    },
  },
  'session-reuse': {
    cause: 'a TLS session of another virtual host opens this one',
    fix:
      'upgrade nginx to 1.26.3, 1.27.4 or later (CVE-2025-23419), Apache to 2.4.64 or later (CVE-2025-23048); ' +
      'until then, disable session resumption',
    changes: {
      nginx:
        '# in every server block of this address, the default too\nssl_session_tickets off;\n' +
        'ssl_session_cache off;',
      apache: '# in every virtual host of this address\nSSLStrictSNIVHostCheck on\nSSLSessionTickets off',
      haproxy: 'global\n  tune.ssl.cachesize 0\n\n# at the end of the bind line\nno-tls-tickets',
    },
  },
  'claim-believed': {
    cause: 'the application trusts a header about the certificate, regardless of who sends it',
    fix:
      'make the proxy set or remove that header in every request, including those without a certificate, and ' +
      'let only the proxy reach the application',
    changes: changesForClaims(['X-SSL-Client-Verify']),
  },
  'server-chain': {
    cause: "the server's own certificate does not lead to a root that callers trust",
    fix: 'serve the leaf, then its intermediates, from one file; check the names, and renew it in time',
    changes: {
      nginx:
        `# the leaf first, then its intermediates\nssl_certificate ${SERVER_CERTIFICATE};\n` +
        `ssl_certificate_key ${SERVER_KEY};`,
      // since 2.4.8; SSLCertificateChainFile is the older directive
      apache:
        `# the leaf first, then its intermediates\nSSLCertificateFile ${SERVER_CERTIFICATE}\n` +
        `SSLCertificateKeyFile ${SERVER_KEY}`,
      caddy: `# the leaf first, then its intermediates\ntls ${SERVER_CERTIFICATE} ${SERVER_KEY}`,
      haproxy:
        '# leaf, intermediates and private key, in one file\n# in the bind line, behind ssl\n' +
        `crt ${SERVER_CERTIFICATE}`,
    },
  },
  'address-differs': {
    cause: 'the addresses of the host behave differently',
    fix: 'make one virtual host answer on every address, IPv4 and IPv6, and reload every machine behind the name',
    changes: {
      nginx: 'listen 443 ssl;\nlisten [::]:443 ssl;',
      apache:
        '# * matches every address, including IPv6\n<VirtualHost *:443>\n  SSLEngine on\n  SSLCertificateFile ' +
        `${SERVER_CERTIFICATE}\n  SSLCertificateKeyFile ${SERVER_KEY}\n  SSLCACertificateFile ${CLIENT_CA}\n  ` +
        'SSLVerifyClient require\n  SSLVerifyDepth 1\n</VirtualHost>',
      // https://docs.haproxy.org/2.6/configuration.html#5.1-v4v6
      haproxy: '# at the front of the bind line, instead of bind :443\nbind :::443 v4v6',
    },
  },
} as const satisfies Record<string, Remedy>;

export type Cause = keyof typeof FIXES;

/** The changes that fix `cause`, for one server or all, in the order of the table. */
export function fixesFor(cause: Cause, server?: Server): ServerFix[] {
  const ofNode = NODE_CHANGES[cause];
  const changes: Partial<Record<Server, string>> = FIXES[cause].changes;
  const all = ofNode === undefined ? changes : { ...changes, node: ofNode };
  return (Object.entries(all) as [Server, string][])
    .filter(([name]) => server === undefined || name === server)
    .map(([name, change]) => ({ server: name, change }));
}

type Fix = Pick<Finding, 'fix' | 'serverFixes'>;

/** What to do about `cause`, as a Finding has it. */
export const fixFor = (cause: Cause): Fix => ({ fix: FIXES[cause].fix, serverFixes: fixesFor(cause) });

/**
 * The same for an endpoint that admits callers although it asks for a certificate: an error page can do that too, and
 * from outside only its status can be seen.
 */
export function fixForOpenAdmission(cause: Cause): Fix {
  const { fix, serverFixes } = fixFor(cause);
  const errorPage = FIXES['error-page-turned-ok'];
  return {
    fix: `${fix}; also ${errorPage.fix}`,
    serverFixes: serverFixes.map(({ server, change }) => ({
      server,
      change: server === 'nginx' ? `${change}\n${errorPage.changes.nginx}` : change,
    })),
  };
}
