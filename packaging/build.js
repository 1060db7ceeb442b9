// Builds what `rolldown -c` builds, and prints warnings alone: the program of rolldown lists all 150 files, and `npm ci`
// would begin with that list. Then the programs write what is made of their list of commands: man pages, and the data
// of completion.
import { execFileSync } from 'node:child_process';
import { build } from 'rolldown';
import config from '../rolldown.config.js';

await build({ ...config, logLevel: 'warn' });
execFileSync(process.execPath, ['bin/webhook.js', '__reference', 'dist'], {
  cwd: `${import.meta.dirname}/..`,
  stdio: 'inherit',
});
