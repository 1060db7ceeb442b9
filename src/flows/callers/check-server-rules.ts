import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Check, Finding } from '../../model/finding.ts';
import type { JsonObject } from '../../model/json.ts';
import type { FindNearMiss } from '../../model/wording.ts';
import type { Report } from '../../model/report.ts';
import { readPeer } from '../../source/address.ts';
import { askRules, type RuleQuestion, type Simulation, type Simulations } from '../../source/rules/ask-rules.ts';
import { judgeRules, RULE_CHECKS, UNDECIDED } from '../../source/rules/judge-rules.ts';
import type { ServerAnswer } from '../../source/rules/ask-server.ts';
import { judgeAsked, judgeNames, judgeRefused, judgeServer } from '../../source/rules/judge-server.ts';
import { configOf, makeReadIncluded, readConfigFile } from '../../source/rules/read-included.ts';
import type { Place, ProxyInFront, ServerRules, Trap } from '../../source/rules/server-rules.ts';
import type { ExpectedCallers } from './accepted-sources.ts';

export interface ServerRulesOptions {
  /** The main file of the server's configuration, or one that it includes. One of the two is given. */
  nginx?: string;
  apache?: string;
  /** What standard input held, where the file is `-`. */
  input?: Uint8Array;
  /** Path of the webhook, without query. */
  path: string;
  host?: string;
  port?: number;
  /** Address of the proxy that all calls come through. */
  behind?: string;
  /** The header that it tells the caller in; left out: X-Forwarded-For. */
  behindHeader?: string;
  /** The file is the whole configuration to judge: what includes it has no rules for callers. */
  part?: boolean;
  /** The environment to ask the installed server in; left out: it is not asked. */
  askIn?: NodeJS.ProcessEnv;
}

/** Reads a server's configuration and reports whom it admits to the path. Throws AppError `input` or `usage`. */
export async function checkServerRules(
  options: ServerRulesOptions,
  expected: ExpectedCallers,
  clock: Clock,
  findNearMiss: FindNearMiss,
): Promise<Report> {
  const [startedAt, beganAt] = [clock.now(), performance.now()];
  const question = questionOf(options, expected);
  const rules = await openRules(options);
  const simulations = askRules(rules, question);
  const lacks = options.part === true ? null : (rules.part ?? null);
  const findings = [
    ...judgeConfiguration(rules, question, await askInstalled(options, rules), findNearMiss),
    ...judgeRules({
      simulations,
      traps: findTraps(rules, question),
      notes: [...(lacks === null ? [] : [lacks]), ...(rules.notes ?? [])],
      whyNobody: expected.whyNobody,
    }),
  ];
  return {
    command: 'check-source',
    target: `${options.input === undefined ? (options.nginx ?? options.apache) : 'standard input'} ${question.path}`,
    facts: {
      server: rules.server,
      path: question.path,
      host: question.host,
      port: question.port,
      behind: question.behind?.text ?? null,
      behindHeader: question.behind?.tellsIn ?? null,
      simulations: allOf(simulations).map(simulationFact),
    },
    ...conclude(findings, lacks !== null),
    findings,
    startedAt,
    durationMs: performance.now() - beganAt,
  };
}

/** Whether the server starts with it, and the one that was meant answers. */
const judgeConfiguration = (
  rules: ServerRules,
  question: RuleQuestion,
  answer: ServerAnswer | null,
  findNearMiss: FindNearMiss,
): Finding[] => [
  ...judgeServer(rules, question, findNearMiss),
  ...judgeRefused(answer?.kind === 'takes' ? withoutDoubts(rules) : rules),
  ...(answer === null ? [] : [judgeAsked(answer)]),
  ...judgeNames(rules, findNearMiss),
];

/** What the server that is installed here says; null: it was not to be asked. Throws AppError `usage`. */
async function askInstalled(
  { nginx, apache = '', input, askIn }: ServerRulesOptions,
  { server, part = null, isDump = false }: ServerRules,
): Promise<ServerAnswer | null> {
  if (askIn === undefined) return null;
  if (input !== undefined || part !== null || isDump)
    throw new AppError('usage', `--ask-server: ${server} can only check the main file that it reads itself`, {
      hint: 'give the main file, or leave out --ask-server',
    });
  const { askServer } = await import('../../source/rules/ask-server.ts');
  return askServer(server, nginx ?? apache, askIn);
}

/** Whether a module is there, the server knows best. */
const withoutDoubts = (rules: ServerRules): ServerRules => ({
  ...rules,
  refused: (rules.refused ?? []).filter(({ isCertain }) => isCertain),
});

const findTraps = (rules: ServerRules, { path, host, port, expected }: RuleQuestion): readonly Trap[] =>
  rules.findTraps(
    path,
    host,
    port,
    expected.map(({ network }) => network),
  );

