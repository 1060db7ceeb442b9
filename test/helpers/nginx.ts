import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer, syntaxError, type RunningServer, type ServerFiles } from './server-process.ts';

export const hasNginx = isInstalled('nginx', '-v');

export type Nginx<Name extends string> = RunningServer<Name>;

/**
 * One nginx with a TLS virtual host per entry, each on a free loopback port; the values are their directives.
 * `more` is put beside them into http {}: further virtual hosts on the same ports.
 */
export function startNginx<Name extends string>(
  files: ServerFiles,
  servers: Record<Name, string>,
  more: (port: (name: Name) => number) => string = () => '',
): Promise<Nginx<Name>> {
  const names = Object.keys(servers) as Name[];
  return startServer({
    program: 'nginx',
    names,
    configure: (folder, port) => {
      const blocks = names.map(
        (name) =>
          `server { listen 127.0.0.1:${port(name)} ssl; ssl_certificate ${files.cert}; ` +
          `ssl_certificate_key ${files.key}; ${servers[name]} }`,
      );
      writeFileSync(join(folder, 'nginx.conf'), whole(`${blocks.join('\n')}\n${more(port)}`));
      return ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'];
    },
  });
}

/** What `nginx -t` says of these directives inside http {}; null when it is content. */
export function nginxSyntaxError(folder: string, http: string): string | null {
  writeFileSync(join(folder, 'nginx.conf'), whole(http));
  return syntaxError('nginx', ['-t', '-p', folder, '-c', 'nginx.conf', '-e', 'error.log']);
}

function whole(http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${what};`);
  // Until 1.23.4, TLS 1.3 was not among the defaults; Debian's own nginx.conf has this line, too.
  const settings = `access_log off; ssl_protocols TLSv1.2 TLSv1.3; ${temporary.join(' ')}`;
  return `daemon off; master_process off; pid nginx.pid; events {} http { ${settings}\n${http}\n}`;
}
