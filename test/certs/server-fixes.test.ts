import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePost } from '../../src/certs/probe/http-post.ts';
import type { TlsVersion } from '../../src/certs/probe/tls-messages.ts';
import {
  CLIENT_CA,
  CLIENT_INTERMEDIATE,
  NODE_CHANGES,
  SERVER_CERTIFICATE,
  SERVER_KEY,
} from '../../src/certs/node-fixes.ts';
import { type Cause, FIXES, fixesFor } from '../../src/certs/server-fixes.ts';
import { SERVERS, type Server } from '../../src/model/finding.ts';
import { APACHE_ANSWER, apacheSyntaxError, apacheTls, hasApache, startApache } from '../helpers/apache.ts';
import { caddySyntaxError, hasCaddy, startCaddy } from '../helpers/caddy.ts';
import { type ClientCase, type ClientCases, makeClientCases } from '../helpers/client-cases.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { type HaproxySite, haproxySyntaxError, hasHaproxy, startHaproxy } from '../helpers/haproxy.ts';
import { INSTALLED } from '../helpers/installed-servers.ts';
import { hasNginx, nginxSyntaxError, startNginx } from '../helpers/nginx.ts';
import { type NodeSite, nodeError, nodeOptionsError, startNode } from '../helpers/node-server.ts';
import { BAD_CERTIFICATE, type Call, NO_CERTIFICATE, postAs, readReaction } from '../helpers/reaction.ts';
import { type RunningServer, type ServerFiles, makeServerFolder, titleOf } from '../helpers/server-process.ts';

const CAUSES = Object.keys(FIXES) as Cause[];

let cases: ClientCases;
let folder: string;
let files: ServerFiles;
let freePort: number;
/** HAProxy reads certificate and key from one file. */
const both = (): string => join(folder, 'both.pem');
/** Root and intermediate. */
const bundle = (): string => join(folder, 'bundle.pem');

