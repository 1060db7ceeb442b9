import packageJson from '../../package.json' with { type: 'json' };
import { runCommand } from './terminal/command.ts';
import { run } from './run.ts';
import { verifyCertCommand } from './certs/verify-cert.ts';

void run(() => runCommand(verifyCertCommand('verify-cert').version(packageJson.version), process.argv.slice(2)));
