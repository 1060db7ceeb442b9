// Builds what `rolldown -c` builds, and prints warnings alone: the program of rolldown lists all 150 files, and `npm ci`
// would begin with that list.
import { build } from 'rolldown';
import config from '../rolldown.config.js';

await build({ ...config, logLevel: 'warn' });
