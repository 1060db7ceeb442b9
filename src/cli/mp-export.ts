import { runCommand } from './command.ts';
import { exportCommand } from './export.ts';
import { run } from './run.ts';

void run(() => runCommand(exportCommand('mp-export'), process.argv.slice(2)));
