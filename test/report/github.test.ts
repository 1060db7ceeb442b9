import { expect, test } from 'vitest';
import { MAX_SUMMARY_BYTES, renderSummary, MAX_ANNOTATIONS, renderAnnotations } from '../../src/report/github.ts';
import { EXPLAINED, finding, HOSTILE, hostileReport, MIXED, report } from './reports.ts';

test('annotations: an error for what failed, a warning for warnings', () => {
  expect(renderAnnotations(MIXED)).toBe(
    [
      '::error title=P5 the given certificate succeeds::HTTP 413%0Afix: enlarge the buffer\n',
      '::warning title=N2 the list names the issuer::it names another\n',
    ].join(''),
  );
});

test('a cause stands for all that it explains', () => {
  expect(renderAnnotations(EXPLAINED)).toBe(
    '::error title=all is refused::all are answered 404%0Afix: is the path right?%0A' +
      'cases: a, b (1 failed, 1 warning)\n' +
      '::error title=d a POST is refused::answered 500\n',
  );
  const summary = renderSummary(EXPLAINED);
  expect(summary).toContain('**cause refuses-everything**: all is refused<br>seen: all are answered 404');
  expect(summary.match(/<details>/g)).toHaveLength(1);
});

test('an annotation has four lines at most, whatever a finding carries', () => {
  const full = {
    detail: 'd\ne',
    expected: 'x',
    observed: 'y',
    mistake: 'm\nn',
    fix: 'f',
    reproduce: 'curl \\\n'.repeat(20),
    assumptions: ['a', 'b'],
  };
  const one = {
    id: 'c',
    title: 'c',
    detail: 'd',
    fix: 'f\ng',
    reproduce: 'curl',
    explains: [...'abcdefgh'],
    voids: [],
  };
  const text = renderAnnotations(report([finding('fail', full), finding('warn', full)], { causes: [one] }));
  for (const line of text.trimEnd().split('\n')) expect(line.split('%0A').length, line).toBeLessThanOrEqual(4);
  expect(text).toContain('::d e%0Amistake: m n%0Afix: f\n');
  expect(text).toContain('cases: a, b, c, d, e and 3 more ');
});

test('what is about a line of a file stands beside it', () => {
  expect(
    renderAnnotations(
      report([finding('fail', { id: 'no-deny', title: 't', detail: 'd', place: { file: 'conf/a,b.conf', line: 7 } })]),
    ),
  ).toBe('::error file=conf/a%2Cb.conf,line=7,title=no-deny t::d\n');
});

test('data and properties are escaped as the runner reads them', () => {
  const text = '100%: a,b\r\n%0A::c';
  expect(renderAnnotations(report([finding('fail', { id: 'A,B', title: text, detail: text })]))).toBe(
    '::error title=A%2CB 100%25%3A a%2Cb%0D%0A%250A%3A%3Ac::100%25: a,b %250A::c\n',
  );
});

test.each(HOSTILE)('%s makes no command of its own', (_, text) => {
  const lines = renderAnnotations(hostileReport(text)).split(/\r\n|\r|\n/);
  expect(lines.map((line) => line.replace(/^(::\w+ title=)[^:]*::.*$/s, '$1'))).toEqual([
    '::error title=',
    '::error title=',
    '::warning title=',
    '',
  ]);
});

const on = (version: string, detail = 'let in'): ReturnType<typeof finding> =>
  finding('fail', { title: `refused (${version})`, detail });

test('what is the same on both versions versions of TLS is one annotation', () => {
  expect(renderAnnotations(report([on('TLS 1.2'), on('TLS 1.3')]))).toBe(
    '::error title=P1 refused (TLS 1.2%2C TLS 1.3)::let in\n',
  );
  expect(
    renderAnnotations(report([on('TLS 1.2'), on('TLS 1.3', 'let in, too')]))
      .trimEnd()
      .split('\n'),
  ).toHaveLength(2);
});

const failing = (count: number): string[] =>
  renderAnnotations(report(Array.from({ length: count }, (_, index) => finding('fail', { id: `F${index}` }))))
    .trimEnd()
    .split('\n');

