import type { Finding } from '../../model/finding.ts';
import { finding } from './judge-rules.ts';
import { RULE_CHECKS } from './rule-checks.ts';
import type { ServerRules, UnknownDirective } from './server-rules.ts';

/** The one of these names that was probably meant; null: it is like none of them. */
export type FindNearMiss = (given: string, among: readonly string[]) => string | null;

const MAX_NAMES = 1000;
const MAX_TOLD = 8;
const MAX_SHOWN = 60;

/** What the names come to that the server does not know: a typing error keeps it from starting, a module may bring others. */
export function judgeNames({ server, unknown }: ServerRules, findNearMiss: FindNearMiss): Finding[] {
  if (unknown === undefined) return [];
  const named = new Map<string, UnknownDirective[]>();
  for (const one of unknown.directives) {
    const places = named.get(one.name);
    if (places === undefined) named.set(one.name, [one]);
    else places.push(one);
  }
  const told = [...named]
    .slice(0, MAX_NAMES)
    .map(([name, places]) => ({ name, places, meant: findNearMiss(name, unknown.known) }));
  const ordered = [...told.filter(({ meant }) => meant !== null), ...told.filter(({ meant }) => meant === null)];
  const rest = named.size - MAX_TOLD;
  const more =
    rest <= 0 ? [] : [finding(RULE_CHECKS.names, { status: 'warn', detail: `${rest} more names are not known` })];
  return [
    ...ordered.slice(0, MAX_TOLD).map(({ name, places, meant }) => judgeName(server, name, places, meant)),
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
    .slice(0, MAX_TOLD)
    .map(({ place }) => `${place.file}:${place.line}`)
    .join(', ');
  const more = places.length > MAX_TOLD ? ` and ${places.length - MAX_TOLD} more` : '';
  const title = `${server} knows "${shown}"`;
  if (meant === null)
    return finding(RULE_CHECKS.names, {
      title,
      status: 'warn',
      detail: `neither ${server} nor a module of its own has it (${lines}${more}): what a module of others makes of it is not known`,
      observed: shown,
      fix: 'does a module that you load bring it? Without one the server does not start',
    });
  return finding(RULE_CHECKS.names, {
    title,
    status: 'fail',
    detail: `there is no directive "${shown}" (${lines}${more}): the server does not start. Did you mean "${meant}"?`,
    expected: meant,
    observed: shown,
    fix: `write ${meant}`,
  });
}
