import { expect, test } from 'vitest';
import { diagnoseRequest } from '../../../src/sign/diagnose.ts';
import type { SignatureDiagnosis } from '../../../src/sign/diagnosis.ts';
import { NOW_MS } from '../../vendors/fixtures.ts';
import { header, hmac, mailkite, over, SECRET, T } from '../signed-body.ts';

test('a server looks briefly, a person who waits has it looked for thoroughly', () => {
  const signed = header(hmac(`${T}.{"b":1,"a":2}`, { key: SECRET.slice(6) }));
  const request = { method: 'POST', headers: signed, body: Buffer.from('{\n    "b": 1,\n    "a": 2\n}\n') };
  expect(diagnoseRequest(mailkite, [SECRET], request, NOW_MS, { effort: 'brief' }).cause).toBe('secret-without-prefix');
  const escaped = {
    ...request,
    headers: header(hmac(`${T}.{"a": "\\u00fc"}`, { key: SECRET.slice(6) })),
    body: Buffer.from('{"a":"ü"}'),
  };
  expect(diagnoseRequest(mailkite, [SECRET], escaped, NOW_MS, { effort: 'brief' }).cause).toBe('other-secret');
  expect(diagnoseRequest(mailkite, [SECRET], escaped, NOW_MS, { effort: 'thorough' })).toMatchObject({
    cause: 'secret-without-prefix',
    explanation: expect.stringContaining('with spaces after commas and colons, non-ASCII'),
  });
});

test('what is not looked for in a large body is said, and where it would be', () => {
  const signed = over('{"a":1}');
  const judge = (bytes: number, effort: 'brief' | 'thorough'): SignatureDiagnosis =>
    diagnoseRequest(
      mailkite,
      [SECRET],
      { method: 'POST', headers: signed, body: Buffer.from(`{"a":1${' '.repeat(bytes)}}`) },
      NOW_MS,
      { effort },
    );
  expect(judge(1024 * 1024, 'brief')).toMatchObject({
    cause: 'other-secret',
    explanation: expect.stringContaining('not searched for in bodies over 1 MiB'),
    fix: expect.stringContaining('webhook verify'),
  });
  expect(judge(1024 * 1024, 'thorough').cause).toBe('reserialised-body');
  expect(judge(1000, 'brief').cause).toBe('reserialised-body');
  const many = Buffer.from(JSON.stringify(Array.from({ length: 250_000 }, () => 1)));
  expect(
    diagnoseRequest(mailkite, [SECRET], { method: 'POST', headers: signed, body: many }, NOW_MS, { effort: 'thorough' })
      .explanation,
  ).toContain('or 200000 values');
});

test('many secrets share what one may cost: a search that one secret pays for is too long for each of twenty', () => {
  const body = Buffer.alloc(4 * 1024 * 1024, 'a');
  const headers = header(hmac(Buffer.concat([Buffer.from(`${T}.`), body]), { key: SECRET.slice(6) }));
  const causeWith = (secrets: readonly string[]): string | null =>
    diagnoseRequest(mailkite, secrets, { method: 'POST', headers, body }, NOW_MS).cause;
  expect(causeWith([SECRET])).toBe('secret-without-prefix');
  expect(causeWith([SECRET, ...Array.from({ length: 19 }, (_, index) => `other${index}`)])).toBe('other-secret');
});
