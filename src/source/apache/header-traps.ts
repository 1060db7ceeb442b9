import { answerEveryBranch } from '../rules/open-questions.ts';
import type { Place, Trap } from '../rules/server-rules.ts';
import { requireLines } from './require.ts';
import { trapAt, type Scene } from './traps.ts';
import { trustsAnybody } from './remote-ip.ts';
import { simulate } from './simulate.ts';

/** Headers that say where a request is from or who sends it: anybody can write them. */
const CLAIMS = new RegExp(
  `^(?:${[
    'x-forwarded-for',
    'x-real-ip',
    'x-client-ip',
    'client-ip',
    'true-client-ip',
    'cf-connecting-ip',
    'x-cluster-client-ip',
    'forwarded',
    'user-agent',
    'referer',
    'x-forwarded-host',
    'via',
    String.raw`\^?x-forwarded.*`,
  ].join('|')})$`,
  'i',
);
const IN_EXPRESSION = new RegExp(
  String.raw`%\{HTTP:([\w-]+)\}|%\{(HTTP_USER_AGENT|HTTP_REFERER|HTTP_FORWARDED)\}|` +
    String.raw`\b(?:http|req|req_novary)\((['"])([\w-]+)\3\)`,
  'gi',
);

/** Traps of what the caller says about himself, and of variables that come from it. */
export function findHeaderTraps(scene: Scene): Trap[] {
  const { remoteIp } = scene.run.chosen.server;
  const trusting =
    remoteIp.header !== null && trustsAnybody(remoteIp)
      ? [
          trapAt(
            'remoteip-trusts-anyone',
            remoteIp.proxies?.[0]?.place ?? remoteIp.header.place,
            `anyone who sends ${remoteIp.header.name} can choose their address`,
          ),
        ]
      : [];
  const read = [...findVariables(scene), ...findExpressions(scene), ...findConditions(scene)];
  return [...trusting, ...(!read.some(isClaim) || admitsByWord(scene) ? read : read.filter((trap) => !isClaim(trap)))];
}

const isClaim = ({ id }: Trap): boolean => id === 'header-decides';

/**
 * Whether what is written in a header may admit an unauthorised caller. A header that only refuses, as that of an
 * unwanted robot, decides nothing for them.
 */
function admitsByWord({ environment, path, host, port, unauthorised }: Scene): boolean {
  const { answers, isPartial } = answerEveryBranch(
    (ask) => simulate(environment, { path, host, port, peer: unauthorised, headers: [], saysAnything: true }, ask),
    ({ verdict }) => String(verdict.isAdmitted),
  );
  return isPartial || answers.some(({ verdict }) => verdict.isAdmitted);
}

/** Variables that Require env and Allow from env hang on. */
function findVariables({
  run: {
    config,
    chosen: { server },
  },
}: Scene): Trap[] {
  if (config === null) return [];
  const lines = config.authz?.node === undefined || config.authz.node === null ? [] : requireLines(config.authz.node);
  const names = new Set([
    ...lines.flatMap(({ provider, words }) => (provider === 'env' ? words : [])),
    ...[...(config.access?.allows ?? []), ...(config.access?.denies ?? [])].flatMap((entry) =>
      entry.kind === 'env' ? [entry.name] : [],
    ),
  ]);
  const rules = [...server.env, ...config.env].filter(({ sets }) =>
    sets.some(({ name, value }) => value !== null && names.has(name)),
  );
  const claimed = rules.flatMap(({ attribute, place }) =>
    attribute !== null && CLAIMS.test(attribute)
      ? [trapAt('header-decides', place, `anyone who sets ${attribute} is admitted`)]
      : [],
  );
  const isSet = (name: string): boolean => rules.some(({ sets }) => sets.some((one) => one.name === name));
  const late = server.settings.filter(
    ({ name, words: [variable = ''] }) => name === 'setenv' && names.has(variable) && !isSet(variable),
  );
  return [
    ...claimed,
    ...late.map(({ place, words }) =>
      trapAt('set-env-too-late', place, `${words[0] ?? ''} is not yet set when it is read`),
    ),
  ];
}

function findExpressions({ run: { config } }: Scene): Trap[] {
  if (config === null) return [];
  const lines = config.authz?.node === undefined || config.authz.node === null ? [] : requireLines(config.authz.node);
  const texts = [
    ...lines.flatMap(({ provider, words, place }) => (provider === 'expr' ? [{ text: words.join(' '), place }] : [])),
    ...config.ifs.map(({ condition, place }) => ({ text: condition, place })),
  ];
  return texts.flatMap(({ text, place }) => claimsIn(text, place));
}

function findConditions({
  run: {
    config,
    chosen: { server },
  },
}: Scene): Trap[] {
  const rules = [
    ...(config?.rewrite?.isOn === true || server.config.rewrite?.isOn === true ? server.rewriteRules : []),
    ...(config?.rewrite?.rules ?? []),
  ];
  return rules
    .filter(({ flags }) => ['f', 'g', 'r', 'e', 'l'].some((flag) => flags.has(flag)))
    .flatMap(({ conditions, flags }) =>
      conditions.flatMap(({ subject, pattern, place }) => {
        const unknown = /%\{(HTTP_(?:X_|CLIENT_|TRUE_|CF_|REAL_)\w*)\}/i.exec(subject)?.[1];
        if (unknown !== undefined) return [trapAt('rewrite-knows-no-such-header', place, unknown)];
        return flags.has('f') ? claimsIn(`${subject} ${subject.toLowerCase() === 'expr' ? pattern : ''}`, place) : [];
      }),
    );
}

function claimsIn(text: string, place: Place): Trap[] {
  const names = [...text.matchAll(IN_EXPRESSION)].map(
    ([, header, variable, , called]) =>
      header ??
      variable
        ?.replace(/^HTTP_/i, '')
        .replaceAll('_', '-')
        .toLowerCase() ??
      called ??
      '',
  );
  return names
    .filter((name) => CLAIMS.test(name))
    .map((name) => trapAt('header-decides', place, `anyone who sets ${name} controls the decision`));
}
