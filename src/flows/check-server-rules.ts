import type { Clock } from '../model/clock.ts';
import { AppError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { Report } from '../model/report.ts';
import { readPeer, type Address } from '../source/address/address.ts';
import { openApache } from '../source/apache/open-apache.ts';
import { openNginx } from '../source/nginx/open-nginx.ts';
import { askRules, type RuleQuestion, type Simulation, type Simulations } from '../source/rules/ask-rules.ts';
import { judgeRules, UNDECIDED } from '../source/rules/judge-rules.ts';
import { RULE_CHECKS } from '../source/rules/rule-checks.ts';
import { makeReadIncluded, readConfigFile } from '../source/rules/read-included.ts';
import type { Place, ServerRules } from '../source/rules/server-rules.ts';
import type { Expected } from './expected-networks.ts';

export interface ServerRulesOptions {
  /** The main file of the server's configuration, or one that it includes. One of the two is given. */
  nginx?: string;
  apache?: string;
  /** Path of the webhook, without query. */
  path: string;
  host?: string;
  port?: number;
  /** Address of the proxy that all calls come through. */
  behind?: string;
}

/** Reads a server's own configuration and says whom it admits to the path. Throws AppError `input` or `usage`. */
export function checkServerRules(options: ServerRulesOptions, expected: Expected, clock: Clock): Report {
  const [startedAt, beganAt] = [clock.now(), performance.now()];
  const question = questionOf(options, expected);
  const rules = openRules(options);
  const simulations = askRules(rules, question);
  const traps = rules.findTraps(question.path, question.host, question.port);
  const findings = judgeRules({ simulations, traps, notes: rules.notes ?? [], whyNobody: expected.whyNobody });
  const isBroken = findings.some(({ status }) => status === 'fail');
  const isTold = findings.every(({ observed }) => observed !== UNDECIDED);
  const knowsVendor = findings.some(({ id, status }) => id === RULE_CHECKS.vendor.id && status === 'pass');
  return {
    command: 'check-source',
    target: `${options.nginx ?? options.apache} ${question.path}`,
    facts: { server: rules.server, path: question.path, host: question.host, port: question.port, behind: question.behind?.text ?? null, simulations: all(simulations).map(tell) },
    conclusion: isBroken ? 'the rules do not hold' : !isTold ? 'the configuration alone does not tell' : knowsVendor ? 'the vendor is admitted, strangers are not' : 'strangers are refused; whether the vendor is admitted is not known',
    isGood: !isBroken && isTold && knowsVendor,
    findings,
    startedAt,
    durationMs: performance.now() - beganAt,
  };
}

function openRules({ nginx, apache }: ServerRulesOptions): ServerRules {
  if (nginx !== undefined) return openNginx(readConfigFile(nginx), makeReadIncluded());
  return openApache(readConfigFile(apache ?? ''), makeReadIncluded());
}

function questionOf({ path, host, port, behind }: ServerRulesOptions, { networks, suffixes }: Expected): RuleQuestion {
  if (!path.startsWith('/')) throw new AppError('usage', `the path ${path} does not begin with /`, { hint: 'give it as the vendor calls it: --path /hook' });
  return { path: path.replace(/[?#].*$/s, ''), host: host ?? null, port: port ?? null, expected: networks, suffixes, behind: behind === undefined ? null : addressOfProxy(behind) };
}

function addressOfProxy(text: string): Address {
  const address = readPeer(text);
  if (address === null) throw new AppError('usage', `--behind: ${text} is no IP address`, { hint: 'the address that the proxy calls this server from' });
  return address;
}

const all = ({ vendor, named, strangers, spoofs, others }: Simulations): Simulation[] => [...vendor.flatMap(({ simulations }) => simulations), ...named.map(({ simulation }) => simulation), ...strangers, ...spoofs, ...others.map(({ simulation }) => simulation)];

function tell({ caller, address, headers, saysAnything, decision }: Simulation): JsonObject {
  const { outcome, status, place, because, seenAs, doubts } = decision;
  return { caller, address, headers: headers.map(([name, value]) => [name, value]), saysAnything, outcome, status, because, seenAs: seenAs.text, place: tellPlace(place), doubts: doubts.map((doubt) => ({ text: doubt.text, place: tellPlace(doubt.place) })) };
}

const tellPlace = (place: Place | null): JsonObject | null => (place === null ? null : { file: place.file, line: place.line, text: place.text });
