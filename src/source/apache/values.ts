import { isBrokenExpression } from '../rules/pcre.ts';

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
keepalivetimeout \d+\w*
hostnamelookups on off double
limitrequestbody \d+
limitrequestline \d+
loglevel (?:[\w.]+:)?(?:emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])
protocolshonororder on off
proxybadheader iserror ignore startbody
proxytimeout [1-9]\d*
proxystatus on off full
proxyvia on off full block
serversignature on off email
sslengine on off optional
ssloptions [+-]?(?:stdenvvars|compatenvvars|export\w*|fakebasicauth|strictrequire|optrenegotiate|legacydnstringformat)
sslprotocol [+-]?(?:all|sslv[23]|tlsv1(?:\.[123])?)
sslproxyverify none off optional require on optional_no_ca
sslverifyclient none off optional require on optional_no_ca
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
  [
    'header',
    ([first = '', ...rest]) => readHeaderAction(/^(?:always|onsuccess)$/i.test(first) ? rest : [first, ...rest]),
  ],
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
  ['rewriterule', readRule],
  [
    'rewritecond',
    (words) => brokenIn([words[1]?.replace(/^!/, '')]) ?? readFlags('RewriteCond', words, CONDITION_FLAG),
  ],
  ['setenvif', ([, pattern]) => brokenIn([pattern])],
  ['setenvifnocase', ([, pattern]) => brokenIn([pattern])],
  ['browsermatch', brokenIn],
  ['browsermatchnocase', brokenIn],
  ['aliasmatch', brokenIn],
  ['scriptaliasmatch', brokenIn],
  ['locationmatch', brokenIn],
  ['directorymatch', brokenIn],
  ['filesmatch', brokenIn],
  ['proxymatch', brokenIn],
  ['redirectmatch', (words) => brokenIn(words.length > 2 ? words.slice(1) : words)],
  ['redirect', (words) => readTarget(words)],
  ['redirectpermanent', (words) => readTarget(words)],
  ['redirecttemp', (words) => readTarget(words)],
  ['alias', readAlias],
  ['scriptalias', readAlias],
  ['proxypass', readProxied],
  ['proxypassmatch', (words, isInSection) => (isInSection ? null : brokenIn(words)) ?? readProxied(words, isInSection)],
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

/** The first word is an expression. One that is compared as a text or a number is none. */
function brokenIn([pattern = '']: readonly (string | undefined)[]): string | null {
  return !/^[-<>=]|[%$]\{/.test(pattern) && isBrokenExpression(pattern)
    ? `cannot compile regular expression '${pattern}'`
    : null;
}

function readRule(words: readonly string[]): string | null {
  const status = /[[,]\s*r(?:edirect)?=([^,\]]*)/i.exec(words[2] ?? '')?.[1]?.trim();
  if (status !== undefined && !/^(?:permanent|temp|seeother|[1-5]\d\d|.*[%$"].*)$/i.test(status))
    return `RewriteRule: invalid HTTP response code '${status}' for flag 'R'`;
  return brokenIn([words[0]?.replace(/^!/, '')]) ?? readFlags('RewriteRule', words, RULE_FLAG);
}

function readTarget(words: readonly string[]): string | null {
  const target = words.at(-1) ?? '';
  return words.length < 2 || /^(?:[a-z][\w+.-]*:|\/)|[%$]/i.test(target) ? null : 'Redirect to non-URL';
}

function readHeaderAction([action = '', , value]: readonly string[]): string | null {
  if (!HEADER_ACTION.test(action)) return `first argument must be 'add', 'set' and the like, not '${action}'`;
  return value === undefined && !/^(?:unset|echo)$/i.test(action) ? 'Header requires three arguments' : null;
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
