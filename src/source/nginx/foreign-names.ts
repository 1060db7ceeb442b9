/**
 * Directives that nginx's own source does not have and its users do: of njs and the other modules of nginx.org, of NGINX
 * Plus, OpenResty, ModSecurity, NAXSI, Passenger, of the modules that Debian packs. One of these is no typing error.
 */
const FOREIGN = [
  /^(?:js|lua|otel|acme|opentracing|opentelemetry|brotli|zstd|pagespeed|modsecurity|app_protect|testcookie|passenger|rails|nchan|push_stream|echo|upload|redis2?|redis_pass|memc|drizzle|postgres|rds|srcache|srcache_\w+|xss|encrypted_session|more|headers_more|fancyindex|dav_ext|geoip2|vhost_traffic_status|check|check_\w+|dyups|concat|trim|footer|vod|rtmp|hls|nps|shibboleth|auth_(?:jwt|oidc|ldap|pam|digest|gss|spnego|saml)|session_log|keyval|sticky|health_check|ngx_\w+|unit|subs_filter|substitutions_filter|replace_filter|cache_purge|proxy_cache_purge|fastcgi_cache_purge|aws|statsd|graphite|naxsi|f4f|zone_sync|mgmt|status_zone|limit_traffic|slowfs|sysguard|ajp|mogilefs|ldap|mqtt|proxy_protocol_vendor|internal_redirect)(?:_\w+)?$/,
  /^set_(?:\w+_uri|quote_\w+|unquote_\w+|md5|sha1|hmac_\w+|encode_\w+|decode_\w+|encrypt_session|decrypt_session|random|secure_random_\w+|local_today|formatted_\w+|hashed_upstream|if_empty|rotate|form_input\w*|cconv\w*)$/,
  /^proxy_connect(?:_(?:allow|address|bind|data_timeout|read_timeout|send_timeout|response))?$/,
  /_by_lua(?:_block|_file)?$/,
  /^(?:api|state|status|match|ntlm|queue|license_token|usage_report|enforce_initial_report|array_split|array_join|array_map|array_map_op|eval|unit_pass|apply_regular_expression_to_cookies|ModSecurityEnabled|ModSecurityConfig|SecRules(?:Enabled|Disabled)|LearningMode|DeniedUrl|CheckRule|BasicRule|MainRule|LibInjection(?:Sql|Xss))$/,
];

export const isForeign = (name: string): boolean => FOREIGN.some((pattern) => pattern.test(name));
