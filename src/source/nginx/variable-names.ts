import type { RefusedLine } from '../rules/server-rules.ts';
import { isForeign, TABLES } from './directive-names.ts';
import { fromBytes } from './lex.ts';
import type { NginxDirective } from './parse.ts';
import { readTemplate } from './variables.ts';

const wordsOf = (text: string): string[] => text.trim().split(/\s+/);

/**
 * The variables of nginx's own modules for http, from their tables (`ngx_http_variable_t`) in the same releases as
 * those of commands.ts.
 */
const BUILT_IN: ReadonlySet<string> = new Set(
  wordsOf(`
ancient_browser args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time
connections_active connections_reading connections_waiting connections_writing content_length content_type date_gmt
date_local document_root document_uri fastcgi_path_info fastcgi_script_name geoip_area_code geoip_city
geoip_city_continent_code geoip_city_country_code geoip_city_country_code3 geoip_city_country_name geoip_country_code
geoip_country_code3 geoip_country_name geoip_dma_code geoip_latitude geoip_longitude geoip_org geoip_postal_code
geoip_region geoip_region_name grpc_internal_trailers gzip_ratio host hostname http2 http3 http_cookie http_host
http_referer http_user_agent http_via http_x_forwarded_for https invalid_referer is_args is_request_port
limit_conn_status limit_rate limit_req_status memcached_key modern_browser msec msie nginx_version pid pipe
proxy_add_via proxy_add_x_forwarded_for proxy_host proxy_internal_body_length proxy_internal_chunked
proxy_internal_host proxy_port proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr
proxy_protocol_server_port query_string realip_remote_addr realip_remote_port realpath_root remote_addr remote_port
remote_user request request_body request_body_file request_completion request_filename request_id request_length
request_method request_port request_time request_uri scheme secure_link secure_link_expires sent_http_cache_control
sent_http_connection sent_http_content_length sent_http_content_type sent_http_keep_alive sent_http_last_modified
sent_http_link sent_http_location sent_http_transfer_encoding server_addr server_name server_port server_protocol
slice_range spdy spdy_request_priority ssl_alpn_protocol ssl_cipher ssl_ciphers ssl_client_cert
ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn ssl_client_i_dn_legacy ssl_client_raw_cert
ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_sigalg ssl_client_v_end ssl_client_v_remain
ssl_client_v_start ssl_client_verify ssl_curve ssl_curves ssl_early_data ssl_ech_outer_server_name ssl_ech_status
ssl_protocol ssl_server_name ssl_session_id ssl_session_reused ssl_sigalg ssl_sigalgs status tcpinfo_rcv_space
tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd time_iso8601 time_local uid_got uid_reset uid_set upstream_addr
upstream_bytes_received upstream_bytes_sent upstream_cache_etag upstream_cache_last_modified upstream_cache_status
upstream_connect_time upstream_header_time upstream_response_length upstream_response_time upstream_status uri
`),
);

/** Those of them that `set` and `map` may define anew. */
const CHANGEABLE: ReadonlySet<string> = new Set(
  wordsOf(`
ancient_browser args limit_rate modern_browser msie proxy_host proxy_internal_host proxy_port ssl_alpn_protocol
ssl_cipher ssl_ciphers ssl_client_cert ssl_client_escaped_cert ssl_client_fingerprint ssl_client_i_dn
ssl_client_i_dn_legacy ssl_client_raw_cert ssl_client_s_dn ssl_client_s_dn_legacy ssl_client_serial ssl_client_sigalg
ssl_client_v_end ssl_client_v_remain ssl_client_v_start ssl_client_verify ssl_curve ssl_curves ssl_early_data
ssl_ech_outer_server_name ssl_ech_status ssl_protocol ssl_server_name ssl_session_id ssl_session_reused ssl_sigalg
ssl_sigalgs memcached_key secure_link secure_link_expires invalid_referer uid_reset
`),
);

/** Any name behind these is one: of headers, cookies and the query, and of NGINX Plus. */
const PREFIXES = new RegExp(
  `^(?:${wordsOf(`
arg cookie http proxy_protocol_tlv sent_http sent_trailer upstream_cookie upstream_http upstream_trailer
jwt_claim jwt_header session_log upstream_queue upstream_last
`).join('|')})_`,
);

