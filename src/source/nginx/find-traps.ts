import type { Trap } from '../rules/server-rules.ts';
import type { Config } from './config.ts';

export function findTraps(_config: Config, _target: { path: string; host: string | null; port: number | null }): Trap[] {
  return [];
}
