import type { UnknownDirective } from '../rules/server-rules.ts';
import { DIRECTIVE_NAMES } from './commands.ts';
import type { ApacheDirective } from './parse.ts';

const KNOWN: ReadonlySet<string> = new Set(DIRECTIVE_NAMES.map((name) => name.toLowerCase()));

/** Of modules that are not bundled: mod_security, mod_evasive, mod_qos, mod_wsgi, mod_php and the like. */
const FOREIGN = new RegExp(
  `^(?:${String.raw`
  sec[a-z]\w* dos[a-z]\w* qs_\w+ php\w* suphp_\w* wsgi\w+ passenger\w+ perl\w* geoip\w* maxminddb\w* shib\w*
  oidc\w* oauth\w* mellon\w* cas[a-z]\w* rpaf\w* xsendfile\w* modpagespeed\w* jk[a-z]\w* svn\w* davsvn\w*
  authzsvn\w* fcgid\w* fastcgi\w* krb\w* gssapi\w* authkerberos\w* authmysql\w* auth_mysql\w* rmode ruidgid
  rgroups rminuidgid assignuserid\w* maxclientsvhost limituidrange limitgidrange nicevalue bandwidth\w* bw\w*
  evasive\w* python\w* rack\w* rails\w* auth_token\w* authtoken\w* upload\w* tkt\w* uwsgi\w* authntlm\w* ntlm\w*
  sspi\w* nss[a-z]\w* gnutls\w* maxconnperip noiplimit onlyiplimit vhostcgi\w* opentelemetry\w*
`
    .trim()
    .split(/\s+/)
    .join('|')})$`,
  'i',
);

export const isForeign = (name: string): boolean => FOREIGN.test(name);

/**
 * The directives that neither Apache nor a bundled module has. What stands in a section of another module is that
 * module's own.
 */
export function findUnknown(directives: readonly ApacheDirective[]): UnknownDirective[] {
  return directives.flatMap(({ name, place, children }) => {
    if (isForeign(name)) return [];
    if (!KNOWN.has(name)) return [{ name: nameIn(place.text, name), place }];
    // What stands in <LuaHook…> is a program.
    return name.startsWith('lua') ? [] : findUnknown(children ?? []);
  });
}

/** As its author wrote it. */
const nameIn = (line: string, name: string): string =>
  line.slice(line.toLowerCase().indexOf(name)).slice(0, name.length) || name;
