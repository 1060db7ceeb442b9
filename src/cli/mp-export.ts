import { exportCommand } from './history/export.ts';
import { runAlone } from './run-alone.ts';

runAlone(exportCommand('mp-export'));
