import { namesOf, patternOf } from '../rules/scope-lists.ts';

/*
 * What the simulation makes of every directive: the one table of its scope. One POST of http is followed from the
 * socket to the answer, phase by phase. What a configuration alone leaves open is never guessed: each such question is
 * answered yes and no, and the decision is "undecided" where the ends differ. The scope is closed: a directive that is
 * in none of these lists becomes a question, not another simulation. test/source/nginx/scope.test.ts holds that each of
 * nginx's own is in exactly one.
 */

/** Followed by the simulation. */
const SIMULATED = namesOf(`
allow auth_basic auth_basic_user_file auth_request break deny empty_gif error_page fastcgi_pass flv geo grpc_pass http
if ignore_invalid_headers include index internal limit_except listen location map memcached_pass merge_slashes mirror
mp4 perl post_action proxy_pass real_ip_header real_ip_recursive recursive_error_pages return rewrite satisfy
satisfy_any scgi_pass server server_name set set_real_ip_from ssl ssl_reject_handshake ssl_verify_client stub_status
try_files underscores_in_headers uwsgi_pass
js_content content_by_lua content_by_lua_block content_by_lua_file echo upload_pass nchan_publisher nchan_pubsub
push_stream_publisher passenger_app_root unit_pass
`);

/** Asked in the access phase, after nginx's own: it may refuse a caller for a reason that no configuration states. */
const GUARDS: Readonly<Record<string, string>> = {
  auth_jwt: 'auth_jwt looks at a token',
  auth_jwt_require: 'auth_jwt_require looks at a token',
  auth_oidc: 'auth_oidc sends callers to another server',
  auth_ldap: 'auth_ldap asks a directory',
  auth_pam: 'auth_pam asks the machine',
  auth_digest: 'auth_digest asks for a password',
  auth_gss: 'auth_gss asks for a ticket',
  auth_spnego: 'auth_spnego asks for a ticket',
  shibboleth: 'shibboleth asks for a session',
  shib_request: 'shib_request asks another server',
  access_by_lua: 'access_by_lua is a program',
  access_by_lua_block: 'access_by_lua_block is a program',
  access_by_lua_file: 'access_by_lua_file is a program',
  js_access: 'js_access is a program',
  modsecurity: 'ModSecurity has its own rules',
  ModSecurityEnabled: 'ModSecurity has its own rules',
  SecRulesEnabled: 'NAXSI has its own rules',
  app_protect_enable: 'App Protect has its own rules',
  geoip2_deny: 'it depends on a database of countries',
  testcookie: 'testcookie asks for a cookie',
  internal_redirect_by_lua_block: 'a program may send the request elsewhere',
  more_set_input_headers: 'it sets request headers, which rules may read',
  more_clear_input_headers: 'it removes request headers, which rules may read',
};

/** May answer before anybody is asked, or in the place of what would answer. */
const PROGRAMS: Readonly<Record<string, string>> = {
  rewrite_by_lua: 'rewrite_by_lua is a program',
  rewrite_by_lua_block: 'rewrite_by_lua_block is a program',
  rewrite_by_lua_file: 'rewrite_by_lua_file is a program',
  server_rewrite_by_lua_block: 'server_rewrite_by_lua_block is a program',
  server_rewrite_by_lua_file: 'server_rewrite_by_lua_file is a program',
  ssl_certificate_by_lua_block: 'ssl_certificate_by_lua_block is a program',
  ssl_certificate_by_lua_file: 'ssl_certificate_by_lua_file is a program',
  ssl_client_hello_by_lua_block: 'ssl_client_hello_by_lua_block is a program',
  ssl_client_hello_by_lua_file: 'ssl_client_hello_by_lua_file is a program',
  passenger_enabled: 'Passenger passes the request to an application',
  proxy_cache_methods: 'a POST may be answered from the cache',
  fastcgi_cache_methods: 'a POST may be answered from the cache',
  scgi_cache_methods: 'a POST may be answered from the cache',
  uwsgi_cache_methods: 'a POST may be answered from the cache',
  degrade: 'degrade answers when memory runs short',
  mysql_test: 'mysql_test answers out of a database',
  tunnel_pass: 'tunnel_pass makes a proxy of the location',
};

/** Reported beside the decision: it refuses whoever sends too much, be it the vendor or a stranger. */
const BESIDE: Readonly<Record<string, string>> = {
  limit_req: 'limit_req refuses who sends too often',
  limit_conn: 'limit_conn refuses who has too many connections',
};

