import { escapePattern } from './format-pattern.ts';
import { unwritable } from './dialect.ts';
import { literalScript, memberOf, quoteScript } from './javascript.ts';
import type { CallQuestion, ReceiverParts } from './receiver-parts.ts';

/** The code of an Express receiver that calls addresses of the vendor's, in the places where it stands. */
export interface CallCode {
  /** Before the handler: what is known when the receiver starts. */
  constants: string[];
  /** In the handler, once the signature fits. */
  answers: string[];
  functions: string[];
}

/** Receivers that call nothing have none of it. */
export function callCodeOf({ calls, fetchedKey, account }: ReceiverParts): CallCode {
  const hosts = hostsOf([...calls.map((call) => call.hosts), ...(fetchedKey === null ? [] : [fetchedKey.hosts])]);
  if (hosts === null) return { constants: [], answers: [], functions: [] };
  return {
    constants: [
      ...(account === null ? [] : [`const account = process.env.${account.variable};`]),
      ...(account === null ? [] : [`if (!account) throw new Error('${account.variable} is not set');`]),
      ...(fetchedKey === null ? [] : ['const keys = new Map();']),
      `const VENDORS = /^https:\\/\\/(?:${hosts.map(hostPattern).join('|')})\\//;`,
      '// For `webhook test --callbacks-at`, on this machine alone. Leave it out in production.',
      "const TEST_ORIGIN = /^http:\\/\\/127\\.0\\.0\\.1:\\d+$/.exec(process.env.TEST_ORIGIN ?? '')?.[0];",
    ],
    answers: [
      ...(account === null ? [] : [`if (${memberOf(account.path)} !== account) return response.sendStatus(403);`]),
      ...calls.flatMap(answerCall),
    ],
    functions: [...(fetchedKey === null ? [] : fetchKey(fetchedKey)), ...CALL],
  };
}

function answerCall({ told, address, repeats }: CallQuestion): string[] {
  const isAsked = told.map(([path, value]) => `${memberOf(path)} === ${literalScript(value)}`).join(' && ');
  return [
    ...repeats.map(
      ([header, path]) =>
        `if (request.get(${quoteScript(header)}) !== ${memberOf(path)}) return response.sendStatus(400);`,
    ),
    `if (${isAsked}) {`,
    `  if (!isVendors(${memberOf(address)})) return response.sendStatus(403);`,
    `  const isConfirmed = await call(${memberOf(address)}).then(() => true, () => false);`,
    '  return response.sendStatus(isConfirmed ? 200 : 503); // then the vendor asks again',
    '}',
  ];
}

function fetchKey({ ending, code }: NonNullable<ReceiverParts['fetchedKey']>): string[] {
  const isKey = ending === '' ? '' : ` || !/^[^?#]+${escapePattern(ending)}$/.test(address)`;
  return [
    '',
    'async function fetchKey(address) {',
    `  if (!isVendors(address)${isKey}) return null;`,
    `  if (!keys.has(address)) keys.set(address, ${code});`,
    '  return keys.get(address);',
    '}',
  ];
}

/** By the whole address as it would be called: no user, port or other name can stand before the slash. */
const CALL = [
  '',
  'function isVendors(address) {',
  '  const url = URL.canParse(address) ? new URL(address) : null;',
  '  return url !== null && (VENDORS.test(url.href) || url.origin === TEST_ORIGIN);',
  '}',
  '',
  'async function call(address) {',
  "  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(5000) });",
  '  if (!answer.ok) throw new Error(`answered ${answer.status}`);',
  '  return answer.text();',
  '}',
];

const hostPattern = (host: string): string =>
  host
    .split('.')
    .map((label) => (label === '*' ? '[a-z0-9-]+' : escapePattern(label)))
    .join('\\.');

/** Null: nothing is called. */
function hostsOf(lists: readonly (readonly string[])[]): readonly string[] | null {
  const [first = null, ...others] = lists;
  if (others.some((list) => list.join() !== first?.join()))
    unwritable('what it asks to be called, and its key, lie on different hosts');
  return first;
}
