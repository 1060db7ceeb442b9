import { expect, test } from 'vitest';
import { readPeer, type Address, hasAddress, networkAround, type Network } from '../../../src/source/address.ts';
import { askRules, type RuleQuestion } from '../../../src/source/rules/ask-rules.ts';
import { judgeRules } from '../../../src/source/rules/judge-rules.ts';
import type { Decision, ServerRules, Trap } from '../../../src/source/rules/server-rules.ts';
import { hookQuestion } from '../../helpers/hook-question.ts';

const PLACE = { file: 'hook.conf', line: 3, text: 'allow 192.0.2.0/24;' };
const VENDOR = networkOf('185.136.200.0/22');

/** A server with a list; `seen` says which address it compares. */
function rulesOf(
  allowed: readonly string[],
  {
    seen = ({ peer }) => peer,
    traps = [],
  }: { seen?: (request: Parameters<ServerRules['decide']>[0]) => Address; traps?: readonly Trap[] } = {},
): ServerRules {
  const networks = allowed.map(networkOf);
  return {
    server: 'nginx',
    networksFor: () => networks,
    findTraps: () => traps,
    decide(request): Decision {
      const seenAs = seen(request);
      const isAdmitted = networks.some((network) => hasAddress(network, seenAs));
      return {
        outcome: isAdmitted ? 'admitted' : 'refused',
        status: isAdmitted ? null : 403,
        place: PLACE,
        because: isAdmitted ? 'allow' : 'deny all',
        seenAs,
        doubts: [],
      };
    },
  };
}

function judge(rules: ServerRules, question: Partial<RuleQuestion> = {}): Record<string, string> {
  const whole = { ...hookQuestion([{ network: VENDOR, source: 'Mailkit' }]), ...question };
  return Object.fromEntries(
    judgeRules({
      simulations: askRules(rules, whole),
      traps: rules.findTraps('/hook', null, null),
      notes: [],
      whyNobody: null,
    }).map(({ id, status, detail }) => [id, `${status}: ${detail}`]),
  );
}

function networkOf(text: string): Network {
  const [address = '', length = '32'] = text.split('/');
  return networkAround(addressAt(address), Number(length));
}

function addressAt(text: string): Address {
  const address = readPeer(text);
  if (address === null) throw new Error(`${text} is not an address`);
  return address;
}

const forwarded: (request: Parameters<ServerRules['decide']>[0]) => Address = ({ peer, headers }) =>
  addressAt(
    headers
      .find(([name]) => name === 'X-Forwarded-For')?.[1]
      .split(', ')
      .at(-1) ?? peer.text,
  );

test('a list of exactly the vendor passes everything', () => {
  expect(judge(rulesOf(['185.136.200.0/22']))).toEqual({
    'vendor-admitted': 'pass: 185.136.200.0 is admitted: allow (hook.conf:3)',
    'stranger-refused': 'pass: 203.0.113.66 is refused: deny all (hook.conf:3)',
    'spoof-refused': 'pass: 203.0.113.66 with X-Forwarded-For: 185.136.200.0 is refused: deny all (hook.conf:3)',
    'nobody-else': 'pass: no other network that a rule names is admitted',
    trap: 'pass: none found',
  });
});

test('a hole within the network of the vendor is found at its edges', () => {
  expect(judge(rulesOf(['185.136.200.0/24', '185.136.202.0/23']))['vendor-admitted']).toBe(
    'fail: 185.136.201.0 is refused: deny all (hook.conf:3), but not the whole network: 4 of 6 tested addresses are admitted',
  );
});

test('who believes a header is told which one', () => {
  expect(judge(rulesOf(['185.136.200.0/22'], { seen: forwarded }))['spoof-refused']).toBe(
    'fail: 203.0.113.66 with X-Forwarded-For: 185.136.200.0 is admitted (seen as 185.136.200.0): allow (hook.conf:3)',
  );
});

test('an open door makes spoofing pointless to ask', () => {
  const told = judge(rulesOf(['0.0.0.0/0', '::/0']));
  expect(told['stranger-refused']).toMatch(/^fail: /);
  expect(told['spoof-refused']).toBe(
    'skip: unauthorised callers are not refused even without a claim, or the result is unknown',
  );
});

test('behind a proxy the list sees the proxy, unless the server reads what it forwards', () => {
  const behind = addressAt('10.0.0.5');
  expect(judge(rulesOf(['185.136.200.0/22']), { behind })['vendor-admitted']).toBe(
    'fail: 185.136.200.0 with X-Forwarded-For: 185.136.200.0 is refused (seen as 10.0.0.5): deny all (hook.conf:3)',
  );
  expect(judge(rulesOf(['185.136.200.0/22'], { seen: forwarded }), { behind })).toMatchObject({
    'vendor-admitted': expect.stringMatching(/^pass/),
    'spoof-refused': expect.stringMatching(/^pass/),
  });
});

test('who else is admitted is named, but for this machine itself', () => {
  expect(judge(rulesOf(['185.136.200.0/22', '127.0.0.1/32', '10.0.0.0/8']))['nobody-else']).toBe(
    'warn: also admitted: 10.0.0.0/8 (hook.conf:3)',
  );
});

test.each(['0.0.0.0/1', '128.0.0.0/7', '2000::/3'])('%s is more than anybody owns: strangers are let in', (wide) => {
  expect(judge(rulesOf(['185.136.200.0/22', wide]))['nobody-else']).toBe(
    `fail: also admitted: ${wide} (hook.conf:3); this many addresses include unauthorised callers`,
  );
});

test('a stranger is one that no rule names', () => {
  expect(judge(rulesOf(['185.136.200.0/22', '203.0.113.0/24']))['stranger-refused']).toBe(
    'pass: 198.51.100.66 is refused: deny all (hook.conf:3)',
  );
});

test('what the configuration cannot tell is no pass', () => {
  const rules: ServerRules = {
    ...rulesOf(['185.136.200.0/22']),
    decide: ({ peer }) => ({
      outcome: 'undecided',
      status: null,
      place: null,
      because: '',
      seenAs: peer,
      doubts: [{ place: PLACE, text: 'auth_request asks another server' }],
    }),
  };
  expect(judge(rules)).toMatchObject({
    'vendor-admitted': 'warn: unknown for 185.136.200.0: auth_request asks another server (hook.conf:3)',
    'stranger-refused': 'warn: unknown for 203.0.113.66: auth_request asks another server (hook.conf:3)',
  });
});
