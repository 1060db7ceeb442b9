import { expect, test } from 'vitest';
import { CHECKS, type CheckId } from '../../../src/certs/checks.ts';
import type { AdmissionVerdict } from '../../../src/certs/judge/admission.ts';
import { judgeVersions } from '../../../src/certs/judge/survey.ts';
import {
  judgeEnforcement,
  judgeImpostor,
  judgeNoCertificate,
  judgeSelfSigned,
  judgeWronglyIssued,
} from '../../../src/certs/judge/enforcement.ts';
import { judgeGood, judgeLargeBody } from '../../../src/certs/judge/given-certificate.ts';
import { explainRefusal } from '../../../src/certs/judge/refusal.ts';
import { isSuccessStatus } from '../../../src/vendors/facts.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import { type Cause, FIXES, fixesFor } from '../../../src/certs/server-fixes.ts';
import type { Visits } from '../../../src/certs/survey/visits.ts';
import { type Finding, makeFinding } from '../../../src/model/finding.ts';
import { makeProbeResult as seen } from '../../helpers/probe-result.ts';

const NGINX = { body: '<center>The SSL certificate error</center>' };
const answered = (status: number, more: Partial<ProbeResult> = {}): ProbeResult =>
  seen({ ending: 'answered', status, ...more });
const required = seen({ certificateSent: false, alert: 116 });
const unknownCa = seen({ alert: 48 });
const silent = seen({ ending: 'closed' });
const offline = (id: CheckId, status: Finding['status'] = 'fail'): Finding =>
  makeFinding(CHECKS[id], { status, detail: 'as told' });

const ANY = { statuses: '2xx', text: 'any 2xx' } as const;
const ONE = { statuses: [200], text: 'Mailkit: HTTP 200' } as const;

/** `cause`: the one whose remedy is told; null where no configuration mends it. */
test.each<[string, ProbeResult, Finding[], cause: Cause | null, words: string, fix?: string]>([
  [
    'an empty Certificate message',
    answered(400, { certificateSent: false }),
    [],
    'key-type-refused',
    'accepts no signatures by this type of key',
  ],
  ['421', answered(421), [], null, 'the handshake to name the same host', 'by its name'],
  ['another 2xx', answered(204), [], null, 'not a success', 'answer Mailkit: HTTP 200'],
  ['a redirect', answered(302), [], null, 'not followed', 'the address that it redirects to'],
  ['404', answered(404), [], null, 'nothing accepts a POST', 'compare the path'],
  ['429', answered(429), [], null, 'a rate limit blocked', 'run it again later'],
  ['503', answered(503), [], null, 'limits the request rate', 'run it again later'],
  ['a crash', answered(500), [], null, 'the application failed', "the application's log"],
  ['a proxy in front of nothing', answered(502), [], null, 'cannot reach the application', 'start the application'],
  [
    '403, whatever is wrong with the files',
    answered(403),
    [offline('L5')],
    null,
    'came from a layer above it',
    'rules and its log',
  ],
  ['alert 42', seen({ alert: 42 }), [], 'unknown-ca', 'rejects the certificate as bad'],
  ['alert 43', seen({ alert: 43 }), [], 'wrong-usage', 'another purpose'],
  ['alert 44', seen({ alert: 44 }), [], null, 'revoked'],
  ['alert 45', seen({ alert: 45 }), [], 'expired', 'expired'],
  ['alert 48', unknownCa, [], 'unknown-ca', 'does not contain'],
  ['alert 80', seen({ alert: 80 }), [], 'depth-too-small', 'SSLVerifyDepth'],
  ['alert 48, and a file that is wrong: it explains that better', unknownCa, [offline('L5')], null, 'L5: as told'],
  ['alert 42, and a chain that is not whole', seen({ alert: 42 }), [offline('L4')], null, 'L4: as told'],
  ['what only warns explains nothing', unknownCa, [offline('L4', 'warn')], 'unknown-ca', 'does not contain'],
  ['the graver of two', unknownCa, [offline('L11'), offline('L6')], null, 'L6: as told'],
  ["nginx's page", answered(400, NGINX), [], 'unknown-ca', 'most likely'],
  [
    "nginx's page, and a chain that may be too long",
    answered(400, NGINX),
    [offline('L12', 'warn')],
    null,
    'L12: as told',
  ],
  ['a bare 400', answered(400), [], null, 'from the server or from the application', 'both logs'],
  ['silence', silent, [], 'unknown-ca', 'its error log'],
])('why %s', (_, good, findings, cause, words, fix = '') => {
  const why = explainRefusal(good, findings, ONE);
  expect(why?.text).toContain(words);
  expect(why?.fix ?? '').toContain(cause === null ? fix : FIXES[cause].fix);
  expect(why?.serverFixes?.length ?? 0).toBe(cause === null ? 0 : fixesFor(cause).length);
});

