import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hookQuestion } from '../../helpers/hook-question.ts';

const load = async () => ({
  ...(await import('../../../src/source/address.ts')),
  ...(await import('../../../src/source/apache/open-apache.ts')),
  ...(await import('../../../src/source/nginx/open-nginx.ts')),
  ...(await import('../../../src/source/rules/ask-rules.ts')),
  ...(await import('../../../src/source/rules/judge-rules.ts')),
});

const session = new Session();
let program: Awaited<ReturnType<typeof load>>;

/**
 * Of what the engine read before the counting began it may count no run any more, as of what the tests of other files
 * in this process ran often. So the program is loaded anew while runs are counted, and not out of the engine's cache.
 */
beforeAll(async () => {
  const before = await load();
  // The last test would not see this function again if it were counted as it is now.
  for (let run = 0; run < 300_000; run += 1) before.readPeer('192.0.2.1');
  setFlagsFromString('--no-compilation-cache');
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  vi.resetModules();
  program = await load();
});

afterAll(async () => {
  setFlagsFromString('--compilation-cache');
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
});

/** Networks of 16 addresses with gaps between them; other ones in each round, so that no round finds its work done. */
const listOf = (round: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => {
    const value = index * 64;
    return `${40 + round}.${value >> 16}.${(value >> 8) & 255}.${value & 255}`;
  });

const nginx = (before: string, inLocation: string): ServerRules =>
  program.openNginx(
    {
      file: 'conf',
      text: `http {
${before}
server { listen 80; listen [::]:80; location /hook {
${inLocation}
proxy_pass http://app; } } }`,
    },
    () => [],
  );

const apache = (inHost: string, inLocation: string): ServerRules =>
  program.openApache(
    {
      file: 'conf',
      text: `Listen 80
<VirtualHost *:80>
${inHost}
<Location /hook>
${inLocation}
</Location>
ProxyPass / http://127.0.0.1:9000/
</VirtualHost>
`,
    },
    () => [],
  );

const lines = (list: readonly string[], write: (address: string) => string): string => list.map(write).join('\n');
const escaped = (address: string): string => address.replaceAll('.', String.raw`\.`);
const REFUSE = 'if ($ok = 0) { return 403; }';

const CONFIGURATIONS: Readonly<Record<string, (list: readonly string[]) => ServerRules>> = {
  'allow of nginx': (list) => nginx('', `${lines(list, (one) => `allow ${one}/28;`)}\ndeny all;`),
  'geo of nginx': (list) => nginx(`geo $ok { default 0;\n${lines(list, (one) => `${one}/28 1;`)}\n}`, REFUSE),
  'ranges in geo of nginx': (list) =>
    nginx(
      `geo $ok { ranges; default 0;\n${lines(list, (one) => `${one}-${one.replace(/\d+$/, (end) => `${Number(end) + 9}`)} 1;`)}\n}`,
      REFUSE,
    ),
  'map of nginx': (list) => nginx(`map $remote_addr $ok { default 0;\n${lines(list, (one) => `${one} 1;`)}\n}`, REFUSE),
  'expressions in map of nginx': (list) =>
    nginx(`map $remote_addr $ok { default 0;\n${lines(list, (one) => `~^${escaped(one)}$ 1;`)}\n}`, REFUSE),
  'set_real_ip_from of nginx': (list) =>
    nginx(
      `${lines(list, (one) => `set_real_ip_from ${one}/28;`)}\nreal_ip_header X-Forwarded-For;`,
      'allow 10.1.2.0/24; deny all;',
    ),
  'Require lines of Apache': (list) =>
    apache(
      '',
      lines(list, (one) => `Require ip ${one}/28`),
    ),
  'one Require of Apache': (list) => apache('', `Require ip ${list.map((one) => `${one}/28`).join(' ')}`),
  'Require expr of Apache': (list) =>
    apache(
      '',
      lines(list, (one) => `Require expr %{REMOTE_ADDR} -ipmatch '${one}/28'`),
    ),
  'Allow from of Apache': (list) =>
    apache('', `Order deny,allow\nDeny from all\n${lines(list, (one) => `Allow from ${one}/28`)}`),
  'SetEnvIf of Apache': (list) =>
    apache(
      lines(list, (one) => `SetEnvIf Remote_Addr "^${escaped(one)}$" ok`),
      'Require env ok',
    ),
  'SetEnvIfExpr of Apache': (list) =>
    apache(
      lines(list, (one) => `SetEnvIfExpr "-R '${one}/28'" ok`),
      'Require env ok',
    ),
  'RewriteCond of Apache': (list) =>
    apache(
      `RewriteEngine On\n${lines(list, (one) => `RewriteCond %{REMOTE_ADDR} !^${escaped(one)}$`)}\nRewriteRule ^ - [F]`,
      'Require all granted',
    ),
  'RewriteCond with words of Apache': (list) =>
    apache(
      `RewriteEngine On\n${lines(list, (one) => `RewriteCond %{REMOTE_ADDR} !=${one}`)}\nRewriteRule ^ - [F]`,
      'Require all granted',
    ),
  'RewriteCond with expr of Apache': (list) =>
    apache(
      `RewriteEngine On\n${lines(list, (one) => `RewriteCond expr "! -R '${one}/28'"`)}\nRewriteRule ^ - [F]`,
      'Require all granted',
    ),
  'proxies of Apache': (list) =>
    apache(
      `RemoteIPHeader X-Forwarded-For\n${lines(list, (one) => `RemoteIPTrustedProxy ${one}/28`)}`,
      'Require ip 10.1.2.0/24',
    ),
};

