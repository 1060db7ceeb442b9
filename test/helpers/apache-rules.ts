import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request as sendRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { apacheBasics } from './apache.ts';
import { startServer, syntaxError, type RunningServer } from './server-process.ts';

const MODULE_FOLDER = '/usr/lib/apache2/modules';
const MODULES = [
  'mpm_event',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_host',
  'authz_user',
  'auth_basic',
  'access_compat',
  'alias',
  'env',
  'setenvif',
  'remoteip',
  'rewrite',
  'proxy',
  'proxy_http',
  'headers',
  'macro',
  'allowmethods',
  'reflector',
  'dir',
];

/** One value, or one for each time that the header is sent. */
export type CallHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface ApacheCall {
  from: string;
  headers?: CallHeaders;
  /** The address that is called; left out: the loopback one of the family. */
  at?: string;
  /** Whom the PROXY protocol names in front of the request. */
  proxied?: string;
}

export interface RulesServer {
  /** The whole configuration, as the server reads it. */
  file: string;
  text: string;
  port: number;
  /** Of the answer to a POST. */
  ask(host: string, path: string, call: ApacheCall): Promise<number>;
  stop(): Promise<void>;
}

export interface RulesServerSpec {
  /**
   * Directives of one virtual host each, by ServerName. `{root}` is a folder with `www/`, `other/` and `access/`,
   * `{upstream}` a server that answers 200.
   */
  hosts: Readonly<Record<string, string>>;
  /** Of the main server. */
  main?: string;
  /** Files below the folder. */
  files?: Readonly<Record<string, string>>;
}

/** A plain-HTTP Apache on both loopback addresses whose handler answers 200 to a POST wherever it gets through. */
export async function startApacheRules(spec: RulesServerSpec): Promise<RulesServer> {
  const upstream = await startUpstream();
  let seen = { file: '', text: '' };
  const configure = (folder: string, port: (name: 'plain') => number): readonly string[] => {
    const file = join(folder, 'apache.conf');
    const text = writeConfig(
      folder,
      port('plain'),
      `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      spec,
    );
    seen = { file, text };
    return ['-d', folder, '-f', file, '-DFOREGROUND'];
  };
  const server: RunningServer<'plain'> = await startServer({
    program: 'apache2',
    names: ['plain'] as const,
    configure,
  }).catch((error: unknown) => {
    upstream.close();
    throw error;
  });
  const port = server.port('plain');
  return {
    ...seen,
    port,
    ask: (host, path, call) => askStatus(port, host, path, call),
    stop: async () => {
      await server.stop();
      await new Promise((closed) => {
        upstream.close(closed);
      });
    },
  };
}

/** What `apache2 -t` says of such a configuration; null when it is content. */
export function rulesSyntaxError(folder: string, spec: RulesServerSpec): string | null {
  writeConfig(folder, 1, 'http://127.0.0.1:1', spec);
  return syntaxError('apache2', ['-t', '-d', folder, '-f', join(folder, 'apache.conf')]);
}

function writeConfig(
  folder: string,
  port: number,
  upstream: string,
  { hosts, main = '', files = {} }: RulesServerSpec,
): string {
  // Its workers are another user than root.
  chmodSync(folder, 0o755);
  const fill = (text: string): string =>
    text.replaceAll('{root}', folder).replaceAll('{upstream}', upstream).replaceAll('{port}', String(port));
  for (const name of ['www', 'other', 'access']) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), fill(text));
  }
  const blocks = Object.entries(hosts).map(
    ([name, body]) => `<VirtualHost *:${port}>\nServerName ${name}\n${fill(body)}\n</VirtualHost>`,
  );
  const text = [...globals(folder), `Listen 127.0.0.1:${port}`, `Listen [::1]:${port}`, fill(main), ...blocks, ''].join(
    '\n',
  );
  writeFileSync(join(folder, 'apache.conf'), text);
  return text;
}

function globals(folder: string): string[] {
  return [
    ...MODULES.filter((name) => existsSync(join(MODULE_FOLDER, `mod_${name}.so`))).map(
      (name) => `LoadModule ${name}_module ${MODULE_FOLDER}/mod_${name}.so`,
    ),
    ...apacheBasics(folder, 'main.test'),
    `DocumentRoot ${folder}/www`,
    'SetHandler reflector',
  ];
}

async function startUpstream(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end('ok'));
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  return server;
}

/** 0: the connection was closed without an answer. */
function askStatus(
  port: number,
  host: string,
  path: string,
  { from, headers = {}, at = from.includes(':') ? '::1' : '127.0.0.1', proxied }: ApacheCall,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(
      {
        path,
        method: 'POST',
        createConnection: () => {
          const socket = connect({ host: at, port, localAddress: from });
          if (proxied !== undefined) socket.write(`PROXY TCP4 ${proxied} 192.0.2.250 40000 443\r\n`);
          return socket;
        },
        headers: {
          Host: host,
          Connection: 'close',
          'Content-Type': 'application/json',
          ...(headers as Record<string, string | string[]>),
        },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve(0) : reject(error)));
    request.end('{}');
  });
}
