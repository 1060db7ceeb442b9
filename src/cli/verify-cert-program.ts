import { runCommand } from './command.ts';
import { run } from './run.ts';
import { verifyCertCommand } from './verify-cert.ts';

void run(() => runCommand(verifyCertCommand('verify-cert'), process.argv.slice(2)));
