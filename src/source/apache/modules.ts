/** What Debian compiles into the server. */
const STATIC: ReadonlySet<string> = new Set([
  'core',
  'so',
  'http',
  'log_config',
  'logio',
  'version',
  'unixd',
  'watchdog',
]);

/** What a stock Debian loads, and what every guide for a reverse proxy with TLS adds. */
const USUAL: ReadonlySet<string> = new Set([
  'access_compat',
  'alias',
  'auth_basic',
  'authn_core',
  'authn_file',
  'authz_core',
  'authz_host',
  'authz_user',
  'autoindex',
  'deflate',
  'dir',
  'env',
  'filter',
  'headers',
  'mime',
  'mpm_event',
  'negotiation',
  'proxy',
  'proxy_http',
  'reqtimeout',
  'rewrite',
  'setenvif',
  'socache_shmcb',
  'ssl',
  'status',
  ...STATIC,
]);

const MPM_FILES: ReadonlySet<string> = new Set(['event', 'worker', 'prefork']);

/** `mod_rewrite.c`, `rewrite_module` and `mod_rewrite.so` are all `rewrite`. */
export function moduleName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/\.(?:c|so)$/, '')
    .replace(/_module$/, '')
    .replace(/^(?:mod_|lib)/, '');
  return MPM_FILES.has(name) ? `mpm_${name}` : name.replace(/^php[\d.]*$/, 'php');
}

export const isUsual = (module: string): boolean => USUAL.has(module);

export const isStatic = (module: string): boolean => STATIC.has(module);
