import { makeFinding, type Finding } from '../../model/finding.ts';
import type { FindNearMiss } from '../../model/wording.ts';
import type { RuleQuestion } from './ask-rules.ts';
import { MAX_LISTED, RULE_CHECKS, UNDECIDED } from './judge-rules.ts';
import type { ServerAnswer } from './ask-server.ts';
import type { Answering, ServerRules, UnknownDirective } from './server-rules.ts';

/** Judges whether the server that answers is the one that was meant: every other check asked that one. */
export function judgeServer(
  { answering, server }: ServerRules,
  { host, port }: Pick<RuleQuestion, 'host' | 'port'>,
  findNearMiss: FindNearMiss,
): Finding[] {
  if (answering === undefined) return [];
  const found = answering(host, port);
  if (found === null)
    return [
      makeFinding(RULE_CHECKS.server, {
        status: 'fail',
        detail:
          port === null
            ? `${server} does not serve this host on any port that it listens on`
            : `nothing listens on port ${port}`,
        observed: 'no server',
        fix: 'give a --port that a server listens on, or leave out --port',
      }),
    ];
  return [host === null ? judgeDefault(found) : judgeNamed(found, host, findNearMiss)];
}

function judgeDefault(found: Answering): Finding {
  if (found.servers === 1)
    return makeFinding(RULE_CHECKS.server, { status: 'pass', detail: `${describeServer(found)} is the only server` });
  return makeFinding(RULE_CHECKS.server, {
    status: 'warn',
    detail: `no host was given, so the default of ${found.servers} servers was used: ${describeServer(found)}`,
    observed: 'the default server',
    fix: `choose one: --host${found.names.length === 0 ? ' NAME' : ` ${listed(found.names, ' or ')}`}`,
  });
}

function judgeNamed(found: Answering, host: string, findNearMiss: FindNearMiss): Finding {
  if (found.isByName)
    return makeFinding(RULE_CHECKS.server, {
      status: 'pass',
      detail: `${describeServer({ ...found, name: null })} has the name ${host}`,
    });
  const meant = findNearMiss(host, found.names);
  return makeFinding(RULE_CHECKS.server, {
    status: found.isCatchAll ? 'warn' : 'fail',
    detail:
      `no server is named ${host}; ${describeServer(found)} answers as the default` +
      (meant === null ? '' : `. Did you mean ${meant}?`),
    expected: `a server named ${host}`,
    observed: 'the default server',
    fix:
      found.names.length === 0
        ? 'give the server a name, or leave out --host'
        : `give one of its names: --host ${meant ?? listed(found.names, ' or ')}`,
  });
}

/** Names a server by the line where it begins. Apache's main server has no such line. */
function describeServer({ place, name }: Answering): string {
  const server = place === null ? 'the main server' : `the server at ${place.file}:${place.line}`;
  return name === null ? server : `${server}, ${name}`;
}

const listed = (names: readonly string[], between: string): string => names.slice(0, MAX_LISTED).join(between);

/** Judges the lines that the server does not start with: what the rest of the configuration says is of no effect. */
export function judgeRefused({ server, refused = [] }: ServerRules): Finding[] {
  const rest = refused.length - MAX_LISTED;
  const certainFirst = refused.toSorted((one, other) => Number(other.isCertain) - Number(one.isCertain));
  return certainFirst.slice(0, MAX_LISTED).map(({ place, text, fix, isCertain }, index) =>
    makeFinding(RULE_CHECKS.starts, {
      title: `${server} accepts "${place.text}"`,
      status: isCertain ? 'fail' : 'warn',
      detail:
        `${text} (${place.file}:${place.line})` +
        (isCertain ? '' : ', unless a module or another file provides it') +
        (index === MAX_LISTED - 1 && rest > 0 ? `; ${rest} more` : ''),
      observed: isCertain ? `${server} does not start` : UNDECIDED,
      fix,
      place: { file: place.file, line: place.line },
    }),
  );
}

/** Judges what the installed server says of the file. What hangs on this machine is no word against the lines. */
export function judgeAsked({ kind, command, said, place }: ServerAnswer): Finding {
  const where = place === null ? '' : ` (${place.file}:${place.line})`;
  if (kind === 'takes') return makeFinding(RULE_CHECKS.asked, { status: 'pass', detail: `${command}: ${said}` });
  if (kind === 'refuses')
    return makeFinding(RULE_CHECKS.asked, {
      status: 'fail',
      detail: `${said}${where}`,
      observed: 'the server does not start',
      fix: `fix that line, then run: ${command}`,
      ...(place === null ? {} : { place }),
    });
  return makeFinding(RULE_CHECKS.asked, {
    status: 'warn',
    detail:
      kind === 'absent'
        ? `${command.split(' ')[0]} is not installed here: the lines were checked only against its known directives`
        : `it stopped because of something on this machine, and did not read the rest: ${said}${where}`,
    fix: 'run it on the machine where the configuration is used',
  });
}

const MAX_NAMES = 1000;
const MAX_SHOWN = 60;

/**
 * Judges the directives that the server does not know. A typing error keeps the server from starting; other names may
 * come from a module of somebody else.
 */
export function judgeNames({ server, unknown }: ServerRules, findNearMiss: FindNearMiss): Finding[] {
  if (unknown === undefined) return [];
  const named = new Map<string, UnknownDirective[]>();
  for (const one of unknown.directives) {
    const places = named.get(one.name);
    if (places === undefined) named.set(one.name, [one]);
    else places.push(one);
  }
  const suggested = [...named]
    .slice(0, MAX_NAMES)
    .map(([name, places]) => ({ name, places, meant: findNearMiss(name, unknown.known) }));
  const ordered = [
    ...suggested.filter(({ meant }) => meant !== null),
    ...suggested.filter(({ meant }) => meant === null),
  ];
  const rest = named.size - MAX_LISTED;
  const more =
    rest <= 0
      ? []
      : [
          makeFinding(RULE_CHECKS.names, {
            status: 'warn',
            detail: `${rest} more unknown names`,
            observed: UNDECIDED,
          }),
        ];
  return [
    ...ordered.slice(0, MAX_LISTED).map(({ name, places, meant }) => judgeName(server, name, places, meant)),
    ...more,
  ];
}

function judgeName(
  server: ServerRules['server'],
  name: string,
  places: readonly UnknownDirective[],
  meant: string | null,
): Finding {
  const shown = name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
  const lines = places
    .slice(0, MAX_LISTED)
    .map(({ place }) => `${place.file}:${place.line}`)
    .join(', ');
  const more = places.length > MAX_LISTED ? ` and ${places.length - MAX_LISTED} more` : '';
  const title = `${server} knows "${shown}"`;
  if (meant === null)
    return makeFinding(RULE_CHECKS.names, {
      title,
      status: 'warn',
      detail:
        `neither ${server} nor its own modules have it (${lines}${more}): its effect in a third-party module is ` +
        'unknown',
      observed: UNDECIDED,
      fix: 'check that a module you load provides it: without one the server does not start',
    });
  return makeFinding(RULE_CHECKS.names, {
    title,
    status: 'fail',
    detail: `unknown directive "${shown}" (${lines}${more}): the server does not start. Did you mean "${meant}"?`,
    expected: meant,
    observed: shown,
    fix: `write ${meant}`,
  });
}
