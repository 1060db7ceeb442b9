import packageJson from '../../package.json' with { type: 'json' };
import { runCommand } from './terminal/command.ts';
import { exportCommand } from './history/export.ts';
import { run } from './run.ts';

void run(() => runCommand(exportCommand('mp-export').version(packageJson.version), process.argv.slice(2)));
