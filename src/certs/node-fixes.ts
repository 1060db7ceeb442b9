// Node's own https server: what stands in the options of https.createServer, unless a line says otherwise. Between
// these lines and a client there is no other server: where one stands in front, its lines are the ones to change.
//
// https://nodejs.org/docs/latest-v20.x/api/tls.html#tlscreateserveroptions-secureconnectionlistener
// https://nodejs.org/docs/latest-v20.x/api/tls.html#tlscreatesecurecontextoptions

/** Stands for the user's own file in every change, of every server. */
export const CLIENT_CA = '/path/to/client-ca.pem';
export const CLIENT_INTERMEDIATE = '/path/to/client-intermediate.pem';
export const SERVER_CERTIFICATE = '/path/to/server.pem';
export const SERVER_KEY = '/path/to/server.key';

const IN_OPTIONS = '// in the options of https.createServer';
const CA = `ca: readFileSync('${CLIENT_CA}'),`;
const REFUSED = 'rejectUnauthorized: true,';

/**
 * By the causes of server-fixes.ts. None where Node does it right by itself, or has no such thing: a limit of the
 * chain, a location, an error page.
 */
export const NODE_CHANGES: Readonly<Record<string, string>> = {
  'not-asked': `${IN_OPTIONS}\n${CA}\nrequestCert: true,\n${REFUSED}`,
  optional: `${IN_OPTIONS}, instead of false\n${REFUSED}`,
  'not-verified': `${IN_OPTIONS}, instead of false\n${CA}\n${REFUSED}`,
  'faults-forgiven': `${IN_OPTIONS}, instead of false\n${REFUSED}`,
  'unknown-ca': `${IN_OPTIONS}\n${CA}`,
  'missing-intermediate': [
    `${IN_OPTIONS}\nca: [`,
    ...[CLIENT_CA, CLIENT_INTERMEDIATE].map((file) => `  readFileSync('${file}'),`),
    '],',
  ].join('\n'),
  // https://nodejs.org/docs/latest-v20.x/api/tls.html#tlscreatesecurecontextoptions: Mozilla's list otherwise
  'public-ca': `${IN_OPTIONS}\n// this CA only: without it, all public ones count\n${CA}`,
  'ca-list': `${IN_OPTIONS}\n${CA}`,
  'key-type-refused': [
    `${IN_OPTIONS}\nsigalgs:`,
    "  'ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:' +",
    "  'rsa_pkcs1_sha256:ed25519',",
  ].join('\n'),
  'plain-http':
    "// nothing else on port 80\nconst site = 'https://hooks.example.com';\n" +
    'http.createServer((request, response) => {\n  const location = site + request.url;\n' +
    '  response.writeHead(301, { location }).end();\n}).listen(80);',
  'server-chain':
    `${IN_OPTIONS}\n// the leaf first, then its intermediates\ncert: readFileSync('${SERVER_CERTIFICATE}'),\n` +
    `key: readFileSync('${SERVER_KEY}'),`,
  'address-differs': "// every address, IPv6 and IPv4\nserver.listen(443, '::');",
};

/** What the handshake showed is known without any header. */
export function changeForClaims(names: readonly string[]): string {
  const lines = names.map((name) => `delete request.headers['${name.toLowerCase()}'];`);
  return [
    '// before the application sees the request;',
    '// what was proved is request.socket.authorized',
    ...lines,
  ].join('\n');
}