function judge(open: (list: readonly string[]) => ServerRules, list: readonly string[]): void {
  const rules = open(list);
  const expected = list.map((text) => {
    const address = program.readPeer(text);
    if (address === null) throw new Error(`${text} is not an address`);
    return { network: program.networkAround(address, 28), source: 'a list' };
  });
  const simulations = program.askRules(rules, hookQuestion(expected.slice(0, list.length / 2)));
  program.judgeRules({ simulations, traps: rules.findTraps('/hook', null, null), notes: [], whyNobody: null });
}

/** How many times each piece of the program ran, as the engine counts it. */
async function countRuns(work: () => void): Promise<Map<string, number>> {
  work();
  // Taking them sets them to zero.
  return readCounts((await session.post('Profiler.takePreciseCoverage')).result);
}

function readCounts(scripts: readonly Profiler.ScriptCoverage[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { url, functions } of scripts.filter((script) => script.url.includes('/src/')))
    for (const { functionName, ranges } of functions)
      for (const { startOffset, count } of ranges) {
        const key = `${functionName} in ${url.replace(/^.*\/src\//, '')} at ${startOffset}`;
        counts.set(key, Math.max(counts.get(key) ?? 0, count));
      }
  return counts;
}

const ENTRIES = 70;
/** Fewer runs than that are nobody's wait. */
const MANY = 20_000;

/** n entries, 2n and 3n: what grows with n alone has no second difference, what grows with n² has 2/9 of its size. */
async function findQuadratic(work: (list: readonly string[]) => void): Promise<string[]> {
  const [one, two, three] = [
    await countRuns(() => work(listOf(1, ENTRIES))),
    await countRuns(() => work(listOf(2, 2 * ENTRIES))),
    await countRuns(() => work(listOf(3, 3 * ENTRIES))),
  ];
  return [...three].flatMap(([key, count]) => {
    const second = count - 2 * (two.get(key) ?? 0) + (one.get(key) ?? 0);
    return count > MANY && second > count / 9 ? [`${key}: ${count}`] : [];
  });
}

test.each(Object.entries(CONFIGURATIONS))('no work grows faster than the list: %s', async (_, open) => {
  expect(
    await findQuadratic((list) => {
      judge(open, list);
    }),
  ).toEqual([]);
});

test('work that grows with the square of a list is seen', async () => {
  const quadratic = await findQuadratic((list) => {
    for (const one of list) for (const _ of list) program.readPeer(one);
  });
  expect(quadratic.join()).toContain('readPeer');
});
