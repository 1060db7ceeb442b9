import { onceFor } from '../rules/once.ts';
import type { Place } from '../rules/server-rules.ts';
import type { AccessConfig } from './access-compat.ts';
import type { AuthzConfig } from './require.ts';
import type { EnvRule } from './set-env-if.ts';
import type { Alias, ProxyPass, Redirect } from './mappings.ts';
import type { Pattern } from './pattern.ts';
import type { OpenLine } from './scope.ts';
import type { RewriteRule } from './rewrite-rule.ts';

/** What a section says, of all that can decide about a request. Null and empty: nothing. */
export interface DirConfig {
  authz: AuthzConfig | null;
  access: AccessConfig | null;
  authType: SectionSetting | null;
  env: readonly EnvRule[];
  rewrite: DirRewrite | null;
  redirects: readonly Redirect[];
  alias: Alias | null;
  proxyPass: ProxyPass | null;
  overrides: SectionSetting | null;
  overrideList: SectionSetting | null;
  requireSsl: Place | null;
  verifyClient: SectionSetting | null;
  sslRequire: readonly Place[];
  allowedMethods: SectionSetting | null;
  encodedSlashes: SectionSetting | null;
  bodyLimit: SectionSetting | null;
  errorPages: readonly ErrorDocument[];
  files: readonly FilesSection[];
  ifs: readonly IfSection[];
  /** What may decide beside all of this. */
  open: readonly OpenLine[];
}

/** A directive of which the last one counts. */
export interface SectionSetting {
  words: readonly string[];
  place: Place;
}

/** Whether `SSLVerifyClient` keeps out who shows no certificate: `on` is another word for `require`. */
export const wantsCertificate = (setting: SectionSetting): boolean =>
  ['require', 'on'].includes(setting.words[0]?.toLowerCase() ?? '');

export interface DirRewrite {
  isOn: boolean | null;
  inherit: boolean | 'before';
  /** What the section is for: the path that rules do not see. Null: a server's own. */
  folder: string | null;
  base: string | null;
  rules: RewriteRule[];
}

export interface ErrorDocument {
  status: number;
  isElsewhere: boolean;
  /** A path of this server; null: a text, or a URL. */
  path: string | null;
  place: Place;
}

export interface FilesSection {
  matcher: Pattern;
  config: DirConfig;
  place: Place;
}

export interface IfSection {
  kind: 'if' | 'elseif' | 'else';
  condition: string;
  config: DirConfig;
  place: Place;
}

export const EMPTY: DirConfig = {
  authz: null,
  access: null,
  authType: null,
  env: [],
  rewrite: null,
  redirects: [],
  alias: null,
  proxyPass: null,
  overrides: null,
  overrideList: null,
  requireSsl: null,
  verifyClient: null,
  sslRequire: [],
  allowedMethods: null,
  encodedSlashes: null,
  bodyLimit: null,
  errorPages: [],
  files: [],
  ifs: [],
  open: [],
};

/** What holds where both sections do, `over` being the later one: each module merges by its own rules. */
export const mergeDirConfigs = (base: DirConfig, over: DirConfig): DirConfig => mergeWith(base)(over);

/** Every request asks for the same, and a section may hold a list of thousands. */
const mergeWith = onceFor((base: DirConfig) => onceFor((over: DirConfig) => mergeOnce(base, over)));

function mergeOnce(base: DirConfig, over: DirConfig): DirConfig {
  return {
    authz: mergeAuthz(base.authz, over.authz),
    // mod_access_compat merges nothing: one `Order` or `Satisfy` in the inner section, and all of the outer is gone.
    access: over.access ?? base.access,
    authType: over.authType ?? base.authType,
    env: [...base.env, ...over.env],
    rewrite: mergeRewrite(base.rewrite, over.rewrite),
    redirects: [...over.redirects, ...base.redirects],
    alias: over.alias ?? base.alias,
    proxyPass: over.proxyPass ?? base.proxyPass,
    overrides: over.overrides ?? base.overrides,
    overrideList: over.overrideList ?? base.overrideList,
    requireSsl: over.requireSsl ?? base.requireSsl,
    verifyClient: over.verifyClient ?? base.verifyClient,
    sslRequire: [...base.sslRequire, ...over.sslRequire],
    allowedMethods: over.allowedMethods ?? base.allowedMethods,
    encodedSlashes: over.encodedSlashes ?? base.encodedSlashes,
    bodyLimit: over.bodyLimit ?? base.bodyLimit,
    errorPages: [...base.errorPages, ...over.errorPages],
    files: [...base.files, ...over.files],
    ifs: [...base.ifs, ...over.ifs],
    open: [...base.open, ...over.open],
  };
}

/** As `merge_authz_core_dir_config` of mod_authz_core: without AuthMerging the inner section replaces the outer. */
function mergeAuthz(base: AuthzConfig | null, over: AuthzConfig | null): AuthzConfig | null {
  if (base === null || over === null) return over ?? base;
  const { merging } = over;
  if (merging === null && over.node === null && base.node !== null) return base;
  if (merging === null || merging === 'off' || (base.node === null && over.node === null)) return over;
  if (base.node === null || over.node === null) return { ...over, node: base.node ?? over.node };
  return {
    ...over,
    node: {
      kind: 'container',
      operator: merging,
      isNegated: false,
      forPost: base.node.forPost || over.node.forPost,
      children: [base.node, over.node],
      place: over.node.place,
    },
  };
}

function mergeRewrite(base: DirRewrite | null, over: DirRewrite | null): DirRewrite | null {
  if (base === null || over === null) return over ?? base;
  const { inherit } = over;
  const rules =
    inherit === false
      ? over.rules
      : inherit === 'before'
        ? [...base.rules, ...over.rules]
        : [...over.rules, ...base.rules];
  return { ...over, isOn: over.isOn ?? base.isOn, rules };
}
