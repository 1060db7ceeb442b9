/**
 * What nginx says of its own directives: of the core and of every module in its source, for http, stream and mail. From
 * the tables of commands (`ngx_command_t`) in src/ of https://github.com/nginx/nginx, of the last release of each
 * series from 1.4.7 to 1.31.4 and of commit 3f6f7824d4e2: what any of them takes stands here. Case counts.
 *
 * A line: where, how many arguments (`{` a block, `1+` one or more, `f` on or off, `*` any), what kind of value (`n`
 * number, `z` size, `o` offset, `t` and `T` time, `e` one of a few words, each once at a place, as is `!`), and names.
 * Where: main, events; http, server, location, if in a location (j) and in a server (i), limit_except (x), upstream;
 * stream and its server and upstream in capitals; mail (M) and its server (R); `*` everywhere.
 */
const TABLE = `
* 1 - include
H 1 n map_hash_bucket_size map_hash_max_size server_names_hash_bucket_size server_names_hash_max_size
H 1 n variables_hash_bucket_size variables_hash_max_size
H 12 - geoip_city geoip_country geoip_org
H 2 - limit_conn_zone
H 2+ - log_format
H {0 - server
H {1 - upstream
H {12 - geo
H {2 - map split_clients
HS 1 - allow deny proxy_download_rate proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_name
HS 1 - proxy_ssl_password_file proxy_upload_rate set_real_ip_from ssl_certificate ssl_certificate_key ssl_ech_file
HS 1 - ssl_ocsp_cache ssl_password_file ssl_session_ticket_key
HS 1 ! proxy_ssl_ciphers proxy_ssl_crl proxy_ssl_trusted_certificate ssl_ciphers ssl_client_certificate ssl_crl
HS 1 ! ssl_dhparam ssl_ecdh_curve ssl_ocsp_responder ssl_stapling_file ssl_stapling_responder ssl_trusted_certificate
HS 1 T ssl_session_timeout
HS 1 e limit_conn_log_level ssl_verify_client
HS 1 n proxy_next_upstream_tries proxy_requests proxy_responses proxy_ssl_verify_depth ssl_verify_depth
HS 1 t preread_timeout proxy_connect_timeout proxy_next_upstream_timeout proxy_protocol_timeout proxy_timeout
HS 1 t resolver_timeout ssl_handshake_timeout
HS 1 z preread_buffer_size proxy_buffer_size proxy_downstream_buffer proxy_socket_rcvbuf proxy_socket_sndbuf
HS 1 z proxy_upstream_buffer
HS 1+ - access_log error_log proxy_ssl_alpn proxy_ssl_protocols resolver ssl_alpn ssl_protocols
HS 12 - proxy_bind ssl_session_cache
HS 123 - proxy_ssl_certificate_cache ssl_certificate_cache
HS 1234 - open_log_file_cache
HS 1f - proxy_protocol
HS 1f e ssl_ocsp
HS 2 - limit_conn proxy_ssl_conf_command ssl_conf_command
HS f ! limit_conn_dry_run proxy_half_close proxy_next_upstream proxy_socket_keepalive proxy_ssl proxy_ssl_server_name
HS f ! proxy_ssl_session_reuse proxy_ssl_verify ssl_certificate_compression ssl_prefer_server_ciphers ssl_preread
HS f ! ssl_reject_handshake ssl_session_tickets ssl_stapling ssl_stapling_verify tcp_nodelay
M {0 - server
MR 1 - auth_http set_real_ip_from ssl_certificate ssl_certificate_key ssl_password_file ssl_session_ticket_key starttls
MR 1 ! server_name ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam ssl_ecdh_curve ssl_trusted_certificate
MR 1 T ssl_session_timeout
MR 1 e ssl_verify_client
MR 1 n max_errors ssl_verify_depth
MR 1 t auth_http_timeout proxy_timeout resolver_timeout smtp_greeting_delay timeout
MR 1 z imap_client_buffer proxy_buffer smtp_client_buffer
MR 1+ - error_log imap_auth imap_capabilities pop3_auth pop3_capabilities resolver smtp_auth smtp_capabilities
MR 1+ - ssl_protocols
MR 12 - ssl_session_cache
MR 1f - proxy_protocol
MR 2 - auth_http_header ssl_conf_command
MR f - ssl
MR f ! auth_http_pass_client_cert proxy proxy_pass_error_message proxy_smtp_auth so_keepalive
MR f ! ssl_certificate_compression ssl_prefer_server_ciphers ssl_session_tickets xclient
R 1 - protocol
R 121+ - listen
S 1 - pass proxy_pass return
S 1+ - listen server_name
S 2 - set
U 0 - least_conn
U 012 - random
U 1 t resolver_timeout
U 1+ - resolver server
U 12 - hash least_time zone
e 1 - connections debug_connection use worker_connections
e 1 n devpoll_changes devpoll_events epoll_events eventport_events iocp_threads kqueue_changes kqueue_events
e 1 n post_acceptex rtsig_overflow_events rtsig_overflow_test rtsig_overflow_threshold rtsig_signo worker_aio_requests
e 1 t accept_mutex_delay
e f ! accept_mutex acceptex_read multi_accept
h 1 - degradation geoip_proxy perl_modules perl_require spdy_recv_buffer_size
h 1 n map_hash_bucket_size map_hash_max_size server_names_hash_bucket_size server_names_hash_max_size
h 1 n variables_hash_bucket_size variables_hash_max_size
h 1 z http2_recv_buffer_size
h 12 - geoip_city geoip_country geoip_org
h 2 - limit_conn_zone perl_set
h 2+ - fastcgi_cache_path proxy_cache_path scgi_cache_path uwsgi_cache_path
h 3 - limit_req_zone limit_zone
h f ! geoip_proxy_recursive
h {0 - server
h {1 - upstream
h {12 - geo
h {2 - charset_map map split_clients
hs 1 - http2_idle_timeout http2_max_concurrent_pushes http2_max_field_size http2_max_header_size http2_max_requests
hs 1 - http2_recv_timeout quic_host_key spdy_headers_comp spdy_keepalive_timeout spdy_max_concurrent_streams
hs 1 - spdy_pool_size spdy_recv_timeout spdy_streams_index_size ssl_certificate ssl_certificate_key ssl_ech_file
hs 1 - ssl_ocsp_cache ssl_password_file ssl_session_ticket_key
hs 1 ! ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam ssl_ecdh_curve ssl_ocsp_responder ssl_stapling_file
hs 1 ! ssl_stapling_responder ssl_trusted_certificate
hs 1 T ssl_session_timeout
hs 1 e ssl_verify_client
hs 1 n http2_max_concurrent_streams http2_streams_index_size http3_max_concurrent_streams max_headers
hs 1 n quic_active_connection_id_limit
hs 1 t client_header_timeout
hs 1 z client_header_buffer_size connection_pool_size http2_body_preread_size http2_pool_size http3_stream_buffer_size
hs 1 z request_pool_size ssl_buffer_size
hs 1+ - client_body_early_read ssl_protocols
hs 11+ n ssl_verify_depth
hs 12 - ssl_session_cache
hs 123 - ssl_certificate_cache
hs 1f e ssl_ocsp
hs 2 - ssl_conf_command
hs 2 ! large_client_header_buffers
hs f - ssl
hs f ! http2 http3 http3_hq ignore_invalid_headers merge_slashes optimize_server_names quic_gso quic_retry
hs f ! ssl_certificate_compression ssl_early_data ssl_prefer_server_ciphers ssl_reject_handshake ssl_session_tickets
hs f ! ssl_stapling ssl_stapling_verify underscores_in_headers
hsl 1 - aio ancient_browser_value auth_request directio fastcgi_cache fastcgi_cache_key fastcgi_catch_stderr
hsl 1 - fastcgi_hide_header fastcgi_limit_rate fastcgi_pass_header fastcgi_split_path_info fastcgi_store
hsl 1 - grpc_hide_header grpc_pass_header grpc_ssl_certificate grpc_ssl_certificate_key grpc_ssl_password_file
hsl 1 - http2_push image_filter_jpeg_quality image_filter_sharpen image_filter_webp_quality mirror modern_browser_value
hsl 1 - proxy_cache proxy_cache_key proxy_hide_header proxy_limit_rate proxy_method proxy_pass_header
hsl 1 - proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_password_file proxy_store real_ip_header scgi_cache
hsl 1 - scgi_cache_key scgi_hide_header scgi_limit_rate scgi_pass_header scgi_store set_real_ip_from spdy_chunk_size
hsl 1 - userid_expires userid_mark uwsgi_cache uwsgi_cache_key uwsgi_hide_header uwsgi_limit_rate uwsgi_pass_header
hsl 1 - uwsgi_ssl_certificate uwsgi_ssl_certificate_key uwsgi_ssl_password_file uwsgi_store xml_entities
hsl 1 ! add_after_body add_before_body default_type fastcgi_index grpc_ssl_ciphers grpc_ssl_crl grpc_ssl_name
hsl 1 ! grpc_ssl_trusted_certificate proxy_set_body proxy_ssl_ciphers proxy_ssl_crl proxy_ssl_name
hsl 1 ! proxy_ssl_trusted_certificate secure_link secure_link_md5 secure_link_secret userid_domain userid_name
hsl 1 ! userid_p3p userid_path uwsgi_cache_background_update uwsgi_ssl_ciphers uwsgi_ssl_crl uwsgi_ssl_name
hsl 1 ! uwsgi_ssl_trusted_certificate uwsgi_string
hsl 1 T open_file_cache_retest open_file_cache_valid
hsl 1 e autoindex_format client_body_in_file_only degrade gzip_http_version if_modified_since limit_conn_log_level
hsl 1 e limit_req_log_level lingering_close proxy_http_version satisfy userid
hsl 1 n fastcgi_cache_min_uses fastcgi_next_upstream_tries grpc_next_upstream_tries grpc_ssl_verify_depth
hsl 1 n gzip_comp_level keepalive_requests limit_conn_status limit_req_status max_ranges memcached_gzip_flag
hsl 1 n memcached_next_upstream_tries min_delete_depth open_file_cache_min_uses proxy_cache_min_uses
hsl 1 n proxy_headers_hash_bucket_size proxy_headers_hash_max_size proxy_next_upstream_tries proxy_ssl_verify_depth
hsl 1 n scgi_cache_min_uses scgi_next_upstream_tries tunnel_next_upstream_tries types_hash_bucket_size
hsl 1 n types_hash_max_size userid_service uwsgi_cache_min_uses uwsgi_modifier1 uwsgi_modifier2
hsl 1 n uwsgi_next_upstream_tries uwsgi_ssl_verify_depth
hsl 1 o client_max_body_size directio_alignment fastcgi_cache_max_range_offset proxy_cache_max_range_offset
hsl 1 o scgi_cache_max_range_offset uwsgi_cache_max_range_offset
hsl 1 t auth_delay client_body_timeout fastcgi_cache_lock_age fastcgi_cache_lock_timeout fastcgi_connect_timeout
hsl 1 t fastcgi_next_upstream_timeout fastcgi_read_timeout fastcgi_send_timeout grpc_connect_timeout
hsl 1 t grpc_next_upstream_timeout grpc_read_timeout grpc_send_timeout keepalive_min_timeout keepalive_time
hsl 1 t lingering_time lingering_timeout memcached_connect_timeout memcached_next_upstream_timeout
hsl 1 t memcached_read_timeout memcached_send_timeout proxy_cache_lock_age proxy_cache_lock_timeout
hsl 1 t proxy_connect_timeout proxy_next_upstream_timeout proxy_read_timeout proxy_send_timeout resolver_timeout
hsl 1 t scgi_cache_lock_age scgi_cache_lock_timeout scgi_connect_timeout scgi_next_upstream_timeout scgi_read_timeout
hsl 1 t scgi_send_timeout send_timeout tunnel_connect_timeout tunnel_next_upstream_timeout tunnel_read_timeout
hsl 1 t tunnel_send_timeout uwsgi_cache_lock_age uwsgi_cache_lock_timeout uwsgi_connect_timeout
hsl 1 t uwsgi_next_upstream_timeout uwsgi_read_timeout uwsgi_send_timeout
hsl 1 z client_body_buffer_size fastcgi_buffer_size fastcgi_busy_buffers_size fastcgi_max_temp_file_size
hsl 1 z fastcgi_send_lowat fastcgi_socket_rcvbuf fastcgi_socket_sndbuf fastcgi_temp_file_write_size grpc_buffer_size
hsl 1 z grpc_socket_rcvbuf grpc_socket_sndbuf gzip_hash gzip_min_length gzip_window http2_chunk_size image_filter_buffer
hsl 1 z memcached_buffer_size mp4_buffer_size mp4_max_buffer_size postpone_gzipping postpone_output proxy_buffer_size
hsl 1 z proxy_busy_buffers_size proxy_max_temp_file_size proxy_send_lowat proxy_socket_rcvbuf proxy_socket_sndbuf
hsl 1 z proxy_temp_file_write_size read_ahead scgi_buffer_size scgi_busy_buffers_size scgi_max_temp_file_size
hsl 1 z scgi_socket_rcvbuf scgi_socket_sndbuf scgi_temp_file_write_size send_lowat sendfile_max_chunk slice
hsl 1 z ssi_min_file_chunk ssi_value_length subrequest_output_buffer_size tunnel_buffer_size tunnel_send_lowat
hsl 1 z tunnel_socket_rcvbuf tunnel_socket_sndbuf uwsgi_buffer_size uwsgi_busy_buffers_size uwsgi_max_temp_file_size
hsl 1 z uwsgi_socket_rcvbuf uwsgi_socket_sndbuf uwsgi_temp_file_write_size
hsl 1+ - addition_types ancient_browser charset_types dav_methods early_hints error_log fastcgi_cache_bypass
hsl 1+ - fastcgi_cache_methods fastcgi_cache_use_stale fastcgi_cache_valid fastcgi_ignore_headers fastcgi_next_upstream
hsl 1+ - fastcgi_no_cache grpc_ignore_headers grpc_next_upstream grpc_ssl_protocols gzip_disable gzip_proxied gzip_types
hsl 1+ - index memcached_next_upstream proxy_cache_bypass proxy_cache_methods proxy_cache_use_stale proxy_cache_valid
hsl 1+ - proxy_ignore_headers proxy_next_upstream proxy_no_cache proxy_ssl_protocols resolver scgi_cache_bypass
hsl 1+ - scgi_cache_methods scgi_cache_use_stale scgi_cache_valid scgi_ignore_headers scgi_next_upstream scgi_no_cache
hsl 1+ - ssi_types sub_filter_types tunnel_next_upstream uwsgi_cache_bypass uwsgi_cache_methods uwsgi_cache_use_stale
hsl 1+ - uwsgi_cache_valid uwsgi_ignore_headers uwsgi_next_upstream uwsgi_no_cache uwsgi_ssl_protocols xslt_types
hsl 12 - disable_symlinks fastcgi_bind grpc_bind keepalive_disable keepalive_timeout memcached_bind modern_browser
hsl 12 - open_file_cache proxy_bind proxy_cookie_domain proxy_cookie_path proxy_redirect scgi_bind tunnel_bind
hsl 12 - uwsgi_bind
hsl 123 - dav_access fastcgi_store_access grpc_ssl_certificate_cache limit_req proxy_ssl_certificate_cache
hsl 123 - proxy_store_access scgi_store_access userid_flags uwsgi_ssl_certificate_cache uwsgi_store_access
hsl 1234 - client_body_temp_path fastcgi_temp_path open_log_file_cache proxy_cookie_flags proxy_temp_path scgi_temp_path
hsl 1234 - uwsgi_temp_path
hsl 1f - server_tokens
hsl 1f e gzip_static
hsl 2 - auth_request_set grpc_set_header grpc_ssl_conf_command limit_conn proxy_set_header proxy_ssl_conf_command
hsl 2 - sub_filter uwsgi_ssl_conf_command xslt_param xslt_string_param
hsl 2 ! fastcgi_buffers gunzip_buffers gzip_buffers output_buffers proxy_buffers scgi_buffers uwsgi_buffers
hsl 2+ - log_format
hsl 23 - fastcgi_param scgi_param uwsgi_param
hsl f - http2_push_preload
hsl f ! absolute_redirect aio_write autoindex autoindex_exact_size autoindex_localtime chunked_transfer_encoding
hsl f ! client_body_in_single_buffer create_full_put_path etag fastcgi_buffering fastcgi_cache_background_update
hsl f ! fastcgi_cache_lock fastcgi_cache_revalidate fastcgi_force_ranges fastcgi_ignore_client_abort
hsl f ! fastcgi_intercept_errors fastcgi_keep_conn fastcgi_pass_request_body fastcgi_pass_request_headers
hsl f ! fastcgi_request_buffering fastcgi_socket_keepalive grpc_intercept_errors grpc_socket_keepalive
hsl f ! grpc_ssl_server_name grpc_ssl_session_reuse grpc_ssl_verify gunzip gzip_no_buffer gzip_vary
hsl f ! image_filter_interlace image_filter_transparency limit_conn_dry_run limit_req_dry_run log_not_found
hsl f ! log_subrequest memcached_socket_keepalive mirror_request_body mp4_start_key_frame msie_padding msie_refresh
hsl f ! open_file_cache_errors open_file_cache_events port_in_redirect proxy_buffering proxy_cache_background_update
hsl f ! proxy_cache_convert_head proxy_cache_lock proxy_cache_revalidate proxy_force_ranges proxy_ignore_client_abort
hsl f ! proxy_intercept_errors proxy_pass_request_body proxy_pass_request_headers proxy_pass_trailers
hsl f ! proxy_request_buffering proxy_socket_keepalive proxy_ssl_server_name proxy_ssl_session_reuse proxy_ssl_verify
hsl f ! real_ip_recursive recursive_error_pages reset_timedout_connection satisfy_any scgi_buffering
hsl f ! scgi_cache_background_update scgi_cache_lock scgi_cache_revalidate scgi_force_ranges scgi_ignore_client_abort
hsl f ! scgi_intercept_errors scgi_pass_request_body scgi_pass_request_headers scgi_request_buffering
hsl f ! scgi_socket_keepalive server_name_in_redirect ssi_ignore_recycled_buffers ssi_last_modified ssi_silent_errors
hsl f ! sub_filter_last_modified sub_filter_once tcp_nodelay tcp_nopush tunnel_socket_keepalive uwsgi_buffering
hsl f ! uwsgi_cache_lock uwsgi_cache_revalidate uwsgi_force_ranges uwsgi_ignore_client_abort uwsgi_intercept_errors
hsl f ! uwsgi_pass_request_body uwsgi_pass_request_headers uwsgi_request_buffering uwsgi_socket_keepalive
hsl f ! uwsgi_ssl_server_name uwsgi_ssl_session_reuse uwsgi_ssl_verify xml_external_entities xslt_last_modified
hsl {0 - types
hslj 1 - charset limit_rate limit_rate_after root source_charset
hslj 1 ! post_action
hslj 1 e add_header_inherit add_trailer_inherit
hslj 12 - expires
hslj 2+ - error_page
hslj 23 - add_header add_trailer
hslj f ! gzip override_charset sendfile ssi
hslji f ! rewrite_log uninitialized_variable_warn
hsljx 1+ - access_log
hslx 1 - allow auth_basic_user_file deny
hslx 1 ! auth_basic
l 0 - empty_gif flv internal mp4
l 1 - alias mysql_test
l 1+ - xslt_stylesheet
l 123 - image_filter
l f ! random_index
l {1+ - limit_except
lj 1 - fastcgi_pass grpc_pass memcached_pass scgi_pass uwsgi_pass
ljx 1 - proxy_pass
lx 1 - perl
m 1 - env load_module ssl_engine worker_priority worker_processes
m 1 ! google_perftools_profiles lock_file pid working_directory
m 1 e debug_points
m 1 n worker_rlimit_nofile worker_rlimit_sigpending worker_threads
m 1 o worker_rlimit_core
m 1 t timer_resolution worker_shutdown_timeout
m 1 z thread_stack_size
m 1+ - error_log worker_cpu_affinity
m 12 - user
m 1f ! pcre_jit
m 23 - thread_pool
m f ! daemon master_process quic_bpf ssl_object_cache_inheritable
m {0 - events http imap mail stream
s 1+ - listen server_name
sl 01f - stub_status
sl 1 n referer_hash_bucket_size referer_hash_max_size
sl 1+ - valid_referers
sl 2+ - try_files
sl {1+ - if
sl {12 - location
slj 01 - tunnel_pass
slji 0 - break
slji 12 - return
slji 2 - set
slji 23 - rewrite
u 0 - ip_hash least_conn
u 012 - random
u 1 n keepalive_requests
u 1 t keepalive_time keepalive_timeout resolver_timeout
u 1+ - resolver server
u 12 - hash keepalive least_time zone
u 2+ - sticky
`;