/** Whose arguments nginx fills variables into, and which of them (all, where none is named). */
const FILLED: ReadonlyMap<string, (args: readonly string[]) => readonly string[]> = new Map([
  ...wordsOf(`
return add_header add_trailer root alias try_files error_page auth_basic auth_basic_user_file proxy_pass fastcgi_pass
uwsgi_pass scgi_pass grpc_pass memcached_pass proxy_set_header grpc_set_header fastcgi_param uwsgi_param scgi_param
limit_req_zone limit_conn_zone limit_rate limit_rate_after log_format hash proxy_cache_key fastcgi_cache_key
proxy_cache_bypass proxy_no_cache proxy_set_body proxy_method proxy_bind expires index access_log secure_link
secure_link_md5 proxy_ssl_name
`).map((name) => [name, (args: readonly string[]) => args] as const),
  ...wordsOf('set auth_request_set').map((name) => [name, (args: readonly string[]) => args.slice(1)] as const),
  ['rewrite', (args) => args.slice(1, 2)],
  ['map', (args) => args.slice(0, 1)],
  ['split_clients', (args) => args.slice(0, 1)],
  ['geo', (args) => (args.length > 1 ? args.slice(0, 1) : [])],
  ['if', (args) => (args.some((word) => /^!?~\*?$/.test(word)) ? args.slice(0, 1) : args)],
]);

/** The directives that define a variable, and which argument names it. */
const DEFINES: Readonly<Record<string, number>> = {
  set: 0,
  map: 1,
  geo: -1,
  split_clients: 1,
  auth_request_set: 0,
  perl_set: 0,
};

/**
 * The lines that read a variable which nobody defines, or define one that is nginx's own: nginx does not start with
 * either.
 * @param isPart another file may define more
 */
export function findWrongVariables(http: readonly NginxDirective[], isPart: boolean): RefusedLine[] {
  const all = flatten(http);
  const defined = new Set(all.flatMap(definedBy));
  // A module of somebody else may bring variables of its own.
  const isCertain = !isPart && !all.some(({ name }) => isForeign(name));
  const reported = new Set<string>();
  return all.flatMap((directive): RefusedLine[] => {
    const { name, args, place } = directive;
    const index = Object.hasOwn(DEFINES, name) ? DEFINES[name] : undefined;
    const own = index === undefined ? '' : (args.at(index) ?? '').slice(1);
    if (BUILT_IN.has(own) && !CHANGEABLE.has(own))
      return [
        {
          place,
          text: `the duplicate "${own}" variable`,
          fix: 'give the variable a name of your own',
          isCertain: true,
        },
      ];
    const unknown = (FILLED.get(name)?.(args) ?? [])
      .flatMap(variablesIn)
      .find((one) => !isKnown(one, defined) && !reported.has(one));
    if (unknown === undefined) return [];
    reported.add(unknown);
    const text = `unknown "${fromBytes(unknown)}" variable`;
    return [{ place, text, fix: 'define it with set, map or geo, or correct its name', isCertain }];
  });
}

const isKnown = (name: string, defined: ReadonlySet<string>): boolean =>
  /^\d$/.test(name) || BUILT_IN.has(name) || PREFIXES.test(name) || defined.has(name);

/** A word that nginx would not take as a template has none: it is refused elsewhere, or is not one. */
const variablesIn = (word: string): string[] =>
  (readTemplate(word.replace(/^\(+|\)+$/g, '')) ?? []).flatMap((part) => ('variable' in part ? [part.variable] : []));

const flatten = (directives: readonly NginxDirective[]): NginxDirective[] =>
  directives.flatMap((one) => [
    one,
    ...(one.block === null || TABLES.has(one.name) || isForeign(one.name) ? [] : flatten(one.block)),
  ]);

const NAMED_GROUP = /\(\?P?[<'](\w+)[>']/g;

function definedBy({ name, args, block }: NginxDirective): string[] {
  const index = Object.hasOwn(DEFINES, name) ? DEFINES[name] : undefined;
  // The lines of a map hold expressions, too.
  const words = [name, ...args, ...(block ?? []).flatMap((line) => [line.name, ...line.args])];
  const foreign = isForeign(name) ? [...args, ...(block ?? []).map((line) => line.name)] : [];
  return [
    ...(index === undefined ? [] : [(args.at(index) ?? '').slice(1)]),
    ...words.flatMap((word) => [...word.matchAll(NAMED_GROUP)].map(([, group = '']) => group)),
    ...foreign.filter((word) => word.startsWith('$')).map((word) => word.slice(1)),
  ];
}
