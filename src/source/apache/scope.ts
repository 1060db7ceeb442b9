import type { Doubt } from '../rules/server-rules.ts';
import { namesOf, patternOf } from '../rules/scope-lists.ts';
import { COMMANDS } from './commands.ts';
import { isForeign } from './directive-names.ts';
import type { ApacheDirective } from './parse.ts';

/*
 * What the simulation makes of every directive: the one table of its scope. One POST to Apache 2.4 is followed through
 * its phases, up to where a handler or another server would take it. What a configuration alone leaves open is never
 * guessed: each such question is answered yes and no, and the decision is "undecided" where the ends differ. The scope
 * is closed: a directive that is in none of these lists becomes a question, not another simulation.
 * test/source/apache/scope.test.ts holds that each of Apache's own is in exactly one.
 */

/** Followed by the simulation, or read before it begins. Sections stand with their `<`. */
const SIMULATED = namesOf(`
accessfilename alias aliasmatch allow allowencodedslashes allowmethods allowoverride allowoverridelist authmerging
authtype browsermatch browsermatchnocase define deny documentroot <directory <directorymatch <else <elseif error
errordocument <files <filesmatch <if <ifdefine <ifdirective <iffile <ifmodule <ifsection <ifversion include
includeoptional <limit <limitexcept listen loadmodule <location <locationmatch <macro mergeslashes order <proxy
<proxymatch proxypass proxypassmatch redirect redirectmatch redirectpermanent redirecttemp remoteipheader
remoteipinternalproxy remoteipinternalproxylist remoteipproxyprotocol remoteipproxyprotocolexceptions
remoteiptrustedproxy remoteiptrustedproxylist require <requireall <requireany <requirenone <requirenotall rewritebase
rewritecond rewriteengine rewriterule satisfy scriptalias scriptaliasmatch serveralias servername serverroot setenvif
setenvifnocase setenvifexpr sslengine sslrequire sslrequiressl sslverifyclient undefine undefmacro use <virtualhost
wsgiscriptalias wsgiscriptaliasmatch
`);

/** Asked only where something hangs on it: users and their passwords, providers, tables and variables. */
const ASKED = namesOf(`
rewritemap <authnprovideralias <authzprovideralias authnzfcgidefineprovider authnzfcgicheckauthnprovider
luaauthzprovider authname authuserfile authgroupfile
`);

type Means = (words: readonly string[]) => boolean;

interface Guard {
  text: string;
  /** Which words make it one; left out: any. */
  means?: Means;
  /** It never lets in whom the rules refuse. */
  isStrict?: true;
}

const isOn: Means = ([word = '']) => word.toLowerCase() === 'on';
const hook = (name: string): Guard =>
  /Access|Auth/.test(name) ? { text: `${name} is a program`, isStrict: true } : { text: `${name} is a program` };

