import { expect, test } from 'vitest';
import { CHECKS, type CheckId } from '../../../src/certs/checks.ts';
import {
  type Aim,
  aimOf,
  concludeAim,
  findMissing,
  findUnproved,
  type GivenThings,
} from '../../../src/certs/judge/proof.ts';
import { HELD_BACK } from '../../../src/certs/probe/probe.ts';
import { type Finding, makeFinding } from '../../../src/model/finding.ts';
import type { Trust } from '../../../src/model/vendor.ts';
import { findVendor } from '../../helpers/vendors.ts';

const NOTHING: GivenThings = {
  certificate: false,
  clientCa: false,
  clientCaKey: false,
  pin: false,
  server: false,
  plainHttp: false,
};
const ALL = { only: [], skip: [] };
/** `P5 skip` as a finding whose detail is its id. */
const found = (...texts: string[]): Finding[] =>
  texts.map((text) => {
    const [id, status] = text.split(' ') as [CheckId, Finding['status']];
    return makeFinding(CHECKS[id], { status, detail: id });
  });

test('advice on something that holds is no open question, and calls that were held back are', () => {
  const [advice, held] = ['same application?', `a.test: HTTP 429: ${HELD_BACK}`].map((detail) =>
    findUnproved([makeFinding(CHECKS.P8, { status: 'warn', detail })], NOTHING, ALL, []),
  );
  expect([advice, held]).toEqual([[], [`P8 is inconclusive: a.test: HTTP 429: ${HELD_BACK}`]]);
});

test.each<[string, given: Partial<GivenThings>, string[], expected: string[]]>([
  ['a certificate that passed', { certificate: true }, ['P5 pass', 'P5 pass'], []],
  [
    'a certificate that was not tried',
    { certificate: true },
    ['P5 skip'],
    ['the given certificate could not be tried'],
  ],
  [
    'a certificate that was not tried, where something fails',
    { certificate: true },
    ['L3 fail', 'P5 skip'],
    ['the given certificate could not be tried'],
  ],
  [
    'a certificate that was tried on one version',
    { certificate: true },
    ['P5 pass', 'P5 warn'],
    ['P5 is inconclusive: P5'],
  ],
  ['no certificate', {}, ['P5 skip'], []],
  ['a pin that was not compared', { pin: true }, ['S2 skip'], ['the pinned certificate could not be compared']],
  ['a pin that holds for some', { pin: true }, ['S2 warn'], ['S2 is inconclusive: S2']],
  [
    'the key of a CA that was not used',
    { clientCaKey: true },
    ['P4 skip'],
    ['no wrongly issued certificate of the given CA was tried'],
  ],
  ['a CA that was not used', { clientCa: true }, ['P3 skip', 'P3 pass'], ['no impostor of the given CA was tried']],
  [
    'a server that nobody could verify',
    { server: true },
    ['S1 skip'],
    ["the server's own certificate could not be verified"],
  ],
  ['an address that was not reached', {}, ['S3 warn'], ['S3 is inconclusive: S3']],
  ['a plain port without an answer', {}, ['P9 warn'], ['P9 is inconclusive: P9']],
  ['what is open beside a failure', {}, ['S3 warn', 'P1 fail'], []],
  ['the same twice', {}, ['P1 warn', 'P1 warn'], ['P1 is inconclusive: P1']],
  ['advice', {}, ['L5 warn', 'S1 warn', 'N1 warn', 'N2 warn', 'P8 warn'], []],
])('%s', (_, given, findings, expected) => {
  expect(findUnproved(found(...findings), { ...NOTHING, ...given }, ALL, [])).toEqual(expected);
});