test('a time-out has no explanation', () => {
  expect(explainRefusal(seen({ ending: 'timeout' }), [], ONE)).toBeNull();
});

test.each([
  [null, ANY, false],
  [199, ANY, false],
  [200, ANY, true],
  [299, ANY, true],
  [300, ANY, false],
  [null, ONE, false],
  [200, ONE, true],
  [201, ONE, false],
])('%s by the rule %o is success: %s', (status, rule, expected) => {
  expect(isSuccessStatus(status, rule)).toBe(expected);
});

test.each<[string, ProbeResult, typeof ANY | typeof ONE, string, string]>([
  ['a success that the certificate brought', answered(200), ANY, 'pass', 'HTTP 200'],
  [
    'a success in a second handshake, where nothing can be seen',
    answered(200, { requested: false, renegotiated: true, certificateSent: null }),
    ANY,
    'pass',
    'HTTP 200',
  ],
  [
    'a success without being asked',
    answered(200, { requested: false, certificateSent: false }),
    ANY,
    'warn',
    'did not ask for it',
  ],
  ['a success without the certificate', answered(200, { certificateSent: false }), ANY, 'warn', 'not seen being sent'],
  ['another 2xx than the vendor wants', answered(204), ONE, 'fail', 'HTTP 204'],
  ['a refusal', unknownCa, ANY, 'fail', 'TLS alert 48 unknown_ca: '],
])('P5: %s', (_, good, rule, status, words) => {
  const finding = judgeGood(good, rule, []);
  expect([finding.status, finding.expected]).toEqual([status, rule.text]);
  expect(finding.detail).toContain(words);
});

test('P7: its size is told, and a refusal says what to change', () => {
  const [good, bad] = [
    judgeLargeBody(answered(200), ANY, 307_200),
    judgeLargeBody(seen({ ending: 'failed', errorCode: 'ECONNRESET' }), ANY, 307_200),
  ];
  expect([good.status, good.detail, good.serverFixes]).toEqual(['pass', '300 KiB: HTTP 200', []]);
  const held = judgeLargeBody(answered(503), ANY, 307_200);
  expect([held.status, held.fix, held.serverFixes]).toEqual(['warn', 'run it again when the server is less busy', []]);
  expect([bad.status, bad.serverFixes.map(({ server }) => server)]).toEqual(['fail', ['nginx', 'apache', 'caddy']]);
});

const visits = (more: Partial<Visits> = {}): Visits => ({
  without: required,
  selfSigned: unknownCa,
  impostors: [],
  resumed: null,
  good: null,
  ...more,
});
const unasked = answered(200, { requested: false, certificateSent: false });

test.each<[string, Finding, string, string]>([
  ['P1: refused by name', judgeNoCertificate(visits()), 'pass', 'certificate_required'],
  [
    'P1: let in where it was asked',
    judgeNoCertificate(visits({ without: answered(200, { certificateSent: false }) })),
    'fail',
    'accepted: HTTP 200',
  ],
  [
    'P1: 403 unasked',
    judgeNoCertificate(visits({ without: seen({ ...unasked, status: 403 }) })),
    'warn',
    'did not ask for one',
  ],
  ['P1: a redirect', judgeNoCertificate(visits({ without: answered(302) })), 'warn', 'neither refused nor accepted'],
  ['P2: refused by name', judgeSelfSigned(visits()), 'pass', 'unknown_ca'],
  ['P2: silence alone', judgeSelfSigned(visits({ selfSigned: silent })), 'warn', 'the reason may not be'],
  [
    'P2: silence, and the good one gets through',
    judgeSelfSigned(visits({ selfSigned: silent, good: answered(200) })),
    'pass',
    'refused',
  ],
  [
    'P2: it was not seen being sent',
    judgeSelfSigned(visits({ selfSigned: seen({ certificateSent: false, alert: 116 }) })),
    'skip',
    'proves nothing',
  ],
  ['P2: nobody asked', judgeSelfSigned(visits({ without: unasked, selfSigned: null })), 'skip', 'did not ask'],
  [
    'P2: no handshake',
    judgeSelfSigned(
      visits({ without: seen({ serverHello: false, requested: null, ending: 'timeout' }), selfSigned: null }),
    ),
    'skip',
    'did not get far enough',
  ],
  ['P3: no name to take', judgeImpostor(visits(), 'no name'), 'skip', 'no name'],
  [
    'P3: the worst of two counts',
    judgeImpostor(visits({ impostors: [unknownCa, answered(200)] }), ''),
    'fail',
    'accepted',
  ],
  [
    'P3: the unclear one counts before the refused',
    judgeImpostor(visits({ impostors: [unknownCa, answered(500)] }), ''),
    'warn',
    'HTTP 500',
  ],
  [
    'P3: none went out',
    judgeImpostor(visits({ impostors: [seen({ certificateSent: false, alert: 116 })] }), ''),
    'skip',
    'proves nothing',
  ],
  ['P4: let in', judgeWronglyIssued('an expired certificate', answered(200), visits()), 'fail', 'accepted'],
  [
    'P4: refused',
    judgeWronglyIssued('an expired certificate', seen({ alert: 45 }), visits()),
    'pass',
    'certificate_expired',
  ],
])('%s', (_, finding, status, words) => {
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});

