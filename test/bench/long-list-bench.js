import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from './pair.js';

const bin = resolve(import.meta.dirname, '../../bin/webhook.js');
const RUNS = 3;
/** What a list of a content delivery network had. */
const ENTRIES = 7728;

/** A server's configuration whose list has thousands of entries, judged against the same list. */
export async function benchLongList() {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-bench-'));
  try {
    const list = Array.from(
      { length: ENTRIES },
      (_, index) => `${20 + (index >> 10)}.${(index >> 2) & 255}.${(index & 3) * 64}.0/26`,
    );
    const allow = join(folder, 'allow.txt');
    writeFileSync(allow, list.join('\n'));
    return Object.entries({ nginx: nginxOf(list), apache: apacheOf(list) }).map(([server, text]) => {
      const file = join(folder, server);
      writeFileSync(file, text);
      const times = Array.from({ length: RUNS }, () => run(server, file, allow));
      return { name: `check-source --${server}, a list of ${ENTRIES} entries`, ms: median(times), budgetMs: 2000 };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const nginxOf = (list) => `events { }
http { server { listen 80; location /hook {
${list.map((one) => `allow ${one};`).join('\n')}
deny all;
proxy_pass http://127.0.0.1:9000;
} } }
`;

const apacheOf = (list) => `Listen 80
<VirtualHost *:80>
<Location /hook>
${list.map((one) => `Require ip ${one}`).join('\n')}
</Location>
ProxyPass / http://127.0.0.1:9000/
</VirtualHost>
`;

function run(server, file, allow) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [bin, 'check-source', `--${server}`, file, '--path', '/hook', '--allow-file', allow],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const ms = performance.now() - started;
  if (!stdout.includes('stranger-refused')) throw new Error(`check-source ended with ${status}: ${stderr}`);
  return ms;
}