test.each<[string, given: (keyof GivenThings)[], only: CheckId[], expected: RegExp[]]>([
  ['everything given', ['certificate', 'clientCaKey', 'server'], [], []],
  ['no key of the CA', ['certificate', 'clientCa', 'server'], [], [/^expired and server-only .*--client-ca-key\)$/]],
  ['no certificate', ['clientCaKey', 'server'], [], [/--cert/]],
  ['--insecure', ['certificate', 'clientCaKey'], [], [/--insecure/]],
  ['nothing, and nothing of it is asked', [], ['P1', 'N1'], []],
])('a success says what was not given: %s', (_, given, only, expected) => {
  const things = { ...NOTHING, ...Object.fromEntries(given.map((one) => [one, true])) };
  expect(findMissing(things, { only, skip: [] })).toEqual(expected.map((one) => expect.stringMatching(one)));
});

test('a version of TLS that said nothing is not proved', () => {
  expect(findUnproved(found('P5 pass'), NOTHING, ALL, ['TLSv1.3'])).toEqual(['TLS 1.3 could not be tried']);
});

test.each<[string, Partial<GivenThings>, only: CheckId[], skip: CheckId[], string[], expected: string[]]>([
  ['a check that was named is made', {}, ['P4', 'P1'], [], ['P4 skip', 'P1 pass'], ['P4 could not be checked']],
  ['a check that was named is made on one version', {}, ['N2'], [], ['N2 skip', 'N2 pass'], []],
  ['a comparison with nothing to compare holds', {}, ['P6', 'P10'], [], ['P6 skip', 'P10 skip'], []],
  ['a given thing whose check is left out', { certificate: true }, [], ['P5'], ['P1 pass'], []],
  ['a given thing whose check was not named', { certificate: true }, ['S1'], [], ['S1 pass'], []],
])('%s', (_, given, only, skip, findings, expected) => {
  expect(findUnproved(found(...findings), { ...NOTHING, ...given }, { only, skip }, [])).toEqual(expected);
});

const MAILKIT = findVendor('mailkit').trust;
const MAIL_PLUS = findVendor('mail-plus').trust;

test.each<[string, Trust | null, Partial<GivenThings>, Aim]>([
  ['no vendor', null, {}, 'client-certificate'],
  ['no vendor, and a pin', null, { pin: true }, 'client-certificate'],
  ['Mailkit, which shows one', MAILKIT, {}, 'client-certificate'],
  ['Mailkit and a pin', MAILKIT, { pin: true }, 'client-certificate'],
  ['Mail-Plus and a pin', MAIL_PLUS, { pin: true }, 'pinned-certificate'],
  ['Mail-Plus, a pin and a certificate', MAIL_PLUS, { pin: true, certificate: true }, 'client-certificate'],
  ['Mail-Plus, a pin and a CA for clients', MAIL_PLUS, { pin: true, clientCa: true }, 'client-certificate'],
  ['Mail-Plus alone', MAIL_PLUS, {}, 'server-alone'],
  ['a vendor of whose trust nothing is known, and a pin', {}, { pin: true }, 'server-alone'],
  ['a vendor that shows one and trusts a pin', { ...MAIL_PLUS, ...MAILKIT }, { pin: true }, 'client-certificate'],
])('what is to be proved for %s', (_, trust, given, aim) => {
  expect(aimOf(trust, { ...NOTHING, ...given })).toBe(aim);
});

test.each<[string[], 'pinned-certificate' | 'server-alone', string]>([
  [
    ['S2 pass', 'S3 pass', 'P9 pass'],
    'pinned-certificate',
    'the pinned certificate is enough to trust the server, at every address, plain http does not serve the webhook',
  ],
  [['S2 pass', 'S2 fail', 'S3 warn'], 'pinned-certificate', 'the pinned certificate is not enough to trust the server'],
  [['S2 skip', 'S1 pass', 'P9 fail'], 'pinned-certificate', 'plain http serves the webhook too'],
  [['S1 pass', 'S3 fail'], 'server-alone', "the server's certificate is trusted, its addresses behave differently"],
  [['S1 skip'], 'server-alone', 'nothing was proved'],
])('%j for %s in a headline', (findings, aim, headline) => {
  expect(concludeAim(found(...findings), aim)).toBe(headline);
});
