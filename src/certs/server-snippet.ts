import { AppError } from '../model/error.ts';
import type { Server } from '../model/finding.ts';

const PLAIN = /^[\w./:@+,=-]+$/;

/**
 * Quotes a path as one word of a server's configuration. Throws AppError `usage` for what that server cannot write:
 * line breaks and other control characters, and text that it would replace as a variable.
 */
export function quoteForServer(path: string, server: Server): string {
  // oxlint-disable-next-line no-control-regex
  if (path === '' || /[\u0000-\u001f\u007f-\u009f]/.test(path)) throw unwritable(path, server);
  return PLAIN.test(path) && server !== 'node' ? path : QUOTE[server](path);
}

const QUOTE: Record<Server, (path: string) => string> = {
  // nginx: a backslash escapes within quotes; for a $ there is no escape, and a certificate's path may hold variables.
  nginx: (path) => (path.includes('$') ? refuse(path, 'nginx') : quoteWithBackslash(path)),
  // https://httpd.apache.org/docs/2.4/configuring.html#syntax: ${NAME} is replaced within quotes, too.
  apache: (path) => (path.includes('${') ? refuse(path, 'apache') : quoteWithBackslash(path)),
  caddy: quoteForCaddy,
  // https://docs.haproxy.org/2.6/configuration.html#2.2: nothing is replaced within single quotes.
  haproxy: (path) => `'${path.replaceAll("'", String.raw`'\''`)}'`,
  node: (path) => `'${path.replaceAll(/['\\]/g, String.raw`\$&`)}'`,
};

const quoteWithBackslash = (path: string): string => `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

/**
 * Backticks keep everything but themselves; {$NAME} is replaced anywhere.
 * https://caddyserver.com/docs/caddyfile/concepts#tokens-and-quotes
 */
function quoteForCaddy(path: string): string {
  if (path.includes('{$')) return refuse(path, 'caddy');
  if (!path.includes('`')) return `\`${path}\``;
  return path.includes('\\') ? refuse(path, 'caddy') : `"${path.replaceAll('"', String.raw`\"`)}"`;
}

const refuse = (path: string, server: Server): never => {
  throw unwritable(path, server);
};

function unwritable(path: string, server: Server): AppError {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  return new AppError('usage', `cannot write ${shown} as a file name in a configuration for ${server}`, {
    hint: 'rename the file, or link to it',
  });
}

// The same sources as server-fixes.ts. test/cli/certs/certs-snippet.test.ts runs every snippet through the real
// servers.

export interface SnippetFiles {
  /** The CAs whose client certificates are good. */
  ca: string;
  /** The server's own certificate with its chain, and its key; null leaves placeholders. */
  own: { cert: string; key: string } | null;
}

export interface Snippet {
  /** The configuration of one virtual host. */
  configuration: string;
  /** What to change in it, and what must be there: for comments. */
  notes: readonly string[];
  /** A shell command that checks the whole configuration. */
  check: string;
}

/** Certificates allowed above the leaf, the root included, as Apache counts: the vendor's recipe has 1. */
export const DEFAULT_DEPTH = 1;
export const DEFAULT_CA = '/etc/ssl/webhook/client-ca.pem';
export const SERVER_NAME = 'hooks.example.com';
const OWN = { cert: '/etc/ssl/webhook/server.pem', key: '/etc/ssl/webhook/server.key' };
const APPLICATION = '127.0.0.1:3000';
const ALWAYS = `replace ${SERVER_NAME}, and replace ${APPLICATION} with the address where your application listens`;

/**
 * Writes a configuration that admits nobody to any path of a virtual host without a certificate issued by `files.ca`.
 * `depth` null stands for the default. Throws AppError `usage` for a depth where the server has no such directive.
 */
export function writeServerSnippet(server: Server, files: SnippetFiles, depth: number | null): Snippet {
  const word = (path: string): string => quoteForServer(path, server);
  const { cert, key } = files.own ?? OWN;
  return WRITERS[server]({
    ca: word(files.ca),
    cert: word(cert),
    key: word(key),
    hasOwn: files.own !== null,
    paths: { cert, key },
    depth,
  });
}

interface Words {
  ca: string;
  cert: string;
  key: string;
  hasOwn: boolean;
  /** As they were given. */
  paths: { cert: string; key: string };
  depth: number | null;
}

const WRITERS: Record<Server, (words: Words) => Snippet> = {
  nginx: writeNginx,
  apache: writeApache,
  caddy: writeCaddy,
  haproxy: writeHaproxy,
  node: writeNode,
};

function writeNginx({ ca, cert, key, depth }: Words): Snippet {
  const apacheDepth = depth ?? DEFAULT_DEPTH;
  return {
    configuration: `server {
  listen 443 ssl;
  listen [::]:443 ssl;
  server_name ${SERVER_NAME};

  # the leaf first, then its intermediates
  ssl_certificate ${cert};
  ssl_certificate_key ${key};
  ssl_protocols TLSv1.2 TLSv1.3;

  # for the whole virtual host; without this certificate nginx answers 400
  ssl_client_certificate ${ca};
  ssl_verify_client on;
  # nginx counts only the intermediates: ${apacheDepth - 1} is the same as Apache's SSLVerifyDepth ${apacheDepth}
  ssl_verify_depth ${apacheDepth - 1};

  location / {
    proxy_pass http://${APPLICATION};
  }
}`,
    notes: [ALWAYS],
    check: 'nginx -t',
  };
}

function writeApache({ ca, cert, key, depth }: Words): Snippet {
  return {
    configuration: `<VirtualHost *:443>
  ServerName ${SERVER_NAME}

  # the leaf first, then its intermediates
  SSLEngine on
  SSLCertificateFile ${cert}
  SSLCertificateKeyFile ${key}

  # for the whole virtual host: in a <Location>, no client could send a certificate on TLS 1.3
  SSLVerifyClient require
  SSLVerifyDepth ${depth ?? DEFAULT_DEPTH}
  SSLCACertificateFile ${ca}

  ProxyPass "/" "http://${APPLICATION}/"
