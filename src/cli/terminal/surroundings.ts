import { homedir } from 'node:os';
import type { Surroundings } from '../../config/find-config.ts';

/** Where this process runs, for finding its configuration. */
export function surroundings(): Surroundings {
  return { startDirectory: process.cwd(), homeDirectory: homedir(), env: process.env };
}
