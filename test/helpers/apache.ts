import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer, syntaxError, type RunningServer, type ServerFiles } from './server-process.ts';

export const hasApache = isInstalled('apache2', '-v');

/** Beside those that Debian compiles in. Where there is no Debian, `hasApache` is false. */
const MODULES = [
  'mpm_event',
  'authz_core',
  'proxy',
  'proxy_http',
  'rewrite',
  'socache_shmcb',
  'ssl',
  'headers',
  'alias',
];
const MODULE_FOLDER = '/usr/lib/apache2/modules';

/**
 * Answers 200 to any method, after access was checked: in a virtual host, mod_rewrite would answer before the
 * SSLVerifyClient of a location is looked at; in a location it answers after.
 */
export const APACHE_ANSWER = '<Location "/">\nRewriteEngine On\nRewriteRule ^ - [R=200]\n</Location>';

/**
 * One Apache with a TLS virtual host per entry, each on a free loopback port; the values are their directives, a line
 * each. `more` is put beside them: further virtual hosts on the same ports.
 */
export function startApache<Name extends string>(
  files: ServerFiles,
  servers: Record<Name, string>,
  more: (port: (name: Name) => number) => string = () => '',
): Promise<RunningServer<Name>> {
  const names = Object.keys(servers) as Name[];
  return startServer({
    program: 'apache2',
    names,
    configure: (folder, port) => {
      // Its workers are another user than root.
      chmodSync(folder, 0o755);
      const hosts = names.map(
        (name) =>
          `<VirtualHost 127.0.0.1:${port(name)}>\nServerName localhost\n` +
          `${apacheTls(files)}\n${servers[name]}\n</VirtualHost>`,
      );
      const listen = names.map((name) => `Listen 127.0.0.1:${port(name)}`);
      writeFileSync(join(folder, 'apache.conf'), [...globals(folder), ...listen, ...hosts, more(port)].join('\n'));
      return ['-d', folder, '-f', join(folder, 'apache.conf'), '-DFOREGROUND'];
    },
  });
}

export const apacheTls = ({ cert, key }: ServerFiles): string =>
  `SSLEngine on\nSSLCertificateFile ${cert}\nSSLCertificateKeyFile ${key}`;

/** What `apache2 -t` says of these directives; null when it is content. */
export function apacheSyntaxError(folder: string, directives: string): string | null {
  writeFileSync(join(folder, 'apache.conf'), [...globals(folder), 'Listen 127.0.0.1:1', directives].join('\n'));
  return syntaxError('apache2', ['-t', '-d', folder, '-f', join(folder, 'apache.conf')]);
}

/** What an Apache of a test needs beside its modules and sites: everything in its own folder, and few threads. */
export function apacheBasics(folder: string, serverName: string): string[] {
  return [
    `ServerRoot ${folder}`,
    `ServerName ${serverName}`,
    'PidFile apache.pid',
    'ErrorLog error.log',
    `DefaultRuntimeDir ${folder}`,
    `Mutex file:${folder} default`,
    'StartServers 1',
    'ServerLimit 1',
    'ThreadsPerChild 32',
    'MaxRequestWorkers 32',
    'MinSpareThreads 1',
    'MaxSpareThreads 32',
    // Root may not serve; nobody else may change who serves.
    ...(process.getuid?.() === 0 ? ['User #65534', 'Group #65534'] : []),
  ];
}

function globals(folder: string): string[] {
  return [
    ...apacheBasics(folder, 'localhost'),
    ...MODULES.filter((name) => existsSync(join(MODULE_FOLDER, `mod_${name}.so`))).map(
      (name) => `LoadModule ${name}_module ${MODULE_FOLDER}/mod_${name}.so`,
    ),
  ].toSorted((a, b) => Number(b.startsWith('LoadModule')) - Number(a.startsWith('LoadModule')));
}
