import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { renderJunit } from '../../src/report/junit.ts';
import { EXPLAINED, finding, HOSTILE, hostileReport, MIXED, report } from './reports.ts';

const schema = readFileSync(join(import.meta.dirname, 'junit.xsd'), 'utf8');

async function problemsOf(...documents: string[]): Promise<string[]> {
  const xml = documents.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  return (
    await validateXML({ xml, schema: [{ fileName: 'junit.xsd', contents: schema }], maxMemoryPages: 4096 })
  ).errors.map(({ rawMessage }) => rawMessage);
}

const suiteOf = (xml: string): string => /<testsuite .*?>/.exec(xml)?.[0] ?? '';

const SUITE = 'verify-cert https://127.0.0.1:8443/hook';
const PROPERTIES =
  '<property name="conclusion" value="a client certificate is optional"/>' +
  '<property name="verdict" value="optional"/><property name="tries" value="2"/>';
const FAILURE = '<failure message="HTTP 413" type="P5">';

test('one of each', async () => {
  const xml = renderJunit(MIXED);
  expect(await problemsOf(xml)).toEqual([]);
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="hookproof" tests="6" failures="1" errors="0" time="1.640">
<testsuite name="${SUITE}" tests="6" failures="1" errors="0" time="1.640" skipped="1" timestamp="2026-11-22T16:05:54">
<properties>${PROPERTIES}</properties>
<testcase classname="${SUITE}" name="P1 a POST is refused" time="0.012"/>
<testcase classname="${SUITE}" name="P1 a POST is refused (TLS 1.3)" time="0.012"/>
<testcase classname="${SUITE}" name="P5 the given certificate succeeds" time="0.012">${FAILURE}HTTP 413
expected: HTTP 200
observed: HTTP 413
fix: enlarge the buffer
nginx:
  client_max_body_size 5m;
  ssl_verify_client on;
apache: SSLRenegBufferSize 5242880
reference: RFC 9110</failure></testcase>
<testcase classname="${SUITE}" name="N2 the list names the issuer" time="0.012"><system-out>warning: it names another
expected: CN=A</system-out></testcase>
<testcase classname="${SUITE}" name="L2 the key is RSA" time="0.012"><skipped message="no vendor was named"/></testcase>
<testcase classname="${SUITE}" name="P1 a POST is refused #2" time="0.012"/>
</testsuite>
</testsuites>
`);
});

test('of the facts those that have one value are properties', async () => {
  const xml = renderJunit(
    report([], {
      facts: {
        server: 'nginx',
        port: 443,
        told: false,
        host: null,
        results: [{ address: '192.0.2.1' }],
        lines: { pass: 1 },
      },
    }),
  );
  expect(
    [...xml.matchAll(/<property name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]).slice(1),
  ).toEqual([
    ['server', 'nginx'],
    ['port', '443'],
    ['told', 'false'],
  ]);
  expect(await problemsOf(xml)).toEqual([]);
});

test('the schema finds what is wrong', async () => {
  const xml = renderJunit(MIXED);
  const wrong = [
    xml.replace('tests="6"', 'tests="six"'),
    xml.replace('time="0.012"', 'time="1e-7"'),
    xml.replaceAll('refused #2', 'refused'),
    xml.replace('</testsuites>', ''),
  ];
  for (const one of wrong) expect(await problemsOf(one)).not.toEqual([]);
});

test('every hostile text gives a valid document', async () => {
  expect(await problemsOf(...HOSTILE.map(([, text]) => renderJunit(hostileReport(text))))).toEqual([]);
});

const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

function unescape(xml: string): string {
  return xml.replace(/&(?:#x([0-9A-F]+)|(lt|gt|amp|quot));/g, (_all, hex: string | undefined, name: string) =>
    hex === undefined ? (NAMED[name] ?? '') : String.fromCodePoint(Number.parseInt(hex, 16)),
  );
}

test('every hostile text comes back as it was, but for what XML cannot carry', async () => {
  const contents = renderJunit(
    report(HOSTILE.map(([, text]) => finding('fail', { title: text, detail: text, expected: text }))),
  );
  const { normalized } = await validateXML({
    xml: [{ fileName: 'report.xml', contents }],
    schema: [{ fileName: 'junit.xsd', contents: schema }],
    normalization: 'c14n',
    maxMemoryPages: 4096,
  });
  const read = [...normalized.matchAll(/<failure message="([^"]*)"[^>]*>([^<]*)</g)].map(
    ([, message = '', body = '']) => [unescape(message), unescape(body)],
  );
  expect(read).toHaveLength(HOSTILE.length);
  for (const [index, [what, text]] of HOSTILE.entries()) {
    // oxlint-disable-next-line no-control-regex
    const carried = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu, '\ufffd');
    expect(read[index]?.[0], what).toBe(carried);
    expect(read[index]?.[1]?.startsWith(`${carried}\nexpected`), what).toBe(true);
  }
});

test.each([
  [
    'nothing checked, and that is no success',
    report([], { isGood: false }),
    'tests="1" failures="0" errors="1" time="1.640" skipped="0"',
  ],
  ['nothing to check, as hoped', report([]), 'tests="0" failures="0" errors="0" time="1.640" skipped="0"'],
  [
    'all skipped, and that is no success',
    report([finding('skip'), finding('skip')], { isGood: false }),
    'tests="3" failures="0" errors="1" time="1.640" skipped="2"',
  ],
  ['all skipped, as hoped', report([finding('skip')]), 'tests="1" failures="0" errors="0" time="1.640" skipped="1"'],
  [
    'a failure explains itself',
    report([finding('fail'), finding('warn')]),
    'tests="2" failures="1" errors="0" time="1.640" skipped="0"',
  ],
])('%s', async (_, one, counts) => {
  const xml = renderJunit(one);
  expect(suiteOf(xml)).toContain(counts);
  expect(xml.includes('<error message="a client certificate is optional"')).toBe(counts.includes('errors="1"'));
  expect(await problemsOf(xml)).toEqual([]);
});

test('counts equal what is there, for a thousand findings', () => {
  const statuses = ['pass', 'fail', 'warn', 'skip'] as const;
  const xml = renderJunit(report(Array.from({ length: 1000 }, (_, index) => finding(statuses[index % 4] ?? 'pass'))));
  expect(suiteOf(xml)).toContain('tests="1000" failures="250" errors="0"');
  expect(xml.match(/<testcase /g)).toHaveLength(1000);
  expect(xml.match(/<failure /g)).toHaveLength(250);
  expect(xml.match(/<skipped /g)).toHaveLength(250);
  expect(new Set(xml.match(/ name="P1[^"]*"/g)).size).toBe(1000);
});

test('a cause is a property, and the message of each failure begins with it', async () => {
  const xml = renderJunit(EXPLAINED);
  expect(await problemsOf(xml)).toEqual([]);
  expect(xml).toContain(
    '<property name="cause refuses-everything" value="all is refused&#10;seen: all are answered 404',
  );
  expect(xml).toContain('<failure message="all is refused; here: answered 404" type="a">');
  expect(xml).toContain('<failure message="answered 500" type="d">');
});
