/**
 * What Apache says of its own directives: of the core and of every bundled module on any system. From the tables
 * (`AP_INIT_…`) in the source and from docs/manual of https://github.com/apache/httpd, branch 2.4.x as of 2024-10-18
 * (2.4.63-dev), with some that a binary of 2.4.71 has beside; `apache2 -L` says the same. Case does not count.
 *
 * Behind each module: where, how many arguments (`1+` one or more, `f` on or off, `*` any), and names, with `<` those
 * of sections. Where: `s` the main server, `v` a virtual host, `d` a directory, a location and the like, `p` a <Proxy>
 * alone of these. A capital letter: a .htaccess, too, by this word of AllowOverride: AuthConfig, FileInfo, Indexes,
 * Limit, Options, or `U` any of them.
 */
const TABLE = `
access_compat: dA 1 Satisfy; dL 1 Order; dL 2+ Allow Deny
actions: svd 2 Script; svdF 23 Action
alias: sv 2 AliasMatch ScriptAliasMatch; svd 12 Alias ScriptAlias; svdF 123 Redirect; svdF 2 RedirectPermanent
RedirectTemp; svdF 23 RedirectMatch; svdF f AliasPreservePath RedirectRelative
allowmethods: d * AllowMethods
auth_basic: dA 1 AuthBasicUseDigestAlgorithm; dA 1+ AuthBasicProvider; dA 12 AuthBasicFake; dA f
AuthBasicAuthoritative
auth_digest: dA * AuthDigestEnableQueryStringHack; dA 1 AuthDigestAlgorithm AuthDigestNonceFormat
AuthDigestNonceLifetime; dA 1+ AuthDigestDomain AuthDigestProvider AuthDigestQop; dA f AuthDigestNcCheck; sv 1
AuthDigestShmemSize
auth_form: d 1 AuthFormSize; dA 1 AuthFormBody AuthFormLocation AuthFormLoginRequiredLocation
AuthFormLoginSuccessLocation AuthFormLogoutLocation AuthFormMethod AuthFormMimetype AuthFormPassword
AuthFormSitePassphrase AuthFormUsername; dA 1+ AuthFormProvider; dA f AuthFormAuthoritative AuthFormDisableNoStore
AuthFormFakeBasicAuth
authn_anon: dA 1+ Anonymous; dA f Anonymous_LogEmail Anonymous_MustGiveEmail Anonymous_NoUserID Anonymous_VerifyEmail
authn_core: dA 1 AuthType; s * <AuthnProviderAlias
authn_core|auth_digest: dA 1 AuthName
authn_dbd: d 1 AuthDBDUserPWQuery AuthDBDUserRealmQuery
authn_dbm: dA 1 AuthDBMType AuthDBMUserFile
authn_file: dA 1 AuthUserFile
authn_socache: d 1 AuthnCacheContext; dA 1 AuthnCacheTimeout; dA 1+ AuthnCacheProvideFor; s * AuthnCacheEnable; s 1
AuthnCacheSOCache
authnz_fcgi: s * AuthnzFcgiDefineProvider; svdF * AuthnzFcgiCheckAuthnProvider
authnz_ldap: dA 1 AuthLDAPAuthorizePrefix AuthLDAPBindDN AuthLDAPBindPassword AuthLDAPDereferenceAliases
AuthLDAPMaxSubGroupDepth AuthLDAPRemoteUserAttribute; dA 1+ AuthLDAPGroupAttribute AuthLDAPSubGroupAttribute
AuthLDAPSubGroupClass; dA 12 AuthLDAPURL; dA 2 AuthLDAPInitialBindPattern; dA f AuthLDAPBindAuthoritative
AuthLDAPCompareAsUser AuthLDAPCompareDNOnServer AuthLDAPGroupAttributeIsDN AuthLDAPInitialBindAsUser
AuthLDAPRemoteUserIsDN AuthLDAPSearchAsUser; sv 1 AuthLDAPCharsetConfig
authz_core: dA * <RequireAll <RequireAny <RequireNone <RequireNotAll Require; dA 1 AuthMerging; dA f
AuthzSendForbiddenOnFailure; s * <AuthzProviderAlias
authz_dbd: d 1 AuthzDBDQuery AuthzDBDRedirectQuery; d f AuthzDBDLoginToReferer
authz_dbm: dA 1 AuthDBMGroupFile AuthzDBMType
authz_groupfile: dA 1 AuthGroupFile
autoindex: svdI * AddAltClass IndexOptions; svdI 1 DefaultIcon HeaderName IndexHeadInsert IndexStyleSheet ReadmeName;
svdI 1+ IndexIgnore; svdI 2 IndexOrderDefault; svdI 2+ AddAlt AddAltByEncoding AddAltByType AddDescription AddIcon
AddIconByEncoding AddIconByType; svdI f IndexIgnoreReset; svdU * FancyIndexing
brotli: sv 1 BrotliAlterETag BrotliCompressionMaxInputBlock BrotliCompressionQuality BrotliCompressionWindow; sv 12
BrotliFilterNote
buffer: d 1 BufferSize
cache: sv 1 CacheKeyBaseURL CacheLockMaxAge CacheLockPath; sv 1+ CacheIgnoreHeaders CacheIgnoreURLSessionIdentifiers;
sv f CacheIgnoreCacheControl CacheIgnoreQueryString CacheLock CacheQuickHandler; svd 1 CacheDefaultExpire CacheDisable
CacheLastModifiedFactor CacheMaxExpire CacheMinExpire; svd 12 CacheEnable; svd f CacheDetailHeader CacheHeader
CacheIgnoreNoLastMod CacheStaleOnError CacheStoreExpired CacheStoreNoStore CacheStorePrivate
cache_disk: sv 1 CacheDirLength CacheDirLevels CacheRoot; svd 1 CacheMaxFileSize CacheMinFileSize CacheReadSize
CacheReadTime
cache_socache: sv 1 CacheSocache; svd 1 CacheSocacheMaxSize CacheSocacheMaxTime CacheSocacheMinTime
CacheSocacheReadSize CacheSocacheReadTime
case_filter: sv f CaseFilter
case_filter_in: sv f CaseFilterIn
cern_meta: svdI 1 MetaDir MetaSuffix; svdI f MetaFiles
cgi: svd 1 CGIScriptTimeout
cgid: s 1 ScriptSock; svd 1 CGIDScriptTimeout
cgi|cgid: sv 1 ScriptLog ScriptLogBuffer ScriptLogLength
charset_lite: svdF 1 CharsetDefault CharsetSourceEnc; svdF 1+ CharsetOptions
core: d * AllowOverride AllowOverrideList; dA f CGIPassAuth; dAL * <Limit <LimitExcept; s * <VirtualHost Mutex
RegexDefaultOptions; s 1 CoreDumpDirectory MaxConnectionsPerChild MaxMemFree MaxRequestsPerChild PidFile
ScoreBoardFile ServerTokens ThreadStackSize; s 1+ RegisterHttpMethod; s 2 AcceptFilter; s f ExtendedStatus
SeeRequestTail; sv * <Directory <DirectoryMatch <Location <LocationMatch AccessFileName UNCList; sv 1
AllowEncodedSlashes DocumentRoot EnableExceptionHook ErrorLog FlushMaxPipelined FlushMaxThreshold GprofDir
LimitRequestFields LimitRequestFieldSize LimitRequestLine NameVirtualHost Port Protocol ProtocolsHonorOrder
ServerAdmin ServerName ServerPath TimeOut TraceEnable; sv 1+ HttpProtocolOptions Protocols; sv 12 ErrorLogFormat
LimitInternalRecursion; sv f MergeSlashes MergeTrailers StrictHostCheck; svd 1 DefaultRuntimeDir HostnameLookups
Include IncludeOptional MaxRangeOverlaps MaxRangeReversals MaxRanges ReadBufferSize ServerRoot UnDefine
UseCanonicalName UseCanonicalPhysicalPort; svd 1+ LogLevel; svd 12 Define; svdF * FileETag; svdF 1 AcceptPathInfo
AddDefaultCharset DefaultType EnableMMAP EnableSendfile ForceType SetHandler SetInputFilter SetOutputFilter; svdF 2
CGIVar ErrorDocument; svdF f QualifyRedirectURL; svdO * Options; svdO f ContentDigest; svdU * <Else <ElseIf <Files
<FilesMatch <If <IfDefine <IfDirective <IfFile <IfModule <IfSection Error; svdU 1 LimitRequestBody LimitXMLRequestBody
ServerSignature; svdU 12 RLimitCPU RLimitMEM RLimitNPROC; v * ServerAlias
dav: d 1 Dav DavBasePath; svd 1 DavMinTimeout; svd f DavDepthInfinity DavLockDiscovery
dav_fs: sv 1 DavLockDB
dav_lock: d 1 DavGenericLockDB
dbd: sv 1 DBDExptime DBDInitSQL DBDKeep DBDMax DBDMin DBDParams DBDriver; sv 12 DBDPrepareSQL; sv f DBDPersist
deflate: sv 1 DeflateAlterETag DeflateBufferSize DeflateCompressionLevel DeflateMemLevel DeflateWindowSize; sv 12
DeflateFilterNote; svdU 1 DeflateInflateLimitRequestBody DeflateInflateRatioBurst DeflateInflateRatioLimit
dialup: d 1 ModemStandard
dir: svdI * DirectoryIndex; svdI 1 DirectoryIndexRedirect FallbackResource; svdI f DirectoryCheckHandler
DirectorySlash
dumpio: sv f DumpIOInput DumpIOOutput
echo: sv f ProtocolEcho
env: svdF 1+ PassEnv UnsetEnv; svdF 12 SetEnv
example_hooks: svdO * Example
expires: svdI 1 ExpiresDefault; svdI 2 ExpiresByType; svdI f ExpiresActive
ext_filter: d 1+ ExtFilterOptions; sv * ExtFilterDefine
file_cache: sv 1+ CacheFile MMapFile
filter: svd 2 FilterTrace; svdF * AddOutputFilterByType; svdO 1+ FilterChain; svdO 12 FilterDeclare; svdO 23
FilterProtocol; svdO 3 FilterProvider
headers: svdF * Header RequestHeader
heartbeat: sv 1 HeartbeatAddress
heartmonitor: sv 1 HeartbeatListen HeartbeatMaxServers
heartmonitor|lbmethod_heartbeat: s 1 HeartbeatStorage
http: sv 1 KeepAliveTimeout MaxKeepAliveRequests; sv f KeepAlive
http2: sv 1 H2Direct H2EarlyHints H2MaxDataFrameLen H2MaxHeaderBlockLen H2MaxSessionStreams H2MaxStreamErrors
H2MaxWorkerIdleSeconds H2MaxWorkers H2MinWorkers H2ModernTLSOnly H2OutputBuffering H2Padding H2PushDiarySize
H2SerializeHeaders H2SessionExtraFiles H2StreamMaxMemSize H2StreamTimeout H2TLSCoolDownSecs H2TLSWarmUpSize
H2WebSockets H2WindowSize; sv 23 H2PushPriority; svdA 1 H2Push H2Upgrade; svdAF 123 H2PushResource; svdAF 2
H2EarlyHint; svdF 1 H2CopyFiles H2ProxyRequests
ident: svd 1 IdentityCheckTimeout; svd f IdentityCheck
imagemap: svdI 1 ImapBase ImapDefault ImapMenu
include: dL f SSIETag SSILastModified SSILegacyExprParser; sv 1 SSIEndTag SSIStartTag; svdO 1 XBitHack; svdU 1
SSIErrorMsg SSITimeFormat SSIUndefinedEcho
info: sv 2 AddModuleInfo
isapi: sv 1+ ISAPICacheFile; svdF 1 ISAPIReadAheadBuffer; svdF f ISAPIAppendLogToErrors ISAPIAppendLogToQuery
ISAPIFakeAsync ISAPILogNotSupported
ldap: dA 1 LDAPReferralHopLimit LDAPReferrals; dA 23 LDAPTrustedClientCert; s 1 LDAPCacheEntries LDAPCacheTTL
LDAPConnectionTimeout LDAPLibraryDebug LDAPOpCacheEntries LDAPOpCacheTTL LDAPRetries LDAPRetryDelay
LDAPSharedCacheFile LDAPSharedCacheSize LDAPTimeout; s 23 LDAPTrustedGlobalCert; s f LDAPVerifyServerCert; sv 1
LDAPConnectionPoolTTL LDAPTrustedMode
log_config: s 23 GlobalLog; sv 1 TransferLog; sv 12 LogFormat; sv 23 CustomLog; sv f BufferedLogs
log_debug: svd 123 LogMessage
log_forensic: sv 1 ForensicLog
logio: svdU f LogIOTrackTTFB
lua: svd 3 LuaAuthzProvider; svdU * <LuaHookAccessChecker <LuaHookAuthChecker <LuaHookCheckUserID <LuaHookFixups
<LuaHookMapToStorage <LuaHookPreTranslateName <LuaHookTranslateName <LuaHookTypeChecker <LuaQuickHandler
LuaHookPreTranslate; svdU 1 LuaCodeCache LuaInherit LuaPackageCPath LuaPackagePath LuaRoot; svdU 123 LuaScope; svdU 2
LuaHookFixups LuaHookInsertFilter LuaHookLog LuaHookMapToStorage LuaHookPreTranslateName LuaHookTypeChecker
LuaQuickHandler; svdU 23 LuaHookAccessChecker LuaHookAuthChecker LuaHookCheckUserID LuaHookTranslateName
LuaMapHandler; svdU 3 LuaInputFilter LuaOutputFilter
macro: svdU * <Macro MacroIgnoreBadNesting MacroIgnoreEmptyArgs Use; svdU 1 UndefMacro
md: sv * <MDomain <MDomainSet MDCAChallenges MDCertificateAuthority MDCertificateMonitor MDChallengeDns01 MDMember
MDMembers MDMessageCmd MDNotifyCmd MDomain MDPrivateKeys; sv 1 MDActivationDelay MDBaseServer MDCACertificateFile
MDCertificateAgreement MDCertificateFile MDCertificateKeyFile MDCertificateProtocol MDCertificateStatus
MDChallengeDns01Version MDCheckInterval MDContactEmail MDDriveMode MDHttpProxy MDHttpProxyCACertificateFile
MDInitialDelay MDMatchNames MDMustStaple MDProfile MDProfileMandatory MDRenewMode MDRenewViaARI MDRenewWindow
MDRetryDelay MDRetryFailover MDServerStatus MDStapleOthers MDStapling MDStaplingKeepResponse MDStaplingRenewWindow
MDStoreDir MDStoreLocks MDWarnWindow; sv 12 MDExternalAccountBinding MDPortMap; sv 2 MDCertificateCheck; svdA 1
MDRequireHttps
mime: d f ModMimeUsePathInfo; sv 1 TypesConfig; svdF 1 DefaultLanguage; svdF 1+ MultiviewsMatch RemoveCharset
RemoveEncoding RemoveHandler RemoveInputFilter RemoveLanguage RemoveOutputFilter RemoveType; svdF 2+ AddCharset
AddEncoding AddHandler AddInputFilter AddLanguage AddOutputFilter AddType
mime_magic: sv 1 MimeMagicFile
mpm: s 1 AsyncRequestWorkerFactor GracefulShutdownTimeout ListenBacklog ListenCoresBucketsRatio ListenTCPDeferAccept
MaxClients MaxRequestWorkers MaxSpareThreads MinSpareThreads ReceiveBufferSize SendBufferSize ServerLimit StartServers
ThreadLimit ThreadsPerChild; s 12 Listen; sv 1 MaxSpareServers MaxThreads MinSpareServers StartThreads
negotiation: sv f CacheNegotiatedDocs; svdF 1+ ForceLanguagePriority LanguagePriority
netware: svdF 23 CGIMapExtension
nw_ssl: sv 1+ NWSSLTrustedCerts; sv 2 NWSSLUpgradeable; sv 23 SecureListen
privileges: sv 1 VHostCGIMode VHostGroup VHostUser; sv 1+ VHostCGIPrivs VHostPrivs; sv f DTracePrivileges VHostSecure;
svd 1 PrivilegesMode
proxy: sv * <Proxy <ProxyMatch; sv 1 BalancerGrowth ProxyBadHeader ProxyDomain ProxyIOBufferSize ProxyMaxForwards
ProxyReceiveBufferSize ProxySourceAddress ProxyStatus ProxyTimeout ProxyVia; sv 1+ NoProxy ProxyBlock; sv 23
ProxyRemote ProxyRemoteMatch; sv f BalancerInherit BalancerPersist ProxyPassInherit ProxyRequests; svd *
BalancerMember ProxyPass ProxyPassMatch ProxySet; svd 1+ ProxyErrorOverride; svd 123 ProxyPassReverse; svd 23
ProxyPassReverseCookieDomain ProxyPassReverseCookiePath; svd f Proxy100Continue ProxyAddHeaders
ProxyPassInterpolateEnv ProxyPreserveHost
proxy_connect: sv 1+ AllowCONNECT
proxy_express: svdF 1 ProxyExpressDBMFile ProxyExpressDBMType; svdF f ProxyExpressEnable
proxy_fcgi: svdF 1 ProxyFCGIBackendType; svdF 23 ProxyFCGISetEnvIf
proxy_ftp: svd 1 ProxyFtpDirCharset; svd f ProxyFtpEscapeWildcards ProxyFtpListOnWildcard
proxy_hcheck: s 1 ProxyHCTPsize; svdF * ProxyHCExpr ProxyHCTemplate
proxy_html: svd * ProxyHTMLURLMap; svd 1 ProxyHTMLBufSize ProxyHTMLCharsetOut; svd 1+ ProxyHTMLEvents ProxyHTMLFixups;
svd 12 ProxyHTMLDocType; svd 2+ ProxyHTMLLinks; svd f ProxyHTMLEnable ProxyHTMLExtended ProxyHTMLInterp ProxyHTMLMeta
ProxyHTMLStripComments
proxy_scgi: svd 1 ProxySCGIInternalRedirect ProxySCGISendfile
proxy_wstunnel: svd f ProxyWebsocketFallbackToProxyHttp
reflector: svdO 12 ReflectorHeader
remoteip: sv * RemoteIPProxyProtocolExceptions; sv 1 RemoteIPHeader RemoteIPInternalProxyList RemoteIPProxiesHeader
RemoteIPTrustedProxyList; sv 1+ RemoteIPInternalProxy RemoteIPTrustedProxy; sv f RemoteIPProxyProtocol
reqtimeout: sv * RequestReadTimeout
request: d 1 KeptBodySize
rewrite: dF 1 RewriteBase; sv 23 RewriteMap; svdF * RewriteCond RewriteRule; svdF 1+ RewriteOptions; svdF f
RewriteEngine
sed: d 1 InputSed OutputSed
session: svdA 1 SessionExclude SessionExpiryUpdateInterval SessionHeader SessionInclude SessionMaxAge; svdA f Session
SessionEnv
session_cookie: svdA * SessionCookieName SessionCookieName2; svdA f SessionCookieRemove
session_crypto: s * SessionCryptoDriver; svd 1 SessionCryptoPassphraseFile; svdA 1 SessionCryptoCipher; svdA 1+
SessionCryptoPassphrase
session_dbd: svdA * SessionDBDCookieName SessionDBDCookieName2; svdA 1 SessionDBDDeleteLabel SessionDBDInsertLabel
SessionDBDSelectLabel SessionDBDUpdateLabel; svdA f SessionDBDCookieRemove SessionDBDPerUser
setenvif: svdF * BrowserMatch BrowserMatchNoCase SetEnvIf SetEnvIfExpr SetEnvIfNoCase
so: svd 1+ LoadFile; svd 2 LoadModule
socache_memcache: sv 1 MemcacheConnTTL
socache_redis: sv 1 RedisConnPoolTTL RedisTimeout
speling: svdO f CheckBasenameMatch CheckCaseOnly CheckSpelling
ssl: dA * SSLRequire SSLRequireSSL; dA 1 SSLRenegBufferSize; s 1 SSLCryptoDevice SSLPassPhraseDialog SSLSessionCache
SSLStaplingCache SSLVHostSNIPolicy; s 23 SSLRandomSeed; s f SSLFIPS; sv * SSLCARevocationCheck SSLOCSPEnable
SSLProtocol; sv 1 SSLCADNRequestFile SSLCADNRequestPath SSLCARevocationFile SSLCARevocationPath
SSLCertificateChainFile SSLCertificateFile SSLCertificateKeyFile SSLEngine SSLOCSPDefaultResponder SSLOCSPProxyURL
SSLOCSPResponderCertificateFile SSLOCSPResponderTimeout SSLOCSPResponseMaxAge SSLOCSPResponseTimeSkew
SSLSessionCacheTimeout SSLSessionTicketKeyFile SSLSRPUnknownUserSeed SSLSRPVerifierFile SSLStaplingErrorCacheTimeout
SSLStaplingForceURL SSLStaplingResponderTimeout SSLStaplingResponseMaxAge SSLStaplingResponseTimeSkew
SSLStaplingStandardCacheTimeout; sv 2 SSLOpenSSLConfCmd; sv f SSLCompression SSLHonorCipherOrder
SSLInsecureRenegotiation SSLOCSPNoverify SSLOCSPOverrideResponder SSLOCSPUseRequestNonce SSLSessionTickets
SSLStaplingFakeTryLater SSLStaplingReturnResponderErrors SSLStrictSNIVHostCheck SSLUseStapling; svdA 1
SSLCACertificateFile SSLCACertificatePath SSLUserName SSLVerifyClient SSLVerifyDepth; svdA 12 SSLCipherSuite; svdO *
SSLOptions; svdU * SSLLog SSLLogLevel; svp * SSLProxyCARevocationCheck SSLProxyProtocol; svp 1
SSLProxyCACertificateFile SSLProxyCACertificatePath SSLProxyCARevocationFile SSLProxyCARevocationPath
SSLProxyMachineCertificateChainFile SSLProxyMachineCertificateFile SSLProxyMachineCertificatePath SSLProxyVerify
SSLProxyVerifyDepth; svp 12 SSLProxyCipherSuite; svp f SSLProxyCheckPeerCN SSLProxyCheckPeerExpire
SSLProxyCheckPeerName SSLProxyEngine
substitute: svdF 1 Substitute SubstituteMaxLineLength; svdF f SubstituteInheritBefore
suexec: sv 2 SuexecUserGroup
unixd: s 1 ChrootDir; s f Suexec
unixd|mpm: s 1 Group User
userdir: sv * UserDir
usertrack: svdF 1 CookieDomain CookieExpires CookieName CookieSameSite CookieStyle; svdF f CookieHTTPOnly CookieSecure
CookieTracking
version: svdU 123 <IfVersion
vhost_alias: sv 1 VirtualDocumentRoot VirtualDocumentRootIP VirtualScriptAlias VirtualScriptAliasIP
watchdog: s 1 WatchdogInterval
win32: svdF 1 ScriptInterpreterSource
xml2enc: s 2+ xml2EncAlias; svdU 1 xml2EncDefault; svdU 1+ xml2StartParse
`;

