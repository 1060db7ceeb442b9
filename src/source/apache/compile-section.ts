import type { CompilePcre } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';
import { ACCESS_DIRECTIVES, addAccess } from './access-compat.ts';
import {
  addContainer,
  addRequire,
  checkContainer,
  implicitContainer,
  isContainer,
  type AuthzContainer,
} from './require.ts';
import { configError, type ApacheDirective } from './parse.ts';
import {
  EMPTY,
  type DirConfig,
  type DirRewrite,
  type ErrorDocument,
  type IfSection,
  type SectionSetting,
} from './dir-config.ts';
import { ENV_DIRECTIVES, readEnvRule } from './set-env-if.ts';
import { readAlias, readProxyPass, readRedirect, type Prefix } from './mappings.ts';
import { openAt } from './scope.ts';
import { METHOD } from './request-context.ts';
import { readPattern } from './pattern.ts';
import { readRewriteCondition, readRewriteRule, type RewriteCondition } from './rewrite-rule.ts';

/** Where directives stand. */
export interface SectionScope {
  /** The path that a <Location> or <Directory> is for; null: a server itself. */
  section: Prefix | null;
  compile: CompilePcre;
}

/** A section that is being read. */
type SectionDraft = {
  -readonly [Key in keyof DirConfig]: DirConfig[Key] extends readonly (infer Item)[] ? Item[] : DirConfig[Key];
} & {
  container: AuthzContainer | null;
  conditions: RewriteCondition[];
  merging: 'off' | 'and' | 'or' | null;
  authzPlace: Place | null;
};

/** What the directives of one section come to. Throws AppError `input` for what Apache does not start with. */
export function compileSection(directives: readonly ApacheDirective[], scope: SectionScope): DirConfig {
  const draft: SectionDraft = {
    ...EMPTY,
    env: [],
    redirects: [],
    sslRequire: [],
    errorPages: [],
    files: [],
    ifs: [],
    open: [],
    container: null,
    conditions: [],
    merging: null,
    authzPlace: null,
  };
  addAll(draft, directives, scope, true);
  const { container, conditions: _, merging, authzPlace, ...config } = draft;
  if (container !== null) checkContainer(container);
  return { ...config, authz: authzPlace === null ? null : { merging, node: container, place: authzPlace } };
}

function addAll(
  draft: SectionDraft,
  directives: readonly ApacheDirective[],
  scope: SectionScope,
  forPost: boolean,
): void {
  for (const directive of directives) addDirective(draft, directive, scope, forPost);
}

function addDirective(draft: SectionDraft, directive: ApacheDirective, scope: SectionScope, forPost: boolean): void {
  const { name, words, place, children } = directive;
  const open = openAt(directive);
  if (open !== null) draft.open.push(open);
  if (children !== null) {
    addInner(draft, directive, children, scope, forPost);
  } else if (name === 'require') {
    if (scope.section === null) throw notHere(directive);
    draft.container ??= implicitContainer(place);
    draft.authzPlace ??= place;
    addRequire(draft.container, directive, forPost);
  } else if (ACCESS_DIRECTIVES.has(name)) {
    if (scope.section === null) throw notHere(directive);
    draft.access = addAccess(draft.access, directive, forPost);
  } else if (ENV_DIRECTIVES.has(name)) {
    draft.env.push(readEnvRule(directive, scope.compile));
  } else if (name.startsWith('rewrite')) {
    addRewrite(draft, directive, scope);
  } else {
    SETTINGS[name]?.(draft, { words, place }, directive, scope);
  }
}

const notHere = ({ name, place }: ApacheDirective): Error =>
  configError(place, `${name} is not allowed here`, 'move it into a <Location> or <Directory>');

function addInner(
  draft: SectionDraft,
  directive: ApacheDirective,
  children: readonly ApacheDirective[],
  scope: SectionScope,
  forPost: boolean,
): void {
  const { name, words, args, place } = directive;
  const inner: SectionScope = { ...scope, section: scope.section ?? { kind: 'section' } };
  if (name === 'limit' || name === 'limitexcept') {
    if (scope.section === null) throw notHere(directive);
    addAll(draft, children, scope, forPost && words.includes(METHOD) === (name === 'limit'));
  } else if (isContainer(name)) {
    if (scope.section === null) throw notHere(directive);
    draft.container ??= implicitContainer(place);
    draft.authzPlace ??= place;
    addContainer(draft.container, directive, forPost);
  } else if (name === 'files' || name === 'filesmatch') {
    const isRegex = name === 'filesmatch' || words[0] === '~';
    const text = words[0] === '~' ? words[1] : words[0];
    if (text === undefined) throw configError(place, `<${name}> needs a name`);
    draft.files.push({
      matcher: readPattern(text, isRegex, scope.compile),
      config: compileSection(children, inner),
      place,
    });
  } else if (name === 'if' || name === 'elseif' || name === 'else') {
    draft.ifs.push(readIf(name, args, words, place, draft.ifs.at(-1), compileSection(children, inner)));
  }
}

