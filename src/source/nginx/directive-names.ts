import type { UnknownDirective } from '../rules/server-rules.ts';
import { COMMANDS } from './commands.ts';
import { fromBytes } from './lex.ts';
import type { NginxDirective } from './parse.ts';

/** The names of nginx's own directives. */
export const DIRECTIVE_NAMES: ReadonlySet<string> = new Set([...COMMANDS.keys()].toSorted());

const anyOf = (words: string): string => `(?:${words.trim().split(/\s+/).join('|')})`;

/** Prefixes of modules: the word alone, or with more behind `_`. */
const FAMILIES = anyOf(String.raw`
  js lua otel acme opentracing opentelemetry brotli zstd pagespeed modsecurity app_protect testcookie passenger
  rails nchan push_stream echo upload redis2? redis_pass memc drizzle postgres rds srcache srcache_\w+ xss
  encrypted_session more headers_more fancyindex dav_ext geoip2 vhost_traffic_status check check_\w+ dyups
  concat trim footer vod rtmp hls nps shibboleth auth_(?:jwt|oidc|ldap|pam|digest|gss|spnego|saml) session_log
  keyval sticky health_check ngx_\w+ unit subs_filter substitutions_filter replace_filter cache_purge
  proxy_cache_purge fastcgi_cache_purge aws statsd graphite naxsi f4f zone_sync mgmt status_zone limit_traffic
  slowfs sysguard ajp mogilefs ldap mqtt proxy_protocol_vendor internal_redirect
`);
const SETTERS = anyOf(String.raw`
  \w+_uri quote_\w+ unquote_\w+ md5 sha1 hmac_\w+ encode_\w+ decode_\w+ encrypt_session decrypt_session random
  secure_random_\w+ local_today formatted_\w+ hashed_upstream if_empty rotate form_input\w* cconv\w*
`);
const SINGLE = anyOf(String.raw`
  api state status match ntlm queue license_token usage_report enforce_initial_report array_split array_join
  array_map array_map_op eval unit_pass apply_regular_expression_to_cookies ModSecurityEnabled ModSecurityConfig
  SecRules(?:Enabled|Disabled) LearningMode DeniedUrl CheckRule BasicRule MainRule LibInjection(?:Sql|Xss)
`);

/**
 * Directives that nginx's own source does not have but its users do: those of njs and the other modules of nginx.org,
 * of NGINX Plus, OpenResty, ModSecurity, NAXSI, Passenger, and of the modules that Debian packs. None of them is a
 * typing error.
 */
const FOREIGN: readonly RegExp[] = [
  new RegExp(String.raw`^${FAMILIES}(?:_\w+)?$`),
  new RegExp(`^set_${SETTERS}$`),
  /^proxy_connect(?:_(?:allow|address|bind|data_timeout|read_timeout|send_timeout|response))?$/,
  /_by_lua(?:_block|_file)?$/,
  new RegExp(`^${SINGLE}$`),
];

export const isForeign = (name: string): boolean => FOREIGN.some((pattern) => pattern.test(name));

/** Blocks whose lines are values, not directives. */
export const TABLES: ReadonlySet<string> = new Set(['map', 'geo', 'types', 'split_clients', 'charset_map']);

/** The directives that nginx does not have. What stands in a block of another module is that module's own. */
export function findUnknown(directives: readonly NginxDirective[]): UnknownDirective[] {
  return directives.flatMap(({ name, block, place }) => {
    if (isForeign(name)) return [];
    if (!DIRECTIVE_NAMES.has(name)) return [{ name: fromBytes(name), place }];
    return block === null || TABLES.has(name) ? [] : findUnknown(block);
  });
}