test.each<[AdmissionVerdict, string, serverFixes: number]>([
  ['enforced-tls', 'pass', 0],
  ['enforced-server', 'pass', 0],
  ['enforced-application', 'pass', 0],
  ['never-asks', 'fail', 5],
  ['optional', 'fail', 5],
  ['admits-anyone', 'fail', 5],
  ['inconclusive', 'fail', 0],
  ['refuses-everybody', 'fail', 5],
])('R2: %s is %s, with %i changes', (verdict, status, serverFixes) => {
  const finding = judgeEnforcement(verdict, {
    visits: [visits({ good: unknownCa })],
    bypasses: [],
    offline: [],
    success: ANY,
  });
  expect([finding.status, finding.serverFixes.length, finding.observed]).toEqual([status, serverFixes, verdict]);
});

test('R2: what is inconclusive without a good certificate asks for one; with one it says where to look', () => {
  const [without, given] = [visits(), visits({ good: answered(500) })].map(
    (one) => judgeEnforcement('inconclusive', { visits: [one], bypasses: [], offline: [], success: ANY }).fix,
  );
  expect(without).toContain('--cert');
  expect(given).toContain('see P1, P2 and P5');
  expect(
    judgeEnforcement('inconclusive', {
      visits: [visits({ without: answered(302) })],
      bypasses: [],
      offline: [],
      success: ANY,
    }).fix,
  ).toContain('HTTP 302 is ambiguous');
});

const older = (more: Partial<Visits> = {}): Visits => {
  const made = visits(more);
  return { ...made, without: seen({ ...made.without, version: 'TLSv1.2' }) };
};
const notOffered = seen({ serverHello: false, secured: false, requested: null, alert: 70 });

test.each<[string, Visits[], string, string]>([
  ['both alike', [older(), visits()], 'pass', 'the same on both versions'],
  [
    'open on one',
    [older(), visits({ without: answered(200, { certificateSent: false }) })],
    'fail',
    'TLS 1.3: a client certificate is optional',
  ],
  ['unknown on one', [older({ selfSigned: silent }), visits()], 'warn', 'TLS 1.2: unknown'],
  ['one alone', [older(), visits({ without: notOffered })], 'skip', 'speaks only TLS 1.2'],
  [
    'TLS 1.3 alone, shut unasked',
    [older({ without: notOffered }), visits({ without: seen({ ...unasked, status: 403 }), selfSigned: null })],
    'warn',
    'refuses every request without asking for',
  ],
  [
    'the same refusal on both, unasked',
    [
      older({ without: seen({ ...unasked, status: 401 }), selfSigned: null }),
      visits({ without: seen({ ...unasked, status: 401 }), selfSigned: null }),
    ],
    'pass',
    'the same on both versions',
  ],
  [
    'another refusal on TLS 1.3, unasked',
    [
      older({ without: seen({ ...unasked, status: 401 }), selfSigned: null }),
      visits({ without: seen({ ...unasked, status: 403 }), selfSigned: null }),
    ],
    'warn',
    'TLS 1.3: unknown',
  ],
  ['neither', [older({ without: notOffered }), visits({ without: notOffered })], 'skip', 'no handshake got far enough'],
])('P6: %s', (_, both, status, words) => {
  const finding = judgeVersions(both);
  expect(finding.status).toBe(status);
  expect(finding.detail).toContain(words);
});