/** It may refuse a caller, or lead the request elsewhere, for a reason that no configuration states. */
const GUARDS: ReadonlyMap<string, Guard> = new Map<string, Guard>([
  ...[
    'LuaHookAccessChecker',
    'LuaHookAuthChecker',
    'LuaHookCheckUserID',
    'LuaHookFixups',
    'LuaHookMapToStorage',
    'LuaHookPreTranslate',
    'LuaHookPreTranslateName',
    'LuaHookTranslateName',
    'LuaHookTypeChecker',
    'LuaQuickHandler',
    'PerlAccessHandler',
    'PerlAuthenHandler',
    'PerlAuthzHandler',
    'PerlTransHandler',
    'PerlPostReadRequestHandler',
    'PerlHeaderParserHandler',
    'PythonAccessHandler',
    'PythonAuthenHandler',
    'WSGIAccessScript',
    'WSGIAuthUserScript',
    'WSGIAuthGroupScript',
  ].flatMap((name): [string, Guard][] => [
    [name.toLowerCase(), hook(name)],
    [`<${name.toLowerCase()}`, hook(name)],
  ]),
  ['secruleengine', { text: 'mod_security may refuse a request by its content', means: isOn, isStrict: true }],
  ['rpafenable', { text: "mod_rpaf reads the caller's address from a header", means: isOn }],
  ['rpaf_enable', { text: "mod_rpaf reads the caller's address from a header", means: isOn }],
  [
    'requestheader',
    {
      text: 'RequestHeader … early changes the headers that rules read',
      means: (words) => words.at(-1)?.toLowerCase() === 'early',
    },
  ],
  [
    'rewriteoptions',
    {
      text: 'RewriteOptions InheritDown brings these rules into every virtual host',
      means: (words) => words.some((word) => /^inheritdown/i.test(word)),
    },
  ],
  [
    'stricthostcheck',
    { text: 'StrictHostCheck refuses a host that no server is named after', means: isOn, isStrict: true },
  ],
  ['proxyexpressenable', { text: 'ProxyExpressEnable routes the request by a database', means: isOn }],
  ['proxyblock', { text: 'ProxyBlock blocks requests to some hosts', isStrict: true }],
  ['oidcunauthaction', { text: 'OIDCUnAuthAction decides what happens to callers who are not logged in' }],
  ['mellonenable', { text: 'MellonEnable requires a session', means: ([word]) => word !== 'off' }],
  ['shibrequestsetting', { text: 'Shibboleth requires a session', isStrict: true }],
  ['shibrequiresession', { text: 'Shibboleth requires a session', means: isOn, isStrict: true }],
  ['protocolecho', { text: 'ProtocolEcho answers every connection', means: isOn }],
  [
    'mdrequirehttps',
    { text: 'MDRequireHttps redirects callers without TLS', means: ([word]) => word !== 'none', isStrict: true },
  ],
  ...['virtualdocumentroot', 'virtualdocumentrootip', 'virtualscriptalias', 'virtualscriptaliasip'].map(
    (name): [string, Guard] => [
      name,
      { text: `${COMMANDS.get(name)?.name} chooses the folder by the host`, means: ([word]) => word !== 'none' },
    ],
  ),
]);

/** Reported beside the decision: it refuses whoever sends too much, be it the vendor or a stranger. */
const BESIDE: ReadonlyMap<string, string> = new Map([
  ['doshashtablesize', 'mod_evasive may refuse callers that send too many requests'],
  ['dospagecount', 'mod_evasive may refuse callers that send too many requests'],
  ['qs_srvmaxconnperip', 'mod_qos may refuse callers that send too many requests'],
  ['maxconnperip', 'mod_limitipconn may refuse callers that send too many requests'],
]);

/** No word about who is let in, by the module that brings them: how the server runs, answers and writes down. */
const HARMLESS_MODULES = namesOf(`
actions asis auth_basic auth_digest auth_form authn_anon authn_core authn_core|auth_digest authn_dbd authn_dbm
authn_file authn_socache authnz_ldap authz_dbd authz_dbm authz_groupfile autoindex brotli buffer cache cache_disk
cache_socache case_filter case_filter_in cern_meta cgi cgi|cgid cgid charset_lite dav dav_fs dav_lock dbd deflate
dialup dir dumpio env example_hooks expires ext_filter file_cache filter heartbeat heartmonitor
heartmonitor|lbmethod_heartbeat http http2 ident imagemap include info isapi ldap log_config log_debug log_forensic
logio mime mime_magic mpm negotiation netware nw_ssl privileges proxy_connect proxy_express proxy_fcgi proxy_ftp
proxy_hcheck proxy_html proxy_scgi proxy_wstunnel reflector reqtimeout request sed session session_cookie
session_crypto session_dbd socache_memcache socache_redis speling substitute suexec unixd unixd|mpm userdir usertrack
version watchdog win32 xml2enc
`);

