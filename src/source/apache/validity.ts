import type { RefusedLine } from '../rules/server-rules.ts';
import { COMMANDS, takesCount, type ApacheCommand } from './commands.ts';
import { isLoaded } from './conditions.ts';
import type { ApacheDirective } from './parse.ts';
import { complaintAbout } from './values.ts';

/** Where a line stands: in the main server, a virtual host, a directory and its like, a <Proxy>. */
type Around = 's' | 'v' | 'd' | 'p';

/** The sections that make what is within them stand elsewhere. */
const OPENS: ReadonlyMap<string, Around> = new Map([
  ['virtualhost', 'v'],
  ['proxy', 'p'],
  ['proxymatch', 'p'],
  ['authnprovideralias', 'd'],
  ['authzprovideralias', 'd'],
  ...['directory', 'directorymatch', 'location', 'locationmatch', 'files', 'filesmatch', 'if', 'elseif', 'else'].map(
    (name) => [name, 'd'] as const,
  ),
]);

/** What Apache refuses within a section although the place would do: by the section, without its `match`. */
const NOT_WITHIN: Readonly<Record<string, ReadonlySet<string>>> = readNotWithin(`
limit: <files <filesmatch <if <elseif <else mdrequirehttps multiviewsmatch
location: <files <filesmatch mdrequirehttps multiviewsmatch
directory: mdrequirehttps
directory files if limit: proxypass proxypassmatch proxypassreverse cacheenable cachedisable alias scriptalias
directory files if limit: luahooktranslatename luaquickhandler luamaphandler luaoutputfilter luainputfilter
`);

function readNotWithin(text: string): Record<string, Set<string>> {
  const found: Record<string, Set<string>> = {};
  for (const line of text.trim().split('\n')) {
    const [sections = '', names = ''] = line.split(': ');
    for (const section of sections.split(' '))
      found[section] = new Set([...(found[section] ?? []), ...names.split(' ')]);
  }
  return found;
}

const SECTION_KINDS: ReadonlyMap<string, string> = new Map([
  ['locationmatch', 'location'],
  ['directorymatch', 'directory'],
  ['filesmatch', 'files'],
  ['elseif', 'if'],
  ['else', 'if'],
  ['limitexcept', 'limit'],
]);

interface Within {
  around: Around;
  /** The sections around, from the outermost. */
  sections: readonly ApacheDirective[];
}

/**
 * The lines that Apache does not start with, in its own words: one at a place where it does not belong, with too many
 * or too few arguments, or with a word that it does not take. Names that it does not know are told elsewhere.
 */
export const findRefused = (directives: readonly ApacheDirective[]): RefusedLine[] =>
  refusedWithin(directives, { around: 's', sections: [] });

/** The same of a .htaccess, which stands in a folder. */
export const findRefusedInFolder = (directives: readonly ApacheDirective[]): RefusedLine[] =>
  refusedWithin(directives, { around: 'd', sections: [] });

/** What no .htaccess may say, whatever AllowOverride says. */
export const findForbidden = (directives: readonly ApacheDirective[]): RefusedLine[] =>
  directives.flatMap((directive) => {
    const command = commandOf(directive);
    return command === undefined || /[A-Z]/.test(command.places)
      ? findForbidden(directive.children ?? [])
      : [refuse(directive, `${nameOf(directive)} not allowed here`, `${nameOf(directive)} belongs in the main file`)];
  });

function refusedWithin(directives: readonly ApacheDirective[], within: Within): RefusedLine[] {
  return directives.flatMap((directive) => {
    const { name, children } = directive;
    const command = commandOf(directive);
    const found = command === undefined ? checkForm(directive) : checkLine(directive, command, within);
    if (found !== null) return [found];
    // What stands in <LuaHook…> is a program.
    if (command === undefined || children === null || name.startsWith('lua')) return [];
    return refusedWithin(children, {
      around: OPENS.get(name) ?? within.around,
      sections: [...within.sections, directive],
    });
  });
}

/**
 * The lines of modules that no line loads, the first of each. Another build of Apache may have a module built in; one
 * that brings nothing but what `Require` asks is told by that.
 */
export function findUnloaded(directives: readonly ApacheDirective[], modules: ReadonlySet<string>): RefusedLine[] {
  const isThere = (module: string): boolean => isLoaded(modules, module);
  const found = new Map<string, RefusedLine>();
  for (const { directive, needed, text } of needsOf(directives)) {
    const [module = ''] = needed;
    if (needed.length === 0 || needed.some(isThere) || found.has(module)) continue;
    found.set(module, {
      place: directive.place,
      text,
      fix: `LoadModule ${module}_module modules/mod_${module}.so`,
      isCertain: false,
    });
  }
  return [...found.values()];
}

/** A whole configuration without any `Listen`: Apache does not begin with it, which `apachectl -t` does not see. */
export const findDeaf = (directives: readonly ApacheDirective[], file: string): RefusedLine[] =>
  directives.some(({ name }) => name === 'listen')
    ? []
    : [
        {
          place: { file, line: 1, text: 'no Listen' },
          text: 'no listening sockets available, shutting down',
          fix: 'add Listen 443, or include the file that contains it',
          isCertain: false,
        },
      ];

interface Need {
  directive: ApacheDirective;
  /** Any one of them will do. */
  needed: readonly string[];
  text: string;
}