function readIf(
  kind: IfSection['kind'],
  args: string,
  words: readonly string[],
  place: Place,
  before: IfSection | undefined,
  config: DirConfig,
): IfSection {
  if (kind !== 'if' && (before === undefined || before.kind === 'else'))
    throw configError(place, `<${kind}> without an <If> before it`);
  if (kind !== 'else' && args === '') throw configError(place, `<${kind}> needs a condition`);
  return { kind, condition: words[0] ?? '', config, place };
}

/** With a slash at its end, as `config_perdir_create` keeps it. */
function folderOf({ section }: SectionScope): string | null {
  if (section === null) return null;
  return section.kind === 'section' ? '' : section.text.replace(/\/?$/, '/');
}

const beginRewrite = (scope: SectionScope): DirRewrite => ({
  isOn: null,
  inherit: false,
  folder: folderOf(scope),
  base: null,
  rules: [],
});

function addRewrite(draft: SectionDraft, directive: ApacheDirective, scope: SectionScope): void {
  const { name, words } = directive;
  const rewrite = draft.rewrite ?? beginRewrite(scope);
  if (name === 'rewriteengine') draft.rewrite = { ...rewrite, isOn: words[0]?.toLowerCase() === 'on' };
  else if (name === 'rewritebase') draft.rewrite = { ...rewrite, base: words[0] ?? null };
  else if (name === 'rewriteoptions') draft.rewrite = { ...rewrite, inherit: readInherit(words) ?? rewrite.inherit };
  else if (name === 'rewritecond') {
    draft.conditions.push(readRewriteCondition(directive, scope.compile));
    draft.rewrite = rewrite;
  } else if (name === 'rewriterule') {
    const rule = readRewriteRule(directive, draft.conditions, scope.compile);
    draft.conditions = [];
    rewrite.rules.push(rule);
    draft.rewrite = rewrite;
  }
}

function readInherit(words: readonly string[]): DirRewrite['inherit'] | null {
  const options = new Set(words.map((word) => word.toLowerCase()));
  if (options.has('inherit')) return true;
  return options.has('inheritbefore') ? 'before' : null;
}

type AddSetting = (
  draft: SectionDraft,
  setting: SectionSetting,
  directive: ApacheDirective,
  scope: SectionScope,
) => void;

const SETTINGS: Readonly<Record<string, AddSetting>> = Object.assign(
  Object.create(null) as Record<string, AddSetting>,
  {
    authmerging: (draft, { words, place }) => {
      const merging = words[0]?.toLowerCase();
      if (merging !== 'off' && merging !== 'and' && merging !== 'or')
        throw configError(place, 'AuthMerging is Off, And or Or');
      draft.merging = merging;
      draft.authzPlace ??= place;
    },
    authtype: (draft, setting) => {
      draft.authType = setting;
    },
    allowoverride: (draft, setting) => {
      draft.overrides = setting;
    },
    allowoverridelist: (draft, setting) => {
      draft.overrideList = setting;
    },
    sslrequiressl: (draft, { place }) => {
      draft.requireSsl = place;
    },
    sslverifyclient: (draft, setting) => {
      draft.verifyClient = setting;
    },
    sslrequire: (draft, { place }) => {
      draft.sslRequire.push(place);
    },
    allowmethods: (draft, setting) => {
      draft.allowedMethods = setting;
    },
    allowencodedslashes: (draft, setting) => {
      draft.encodedSlashes = setting;
    },
    limitrequestbody: (draft, setting) => {
      draft.bodyLimit = setting;
    },
    errordocument: (draft, { words, place }) => {
      const page: ErrorDocument = {
        status: Number(words[0]),
        isElsewhere: /^https?:\/\//i.test(words[1] ?? ''),
        path: words[1]?.startsWith('/') === true ? words[1] : null,
        place,
      };
      draft.errorPages.push(page);
    },
    ...Object.fromEntries(
      ['redirect', 'redirectmatch', 'redirectpermanent', 'redirecttemp'].map((name): [string, AddSetting] => [
        name,
        (draft, _, directive, scope) => {
          if (scope.section !== null) draft.redirects.push(readRedirect(directive, true, scope.compile));
        },
      ]),
    ),
    ...Object.fromEntries(
      ['alias', 'scriptalias'].map((name): [string, AddSetting] => [
        name,
        (draft, _, directive, scope) => {
          if (scope.section !== null) draft.alias = readAlias(directive, scope.compile);
        },
      ]),
    ),
    ...Object.fromEntries(
      ['proxypass', 'proxypassmatch'].map((name): [string, AddSetting] => [
        name,
        (draft, _, directive, scope) => {
          if (scope.section !== null) draft.proxyPass = readProxyPass(directive, scope.section, scope.compile);
        },
      ]),
    ),
  } satisfies Record<string, AddSetting>,
);
