import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isInstalled, startServer, syntaxError, type RunningServer, type ServerFiles } from './server-process.ts';

export const hasHaproxy = isInstalled('haproxy', '-v');

export interface HaproxySite {
  /** Words of the `bind` line after `ssl crt FILE`. */
  bind: string;
  /** Lines of the frontend that come before the answer. */
  rules?: string;
}

/** One HAProxy with a frontend per entry, each on a free loopback port, that answers 200. `more`: further sections. */
export function startHaproxy<Name extends string>(
  files: ServerFiles,
  sites: Record<Name, HaproxySite>,
  more = '',
): Promise<RunningServer<Name>> {
  const names = Object.keys(sites) as Name[];
  return startServer({
    program: 'haproxy',
    names,
    configure: (folder, port) => {
      const crt = join(folder, 'server.pem');
      writeFileSync(crt, Buffer.concat([readFileSync(files.cert), readFileSync(files.key)]), { mode: 0o600 });
      const frontends = names.map(
        (name) =>
          `frontend ${name}\n  bind 127.0.0.1:${port(name)} ssl crt ${crt} ${sites[name].bind}\n` +
          `${sites[name].rules ?? ''}\n  http-request return status 200`,
      );
      writeFileSync(join(folder, 'haproxy.cfg'), whole([...frontends, more].join('\n')));
      // -db: no background, whatever the file says.
      return ['-db', '-f', join(folder, 'haproxy.cfg')];
    },
  });
}

/** What `haproxy -c` says of these sections; null when it is content. */
export function haproxySyntaxError(folder: string, sections: string): string | null {
  writeFileSync(join(folder, 'haproxy.cfg'), whole(sections));
  return syntaxError('haproxy', ['-c', '-f', join(folder, 'haproxy.cfg')]);
}

function whole(sections: string): string {
  return `global
  maxconn 200
  nbthread 1
  tune.ssl.default-dh-param 2048
defaults
  mode http
  timeout client 10s
  timeout connect 10s
  timeout server 10s
${sections}
`;
}
