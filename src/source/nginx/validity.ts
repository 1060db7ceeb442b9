import type { RefusedLine } from '../rules/server-rules.ts';
import { COMMANDS, takesCount, type Command } from './commands.ts';
import { isForeign, TABLES } from './directive-names.ts';
import { fromBytes } from './lex.ts';
import type { NginxDirective } from './parse.ts';
import { checkStructure, refuse } from './structure.ts';
import { complaintAbout } from './values.ts';

/** Where lines stand: letters of the table in commands.ts; several where a part could stand in several places. */
type Places = string;

/**
 * Which places a block opens. `if` is one place in a server and another in a location; a `server` of `upstream` is no
 * block.
 */
const OPENS: Readonly<Record<string, (around: Places) => Places>> = {
  events: () => 'e',
  http: () => 'h',
  server: (around) => (around.includes('H') ? 'S' : around.includes('M') ? 'R' : 's'),
  location: () => 'l',
  if: (around) => (around.includes('l') ? 'j' : 'i'),
  limit_except: () => 'x',
  upstream: (around) => (around.includes('H') ? 'U' : 'u'),
  stream: () => 'H',
  mail: () => 'M',
  imap: () => 'M',
};

const PLACE_NAMES: Readonly<Record<string, string>> = {
  m: 'the main level',
  e: 'events',
  h: 'http',
  s: 'server',
  l: 'location',
  i: 'if in a server',
  j: 'if in a location',
  x: 'limit_except',
  u: 'upstream',
  H: 'stream',
  S: 'server of stream',
  U: 'upstream of stream',
  M: 'mail',
  R: 'server of mail',
};

/**
 * The lines that nginx does not start with, in its own words: one at a place where it does not belong, with too many or
 * too few arguments, with a value of another kind, or a second time.
 * @param places where the directives stand
 */
export function findRefused(directives: readonly NginxDirective[], places: Places): RefusedLine[] {
  const seen = new Set<string>();
  return [
    ...directives.flatMap((directive) => {
      const { name, block } = directive;
      if (isForeign(name) || !COMMANDS.has(name)) return [];
      const found = checkLine(directive, places, seen);
      if (found !== null) return [found];
      const opens = block === null || TABLES.has(name) ? undefined : OPENS[name];
      return opens === undefined ? [] : findRefused(block ?? [], opens(places));
    }),
    ...checkStructure(directives, places),
  ];
}

function checkLine(directive: NginxDirective, places: Places, seen: Set<string>): RefusedLine | null {
  const { name, args, block, brokenAt } = directive;
  const all = COMMANDS.get(name) ?? [];
  const here = all.filter((one) => one.places === '*' || [...places].some((place) => one.places.includes(place)));
  if (here.length === 0) return refuse(directive, `"${name}" directive is not allowed here`, adviseOn(name, all));
  const fits = here.filter(({ isBlock }) => isBlock === (block !== null));
  if (fits.length === 0)
    return block === null
      ? refuse(directive, `directive "${name}" has no opening "{"`, 'write its block behind it')
      : refuse(directive, `directive "${name}" is not terminated by ";"`, 'end it with ";"');
  const command = fits.find((one) => takesCount(one, args.length));
  if (command === undefined)
    return refuse(
      directive,
      `invalid number of arguments in "${name}" directive`,
      brokenAt === undefined
        ? 'see the documentation of nginx for what it takes'
        : `a ";" seems to be missing at the end of line ${brokenAt}`,
    );
  if (command.kind !== '' && seen.has(name))
    return refuse(directive, `"${name}" directive is duplicate`, 'keep one of the two');
  seen.add(name);
  const complaint = checkKind(name, command, args.map(fromBytes)) ?? complaintAbout(directive, places);
  return complaint === null ? null : refuse(directive, complaint, 'write a value that nginx takes');
}

/** The places of http, and where it has none, all others. */
function adviseOn(name: string, commands: readonly Command[]): string {
  const all = commands.flatMap(({ places }) => [...places]);
  const inHttp = all.filter((place) => 'hslijxu'.includes(place));
  const names = [...new Set(inHttp.length > 0 ? inHttp : all)].map((place) => PLACE_NAMES[place] ?? 'any place');
  return `${name} belongs in ${names.join(', ')}`;
}

/** The words that a value may be, of directives of the kind `e`: from the same source as commands.ts. */
const VALUE_WORDS: ReadonlyMap<string, readonly string[]> = new Map(
  `
add_header_inherit merge off on
add_trailer_inherit merge off on
autoindex_format html json jsonp xml
client_body_in_file_only clean off on
debug_points abort stop
degrade 204 444
gzip_http_version 1.0 1.1
gzip_static always off on
if_modified_since before exact off
limit_conn_log_level error info notice warn
limit_req_log_level error info notice warn
lingering_close always off on
proxy_http_version 1.0 1.1 2
satisfy all any
ssl_ocsp leaf off on
ssl_verify_client off on optional optional_no_ca
userid log off on v1
`
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', ...rest] = line.split(' ');
      return [name, rest] as const;
    }),
);

const FORMS: Readonly<Record<string, RegExp>> = {
  n: /^\d+$/,
  z: /^\d+[kKmM]?$/,
  o: /^\d+[kKmMgG]?$/,
  t: /^(?=.*\d)[\dyMwdhms ]+$/,
  T: /^(?=.*\d)[\dyMwdhms ]+$/,
};

function checkKind(name: string, { kind, counts }: Command, args: readonly string[]): string | null {
  const [value = ''] = args;
  if (counts === 'f' && !/^(?:on|off)$/i.test(value))
    return `invalid value "${value}" in "${name}" directive, it must be "on" or "off"`;
  if (kind === 'e' && VALUE_WORDS.get(name)?.includes(value.toLowerCase()) === false)
    return `invalid value "${value}": ${name} takes ${VALUE_WORDS.get(name)?.join(', ')}`;
  return args.length === 1 && FORMS[kind]?.test(value) === false ? `"${name}" directive invalid value: ${value}` : null;
}
