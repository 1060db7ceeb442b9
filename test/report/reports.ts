import type { Finding } from '../../src/model/finding.ts';
import type { CommonCause, Report } from '../../src/model/report.ts';

export function finding(status: Finding['status'], changes: Partial<Finding> = {}): Finding {
  return {
    id: 'P1',
    title: 'a POST is refused',
    status,
    detail: `it is ${status}`,
    expected: null,
    observed: null,
    fix: null,
    serverFixes: [],
    reference: null,
    durationMs: 12.34,
    ...changes,
  };
}

export function report(findings: readonly Finding[], changes: Partial<Report> = {}): Report {
  return {
    command: 'verify-cert',
    target: 'https://127.0.0.1:8443/hook',
    facts: { verdict: 'optional', tries: 2 },
    conclusion: 'a client certificate is optional',
    isGood: findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt: Date.UTC(2026, 10, 22, 16, 5, 54, 321),
    durationMs: 1640.4,
    ...changes,
  };
}

/** One of each status, with all that a finding can carry; two share an id, two are wholly equal. */
export const MIXED = report([
  finding('pass'),
  finding('pass', { title: 'a POST is refused (TLS 1.3)' }),
  finding('fail', {
    id: 'P5',
    title: 'the given certificate succeeds',
    detail: 'HTTP 413',
    expected: 'HTTP 200',
    observed: 'HTTP 413',
    fix: 'enlarge the buffer',
    serverFixes: [
      { server: 'nginx', change: 'client_max_body_size 5m;\nssl_verify_client on;' },
      { server: 'apache', change: 'SSLRenegBufferSize 5242880' },
    ],
    reference: 'RFC 9110',
  }),
  finding('warn', { id: 'N2', title: 'the list names the issuer', detail: 'it names another', expected: 'CN=A' }),
  finding('skip', { id: 'L2', title: 'the key is RSA', detail: 'no vendor was named' }),
  finding('pass'),
]);

/** What an endpoint, a certificate or a file name may contain. */
export const HOSTILE: readonly [what: string, text: string][] = [
  ['the end of CDATA', ']]>'],
  ['markup', '</failure></testcase><testcase name="x"/><!-- & &amp; -->'],
  ['a script', '</pre></title></style></script><script>alert(1)</script><svg/onload=alert(1)>'],
  ['an attribute', `" autofocus onfocus="alert(1)" style="x:y' onload='alert(1)`],
  ['a link that runs', 'javascript:alert(1)//https://example.test/'],
  ['quotes', `"it's"`],
  ['a workflow command', 'x\n::error::y\r\n::set-output name=a::b'],
  ['an older workflow command', 'x ##[stop-commands]y ###[error]z #\u001b[0m#[add-mask]a'],
  ['percent escapes', '%0A::error::z%25'],
  ['TAP directives', 'x # TODO later\nnot ok 99 - y # SKIP \\# \\'],
  ['YAML', '  ...\n---\nkey: "value" # no\n!!js/function'],
  ['a plan', '\n1..0\nBail out! gone\nTAP version 13'],
  ['controls', '\u0000\u0001\u001b[31mred\u001b]0;title\u0007\b\u007f\u0085\u009b2J'],
  ['separators', 'a\u2028b\u2029c\u000bd\fe'],
  ['directions', '\u202eevil\u2066'],
  ['lone surrogates', 'a\ud800b\udc00'],
  ['no characters', '\ufffe\uffff\ufeff'],
  ['emoji', '👩‍👩‍👧 ✅ 𝒳 مرحبا'],
  ['Markdown', '| a | [b](http://c) ![d](e) <script> `f` **g** @h #1 $x$ \\| ~~i~~'],
  ['white space', ' \t\n\r\n a \r b '],
  ['nothing', ''],
  ['100 kB', 'é<&"]]>'.repeat(12_500)],
];

export function hostileReport(text: string): Report {
  const full = {
    title: text,
    detail: text,
    expected: text,
    observed: text,
    fix: text,
    serverFixes: [{ server: 'nginx' as const, change: text }],
    reference: text,
  };
  return report(
    (['pass', 'fail', 'warn', 'skip'] as const).map((status) => finding(status, full)),
    { target: text, conclusion: text, facts: { verdict: text }, causes: [hostileCause(text)] },
  );
}

const hostileCause = (text: string): CommonCause => ({
  id: text,
  title: text,
  detail: text,
  fix: text,
  reproduce: text,
  explains: [text],
  voids: [],
});

/** Two findings that one cause explains, and one that stands for itself. */
export const EXPLAINED = report(
  [
    finding('fail', { id: 'a', detail: 'answered 404', cause: 'refuses-everything' }),
    finding('warn', { id: 'b', detail: 'answered 404', cause: 'refuses-everything' }),
    finding('pass', { id: 'c', cause: null }),
    finding('fail', { id: 'd', detail: 'answered 500', cause: null }),
  ],
  {
    causes: [
      {
        id: 'refuses-everything',
        title: 'all is refused',
        detail: 'all are answered 404',
        fix: 'is the path right?',
        reproduce: null,
        explains: ['a', 'b'],
        voids: ['c'],
      },
    ],
  },
);