type RulesVerdict = Pick<Report, 'conclusion' | 'isGood'>;

const bad = (conclusion: string): RulesVerdict => ({ conclusion, isGood: false });

function conclude(findings: readonly Finding[], isPart: boolean): RulesVerdict {
  const has = (check: Check, wanted: Finding['status']): boolean =>
    findings.some(({ id, status }) => id === check.id && status === wanted);
  if ([RULE_CHECKS.starts, RULE_CHECKS.asked, RULE_CHECKS.names].some((check) => has(check, 'fail')))
    return bad('the server does not start with this configuration');
  if (findings.some(({ status }) => status === 'fail')) return bad('the rules have errors');
  if (findings.some(({ observed }) => observed === UNDECIDED)) return bad('the configuration alone does not decide');
  if (has(RULE_CHECKS.asked, 'warn'))
    return bad('the rules hold in the simulation, but the server itself did not confirm it');
  if (!has(RULE_CHECKS.vendor, 'pass'))
    return bad('unauthorised callers are refused; whether the vendor is admitted is unknown');
  if (isPart)
    return bad(
      'the given file admits the vendor and refuses unauthorised callers; the rest of the configuration is ' +
        'unknown: give the main file, or --part',
    );
  return { conclusion: 'the vendor is admitted, unauthorised callers are not', isGood: true };
}

/** Loads the simulation of the one server that is asked about: each is large, and a run needs no other. */
async function openRules({ nginx, apache = '', input }: ServerRulesOptions): Promise<ServerRules> {
  if (nginx !== undefined) {
    const { openNginx } = await import('../../source/nginx/open-nginx.ts');
    return openNginx(input === undefined ? readConfigFile(nginx) : configOf(input), makeReadIncluded());
  }
  const { openApache } = await import('../../source/apache/open-apache.ts');
  return openApache(input === undefined ? readConfigFile(apache) : configOf(input), makeReadIncluded());
}

function questionOf(
  { path, host, port, behind, behindHeader }: ServerRulesOptions,
  { networks, suffixes }: ExpectedCallers,
): RuleQuestion {
  if (!path.startsWith('/'))
    throw new AppError('usage', `the path ${path} does not start with /`, {
      hint: 'give the path that the vendor calls: --path /hook',
    });
  if (host !== undefined && !isHost(host))
    throw new AppError('usage', `--host: ${host} is not a host name`, {
      hint: 'give only the name, as in the Host header: --host hooks.example.com',
    });
  return {
    path: path.replace(/[?#].*$/s, ''),
    host: host ?? null,
    port: port ?? null,
    expected: networks,
    suffixes,
    behind: readProxy(behind, behindHeader),
  };
}

/** A name or an address, with a port or without: what a Host header may say. */
const isHost = (text: string): boolean =>
  /^(?:\[[\da-f:.]+\]|[^\s\p{Cc}/:?#@*\\[\]]{1,253})(?::\d{1,5})?$/iu.test(text) && !text.includes('..');

/** Throws AppError `usage`. */
function readProxy(text: string | undefined, header: string | undefined): ProxyInFront | null {
  if (text === undefined && header !== undefined)
    throw new AppError('usage', '--behind-header has no effect without --behind', {
      hint: 'add --behind ADDRESS, the address that the proxy calls this server from',
    });
  if (text === undefined) return null;
  const address = readPeer(text);
  if (address === null)
    throw new AppError('usage', `--behind: ${text} is not an IP address`, {
      hint: 'the address that the proxy calls this server from',
    });
  if (header === undefined) return address;
  if (!/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(header))
    throw new AppError('usage', `--behind-header: ${JSON.stringify(header)} is not a header name`, {
      hint: 'give only the name: --behind-header X-Real-IP',
    });
  return { ...address, tellsIn: header };
}

const allOf = ({ vendor, named, unauthorised, spoofs, others }: Simulations): Simulation[] => [
  ...vendor.flatMap(({ simulations }) => simulations),
  ...named.map(({ simulation }) => simulation),
  ...unauthorised,
  ...spoofs,
  ...others.map(({ simulation }) => simulation),
];

function simulationFact({ caller, address, headers, saysAnything, decision }: Simulation): JsonObject {
  const { outcome, status, place, because, seenAs, doubts } = decision;
  return {
    caller,
    address,
    headers: headers.map(([name, value]) => [name, value]),
    saysAnything,
    outcome,
    status,
    because,
    seenAs: seenAs.text,
    place: placeFact(place),
    doubts: doubts.map((doubt) => ({ text: doubt.text, place: placeFact(doubt.place) })),
  };
}

const placeFact = (place: Place | null): JsonObject | null =>
  place === null ? null : { file: place.file, line: place.line, text: place.text };
