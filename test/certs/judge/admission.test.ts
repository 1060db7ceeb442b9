import { expect, test } from 'vitest';
import {
  judgeAddress as judgeVerdict,
  judgeAdmission,
  judgeVerdict as judgeVerdicts,
} from '../../../src/certs/judge/admission.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import type { Visits } from '../../../src/certs/survey/visits.ts';
import { makeProbeResult as seen } from '../../helpers/probe-result.ts';

const required = seen({ certificateSent: false, alert: 116 });
const unknownCa = seen({ alert: 48 });
const silent = seen({ ending: 'closed' });
const status = (code: number, more: Partial<ProbeResult> = {}): ProbeResult =>
  seen({ ending: 'answered', status: code, ...more });
const NGINX = { body: '<center>The SSL certificate error</center>' };
const again = (differs: Partial<ProbeResult>): ProbeResult =>
  seen({ version: 'TLSv1.2', requested: false, certificateSent: null, renegotiated: true, ...differs });
/** Apache, for one location: TLS 1.2 begins a second handshake, TLS 1.3 cannot. */
const AGAIN: Visits = {
  without: again({ alert: 40 }),
  selfSigned: again({ alert: 48 }),
  impostors: [],
  resumed: null,
  good: again({ ending: 'answered', status: 200 }),
};
const unasked = (code: number): ProbeResult =>
  seen({ requested: false, certificateSent: false, ending: 'answered', status: code });
const SHUT: Visits = { without: unasked(403), selfSigned: null, impostors: [], resumed: null, good: unasked(403) };
/** nginx: `return 444` */
const gone = seen({ version: 'TLSv1.2', requestSent: true, ending: 'closed' });
const enforced: Visits = { without: required, selfSigned: unknownCa, impostors: [], resumed: null, good: null };
const notOffered: Visits = {
  without: seen({ serverHello: false, secured: false, requested: null, alert: 70 }),
  selfSigned: null,
  impostors: [],
  resumed: null,
  good: null,
};
const timedOut: Visits = {
  without: seen({ serverHello: false, secured: false, requested: null, ending: 'timeout' }),
  selfSigned: null,
  impostors: [],
  resumed: null,
  good: null,
};

test.each<[string, Visits, ReturnType<typeof judgeAdmission>]>([
  ['both refusals name the certificate', enforced, 'enforced-tls'],
  [
    'the self-signed certificate was not sent',
    { ...enforced, selfSigned: seen({ alert: 48, certificateSent: false }) },
    'unknown',
  ],
  [
    'whether it was sent is not known',
    { ...enforced, selfSigned: seen({ alert: 48, certificateSent: null }) },
    'unknown',
  ],
  ['the self-signed certificate was not tried', { ...enforced, selfSigned: null }, 'unknown'],
  ['the self-signed certificate gets in', { ...enforced, selfSigned: status(200) }, 'admits-anyone'],
  ['the self-signed certificate gets a crash', { ...enforced, selfSigned: status(500) }, 'unknown'],
  ['silence, and nothing to compare', { ...enforced, selfSigned: silent }, 'unknown'],
  [
    'silence, and the good certificate gets an answer',
    { ...enforced, selfSigned: silent, good: status(500) },
    'enforced-tls',
  ],
  [
    'silence, and the good certificate is refused by name',
    { ...enforced, selfSigned: silent, good: status(400, NGINX) },
    'unknown',
  ],
  [
    'silence, and the good certificate was not sent',
    { ...enforced, selfSigned: silent, good: status(200, { certificateSent: false }) },
    'unknown',
  ],
  [
    'TLS refuses none, the application a self-signed one',
    { without: required, selfSigned: status(403), impostors: [], resumed: null, good: status(200) },
    'enforced-application',
  ],
  [
    'nginx names it, for whatever status',
    {
      without: status(496, { certificateSent: false }),
      selfSigned: status(400, NGINX),
      impostors: [],
      resumed: null,
      good: null,
    },
    'enforced-server',
  ],
  [
    '"no certificate" said to one that was shown is a rule about something else',
    {
      without: status(400, { body: 'No required SSL certificate was sent', certificateSent: false }),
      selfSigned: status(400, { body: 'No required SSL certificate was sent' }),
      impostors: [],
      resumed: null,
      good: null,
    },
    'unknown',
  ],
  ['whoever was refused comes in by the session of that', { ...enforced, resumed: status(200) }, 'admits-anyone'],
  [
    'where nobody needs a certificate, no session proves more',
    { ...enforced, without: status(200), resumed: status(200) },
    'optional',
  ],
  [
    'a bare 400 has many reasons',
    { without: status(400), selfSigned: status(400), impostors: [], resumed: null, good: status(422) },
    'unknown',
  ],
  [
    'a handshake that fails for another reason',
    { without: seen({ alert: 80 }), selfSigned: seen({ alert: 80 }), impostors: [], resumed: null, good: null },
    'unknown',
  ],
  [
    'an alert before anything was asked',
    {
      without: seen({ requested: null, alert: 42 }),
      selfSigned: unknownCa,
      impostors: [],
      resumed: null,
      good: status(200),
    },
    'unknown',
  ],
  [
    'let in, without knowing whether it was asked',
    { without: status(200, { requested: null }), selfSigned: null, impostors: [], resumed: null, good: null },
    'unknown',
  ],
  [
    'the impostor gets in: names are compared, not signatures',
    { ...enforced, impostors: [unknownCa, status(200)], resumed: null },
    'admits-anyone',
  ],
  [
    'the impostor gets in where a certificate is optional',
    { without: status(200), selfSigned: unknownCa, impostors: [unknownCa, status(200)], resumed: null, good: null },
    'admits-anyone',
  ],
  ['the impostor gets a crash', { ...enforced, impostors: [unknownCa, status(500)], resumed: null }, 'unknown'],
  ['the impostor gets silence', { ...enforced, impostors: [unknownCa, silent], resumed: null }, 'unknown'],
  [
    'the impostor gets silence, and the good certificate an answer',
    { ...enforced, impostors: [unknownCa, silent], resumed: null, good: status(200) },
    'enforced-tls',
  ],
  [
    'the impostor was not sent',
    { ...enforced, impostors: [unknownCa, seen({ certificateSent: false, alert: 116 })], resumed: null },
    'enforced-tls',
  ],
  ['asked in a second handshake, whose failure may have another reason', { ...AGAIN, good: null }, 'unknown'],
  ['asked in a second handshake, which the good certificate passes', AGAIN, 'enforced-tls'],
  [
    'silence after a finished TLS 1.2 handshake',
    { without: gone, selfSigned: gone, impostors: [], resumed: null, good: status(200) },
    'enforced-server',
  ],
  [
    'silence after a finished TLS 1.2 handshake, and the good certificate is no success',
    { without: gone, selfSigned: gone, impostors: [], resumed: null, good: status(500) },
    'unknown',
  ],
  [
    'not asked, and no answer',
    {
      without: seen({ requested: false, ending: 'timeout' }),
      selfSigned: null,
      impostors: [],
      resumed: null,
      good: null,
    },
    'unknown',
  ],
  ['a version the server does not speak', notOffered, null],
])('admission: %s', (_, visits, admission) => {
  expect(judgeAdmission(visits)).toBe(admission);
});