export interface Command {
  /** Letters of the places, as in the table. */
  places: string;
  isBlock: boolean;
  /** How many arguments it takes, in the notation of the table. */
  counts: string;
  /** What its value is; empty: of no kind that is checked here. */
  kind: string;
}

const linesOf = (text: string): string[] => text.trim().split('\n');

function readTable(): ReadonlyMap<string, readonly Command[]> {
  const commands = new Map<string, Command[]>();
  for (const line of linesOf(TABLE)) {
    const [places = '', args = '', kind = '', ...names] = line.split(' ');
    const command = {
      places,
      isBlock: args.startsWith('{'),
      counts: args.replace('{', ''),
      kind: kind.replace('-', ''),
    };
    for (const name of names) commands.set(name, [...(commands.get(name) ?? []), command]);
  }
  return commands;
}

/** By name; one that stands in several kinds of places has an entry for each. */
export const COMMANDS = readTable();

/** Whether it takes so many arguments: `12` one or two, `2+` two at least. */
export function takesCount({ counts }: Command, count: number): boolean {
  const atLeast = /(\d)\+/.exec(counts)?.[1];
  if (counts.includes('*') || (atLeast !== undefined && count >= Number(atLeast))) return true;
  return counts.replace(/\d\+/, '').includes(String(count)) || (counts.includes('f') && count === 1);
}

/** Whether a line can stand on the main level alone: then its file is a main file. */
export const isMainOnly = ({ name }: { name: string }): boolean =>
  COMMANDS.get(name)?.every(({ places }) => places === 'm') ?? false;
