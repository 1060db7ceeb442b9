import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findFramework, writeReceiver } from '../../src/code/write-receiver.ts';
import { makeVendorKey } from '../../src/flows/vendor/make-vendor-key.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { isPublicKey } from '../../src/sign/scheme/sign-bytes.ts';
import { removeFolder } from './folder.ts';
import { freePorts, untilOpen } from './free-ports.ts';
import { isInstalled } from './server-process.ts';

const PYTHON = ['python3', '/usr/bin/python3'].find((one) => isInstalled(one, '-c', 'import flask'));
const PYTHON_OF_KEYS = ['python3', '/usr/bin/python3'].find((one) =>
  isInstalled(one, '-c', 'import flask, cryptography'),
);
const HAS_PHP = isInstalled('php', '--version');

export const hasKeyPair = ({ signature: { value } }: Vendor): boolean => value !== null && isPublicKey(value.algorithm);

export const writtenReceiver = (vendor: Vendor, framework: string): string =>
  writeReceiver(vendor, findFramework(framework), { program: 'npx webhook', vendor: vendor.id });

/** The program that runs it, or why there is none. */
export function programFor(framework: string, vendor: Vendor): { program: string } | { missing: string } {
  if (framework === 'express') return { program: process.execPath };
  if (framework === 'php') return HAS_PHP ? { program: 'php' } : { missing: 'PHP is not installed: php-cli' };
  const program = hasKeyPair(vendor) ? PYTHON_OF_KEYS : PYTHON;
  return program === undefined
    ? { missing: 'no python3 with Flask: python3-flask, python3-cryptography' }
    : { program };
}

export interface WrittenReceiver {
  origin: string;
  /** What counts as one of the vendor's hosts, where it calls any: nobody listens there yet. */
  testOrigin: string;
  end: () => void;
}

interface RunningOptions {
  program: string;
  secret: string;
  change?: (code: string) => string;
}

/** In a folder of its own, on a free port, with the environment variables that its own head names. */
export async function startReceiver(
  vendor: Vendor,
  framework: string,
  { program, secret, change = (code) => code }: RunningOptions,
): Promise<WrittenReceiver> {
  const folder = mkdtempSync(join(tmpdir(), 'hookproof-written-'));
  const code = writtenReceiver(vendor, framework);
  const { file } = findFramework(framework);
  writeFileSync(join(folder, file), change(code));
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  const [port = 0, testPort = 0] = await freePorts(2);
  const testOrigin = `http://127.0.0.1:${testPort}`;
  const shown = hasKeyPair(vendor) ? (await makeVendorKey(vendor, secret, Date.now())).shown : secret;
  const args = framework === 'php' ? ['-S', `127.0.0.1:${port}`, file] : [file];
  const own = { PORT: String(port), PYTHONDONTWRITEBYTECODE: '1', ...variablesOf(code, shown, testOrigin) };
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...own }, stdio: 'ignore' });
  let hasEnded = false;
  void once(child, 'exit').then(() => (hasEnded = true));
  await untilOpen(port, () => {
    if (hasEnded) throw new Error(`the receiver of ${vendor.id} did not start`);
  });
  const end = (): void => {
    child.kill();
    removeFolder(folder);
  };
  return { origin: `http://127.0.0.1:${port}`, testOrigin, end };
}

function variablesOf(code: string, secret: string, testOrigin: string): Record<string, string> {
  const run = /^\S+ Run: .*$/m.exec(code)?.[0] ?? '';
  const named = [...run.matchAll(/\b([A-Z0-9_]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value] as const);
  return Object.fromEntries(
    named.map(([name, value]) => [
      name,
      /_(?:SECRET|PUBLIC_KEY)$/.test(name) ? secret : name === 'TEST_ORIGIN' ? testOrigin : value,
    ]),
  );
}
