import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer, syntaxError, type RunningServer, type ServerFiles } from './server-process.ts';

export const hasCaddy = isInstalled('caddy', 'version');

/** What caddy knows of the world: this folder. */
const homeEnv = (folder: string): Record<string, string> => ({
  HOME: folder,
  XDG_DATA_HOME: folder,
  XDG_CONFIG_HOME: folder,
});

/**
 * One Caddy with a TLS site per entry, each on a free loopback port, that answers 200. The values are what stands
 * inside `tls CERT KEY { … }`. It asks no certificate authority and no OCSP responder for anything.
 */
export function startCaddy<Name extends string>(
  files: ServerFiles,
  sites: Record<Name, string>,
): Promise<RunningServer<Name>> {
  const names = Object.keys(sites) as Name[];
  return startServer({
    program: 'caddy',
    names,
    env: homeEnv,
    configure: (folder, port) => {
      const blocks = names.map(
        (name) => `https://:${port(name)} {\n  tls ${files.cert} ${files.key} {\n${sites[name]}\n  }\n  respond 200\n}`,
      );
      writeFileSync(join(folder, 'Caddyfile'), `${globals(folder)}\n${blocks.join('\n')}\n`);
      return ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
    },
  });
}

/**
 * What `caddy validate` says of these sites and global options; null when it is content. It loads the certificates, but
 * opens no port.
 */
export function caddySyntaxError(folder: string, sites: string, options = ''): string | null {
  const path = join(folder, 'Caddyfile');
  writeFileSync(path, `${globals(folder, options)}\n${sites}\n`);
  return syntaxError('caddy', ['validate', '--config', path, '--adapter', 'caddyfile'], homeEnv(folder));
}

function globals(folder: string, options = ''): string {
  return `{
  admin off
  auto_https off
  ocsp_stapling off
  storage file_system ${folder}
  default_bind 127.0.0.1
${options}
}`;
}
