import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** nginx, where it is installed: not everybody has /usr/sbin in the path. */
const PATH = [process.env['PATH'] ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter);

export const hasNginx = ((): boolean => {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore', env: { ...process.env, PATH } });
    return true;
  } catch {
    return false;
  }
})();

export interface Nginx<Name extends string> {
  url(name: Name): string;
  stop(): Promise<void>;
}

/** One nginx with a TLS virtual host per entry, each on a free loopback port; the values are their directives. */
export async function startNginx<Name extends string>(files: { cert: string; key: string }, servers: Record<Name, string>): Promise<Nginx<Name>> {
  const names = Object.keys(servers) as Name[];
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-nginx-'));
  const ports = await freePorts(names.length);
  const blocks = names.map((name, index) => `server { listen 127.0.0.1:${ports[index]} ssl; ssl_certificate ${files.cert}; ssl_certificate_key ${files.key}; ${servers[name]} }`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${what};`);
  writeFileSync(join(folder, 'nginx.conf'), `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ${temporary.join(' ')} ${blocks.join('\n')} }`);
  const child = spawn('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, PATH } });
  await Promise.all(ports.map((port) => untilOpen(port, child)));
  return {
    url: (name) => `https://127.0.0.1:${ports[names.indexOf(name)]}/hook`,
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => { server.close(closed); })));
  return ports;
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  const errors: Buffer[] = [];
  child.stderr?.on('data', (bytes: Buffer) => errors.push(bytes));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`nginx did not start: ${Buffer.concat(errors).toString()}`);
    const isOpen = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((again) => { setTimeout(again, 10); });
  }
}
