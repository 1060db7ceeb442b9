import type { Finding } from '../../model/finding.ts';
import type { RuleQuestion } from './ask-rules.ts';
import type { FindNearMiss } from './judge-names.ts';
import { finding } from './judge-rules.ts';
import { RULE_CHECKS } from './rule-checks.ts';
import type { Answering, ServerRules } from './server-rules.ts';

const MAX_TOLD = 8;

/** Whether the server that answers is the one that was meant: everything else was asked of that one. */
export function judgeServer(
  { answering, server }: ServerRules,
  { host, port }: Pick<RuleQuestion, 'host' | 'port'>,
  findNearMiss: FindNearMiss,
): Finding[] {
  if (answering === undefined) return [];
  const found = answering(host, port);
  if (found === null)
    return [
      finding(RULE_CHECKS.server, {
        status: 'fail',
        detail: port === null ? `${server} takes no such host` : `nothing listens on port ${port}`,
        observed: 'no server',
        fix: 'give a --port that a server listens on, or leave it out',
      }),
    ];
  return [host === null ? judgeDefault(found) : judgeNamed(found, host, findNearMiss)];
}

function judgeDefault(found: Answering): Finding {
  if (found.servers === 1)
    return finding(RULE_CHECKS.server, { status: 'pass', detail: `${sayServer(found)} is the only one` });
  return finding(RULE_CHECKS.server, {
    status: 'warn',
    detail: `no host was given, so the default of ${found.servers} servers was asked: ${sayServer(found)}`,
    observed: 'the default server',
    fix: `say which: --host${found.names.length === 0 ? ' NAME' : ` ${listed(found.names, ' or ')}`}`,
  });
}

function judgeNamed(found: Answering, host: string, findNearMiss: FindNearMiss): Finding {
  if (found.isByName)
    return finding(RULE_CHECKS.server, {
      status: 'pass',
      detail: `${sayServer({ ...found, name: null })} has the name ${host}`,
    });
  const meant = findNearMiss(host, found.names);
  return finding(RULE_CHECKS.server, {
    status: found.isCatchAll ? 'warn' : 'fail',
    detail: `no server has the name ${host}; ${sayServer(found)} answers as the default${meant === null ? '' : `. Did you mean ${meant}?`}`,
    expected: `a server by the name ${host}`,
    observed: 'the default server',
    fix:
      found.names.length === 0
        ? 'give the server a name, or leave out --host'
        : `say one of its names: --host ${meant ?? listed(found.names, ' or ')}`,
  });
}

/** By where it begins; Apache's main server has no such line. */
const sayServer = ({ place, name }: Answering): string =>
  `${place === null ? 'the main server' : `the server at ${place.file}:${place.line}`}${name === null ? '' : `, ${name}`}`;

const listed = (names: readonly string[], between: string): string => names.slice(0, MAX_TOLD).join(between);
