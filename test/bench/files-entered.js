/**
 * `node test/bench/files-entered.js [journey …]`: how many files of src a command really enters (a function of the file
 * is called), and how often the run moves from one file to another. It tells how much has to be read to follow a
 * command. `--list` names the files in the order they are entered. Builds the source with a counter at the beginning of
 * each function into a temporary folder; dist/ is not touched.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

const root = resolve(import.meta.dirname, '../..');
const SECRET = 'the-signing-secret';
/** Stands before every chunk, so that it is there before the first import runs. Worker threads are not counted. */
const COUNTER = `
  if (globalThis.__enter === undefined) {
    const entered = { files: new Set(), moves: 0, last: '' };
    globalThis.__enter = (file) => {
      if (file === entered.last) return;
      entered.moves += entered.last === '' ? 0 : 1;
      entered.last = file;
      entered.files.add(file);
    };
    if (process.env.ENTERED_FILE && require('node:worker_threads').isMainThread) process.on('exit', () => {
      const { files, moves } = entered;
      require('node:fs').writeFileSync(process.env.ENTERED_FILE, JSON.stringify({ files: [...files], moves }));
    });
  }
`;

/** Calls `__enter` at the beginning of each function of src. */
const countEntries = {
  name: 'count-entries',
  transform(code, id) {
    const file = relative(join(root, 'src'), id);
    if (file.startsWith('..') || !file.endsWith('.ts')) return null;
    const call = `globalThis.__enter?.(${JSON.stringify(file)})`;
    const inserts = functionsIn(parseAst(code, { lang: 'ts' }, id)).flatMap(({ body }) =>
      body.type === 'BlockStatement' || body.type === 'FunctionBody'
        ? [[body.start + 1, `${call};`]]
        : [
            [body.start, `(${call},(`],
            [body.end, '))'],
          ],
    );
    return inserts
      .toSorted(([a], [b]) => b - a)
      .reduce((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), code);
  },
};

function functionsIn(node) {
  if (Array.isArray(node)) return node.flatMap(functionsIn);
  if (node === null || typeof node !== 'object') return [];
  const own = /Function/.test(node.type ?? '') && node.body && !node.type.startsWith('TS') ? [node] : [];
  return [...own, ...Object.values(node).flatMap(functionsIn)];
}

async function buildCounting(folder) {
  const { default: config } = await import('../../rolldown.config.js');
  const { dir: _dir, cleanDir: _cleanDir, minify: _minify, ...output } = config.output;
  const build = await rolldown({ ...config, cwd: root, plugins: [countEntries, ...config.plugins] });
  await build.write({ ...output, dir: join(folder, 'dist'), banner: COUNTER });
  await build.close();
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{}');
}

/** A receiver that accepts everything over http, and one over https that insists on a client certificate. */
const ENDPOINTS = `
  const { readFileSync } = require('node:fs');
  const read = (name) => readFileSync('certs/' + name);
  const take = (request, response) => { request.resume(); request.on('end', () => response.end()); };
  const tls = { cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem'), requestCert: true, rejectUnauthorized: true };
  const servers = [require('node:http').createServer(take), require('node:https').createServer(tls, take)];
  servers[1].on('tlsClientError', () => {});
  let open = 0;
  for (const server of servers) server.listen(0, '127.0.0.1', () => {
    if (++open === servers.length) console.log(JSON.stringify(servers.map((one) => one.address().port)));
  });
`;
const NGINX =
  'events {} http { server { listen 80; location /hook { allow 185.136.200.0/22; deny all; proxy_pass http://127.0.0.1:9000; } } }';

/** The journeys, as a user types them. */
function journeysOf({ http, https, listening }) {
  const hook = `http://127.0.0.1:${http}/hook`;
  const uuid = '123e4567-e89b-12d3-a456-426614174000';
  const files = { cacert: 'ca.pem', cert: 'client.pem', key: 'client.key', 'passphrase-file': 'client.passphrase' };
  const client = Object.entries(files).flatMap(([flag, file]) => [`--${flag}`, `certs/${file}`]);
  const signed = ['--vendor', 'mail2many', '--secret-env', 'M2M_SECRET'];
  return {
    send: ['webhook', 'send', '--event', 'optin', '--url', hook, '--uuid', uuid, '--secret-env', 'M2M_SECRET'],
    'mp-export': ['mp-export', '--uuid', uuid, '--format', 'csv'],
    'verify-cert': ['verify-cert', `https://127.0.0.1:${https}/hook`, '--vendor', 'mailkit', ...client],
    'check-source': ['webhook', 'check-source', '--vendor', 'mailkit', '--nginx', 'nginx.conf', '--path', '/hook'],
    test: ['webhook', 'test', '--url', `http://127.0.0.1:${listening}/hook`, ...signed],
  };
}

/** Runs a journey. A verdict of 1 is an answer, too: the endpoints are simple. */
async function enter(folder, [program, ...args]) {
  const file = join(folder, 'entered.json');
  rmSync(file, { force: true });
  await promisify(execFile)(process.execPath, [join(folder, 'bin', `${program}.js`), ...args], {
    cwd: folder,
    env: { ...environment(folder), ENTERED_FILE: file },
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error) => {
    if (error.code !== 1) throw error;
  });
  return JSON.parse(readFileSync(file, 'utf8'));
}

const environment = (folder) => ({
  ...process.env,
  M2M_SECRET: SECRET,
  XDG_DATA_HOME: join(folder, 'data'),
  XDG_CONFIG_HOME: join(folder, 'config'),
});

/** The first line that the program prints, and the program. */
function startProgram(folder, args) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: environment(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((found) => {
    child.stdout.once('data', (chunk) => found([String(chunk).split('\n', 1)[0], child]));
    child.stdout.resume();
  });
}

const asked = process.argv.slice(2).filter((word) => word !== '--list');
const withList = process.argv.includes('--list');
const folder = mkdtempSync(join(tmpdir(), 'hookproof-entered-'));
const started = [];
try {
  await buildCounting(folder);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'nginx.conf'), NGINX);
  await enter(folder, ['webhook', 'certs', 'create']);
  const [ports, endpoints] = await startProgram(folder, ['-e', ENDPOINTS]);
  started.push(endpoints);
  const listen = ['bin/webhook.js', 'listen', '--port', '0', '--vendor', 'mail2many', '--secret-env', 'M2M_SECRET'];
  const [ready, listener] = await startProgram(folder, [...listen, '--for', '60s', '--json', '--no-history']);
  started.push(listener);
  const [http, https] = JSON.parse(ports);
  const journeys = journeysOf({ http, https, listening: new URL(JSON.parse(ready).url).port });
  for (const [name, words] of Object.entries(journeys)) {
    // The export needs something to export.
    if (name === 'mp-export' && asked.length > 0 && !asked.includes('send')) await enter(folder, journeys.send);
    if (asked.length > 0 && !asked.includes(name)) continue;
    const { files, moves } = await enter(folder, words);
    console.log(`${name.padEnd(14)}${String(files.length).padStart(4)} files  ${String(moves).padStart(6)} moves`);
    if (withList) console.log(files.map((file) => `  ${file}`).join('\n'));
  }
} finally {
  for (const child of started) child.kill();
  rmSync(folder, { recursive: true, force: true });
}