const needsOf = (directives: readonly ApacheDirective[]): Need[] =>
  directives.flatMap((directive) => {
    const command = commandOf(directive);
    const own: Need[] =
      command === undefined
        ? []
        : [
            {
              directive,
              needed: command.modules,
              text: `Invalid command '${command.name}': mod_${command.modules[0]} is not loaded`,
            },
          ];
    return [...own, ...providerOf(directive), ...needsOf(directive.children ?? [])];
  });

/** The modules that bring what `Require` asks. */
const PROVIDERS: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ['authz_host', 'ip host forward-dns local'],
    ['authz_user', 'user valid-user'],
    ['authz_groupfile', 'group'],
    ['ssl', 'ssl ssl-verify-client'],
    ['authnz_ldap', 'ldap-user ldap-group ldap-dn ldap-attribute ldap-filter ldap-search'],
    ['authz_dbd', 'dbd-group dbd-login dbd-logout'],
    ['authz_owner', 'file-owner file-group'],
  ].flatMap(([module = '', names = '']) =>
    names.split(' ').map((name) => [name, name === 'group' ? [module, 'authz_dbm'] : [module]] as const),
  ),
);

function providerOf(directive: ApacheDirective): Need[] {
  const { name, words } = directive;
  if (name !== 'require') return [];
  const provider = (words[0]?.toLowerCase() === 'not' ? words[1] : words[0]) ?? '';
  const needed = PROVIDERS.get(provider) ?? [];
  return [{ directive, needed, text: `Unknown Authz provider: ${provider}: mod_${needed[0]} is not loaded` }];
}

/** A section and a line are two commands, even by the same name. */
export const commandOf = ({ name, children }: Pick<ApacheDirective, 'name' | 'children'>): ApacheCommand | undefined =>
  COMMANDS.get(children === null ? name : `<${name}`);

const refuse = ({ place }: ApacheDirective, text: string, fix: string): RefusedLine => ({
  place,
  text,
  fix,
  isCertain: true,
});

/** A line that is written as a section, or the other way round. */
function checkForm(directive: ApacheDirective): RefusedLine | null {
  const { name, children } = directive;
  const other = COMMANDS.get(children === null ? `<${name}` : name);
  if (other === undefined) return null;
  return children === null
    ? refuse(directive, `Invalid command '${other.name}'`, `${other.name} is a section: <${other.name} …>`)
    : refuse(directive, `Invalid command '<${other.name}'`, `${other.name} is not a section: leave out < and >`);
}

function checkLine(directive: ApacheDirective, command: ApacheCommand, within: Within): RefusedLine | null {
  const { name, words, children } = directive;
  const shown = `${children === null ? '' : '<'}${command.name}`;
  if (!isPlace(command, within.around))
    return refuse(directive, `${shown} not allowed ${sayWhere(within)}`, adviseOn(command));
  const around = within.sections.find((section) => isForbidden(directive, section));
  if (around !== undefined)
    return refuse(directive, `${shown} cannot occur within <${nameOf(around)}> section`, 'move it out of that section');
  if (!takesCount(command, countOf(words)))
    return refuse(directive, `${shown} ${sayCount(command)}`, 'see the Apache documentation for its arguments');
  if (command.counts === 'f' && !/^o(?:n|ff)$/i.test(words[0] ?? ''))
    return refuse(directive, `${shown} must be On or Off`, 'write On or Off');
  const isPattern = children !== null && words[0] === '~';
  const complaint = complaintAbout(
    isPattern ? 'locationmatch' : name,
    isPattern ? words.slice(1) : words,
    within.around === 'd' || within.around === 'p',
  );
  return complaint === null ? null : refuse(directive, complaint, 'write a value that Apache accepts');
}

/** A <Proxy> takes what a directory takes. */
const isPlace = ({ places }: ApacheCommand, around: Around): boolean =>
  places.includes(around) || (around === 'p' && places.includes('d'));

const isForbidden = ({ name, children }: ApacheDirective, section: ApacheDirective): boolean =>
  NOT_WITHIN[SECTION_KINDS.get(section.name) ?? section.name]?.has(children === null ? name : `<${name}`) === true;

/** A first argument of nothing is none. */
const countOf = (words: readonly string[]): number => (words[0] === '' ? 0 : words.length);

const nameOf = (section: ApacheDirective): string => commandOf(section)?.name ?? section.name;

function sayWhere({ sections }: Within): string {
  const around = sections.at(-1);
  return around === undefined ? 'here' : `in <${nameOf(around)}> context`;
}

function adviseOn({ name, places }: ApacheCommand): string {
  const where = [
    ...(places.includes('s') ? ['the main server'] : []),
    ...(places.includes('v') ? ['a <VirtualHost>'] : []),
    ...(places.includes('d') ? ['a <Location> or <Directory>'] : []),
    ...(places.includes('p') ? ['a <Proxy>'] : []),
  ];
  return `${name} belongs in ${where.join(', ')}`;
}

const COUNTS: Readonly<Record<string, string>> = {
  '1': 'takes one argument',
  '2': 'takes two arguments',
  '3': 'takes three arguments',
  '12': 'takes 1-2 arguments',
  '13': 'takes one or three arguments',
  '23': 'takes two or three arguments',
  '123': 'takes one, two or three arguments',
  '1+': 'requires at least one argument',
  '2+': 'requires at least two arguments',
};

const sayCount = ({ counts }: ApacheCommand): string => COUNTS[counts] ?? 'must be On or Off';
