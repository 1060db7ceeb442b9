#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `verify-cert needs Node 20.19 or newer; this is ${process.version}. Install one from nodejs.org.\n`,
  );
  process.exitCode = 2;
} else {
  require('../dist/verify-cert.cjs');
}