</VirtualHost>`,
    notes: [ALWAYS, 'needs the modules ssl, proxy and proxy_http: a2enmod ssl proxy_http'],
    check: 'apachectl configtest',
  };
}

function writeCaddy({ ca, cert, key, hasOwn, depth }: Words): Snippet {
  if (depth !== null) throw withoutDepth('Caddy');
  return {
    configuration: `${SERVER_NAME} {
  tls ${hasOwn ? `${cert} ${key} ` : ''}{
    # for the whole site; require on its own would accept any certificate
    client_auth {
      mode require_and_verify
      trusted_ca_cert_file ${ca}
    }
  }

  reverse_proxy ${APPLICATION}
}`,
    notes: [
      ALWAYS,
      ...(hasOwn ? [] : ['Caddy obtains its own server certificate; with --cert and --key it uses yours']),
      'one CA per file: add a trusted_ca_cert_file line for each',
    ],
    check: 'caddy validate --config /etc/caddy/Caddyfile',
  };
}

function writeHaproxy({ ca, cert, paths, hasOwn, depth }: Words): Snippet {
  if (depth !== null) throw withoutDepth('HAProxy');
  const keyIsElsewhere = hasOwn && paths.key !== paths.cert && paths.key !== `${paths.cert}.key`;
  return {
    configuration: `frontend hooks
  mode http
  # for the whole frontend; optional, crt-ignore-err and ca-ignore-err would accept other callers
  bind :::443 v4v6 ssl crt ${cert} ca-file ${ca} verify required
  default_backend application

backend application
  mode http
  server application ${APPLICATION}`,
    notes: [
      ALWAYS,
      'the file after crt holds the leaf, its intermediates and the private key; the key may also be in a file ' +
        'with the same name plus .key',
      ...(keyIsElsewhere ? [`put the private key there: HAProxy does not read ${paths.key}`] : []),
    ],
    check: 'haproxy -c -f /etc/haproxy/haproxy.cfg',
  };
}

function writeNode({ ca, cert, key, depth }: Words): Snippet {
  if (depth !== null) throw withoutDepth('Node');
  return {
    configuration: `import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const options = {
  // the leaf first, then its intermediates
  cert: readFileSync(${cert}),
  key: readFileSync(${key}),
  minVersion: 'TLSv1.2',

  // without requestCert no caller is asked, and without ca every public CA counts
  ca: readFileSync(${ca}),
  requestCert: true,
  rejectUnauthorized: true,
};

const application = (request, response) => {
  request.resume().on('end', () => response.end());
};

// every address, IPv6 and IPv4
createServer(options, application).listen(443, '::');`,
    notes: [
      'for a Node server without another one in front of it: one that ends TLS there has to ask for the certificate',
      'replace the application: an Express app is one, too',
    ],
    check: 'node server.mjs',
  };
}

function withoutDepth(title: string): AppError {
  return new AppError('usage', `${title} has no directive for the chain depth`, { hint: 'leave out --depth' });
}