beforeAll(async () => {
  cases = await makeClientCases();
  folder = makeServerFolder('serverFixes');
  files = { cert: cases.path('server.pem'), key: cases.path('server.key') };
  writeFileSync(both(), Buffer.concat([cases.read('server.pem'), cases.read('server.key')]));
  writeFileSync(bundle(), Buffer.concat([cases.read('ca.pem'), cases.read('intermediate.pem')]));
  [freePort] = (await freePorts(1)) as [number];
});
afterAll(() => {
  cases?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test.each(CAUSES)('%s says what is wrong and what to do, in the voice of the house', (cause) => {
  for (const text of [FIXES[cause].cause, FIXES[cause].fix]) expect(text).toMatch(/^[a-z][^]*[^.]$/);
});

test('what Node needs is told of causes that there are', () => {
  expect(Object.keys(NODE_CHANGES).filter((one) => !CAUSES.includes(one as Cause))).toEqual([]);
});

/** A report of 80 columns shows a change behind 20 of its own, and one more where an id has three letters. */
const MAX_COLUMNS = 59;

test('no line of a change is too wide for a report of 80 columns', () => {
  const lines = CAUSES.flatMap((cause) => fixesFor(cause).flatMap(({ change }) => change.split('\n')));
  expect(lines.filter((line) => line.length > MAX_COLUMNS)).toEqual([]);
});

test('serverFixes are narrowed to one server', () => {
  expect(fixesFor('optional').map(({ server }) => server)).toEqual([...SERVERS]);
  expect(fixesFor('optional', 'apache')).toEqual([
    { server: 'apache', change: '# instead of optional\nSSLVerifyClient require' },
  ]);
  expect(fixesFor('per-location', 'nginx')).toEqual([]);
});

/** The change of a cause with files of this machine in it. */
function changeOf(cause: Cause, server: Server, ca = cases.path('ca.pem')): string {
  const [fix] = fixesFor(cause, server);
  if (fix === undefined) throw new Error(`${cause} has no change for ${server}`);
  return fix.change
    .replaceAll(CLIENT_CA, ca)
    .replaceAll(CLIENT_INTERMEDIATE, cases.path('intermediate.pem'))
    .replaceAll(SERVER_CERTIFICATE, server === 'haproxy' ? both() : files.cert)
    .replaceAll(SERVER_KEY, files.key);
}

/** Ports that need no privilege, on loopback. */
const onFreePort = (change: string): string =>
  change
    .replaceAll('[::]:443', `[::1]:${freePort}`)
    .replaceAll(/listen (443|80)\b/g, `listen 127.0.0.1:${freePort}`)
    .replaceAll(/((?:<VirtualHost \*|bind |bind ::):)(443|80)\b/g, `$1${freePort}`)
    .replace('listen(80)', "listen(0, '127.0.0.1')")
    .replace("listen(443, '::')", "listen(0, '::1')");

/** Lines that are needed beside a change; those that it brings itself are left out. */
const beside = (change: string, lines: readonly string[]): string =>
  lines.filter((line) => !change.includes(`${line.split(' ')[0] as string} `)).join('\n');

/** Puts a change where it belongs and asks the server's own check. */
const CHECK: Record<Server, (change: string) => string | null> = {
  nginx: (change) => {
    const needed = [
      `listen 127.0.0.1:${freePort} ssl;`,
      `ssl_certificate ${files.cert};`,
      `ssl_certificate_key ${files.key};`,
      `ssl_client_certificate ${cases.path('ca.pem')};`,
    ];
    return nginxSyntaxError(
      folder,
      /^server \{/m.test(change) ? change : `server {\n${beside(change, needed)}\n${change}\n}`,
    );
  },
  apache: (change) => {
    const needed = apacheTls(files).split('\n');
    return apacheSyntaxError(
      folder,
      /^<VirtualHost/m.test(change)
        ? change
        : `<VirtualHost *:${freePort}>\n${beside(change, needed)}\n${change}\n</VirtualHost>`,
    );
  },
  caddy: (change) => {
    const options = /^\{\n([^]*)^\}/m.exec(change)?.[1];
    if (options !== undefined) return caddySyntaxError(folder, '', options);
    return caddySyntaxError(
      folder,
      /^http:/m.test(change) ? change : `https://:${freePort} {\n${withOwnCertificate(change)}\n}`,
    );
  },
  haproxy: (change) => {
    const { start = `bind 127.0.0.1:${freePort}`, words, rules, global } = haproxyParts(change);
    const crt = words.startsWith('crt ') ? '' : `crt ${both()}`;
    const frontend = `frontend hook\n${start} ssl ${crt} ${words}\n${rules}\nhttp-request return status 200`;
    return haproxySyntaxError(folder, `${global}\n${frontend}`);
  },
  node: (change) =>
    isOfOptions(change) ? nodeOptionsError(folder, files, change) : nodeError(folder, withRequest(change)),
};

interface HaproxyParts {
  /** How the bind line begins. */
  start: string | undefined;
  /** What stands at its end. */
  words: string;
  rules: string;
  global: string;
}

/** A change names the bind line in a comment before the words that go into it. */
function haproxyParts(change: string): HaproxyParts {
  const [, words = ''] = /^# .*\bbind line(?:, behind ssl)?\n(?!bind)(.*)$/m.exec(change) ?? [];
  const [global = ''] = /^global\n(?: {2}.*\n?)*/m.exec(change) ?? [];
  const rest = change.replace(global, '').split('\n');
  return {
    start: rest.find((line) => line.startsWith('bind ')),
    words,
    rules: rest.filter((line) => line !== words && !line.startsWith('bind ')).join('\n'),
    global,
  };
}

const isOfOptions = (change: string): boolean => change.includes('options of https.createServer') || change === BROKEN;
const BROKEN = 'no_such_directive here;';
/** Of a request listener. */
const withRequest = (change: string): string =>
  change.includes('request.headers')
    ? `const application = (request) => {\n${change}\n};\napplication({ headers: {} });`
    : change;

/** `tls {` alone would ask a certificate authority for one. */
const withOwnCertificate = (change: string): string =>
  change.replace(/^tls \{/m, () => `tls ${files.cert} ${files.key} {`);

describe.each(SERVERS)('every change passes the check of %s', (server) => {
  const causes = CAUSES.filter((cause) => fixesFor(cause, server).length > 0);

  test.skipIf(!INSTALLED[server]).each(causes)('%s', (cause) => {
    expect(CHECK[server](onFreePort(changeOf(cause, server)))).toBeNull();
  });

  test.skipIf(!INSTALLED[server])('and the check can fail', () => {
    expect(CHECK[server](BROKEN)).toMatch(/no_such_directive/);
  });
});

/** One cause on a running server: how it treated a client before and treats it after the change. */
interface Mending {
  cause: Cause;
  client: ClientCase;
  before: string;
  after: string;
  call?: Call;
}

/** How a server runs the sites of its causes. */
interface Sites<Site> {
  before(cause: Cause): Site;
  after(cause: Cause): Site;
  start(sites: Record<string, Site>): Promise<RunningServer<string>>;
}

/** Two sites for every cause, without and with its change; afterwards the good client still gets in. */
function expectMended<Site>(
  server: Server,
  mendings: readonly Mending[],
  { before: siteBefore, after: siteAfter, start }: Sites<Site>,
): void {
  let running: RunningServer<string>;
  beforeAll(async () => {
    const sites = mendings.flatMap(({ cause }): [string, Site][] => [
      [`${cause}-before`, siteBefore(cause)],
      [`${cause}-after`, siteAfter(cause)],
    ]);
    running = await start(Object.fromEntries(sites));
  });
  afterAll(() => running?.stop());

  test.each(mendings)(
    `${server}: $cause: $client got $before, gets $after`,
    async ({ cause, client, before, after, call }) => {
      const seen = await Promise.all([
        readReaction(cases, running.port(`${cause}-before`), client, call),
        readReaction(cases, running.port(`${cause}-after`), client, call),
        readReaction(cases, running.port(`${cause}-after`), 'good-rsa'),
      ]);
      expect(seen).toEqual([before, after, '200']);
    },
  );
}

/** A client comes twice and offers its first session the second time: it is resumed before the change, never after. */
async function expectNoResumption(
  ...starts: readonly [before: () => Promise<RunningServer<'site'>>, after: () => Promise<RunningServer<'site'>>]
): Promise<void> {
  const servers = await Promise.all(starts.map((start) => start()));
  try {
    const resumed = servers.map((server) =>
      Promise.all(
        (['TLSv1.2', 'TLSv1.3'] as const).map(async (version) => {
          const { session } = await visit(server.port('site'), version);
          return (await visit(server.port('site'), version, session)).resumed;
        }),
      ),
    );
    expect(await Promise.all(resumed)).toEqual([
      [true, true],
      [false, false],
    ]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** A whole request: a session ticket of TLS 1.3 comes before its answer. */
function visit(
  port: number,
  version: TlsVersion,
  session?: Buffer,
): Promise<{ session: Buffer | undefined; resumed: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      session,
    });
    let ticket: Buffer | undefined;
    socket.on('session', (bytes) => {
      ticket = bytes;
    });
    socket.once('secureConnect', () =>
      socket.write(writePost({ path: '/', host: 'localhost', headers: [], body: Buffer.from('{}') })),
    );
    socket.once('data', () => {
      resolve({ session: ticket, resumed: socket.isSessionReused() });
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** A configuration whose lines the change replaces, by their directive. */
function applyChange(before: readonly string[], change: string): string {
  const brought = new Set(change.split('\n').map((line) => line.trim().split(/[\s;]/)[0]));
  return [...before.filter((line) => !brought.has(line.split(/[\s;]/)[0] as string)), change].join('\n');
}

const caOf = (cause: Cause): string => (cause === 'missing-intermediate' ? bundle() : cases.path('ca.pem'));
const weak = 'RSA+SHA256:RSA-PSS+SHA256';

const nginxBefore = (cause: Cause): string[] => {
  const ca = `ssl_client_certificate ${cause === 'unknown-ca' ? cases.path('other-ca.pem') : cases.path('ca.pem')};`;
  const lines: Partial<Record<Cause, string[]>> = {
    'not-asked': [],
    optional: [ca, 'ssl_verify_client optional;'],
    'not-verified': [ca, 'ssl_verify_client optional_no_ca;'],
    'error-page-turned-ok': [ca, 'ssl_verify_client on;', 'error_page 495 496 =200 /;'],
    'key-type-refused': [ca, 'ssl_verify_client on;', `ssl_conf_command ClientSignatureAlgorithms ${weak};`],
  };
  return lines[cause] ?? [ca, 'ssl_verify_client on;'];
};

describe.skipIf(!hasNginx)(titleOf('nginx', hasNginx), () => {
  const mendings: readonly Mending[] = [
    { cause: 'not-asked', client: 'none', before: '200', after: NO_CERTIFICATE },
    { cause: 'optional', client: 'none', before: '200', after: NO_CERTIFICATE },
    { cause: 'not-verified', client: 'wrong-ca', before: '200', after: BAD_CERTIFICATE },
    { cause: 'error-page-turned-ok', client: 'none', before: '200', after: '403' },
    { cause: 'unknown-ca', client: 'good-ec', before: BAD_CERTIFICATE, after: '200' },
    { cause: 'missing-intermediate', client: 'missing-intermediate', before: BAD_CERTIFICATE, after: '200' },
    { cause: 'depth-too-small', client: 'two-intermediates', before: BAD_CERTIFICATE, after: '200' },
    { cause: 'body-buffer', client: 'good-ec', before: '413', after: '200', call: { bodyBytes: 2_000_000 } },
    { cause: 'key-type-refused', client: 'good-ec', before: NO_CERTIFICATE, after: '200' },
  ];
  const answer = 'location / { return 200; }';
  expectMended('nginx', mendings, {
    before: (cause) => `${nginxBefore(cause).join('\n')}\n${answer}`,
    after: (cause) => `${applyChange(nginxBefore(cause), changeOf(cause, 'nginx', caOf(cause)))}\n${answer}`,
    start: (sites) => startNginx(files, sites),
  });

  test('virtual-host-bypass: a name that no server block has is refused in the handshake', async () => {
    const guarded = (port: number): string =>
      `server { listen 127.0.0.1:${port} ssl; server_name guarded.test; ssl_certificate ${files.cert}; ` +
      `ssl_certificate_key ${files.key}; ${answer} }`;
    const block = changeOf('virtual-host-bypass', 'nginx');
    const nginx = await startNginx(
      files,
      { before: answer, after: answer },
      (port) =>
        `${guarded(port('before'))}\n${guarded(port('after'))}\n` +
        `${block.replace('listen 443', `listen 127.0.0.1:${port('after')}`)}`,
    );
    try {
      const seen = ['before', 'after'] as const;
      expect(
        await Promise.all(
          seen.map((site) => readReaction(cases, nginx.port(site), 'none', { servername: 'unknown.test' })),
        ),
      ).toEqual(['200', 'A112']);
      expect(await readReaction(cases, nginx.port('after'), 'none', { servername: 'guarded.test' })).toBe('200');
    } finally {
      await nginx.stop();
    }
  });

  test('session-reuse: no session is resumed', async () => {
    await expectNoResumption(
      () => startNginx(files, { site: answer }),
      () => startNginx(files, { site: `${changeOf('session-reuse', 'nginx')}\n${answer}` }),
    );
  });
});

const apacheBefore = (cause: Cause): string[] => {
  const ca = `SSLCACertificateFile ${cause === 'unknown-ca' ? cases.path('other-ca.pem') : cases.path('ca.pem')}`;
  const lines: Partial<Record<Cause, string[]>> = {
    'not-asked': [],
    optional: [ca, 'SSLVerifyClient optional'],
    'not-verified': [ca, 'SSLVerifyClient optional_no_ca'],
    'per-location': [ca, '<Location "/hook">\nSSLVerifyClient require\n</Location>'],
    'key-type-refused': [ca, 'SSLVerifyClient require', `SSLOpenSSLConfCmd ClientSignatureAlgorithms ${weak}`],
  };
  return lines[cause] ?? [ca, 'SSLVerifyClient require', 'SSLVerifyDepth 1'];
};

describe.skipIf(!hasApache)(titleOf('Apache', hasApache), () => {
  const mendings: readonly Mending[] = [
    { cause: 'not-asked', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'optional', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'not-verified', client: 'wrong-ca', before: '200', after: 'A48' },
    { cause: 'unknown-ca', client: 'good-ec', before: 'A48', after: '200' },
    { cause: 'missing-intermediate', client: 'missing-intermediate', before: 'A48', after: '200' },
    { cause: 'depth-too-small', client: 'two-intermediates', before: 'A80', after: '200' },
    { cause: 'per-location', client: 'good-ec', before: '200 / 403', after: '200' },
    { cause: 'key-type-refused', client: 'good-ec', before: 'A40 / A116', after: '200' },
  ];
  expectMended('apache', mendings, {
    before: (cause) => `${apacheBefore(cause).join('\n')}\n${APACHE_ANSWER}`,
    // A location goes: its directive moves up.
    after: (cause) =>
      `${applyChange(
        apacheBefore(cause).filter((line) => !line.startsWith('<Location')),
        changeOf(cause, 'apache', caOf(cause)),
      )}\n${APACHE_ANSWER}`,
    start: (sites) => startApache(files, sites),
  });

  test('body-buffer: a body of 300 KB fits the buffer of a second handshake', async () => {
    const perLocation =
      `SSLCACertificateFile ${cases.path('ca.pem')}\n<Location "/hook">\nSSLVerifyClient require\n</Location>\n` +
      `${APACHE_ANSWER}`;
    const apache = await startApache(files, {
      before: perLocation,
      after: `${perLocation}\n${changeOf('body-buffer', 'apache')}`,
    });
    try {
      const results = await Promise.all(
        (['before', 'after'] as const).map((site) =>
          postAs(cases, apache.port(site), 'TLSv1.2', 'good-ec', { bodyBytes: 300_000 }),
        ),
      );
      expect(results.map(({ status }) => status)).toEqual([413, 200]);
    } finally {
      await apache.stop();
    }
  });

  test('virtual-host-bypass: a handshake without a name opens no virtual host', async () => {
    const host = (port: number, directives: string): string =>
      `<VirtualHost 127.0.0.1:${port}>\nServerName other.test\n${apacheTls(files)}\n${APACHE_ANSWER}\n` +
      `${directives}\n</VirtualHost>`;
    const strict = changeOf('virtual-host-bypass', 'apache');
    const apache = await startApache(
      files,
      { before: APACHE_ANSWER, after: `${APACHE_ANSWER}\n${strict}` },
      (port) => `${host(port('before'), '')}\n${host(port('after'), strict)}`,
    );
    try {
      const nameless = (site: 'before' | 'after'): Promise<string> =>
        readReaction(cases, apache.port(site), 'none', { servername: null, host: 'other.test' });
      expect(await Promise.all([nameless('before'), nameless('after')])).toEqual(['200', '403']);
      expect(await readReaction(cases, apache.port('after'), 'none', { servername: 'other.test' })).toBe('200');
    } finally {
      await apache.stop();
    }
  });

  test('session-reuse: no session is resumed', async () => {
    await expectNoResumption(
      () => startApache(files, { site: APACHE_ANSWER }),
      () => startApache(files, { site: `${APACHE_ANSWER}\n${changeOf('session-reuse', 'apache')}` }),
    );
  });
});

const auth = (mode: string, ca?: string): string =>
  `client_auth {\nmode ${mode}\n${ca === undefined ? '' : `trusted_ca_cert_file ${ca}`}\n}`;
/** What stands inside the `tls { }` of a change. */
const insideTls = (change: string): string => /^tls \{\n([^]*)\n\}/m.exec(change)?.[1] as string;
const caddyBefore = (cause: Cause): string => {
  const sites: Partial<Record<Cause, string>> = {
    'not-asked': '',
    optional: auth('verify_if_given', cases.path('ca.pem')),
    'not-verified': auth('require'),
    'unknown-ca': auth('require_and_verify', cases.path('other-ca.pem')),
  };
  return sites[cause] ?? auth('require_and_verify', cases.path('ca.pem'));
};

describe.skipIf(!hasCaddy)(titleOf('Caddy', hasCaddy), () => {
  const mendings: readonly Mending[] = [
    { cause: 'not-asked', client: 'none', before: '200', after: 'A42' },
    { cause: 'optional', client: 'none', before: '200', after: 'A42' },
    { cause: 'not-verified', client: 'wrong-ca', before: '200', after: 'A42' },
    { cause: 'unknown-ca', client: 'good-ec', before: 'A42', after: '200' },
    { cause: 'missing-intermediate', client: 'missing-intermediate', before: 'A42', after: '200' },
  ];
  expectMended('caddy', mendings, {
    before: caddyBefore,
    after: (cause) => insideTls(changeOf(cause, 'caddy')),
    start: (sites) => startCaddy(files, sites),
  });
});

const haproxyBefore = (cause: Cause): HaproxySite => {
  const ca = `ca-file ${cases.path('ca.pem')}`;
  const binds: Partial<Record<Cause, string>> = {
    'not-asked': '',
    optional: `${ca} verify optional`,
    'not-verified': `${ca} verify required crt-ignore-err all ca-ignore-err all`,
    'unknown-ca': `ca-file ${cases.path('other-ca.pem')} verify required`,
  };
  return { bind: binds[cause] ?? `${ca} verify required` };
};

/** The words after the certificate, and the lines after the bind. */
const haproxyAfter = (cause: Cause): HaproxySite => {
  const { words, rules } = haproxyParts(changeOf(cause, 'haproxy', caOf(cause)));
  return { bind: words, rules };
};

describe.skipIf(!hasHaproxy)(titleOf('HAProxy', hasHaproxy), () => {
  const mendings: readonly Mending[] = [
    { cause: 'not-asked', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'optional', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'not-verified', client: 'wrong-ca', before: '200', after: 'A48' },
    { cause: 'unknown-ca', client: 'good-ec', before: 'A48', after: '200' },
    { cause: 'missing-intermediate', client: 'missing-intermediate', before: 'A48', after: '200' },
    {
      cause: 'virtual-host-bypass',
      client: 'good-ec',
      before: '200',
      after: '421',
      call: { servername: 'localhost', host: 'other.test' },
    },
  ];
  expectMended('haproxy', mendings, {
    before: haproxyBefore,
    after: haproxyAfter,
    start: (sites) => startHaproxy(files, sites),
  });

  test('virtual-host-bypass: a certificate that is asked for by name is not got around by another name', async () => {
    const list = join(folder, 'crt-list.txt');
    writeFileSync(list, `${both()} [verify required ca-file ${cases.path('ca.pem')}] guarded.test\n`);
    const { rules } = haproxyParts(changeOf('virtual-host-bypass', 'haproxy'));
    const haproxy = await startHaproxy(files, {
      before: { bind: `crt-list ${list}` },
      after: { bind: `crt-list ${list}`, rules },
    });
    try {
      const around = (site: 'before' | 'after'): Promise<string> =>
        readReaction(cases, haproxy.port(site), 'none', { servername: 'open.test', host: 'guarded.test' });
      expect(await Promise.all([around('before'), around('after')])).toEqual(['200', '421']);
      const straight = (name: ClientCase): Promise<string> =>
        readReaction(cases, haproxy.port('after'), name, { servername: 'guarded.test' });
      expect(await Promise.all([straight('none'), straight('good-rsa')])).toEqual(['A40 / A116', '200']);
    } finally {
      await haproxy.stop();
    }
  });

  test('session-reuse: no session is resumed', async () => {
    const { words, global } = haproxyParts(changeOf('session-reuse', 'haproxy'));
    await expectNoResumption(
      () => startHaproxy(files, { site: { bind: '' } }),
      () => startHaproxy(files, { site: { bind: words } }, global),
    );
  });
});

const nodeCa = (name: 'ca.pem' | 'other-ca.pem'): string => `ca: readFileSync(${JSON.stringify(cases.path(name))}),`;
const nodeBefore = (cause: Cause): NodeSite => {
  const asked = `${nodeCa('ca.pem')}\nrequestCert: true,\n`;
  const options: Partial<Record<Cause, string>> = {
    'not-asked': '',
    optional: `${asked}rejectUnauthorized: false,`,
    'faults-forgiven': `${asked}rejectUnauthorized: false,`,
    'not-verified': 'requestCert: true,\nrejectUnauthorized: false,',
    'unknown-ca': `${nodeCa('other-ca.pem')}\nrequestCert: true,`,
    'key-type-refused': `${asked}sigalgs: 'rsa_pss_rsae_sha256:rsa_pkcs1_sha256',`,
  };
  return { options: options[cause] ?? asked };
};

describe('Node', () => {
  const mendings: readonly Mending[] = [
    { cause: 'not-asked', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'optional', client: 'none', before: '200', after: 'A40 / A116' },
    { cause: 'not-verified', client: 'wrong-ca', before: '200', after: 'silent' },
    { cause: 'faults-forgiven', client: 'expired', before: '200', after: 'silent' },
    { cause: 'unknown-ca', client: 'good-ec', before: 'silent', after: '200' },
    { cause: 'missing-intermediate', client: 'missing-intermediate', before: 'silent', after: '200' },
    { cause: 'key-type-refused', client: 'good-ec', before: 'A40', after: '200' },
  ];
  expectMended('node', mendings, {
    before: nodeBefore,
    // Of members of one name the last one counts.
    after: (cause) => ({ options: `${nodeBefore(cause).options}\n${changeOf(cause, 'node')}` }),
    start: (sites) => startNode(files, sites),
  });
});
