import type { Server } from '../../src/model/finding.ts';
import { hasApache } from './apache.ts';
import { hasCaddy } from './caddy.ts';
import { hasHaproxy } from './haproxy.ts';
import { hasNginx } from './nginx.ts';

/** Which of the servers that fixes are written for are on this machine. */
export const INSTALLED: Readonly<Record<Server, boolean>> = {
  nginx: hasNginx,
  apache: hasApache,
  caddy: hasCaddy,
  haproxy: hasHaproxy,
  node: true,
};
