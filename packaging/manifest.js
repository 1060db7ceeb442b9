// manifest.js strip|restore NPM: package.json as it is published, while npm packs. NPM is the process id of npm.
//
// Who installs hookproof needs neither scripts nor devDependencies, and npm warns of the script `prepare`. An install
// from git needs it. So it is there in the repository and not in the tarball.
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '..');
const manifest = join(folder, 'package.json');
const [action, npm] = process.argv.slice(2);
// Where the shell does not tell npm's process (Windows), `npm` is no number.
const npmPid = /^\d+$/.test(npm) ? Number(npm) : null;
const kept = join(folder, `.package.json.${npmPid ?? 'kept'}`);

function strip() {
  const { scripts: _, devDependencies: __, ...published } = JSON.parse(readFileSync(manifest, 'utf8'));
  copyFileSync(manifest, kept);
  writeFileSync(`${kept}.new`, `${JSON.stringify(published, null, 2)}\n`);
  renameSync(`${kept}.new`, manifest);
  // npm leaves `postpack` out when packing fails, or when it is killed.
  if (npmPid !== null)
    spawn(process.execPath, [import.meta.filename, 'await', npm], { detached: true, stdio: 'ignore' }).unref();
}

function restore() {
  try {
    renameSync(kept, manifest);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Restores when npm has ended, however it ended. */
function restoreBehind() {
  if (isRunning(npmPid)) setTimeout(restoreBehind, 200);
  else restore();
}

({ strip, restore, await: restoreBehind })[action]();