test.each([404, 500, 302])('%i for all but the good certificate is no refusal: inconclusive', (code) => {
  const visit = { without: status(code), selfSigned: status(code), impostors: [status(code)], resumed: null };
  expect(judgeVerdict([{ ...visit, good: status(204) }])).toBe('inconclusive');
});

test.each<[string, Visits[], ReturnType<typeof judgeVerdict>]>([
  ['the other version is not offered', [notOffered, enforced], 'enforced-tls'],
  ['the other version did not answer: it may be open', [timedOut, enforced], 'inconclusive'],
  ['no version is offered', [notOffered, notOffered], 'inconclusive'],
  [
    'different layers: the last one to hold',
    [
      enforced,
      { without: status(400, NGINX), selfSigned: status(400, NGINX), impostors: [], resumed: null, good: null },
    ],
    'enforced-server',
  ],
  ['one location alone asks: the 403 of TLS 1.3 is explained by TLS 1.2', [AGAIN, SHUT], 'enforced-tls'],
  ['403 on TLS 1.3 alone is not explained', [SHUT], 'inconclusive'],
  ['403 on TLS 1.3, but TLS 1.2 asks in its first handshake', [enforced, SHUT], 'inconclusive'],
  ['one location alone asks, and TLS 1.3 lets all in', [AGAIN, { ...SHUT, without: unasked(200) }], 'never-asks'],
  [
    'the good certificate is refused on one version only',
    [
      { ...enforced, good: unknownCa },
      { ...enforced, good: status(200) },
    ],
    'enforced-tls',
  ],
  [
    'the good certificate is refused on both',
    [
      { ...enforced, good: unknownCa },
      { ...enforced, good: unknownCa },
    ],
    'refuses-everybody',
  ],
])('verdict: %s', (_, visits, verdict) => {
  expect(judgeVerdict(visits)).toBe(verdict);
});

test.each<[string, Visits[][], ReturnType<typeof judgeVerdict>]>([
  ['the weakest address counts', [[enforced], [{ ...enforced, without: status(200) }]], 'optional'],
  ['what is not known of one is not known', [[enforced], [timedOut]], 'inconclusive'],
  ['one that lets nobody in opens nothing', [[enforced], [{ ...enforced, good: unknownCa }]], 'enforced-tls'],
  [
    'one location of one address does not explain the 403 of another',
    [
      [AGAIN, SHUT],
      [{ ...SHUT, without: seen({ ...unasked(403), version: 'TLSv1.2' }) }, SHUT],
    ],
    'never-asks',
  ],
  ['none', [], 'inconclusive'],
])('verdict on addresses: %s', (_, addresses, verdict) => {
  expect(judgeVerdicts(addresses.map((visits, index) => ({ address: `127.0.0.${index + 1}`, visits })))).toBe(verdict);
});
