import { verifyCertCommand } from './certs/verify-cert.ts';
import { runAlone } from './run-alone.ts';

runAlone(verifyCertCommand('verify-cert'));
