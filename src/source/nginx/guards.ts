import type { Doubt } from '../rules/server-rules.ts';
import { effective, type Level } from './levels.ts';

/** Modules that may refuse a caller by what no configuration tells. They are asked after those of nginx itself. */
const GUARDS: Record<string, string> = {
  auth_jwt: 'auth_jwt looks at a token',
  auth_jwt_require: 'auth_jwt_require looks at a token',
  auth_oidc: 'auth_oidc sends callers to another server',
  auth_ldap: 'auth_ldap asks a directory',
  auth_pam: 'auth_pam asks the machine',
  auth_digest: 'auth_digest asks for a password',
  auth_gss: 'auth_gss asks for a ticket',
  auth_spnego: 'auth_spnego asks for a ticket',
  access_by_lua: 'access_by_lua is a program',
  access_by_lua_block: 'access_by_lua_block is a program',
  access_by_lua_file: 'access_by_lua_file is a program',
  js_access: 'js_access is a program',
  modsecurity: 'ModSecurity has rules of its own',
  ModSecurityEnabled: 'ModSecurity has rules of its own',
  SecRulesEnabled: 'NAXSI has rules of its own',
  app_protect_enable: 'App Protect has rules of its own',
  geoip2_deny: 'it hangs on a database of countries',
  testcookie: 'testcookie asks for a cookie',
  internal_redirect_by_lua_block: 'a program may send the request elsewhere',
};

/** Programs that may answer before anybody is asked. */
const PROGRAMS: Record<string, string> = {
  rewrite_by_lua: 'rewrite_by_lua is a program',
  rewrite_by_lua_block: 'rewrite_by_lua_block is a program',
  rewrite_by_lua_file: 'rewrite_by_lua_file is a program',
};

/** Not turned off, of each the one that holds here. */
const holding = (level: Level, names: Record<string, string>): Doubt[] =>
  Object.entries(names).flatMap(([name, text]) => {
    const [directive] = effective(level, name);
    return directive === undefined || directive.args[0] === 'off' ? [] : [{ place: directive.place, text }];
  });

export const guardOf = (level: Level): Doubt[] => holding(level, GUARDS);
export const programsOf = (level: Level): Doubt[] => holding(level, PROGRAMS);
