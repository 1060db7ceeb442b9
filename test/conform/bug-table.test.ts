import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listCases } from '../../src/conform/list-cases.ts';
import type { ConformanceCase } from '../../src/conform/conformance-case.ts';
import { vendorAddress } from '../../src/vendors/facts.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { BUGS, bugsOf, type Bug } from '../../src/receive/bugs.ts';
import { VENDORS } from '../../src/vendors/index.ts';
import { settingOf, tryCase } from './in-process.ts';

// The suite proves itself: a receiver that does everything right passes every case of every vendor, every bug is found
// by the case that was written for it, and there is no case that no bug can fail.

/** The cases written for each bug; `*` stands for the rest of an id. */
const WRITTEN_FOR: Readonly<Record<string, readonly string[]>> = {
  'no-verification': ['no-signature', 'wrong-secret', 'other-body'],
  'presence-only': ['wrong-secret', 'body-changed', 'signature-changed', 'other-body'],
  'skips-without-signature': ['no-signature', 'empty-signature'],
  'processes-refused': ['wrong-secret', 'no-signature'],
  'answers-before-verifying': ['wrong-secret', 'no-signature'],
  'server-error-on-bad-signature': ['wrong-secret', 'upper-case-hex'],
  'crashes-on-odd-length': ['signature-truncated'],
  'reserialised-body': ['json-escaped', 'json-spaced', 'body-respaced'],
  'latin1-body': ['unicode'],
  'base64-decoded-secret': ['secret-base64-decoded', 'event-full-*'],
  'prefix-cut-off': ['secret-without-prefix', 'event-full-*'],
  'any-algorithm': ['algorithm-sha1', 'algorithm-sha512'],
  'base64-digest': ['base64-digest'],
  'prefix-comparison': ['signature-truncated'],
  'half-comparison': ['signature-changed'],
  'last-digits-only': ['signature-changed'],
  'suffix-comparison': ['signature-truncated'],
  'first-of-two-headers': ['two-headers-good-first'],
  'last-of-two-headers': ['two-headers-bad-first'],
  'verifies-first-event-only': ['no-signature', 'wrong-secret'],
  'skips-verification-when-chunked': ['forged-chunked'],
  'skips-verification-of-put': ['forged-put'],
  'trusts-forwarding-for-signed': ['forged-from-inside'],
  'trusts-client-ip-for-signed': ['forged-from-inside'],
  'takes-doubled-header': ['two-headers-both-bad'],
  'any-signature-part': ['two-digests'],
  'judges-last-time': ['two-times'],
  'judges-first-time': ['two-times'],
  'case-sensitive-header': ['headers-lower-case'],
  'lower-case-header-only': ['headers-title-case'],
  'no-window': ['stale', 'replay'],
  'one-sided-window': ['future'],
  'seconds-for-milliseconds': ['event-full-*'],
  'milliseconds-for-seconds': ['event-full-*'],
  'guesses-time-unit': ['time-unit'],
  'tight-window': ['within-window', 'late-retry'],
  'trusts-event-headers': ['event-header-swapped', 'replay-refreshed'],
  'dedupes-by-id-only': ['replay-new-id'],
  'not-found': ['event-full-*'],
  'answers-201': ['event-full-*'],
  redirects: ['event-full-*'],
  'works-before-answering': ['quick-answer'],
  slow: ['quick-answer'],
  'any-method': ['method-get', 'method-put'],
  'any-content-type': ['content-type-text', 'content-type-form'],
  'strict-content-type': ['content-type-charset'],
  'case-sensitive-content-type': ['headers-lower-case'],
  'lower-case-content-type': ['headers-title-case'],
  'no-chunked': ['chunked'],
  'no-expect': ['expect-continue'],
  'one-request-per-connection': ['keep-alive'],
  'body-limit-100kb': ['large-1mib'],
  'body-limit-1mb': ['large-5mib'],
  'rate-limited': ['burst'],
  'crashes-on-large-header': ['large-header'],
  'broken-by-bad-input': ['invalid-utf8'],
  'trusts-forwarded-for': ['forwarded-for', 'real-ip', 'forwarded'],
  'counts-forwarding-hops': ['forwarded-for'],
  'trusts-client-ip': ['client-ip'],
  'trusts-cdn-headers': ['cdn-client-ip'],
  'drops-by-forwarded-for': ['forwarded-for', 'real-ip', 'forwarded'],
  'optional-client-certificate': ['no-client-certificate'],
  'trusts-certificate-header': ['claimed-certificate'],
  'takes-plain-http': ['plain-http'],
  'crashes-on-malformed-json': ['malformed-json', 'empty-body'],
  'crashes-on-null': ['json-not-object'],
  'accepts-anything': ['malformed-json', 'json-not-object', 'empty-body'],
  'crashes-on-invalid-utf8': ['invalid-utf8'],
  'crashes-on-deep-nesting': ['deep-nesting'],
  'crashes-on-duplicate-keys': ['duplicate-keys'],
  'crashes-on-many-keys': ['many-keys'],
  'crashes-on-huge-numbers': ['huge-numbers'],
  'three-byte-unicode': ['unicode'],
  'blocks-escapes': ['json-escaped'],
  'reads-by-pattern': ['json-spaced'],
  'unknown-event-fails': ['unknown-event'],
  'knows-one-event': ['event-full-*'],
  'strict-values': ['unknown-value'],
  'sample-values-only': ['unknown-value'],
  'requires-every-field': ['event-minimal-*'],
  'null-in-list': ['null-fields'],
  'expects-numbers': ['event-full-*'],
  'flat-addresses': ['event-full-*'],
  'strict-schema': ['unknown-field'],
  'fresh-events-only': ['late-retry'],
  'no-dedupe': ['same-id-again'],
  'conflict-on-repeat': ['same-id-again'],
};

