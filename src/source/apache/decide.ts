import type { Network } from '../address.ts';
import { onceFor } from '../rules/once.ts';
import { answerEveryBranch } from '../rules/open-questions.ts';
import {
  noteBodyLimit,
  type Decision,
  type Doubt,
  type SimulatedRequest,
  type Answering,
} from '../rules/server-rules.ts';
import type { DirConfig } from './dir-config.ts';
import { subnetsIn } from './expression.ts';
import { requireLines } from './require.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import { chooseServer, servesName, servesPort, withoutPort, type ApacheServer, type Servers } from './server.ts';
import type { EnvRule } from './set-env-if.ts';
import { simulate, type ApacheRun, type ApacheEnvironment } from './simulate.ts';
import { networkOf, readSubnet, type Subnet } from './subnet.ts';

const only = <Value>(values: readonly Value[]): Value | null =>
  new Set(values).size === 1 ? (values[0] ?? null) : null;

/** Simulates every branch that open questions leave; decided when all of them end alike. */
export function decide(environment: ApacheEnvironment, request: SimulatedRequest): Decision {
  const { answers, doubts, isPartial } = answerEveryBranch(
    (ask) => simulate(environment, request, ask),
    ({ verdict }) => String(verdict.isAdmitted),
  );
  const [first] = answers as [ApacheRun];
  const isAdmitted = isPartial ? null : only(answers.map(({ verdict }) => verdict.isAdmitted));
  const asides = asidesOf(first);
  if (isAdmitted === null) {
    const [doubt] = doubts;
    return {
      outcome: 'undecided',
      status: null,
      place: doubt?.place ?? null,
      because: doubt === undefined ? 'too many questions are open' : `it depends on ${doubt.text}`,
      seenAs: first.caller,
      doubts: [...doubts, ...asides],
    };
  }
  const { because } = first.verdict;
  const place = first.verdict.place ?? first.chosen.server.place;
  const status = only(answers.map(({ verdict }) => verdict.status));
  return { outcome: isAdmitted ? 'admitted' : 'refused', status, place, because, seenAs: first.caller, doubts: asides };
}

/** What may refuse beside the rules, and who may lie. */
function asidesOf({ chosen: { server }, config }: ApacheRun): Doubt[] {
  const { proxyProtocol } = server.remoteIp;
  const protocol =
    proxyProtocol === null
      ? []
      : [
          {
            place: proxyProtocol,
            text: 'the PROXY protocol names the caller, so anyone who reaches the port directly can claim any address',
          },
        ];
  const limit = config?.bodyLimit ?? null;
  const body = limit === null ? null : noteBodyLimit(Number(limit.words[0]), limit.place);
  return [
    ...protocol,
    ...(body === null ? [] : [body]),
    ...new Map(server.guards.map((guard) => [guard.text, guard])).values(),
  ];
}

/** The virtual host that answers, or the main server; null: no `Listen` is for that port, while others are. */
export function findAnswering(servers: Servers, host: string | null, port: number | null): Answering | null {
  const { server, port: at } = chooseServer(servers, host, port, () => true);
  if (!isListenedOn(servers, at)) return null;
  const ofPort = servers.hosts.filter(({ addresses }) => addresses.some((address) => servesPort(address, at)));
  const others = ofPort.filter((one) => one !== server);
  return {
    place: server.place,
    name: server.name,
    isByName: servesName(server, withoutPort(host)),
    // Apache's main server takes every name where no virtual host is.
    isCatchAll: namesOf(server).length === 0 || ofPort.length === 0,
    names: [server, ...others].flatMap(namesOf),
    servers: Math.max(ofPort.length, 1),
  };
}

function isListenedOn({ main }: Servers, port: number | null): boolean {
  const listens = main.settings.filter(({ name }) => name === 'listen');
  return (
    port === null ||
    listens.length === 0 ||
    listens.some(({ words: [socket = ''] }) => Number(/(?<!\d)(\d+)$/.exec(socket)?.[1]) === port)
  );
}

const namesOf = ({ name, aliases }: ApacheServer): string[] => [...(name === null ? [] : [name]), ...aliases];