export interface ApacheCommand {
  /** As its authors write it, without the `<` of a section. */
  name: string;
  /** Any one of them brings it. */
  modules: readonly string[];
  /** Letters of the places, as in the table. */
  places: string;
  /** How many arguments it takes, in the notation of the table. */
  counts: string;
}

function readTable(): ReadonlyMap<string, ApacheCommand> {
  const commands = new Map<string, ApacheCommand>();
  for (const [, modules = '', groups = ''] of TABLE.matchAll(/^([\w|]+): ([^:]+?)(?=\n[\w|]+:|\n$)/gm)) {
    for (const group of groups.split(';')) {
      const [places = '', counts = '', ...names] = group.trim().split(/\s+/);
      for (const name of names)
        commands.set(name.toLowerCase(), {
          name: name.replace('<', ''),
          modules: modules.split('|'),
          places,
          counts,
        });
    }
  }
  return commands;
}

/** By name in lower case; a section begins with `<`. */
export const COMMANDS = readTable();

/** The names of Apache's directives and sections. */
export const DIRECTIVE_NAMES: readonly string[] = [
  ...new Set([...COMMANDS.values()].map(({ name }) => name)),
].toSorted();

/** Whether it takes so many arguments: `12` one or two, `2+` two at least. What follows On and Off is not looked at. */
export function takesCount({ counts }: ApacheCommand, count: number): boolean {
  if (counts === '*') return true;
  if (counts === 'f') return count > 0;
  return counts.endsWith('+') ? count >= Number(counts[0]) : counts.includes(String(count));
}