/** The same by name, of modules that do both, and of modules of others. `*` is any end. */
const HARMLESS = patternOf(`
acceptfilter acceptpathinfo adddefaultcharset addoutputfilterbytype aliaspreservepath allowconnect
authzsendforbiddenonfailure cgimapextension cgipassauth cgivar contentdigest coredumpdirectory defaultruntimedir
defaulttype enablemmap enablesendfile errorlog errorlogformat extendedstatus fileetag flushmax* forcetype gprofdir
header hostnamelookups httpprotocoloptions keepalive* limitinternalrecursion limitrequest* limitxmlrequestbody
loadfile loglevel maxkeepaliverequests maxrange* maxranges mergetrailers mutex namevirtualhost options port protocol
protocols protocolshonororder qualifyredirecturl readbuffersize receivebuffersize redirectrelative regexdefaultoptions
registerhttpmethod requestheader rlimit* scoreboardfile scriptinterpretersource seerequesttail serveradmin serverpath
serversignature servertokens sethandler setinputfilter setoutputfilter timeout traceenable undefinename usecanonical*
rewriteoptions remoteipproxiesheader macroignore* undefmacro stricthostcheck addinputfilter addoutputfilter suexec*
usecanonicalphysicalport warning maxconnectionsperchild maxrequestsperchild maxmemfree pidfile threadstacksize unclist
enableexceptionhook luahookinsertfilter luahooklog sslvhostsnipolicy balancer* noproxy proxy100continue
proxy[abdefimprstv]* <proxy <md* md* lua[cioprs]* luamaphandler ssl[acdfhiloprsu]* sslverifydepth php* suphp_* wsgi*
passenger* perl* python* xsendfile* modpagespeed* jk* svn* davsvn* authzsvn* fcgid* fastcgi* sec* dos* geoip*
maxminddb* shib* oidc* oauth* mellon* cas* krb* gssapi* authkerberos* authmysql* auth_mysql* rmode ruidgid rgroups
rminuidgid assignuserid* maxclientsvhost limituidrange limitgidrange nicevalue bandwidth* bw* rack* rails* upload*
uwsgi* nss* gnutls* opentelemetry* rpaf*
`);

export const SCOPE = Object.freeze({ simulated: SIMULATED, asked: ASKED, guards: GUARDS, beside: BESIDE });

const keyOf = ({ name, children }: Pick<ApacheDirective, 'name' | 'children'>): string =>
  children === null ? name : `<${name}`;

/** The lists that a name is in; sections stand with their `<`. The list of what is harmless comes after the others. */
export function scopeOf(key: string): (keyof typeof SCOPE | 'harmless')[] {
  const named = (['simulated', 'asked', 'guards', 'beside'] as const).filter((kind) => SCOPE[kind].has(key));
  if (named.length > 0) return named;
  const isHarmless =
    HARMLESS.test(key) || COMMANDS.get(key)?.modules.some((module) => HARMLESS_MODULES.has(module)) === true;
  return isHarmless ? ['harmless'] : [];
}

/** Something that may decide, and that nobody here can follow. */
export interface OpenLine extends Doubt {
  /** It never lets in whom the rules refuse. */
  isStrict: boolean;
}

/** What a directive leaves open; null: nothing. What is in no list may do anything. */
export function openAt(directive: ApacheDirective): OpenLine | null {
  const { name, words, place } = directive;
  const key = keyOf(directive);
  const guard = GUARDS.get(key);
  if (guard !== undefined)
    return guard.means?.(words) === false ? null : { place, text: guard.text, isStrict: guard.isStrict === true };
  return isForeign(name) && scopeOf(key).length === 0
    ? { place, text: `the effect of ${name} is unknown`, isStrict: false }
    : null;
}

/** What a directive may refuse beside the rules; null: nothing. */
export function besideOf({ name, place }: ApacheDirective): Doubt | null {
  const text = BESIDE.get(name);
  return text === undefined ? null : { place, text };
}