/** Asked only where something hangs on it: a variable that it sets is not known. */
const VARIABLES = namesOf(`
auth_request_set geoip_city geoip_country geoip_org geoip_proxy geoip_proxy_recursive perl_modules perl_require perl_set
secure_link secure_link_md5 secure_link_secret split_clients ancient_browser ancient_browser_value modern_browser
modern_browser_value userid userid_domain userid_expires userid_flags userid_mark userid_name userid_p3p userid_path
userid_service valid_referers
js_set js_var js_path js_import js_include js_preload_object js_shared_dict_zone keyval keyval_zone geoip2 geoip2_proxy
geoip2_proxy_recursive set_by_lua set_by_lua_block set_by_lua_file
`);

/** No word about who is let in: the server itself, how it sends and answers, what it writes down. `*` is any end. */
const HARMLESS = patternOf(`
events stream mail imap upstream types root alias default_type expires add_header add_header_inherit add_trailer
add_trailer_inherit error_log access_log log_format log_not_found log_subrequest rewrite_log server_tokens etag
absolute_redirect port_in_redirect server_name_in_redirect optimize_server_names if_modified_since max_ranges
chunked_transfer_encoding reset_timedout_connection disable_symlinks random_index mirror_request_body
early_hints slice sticky uninitialized_variable_warn connection_pool_size request_pool_size output_buffers
postpone_* sendfile* directio* aio aio_write read_ahead send_lowat send_timeout subrequest_output_buffer_size tcp_no*
msie_* max_headers max_errors large_client_header_buffers client_* limit_rate* limit_conn_* limit_req_* limit_zone
lingering_* keepalive* resolver* open_file_cache* open_log_file_cache *_hash_bucket_size *_hash_max_size proxy
proxy_[^p]* proxy_p[^a]* proxy_pass_* proxy_password* fastcgi_[^p]* fastcgi_p[^a]* fastcgi_pass_* fastcgi_param
uwsgi_[^p]* uwsgi_pass_* uwsgi_param scgi_[^p]* scgi_pass_* scgi_param grpc_[^p]* grpc_pass_* memcached_[^p]*
tunnel_[^p]* ssl_[^rv]* ssl_verify_depth http2* http3* quic_* spdy_* gzip* gunzip* ssi* sub_filter* addition_types
add_before_body add_after_body charset* source_charset override_charset image_filter* xml_* xslt_* mp4_* autoindex*
dav_* create_full_put_path min_delete_depth auth_delay degradation worker_* env load_module lock_file pid user daemon
master_process pcre_jit debug_points thread_* timer_resolution working_directory google_perftools_profiles use
accept_mutex* acceptex_read multi_accept connections debug_connection *_events *_changes post_acceptex rtsig_*
iocp_threads ip_hash least_conn least_time random hash keepalive zone preread_* pass protocol auth_http* imap_* pop3_*
smtp_* starttls timeout xclient so_keepalive lua_* init_by_lua* init_worker_by_lua* exit_worker_by_lua* log_by_lua*
header_filter_by_lua* body_filter_by_lua* balancer_by_lua* ssl_session_*_by_lua* js_header_filter js_body_filter
js_fetch_* js_context_reuse* js_periodic js_engine brotli* zstd* more_set_headers more_clear_headers fancyindex*
vhost_traffic_status* otel* opentelemetry* opentracing* acme* check check_* status_zone zone_sync* health_check match
state queue ntlm encrypted_session_* auth_jwt_* auth_ldap_* auth_pam_* auth_digest_* auth_gss_* auth_spnego_*
auth_oidc_* modsecurity_* ModSecurityConfig app_protect_* set_* array_* concat* trim* footer* subs_filter*
substitutions_filter* replace_filter* license_token usage_report enforce_initial_report session_log* passenger_*
pagespeed* statsd* graphite* *_cache_purge testcookie_* LearningMode SecRulesDisabled LibInjection* CheckRule
BasicRule MainRule DeniedUrl
`);

export const SCOPE = Object.freeze({
  simulated: SIMULATED,
  guards: GUARDS,
  programs: PROGRAMS,
  beside: BESIDE,
  variables: VARIABLES,
  harmless: HARMLESS,
});

/** The lists that a directive is in. Those of `harmless` are named by patterns, and the other lists go before. */
export function scopeOf(name: string): (keyof typeof SCOPE)[] {
  const named = (['simulated', 'guards', 'programs', 'beside', 'variables'] as const).filter((kind) => {
    const list = SCOPE[kind];
    return list instanceof Set ? list.has(name) : Object.hasOwn(list, name);
  });
  return named.length === 0 && HARMLESS.test(name) ? ['harmless'] : named;
}