/** Every list of networks that is compared with the caller for this request: the same ones each time. */
export const networksIn = ({ chosen: { server }, trace }: ApacheRun): (readonly Network[])[] => [
  networksOfServer(server),
  networksOfSection(server.config),
  ...trace.map(({ config }) => networksOfSection(config)),
];

const networksOfServer = onceFor(({ remoteIp, rewriteRules, env }: ApacheServer): readonly Network[] =>
  distinct([
    ...[...(remoteIp.proxies ?? []), ...remoteIp.exceptions].flatMap(({ subnet }) => subnet ?? []),
    ...rewriteRules.flatMap(inRule),
    ...env.flatMap(inEnvRule),
  ]),
);

const networksOfSection = onceFor((config: DirConfig): readonly Network[] =>
  distinct(withInner(config).flatMap((one) => [...subnetsOf(one), ...one.env.flatMap(inEnvRule)])),
);

const distinct = (subnets: readonly Subnet[]): Network[] => [
  ...new Map(subnets.map(networkOf).map((network) => [network.text, network])).values(),
];

const inEnvRule = ({ attribute, source }: EnvRule): Subnet[] => (attribute === null ? inExpression(source) : []);

/** Names of headers that addresses or variables are taken from. */
export function headersIn({ chosen: { server }, trace }: ApacheRun): string[] {
  const configs = [server.config, ...trace.map(({ config }) => config)].flatMap(withInner);
  const rules = [...server.rewriteRules, ...configs.flatMap(({ rewrite }) => rewrite?.rules ?? [])];
  const texts = [
    ...configs.flatMap(({ ifs }) => ifs.map(({ condition }) => condition)),
    ...configs.flatMap(requireTexts),
    ...rules.flatMap(({ conditions }) => conditions.map(({ subject, pattern }) => `${subject} ${pattern}`)),
    ...server.env.map(({ source }) => source),
  ];
  const named = texts.flatMap((text) =>
    [...text.matchAll(/%\{HTTP:([\w-]+)\}|\b(?:http|req|req_novary)\((['"])([\w-]+)\2\)/gi)].map(
      ([, one, , other]) => one ?? other ?? '',
    ),
  );
  const attributes = [...server.env, ...configs.flatMap(({ env }) => env)].flatMap(({ attribute }) =>
    attribute !== null && /^x-|-ip$|^forwarded$|forwarded-for$/.test(attribute) ? [attribute] : [],
  );
  return [
    ...new Set([...(server.remoteIp.header === null ? [] : [server.remoteIp.header.name]), ...named, ...attributes]),
  ];
}

const withInner = (config: DirConfig): DirConfig[] => [config, ...config.ifs.flatMap((one) => withInner(one.config))];

const requireTexts = ({ authz }: DirConfig): string[] =>
  authz?.node === undefined || authz.node === null ? [] : requireLines(authz.node).map(({ words }) => words.join(' '));

function subnetsOf({ authz, access, ifs, rewrite }: DirConfig): Subnet[] {
  const lines = authz?.node === undefined || authz.node === null ? [] : requireLines(authz.node);
  return [
    ...lines.flatMap(({ subnets, provider, words }) => (provider === 'expr' ? inExpression(words.join(' ')) : subnets)),
    ...[...(access?.allows ?? []), ...(access?.denies ?? [])].flatMap((entry) =>
      entry.kind === 'ip' ? [entry.subnet] : [],
    ),
    ...ifs.flatMap(({ condition }) => inExpression(condition)),
    ...(rewrite?.rules ?? []).flatMap(inRule),
  ];
}

const inExpression = (source: string): Subnet[] => [
  ...subnetsIn(source).flatMap((text) => readSubnet(text) ?? []),
  ...[...source.matchAll(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g)].flatMap(([text]) => readSubnet(text) ?? []),
];

const inRule = ({ conditions }: RewriteRule): Subnet[] =>
  conditions.flatMap(({ subject, pattern }) => (subject.toLowerCase() === 'expr' ? inExpression(pattern) : []));