/** Bugs that break nearly everything prove little of the cases they fail. */
const BLUNT = new Set(['not-found', 'redirects', 'works-before-answering']);

/** Mistakes in a vendor's list that no request from outside can show. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  'leaky-comparison': 'a matter of nanoseconds: nothing over a network tells it reliably',
  'ptr-suffix': 'only who holds the reverse DNS of an address can show it',
  'ptr-letter-case': 'the same',
  'ptr-one-address': 'the same',
  'ptr-lookup-fails': 'the same',
};

/** The cases that find the bug, as warnings too. Bodies of megabytes are tried where the bug is one of size. */
async function findersOf(bug: Bug, vendor: Vendor, cases: readonly ConformanceCase[]): Promise<string[]> {
  const found: string[] = [];
  for (const one of cases) {
    if (one.isLarge && !bug.name.startsWith('body-limit')) continue;
    const { status } = await tryCase(one, vendor, bug);
    if (status === 'fail' || status === 'warn') found.push(one.id);
  }
  return found;
}

const matches = (pattern: string, id: string): boolean =>
  pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;

describe.each(VENDORS.map((vendor) => [vendor.id, vendor] as const))('%s', (_, vendor) => {
  const cases = listCases(settingOf(vendor));

  test.each([[true], [false]])(
    'a receiver that does everything right passes every case (effects told: %s)',
    async (withEffects) => {
      const verdicts = await Promise.all(
        cases.map(async (one) => ({ id: one.id, ...(await tryCase(one, vendor, null, { withEffects })) })),
      );
      // Whether a captured request had a second effect, the status cannot tell.
      const unable = withEffects ? [] : ['replay-new-id'];
      expect(
        verdicts.filter(({ status, id }) => status !== 'pass' && !(status === 'skip' && unable.includes(id))),
      ).toEqual([]);
    },
  );

  test('every bug is found by a case written for it, and every case finds a bug', async () => {
    const found = new Map<string, string[]>();
    for (const bug of bugsOf(vendor)) found.set(bug.name, await findersOf(bug, vendor, cases));
    const unfound = [...found]
      .filter(([name, ids]) => !(WRITTEN_FOR[name] ?? []).some((pattern) => ids.some((id) => matches(pattern, id))))
      .map(([name]) => name);
    const useless = cases
      .filter(({ id }) => ![...found].some(([name, ids]) => !BLUNT.has(name) && ids.includes(id)))
      .map(({ id }) => id);
    expect({ unfound, useless }).toEqual({ unfound: [], useless: [] });
    const width = Math.max(...BUGS.map(({ name }) => name.length));
    const lines = [...found].map(
      ([name, ids]) =>
        `${name.padEnd(width)}  ${ids.length > cases.length / 4 ? `${ids.length} of ${cases.length} cases` : ids.join(' ')}`,
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, 'bug-tables', `${vendor.id}.txt`),
    );
  });

  test('every known mistake of its receivers is a bug, or out of reach', () => {
    const names = new Set(bugsOf(vendor).map(({ name }) => name));
    const missing = (vendor.receiverMistakes ?? []).filter(({ id }) => !names.has(id) && !(id in OUT_OF_REACH));
    expect(missing).toEqual([]);
  });

  test('no two cases share an id, and each says what to do', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    for (const { id, mistake, fix, reference } of cases)
      expect([id, mistake, fix, reference]).toEqual([
        expect.stringMatching(/^[a-z0-9._-]+$/),
        expect.stringMatching(/\S/),
        expect.stringMatching(/\S/),
        expect.stringMatching(/^https:/),
      ]);
  });
});

/** The suite itself is a stranger to the receiver, as it mostly is where only the vendor may call. */
test.each(
  VENDORS.filter(({ signature }) => signature.value === null).flatMap(
    (vendor) =>
      [
        [vendor.id, 'trusts-forwarded-for', 'forwarded-for', vendor],
        [vendor.id, 'trusts-forwarded-for', 'real-ip', vendor],
        [vendor.id, 'trusts-forwarded-for', 'forwarded', vendor],
        [vendor.id, 'counts-forwarding-hops', 'forwarded-for', vendor],
        [vendor.id, 'trusts-client-ip', 'client-ip', vendor],
        [vendor.id, 'trusts-cdn-headers', 'cdn-client-ip', vendor],
      ] as const,
  ),
)("%s with %s lets a stranger in who claims the vendor's address: %s", async (_, name, id, vendor) => {
  const [one, bug] = [
    listCases(settingOf(vendor)).find((each) => each.id === id),
    bugsOf(vendor).find((each) => each.name === name),
  ];
  if (one === undefined || bug === undefined) throw new Error(`no ${id} or no ${name}`);
  const circumstances = { allow: [vendorAddress(vendor)] };
  expect(await tryCase(one, vendor, bug, circumstances)).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('refused without the header, taken with it'),
  });
  expect(await tryCase(one, vendor, null, circumstances)).toMatchObject({
    status: 'pass',
    detail: 'refused with and without the header',
  });
});

test('every bug has its cases, and every case is written for a vendor that has it', () => {
  expect(Object.keys(WRITTEN_FOR).toSorted()).toEqual(BUGS.map(({ name }) => name).toSorted());
  const ids = VENDORS.flatMap((vendor) => listCases(settingOf(vendor)).map(({ id }) => id));
  expect(
    Object.values(WRITTEN_FOR)
      .flat()
      .filter((pattern) => !ids.some((id) => matches(pattern, id))),
  ).toEqual([]);
});
