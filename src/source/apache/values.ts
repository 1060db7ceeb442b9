/** What Apache says of the words of a directive that takes some alone; null when it takes them. */
export function complaintAbout(name: string, words: readonly string[], isInSection: boolean): string | null {
  const taken = WORDS.get(name);
  const wrong = taken === undefined ? undefined : words.find((word) => !taken.test(word));
  if (wrong !== undefined) return `${name}: invalid argument '${wrong}'`;
  return READERS.get(name)?.(words, isInSection) ?? null;
}

const anyOf = (words: string): RegExp => new RegExp(`^(?:${words.trim().split(/\s+/).join('|')})$`, 'i');

/**
 * Directives each of whose words is one of a few, from the source that commands.ts is from. Some more are checked where
 * the simulation reads them.
 */
const WORDS: ReadonlyMap<string, RegExp> = new Map(
  String.raw`
acceptpathinfo on off default
allowencodedslashes on off nodecode
allowoverride none all authconfig fileinfo indexes limit options(?:=.*)? nonfatal=(?:override|unknown|all)
enablemmap on off
enablesendfile on off
hostnamelookups on off double
limitrequestbody \d+
limitrequestfields \d+
loglevel (?:[\w.]+:)?(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])
protocolshonororder on off
proxybadheader iserror ignore startbody
proxystatus on off full
proxyvia on off full block
serversignature on off email
sslengine on off optional
ssloptions [+-]?(?:stdenvvars|compatenvvars|export\w*|fakebasicauth|strictrequire|optrenegotiate|legacydnstringformat)
sslprotocol [+-]?(?:all|sslv[23]|tlsv1(?:\.[123])?)
sslproxyverify none off optional require on optional_no_ca
sslverifyclient none off optional require on optional_no_ca
sslverifydepth \d+
traceenable on off extended
usecanonicalname on off dns
xbithack on off full
`
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...words] = line.split(' ');
      return [name, anyOf(words.join(' '))] as const;
    }),
);

const OPTION = anyOf(
  'indexes includes includesnoexec followsymlinks symlinksifownermatch execcgi multiviews runscripts none all',
);
const HEADER_ACTION = anyOf(String.raw`set setifempty add append merge unset echo edit edit\* note`);
const REWRITE_OPTION = anyOf(
  'inherit inheritbefore inheritdown inheritdownbefore ignoreinherit allownoslash maxredirects=.* allowanyuri ' +
    'mergebase ignorecontextinfo legacyprefixdocroot unsafeprefixstat',
);

const RULE_FLAG = anyOf(
  'b backrefescaping bne bnp backrefnoplus bctls c chain co cookie dpi discardpath e env end f ' +
    'forbidden g gone h handler l last n next ne noescape ns nosubreq nc nocase p proxy pt passthrough qsa qsappend ' +
    'qsd qsdiscard qsl qslast r redirect s skip t type unc unsafeallow3f unsafeprefixstat',
);
const CONDITION_FLAG = anyOf('nc nocase or ornext nv novary');

type ComplainOfWords = (words: readonly string[], isInSection: boolean) => string | null;

const READERS: ReadonlyMap<string, ComplainOfWords> = new Map<string, ComplainOfWords>([
  ['options', readOptions],
  ['header', ([first = '', ...rest]) => readHeaderAction(/^(?:always|onsuccess)$/i.test(first) ? rest : [first])],
  ['requestheader', readHeaderAction],
  [
    'rewriteoptions',
    (words) => {
      const wrong = words.find((word) => !REWRITE_OPTION.test(word));
      return wrong === undefined ? null : `RewriteOptions: unknown option '${wrong}'`;
    },
  ],
  ['errordocument', ([code = '']) => (/^[1-5]\d\d$/.test(code) ? null : `Unsupported HTTP response code ${code}`)],
  ['listen', ([socket = '']) => (isSocket(socket) ? null : `Invalid address or port: ${socket}`)],
  ['rewriterule', (words) => readFlags('RewriteRule', words, RULE_FLAG)],
  ['rewritecond', (words) => readFlags('RewriteCond', words, CONDITION_FLAG)],
  ['alias', readAlias],
  ['scriptalias', readAlias],
  ['proxypass', readProxied],
  ['proxypassmatch', readProxied],
  [
    'proxyerroroverride',
    ([first = '']) =>
      /^o(?:n|ff)$/i.test(first) ? null : 'ProxyErrorOverride first parameter must be one of: off | on',
  ],
]);

function readOptions(words: readonly string[]): string | null {
  const wrong = words.find((word) => !OPTION.test(word.replace(/^[+-]/, '')));
  if (wrong !== undefined) return `Illegal option ${wrong}`;
  const signed = words.filter((word) => /^[+-]/.test(word));
  if (signed.length > 0 && signed.length < words.length)
    return 'Either all Options must start with + or -, or no Option may.';
  const whole = signed.find((word) => /^.(?:none|all)$/i.test(word));
  if (whole !== undefined) return `You may not use 'Options ${whole}'`;
  const late = words.slice(1).find((word) => /^(?:none|all)$/i.test(word));
  return late === undefined ? null : `'Options ${late}' must be the first option given.`;
}

/** The names of `[R=301,L]`; a value may hold commas in quotes, and is not looked at. */
function readFlags(name: string, [, , flags = '']: readonly string[], taken: RegExp): string | null {
  const inner = /^\[(.*)\]$/.exec(flags)?.[1]?.replaceAll(/="[^"]*"/g, '=') ?? '';
  const wrong = inner
    .split(',')
    .map((flag) => flag.replace(/=.*/s, '').trim())
    .find((flag) => flag !== '' && !taken.test(flag));
  return wrong === undefined ? null : `${name}: unknown flag '${wrong}'`;
}

function readHeaderAction([action = '']: readonly string[]): string | null {
  return HEADER_ACTION.test(action) ? null : `first argument must be 'add', 'set' and the like, not '${action}'`;
}

/** An IPv6 address stands in brackets. */
function isSocket(text: string): boolean {
  const [, host = '', port = '0'] = /^(?:(.*):)?(\d{1,5})$/.exec(text) ?? [];
  return Number(port) > 0 && Number(port) <= 65_535 && (!host.includes(':') || /^\[.*\]$/.test(host));
}

function readAlias(words: readonly string[], isInSection: boolean): string | null {
  return isInSection || words.length === 2 ? null : 'Alias must have two arguments when used globally';
}

/** Where a section says the path, the URL stands first. A socket of the file system stands before a `|`. */
function readProxied(words: readonly string[], isInSection: boolean): string | null {
  const url = words[isInSection ? 0 : 1] ?? '!';
  return url === '!' || /^[a-z][\w+.-]*:|[$%{]/i.test(url) ? null : `ProxyPass URL must be absolute!: ${url}`;
}
