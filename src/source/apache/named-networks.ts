import type { Network } from '../address/network.ts';
import { requireLines } from './authz-tree.ts';
import type { DirConfig } from './dir-config.ts';
import { subnetsIn } from './expression.ts';
import type { RewriteRule } from './rewrite-rule.ts';
import type { Simulated } from './simulate.ts';
import { networkOf, readSubnet, type Subnet } from './subnet.ts';

/** Every network that is compared with the caller on the way of this request. */
export function networksIn({ chosen: { server }, trace }: Simulated): Network[] {
  const configs = [server.config, ...trace.map(({ config }) => config)].flatMap(withInner);
  const subnets = [
    ...(server.remoteIp.proxies ?? []).flatMap(({ subnet }) => subnet ?? []),
    ...configs.flatMap(subnetsOf),
    ...server.rewriteRules.flatMap(inRule),
    ...[...server.env, ...configs.flatMap(({ env }) => env)].flatMap(({ attribute, source }) =>
      attribute === 'remote_addr' ? fromExpression(source) : attribute === null ? inExpression(source) : [],
    ),
  ];
  return [...new Map(subnets.map(networkOf).map((network) => [network.text, network])).values()];
}

/** Names of headers that addresses or variables are taken from. */
export function headersIn({ chosen: { server }, trace }: Simulated): string[] {
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
  conditions.flatMap(({ subject, pattern }) =>
    /REMOTE_ADDR/i.test(subject)
      ? fromExpression(pattern)
      : subject.toLowerCase() === 'expr'
        ? inExpression(pattern)
        : [],
  );

/** `^192\.0\.2\.`: the octets that a regular expression begins with, and those of its alternatives. */
function fromExpression(source: string): Subnet[] {
  return [
    ...source.replace(/^=/, '').matchAll(/(?<![\d.\\])\d{1,3}(?:(?:\\\.|\.|\[\.\])\d{1,3}){0,3}(?:\\\.|\.|\[\.\])?/g),
  ].flatMap(([text]) => readSubnet(text.replace(/\\\.|\[\.\]/g, '.')) ?? []);
}
