import { APACHE } from './apache.ts';
import { CADDY } from './caddy.ts';
import type { Format } from './format.ts';
import { HAPROXY } from './haproxy.ts';
import { LIST } from './list.ts';
import { NFTABLES } from './nftables.ts';
import { NGINX } from './nginx.ts';

/** Every form in which a list can be written and read again. */
export const FORMATS: readonly Format[] = [NGINX, APACHE, CADDY, HAPROXY, NFTABLES, LIST];