test('more than GitHub shows: the last one names the rest', () => {
  expect(failing(MAX_ANNOTATIONS)).toHaveLength(MAX_ANNOTATIONS);
  expect(failing(MAX_ANNOTATIONS).at(-1)).toContain('title=F9 ');
  const many = failing(MAX_ANNOTATIONS + 3);
  expect(many).toHaveLength(MAX_ANNOTATIONS);
  expect(many.at(-1)).toMatch(/^::error title=and 4 more::F9 .*%0AF10 .*%0AF11 .*%0AF12 /);
  expect(failing(MAX_ANNOTATIONS + 9).at(-1)).toMatch(/F11 [^%]*%0Aand 7 more: see the job summary$/);
});

test.each([
  ['nothing but passes', report([finding('pass'), finding('skip')]), ''],
  ['nothing to check, as hoped', report([]), ''],
  [
    'nothing checked, and that is no success',
    report([], { isGood: false }),
    '::error title=verify-cert::a client certificate is optional: https://127.0.0.1:8443/hook\n',
  ],
])('annotations of %s', (_, one, expected) => {
  expect(renderAnnotations(one)).toBe(expected);
});

const rowsOf = (markdown: string): string[] =>
  markdown.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| status'));

test('the summary: the conclusion, what failed first, what to change folded', () => {
  const markdown = renderSummary(MIXED);
  expect(markdown.split('\n').slice(0, 5)).toEqual([
    '## ❌ verify-cert https://127.0.0.1:8443/hook',
    '',
    '**a client certificate is optional**',
    '',
    '3 passed, 1 failed, 1 warning, 1 skipped',
  ]);
  expect(rowsOf(markdown)).toEqual([
    '| ❌ fail | P5 | the given certificate succeeds | HTTP 413 |',
    '| ⚠️ warn | N2 | the list names the issuer | it names another |',
    '| ✅ pass | P1 | a POST is refused | it is pass |',
    '| ✅ pass | P1 | a POST is refused (TLS 1.3) | it is pass |',
    '| ✅ pass | P1 | a POST is refused | it is pass |',
    '| ➖ skip | L2 | the key is RSA | no vendor was named |',
  ]);
  expect(markdown.match(/<details>/g)).toHaveLength(2);
  expect(markdown).toContain('nginx\n  client&#95;max&#95;body&#95;size 5m;\n  ssl&#95;verify&#95;client on;\n');
});

test.each(HOSTILE)('%s does not leave its cell or its fold', (_, text) => {
  const markdown = renderSummary(hostileReport(text));
  const rows = rowsOf(markdown);
  expect(rows).toHaveLength(4);
  for (const row of rows) expect(row.split('|')).toHaveLength(6);
  expect(markdown.match(/<[^>]*>/g)?.filter((tag) => !/^<(\/?(details|summary|pre)|br)>$/.test(tag))).toEqual([]);
  expect(markdown.match(/<\/pre>/g)).toHaveLength(2);
  expect(markdown.replaceAll(/<[^>]*>|&#\d+;|^## |\*\*|^\|.*\|$/gm, '')).not.toMatch(/[&<>|`*_~\\[\]#@$!]/);
});

test('the summary never grows beyond what GitHub takes, and says what is left out', () => {
  const many = report(
    Array.from({ length: 20_000 }, (_, index) =>
      finding(index % 2 === 0 ? 'fail' : 'pass', {
        id: `F${index}`,
        detail: 'é'.repeat(400),
        fix: 'x'.repeat(5000),
      }),
    ),
  );
  for (const maxBytes of [MAX_SUMMARY_BYTES, 10_000, 400]) {
    const markdown = renderSummary(many, maxBytes);
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(maxBytes);
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(100);
    expect(Number(/and (\d+) more findings/.exec(markdown)?.[1])).toBe(20_000 - rowsOf(markdown).length);
    expect(Number(/and (\d+) more explanations/.exec(markdown)?.[1])).toBe(
      10_000 - (markdown.match(/<details>/g)?.length ?? 0),
    );
  }
  expect(renderSummary(many, 50)).toBe('');
});

test('that nothing was checked is said', () => {
  expect(renderSummary(report([], { isGood: false }))).toMatch(/^## ❌ .*nothing was checked\n\n$/s);
});
