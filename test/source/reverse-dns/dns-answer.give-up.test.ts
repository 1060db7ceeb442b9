import { expect, test } from 'vitest';
import { answerOf, giveUpOnSilence, type AskDns } from '../../../src/source/reverse-dns/dns-answer.ts';

const [SILENT, FAILED, NOBODY] = ['ETIMEOUT', 'ESERVFAIL', 'ENOTFOUND'];
const NEVER = new AbortController().signal;

/**
 * Asks about as many addresses as there are codes, one after the other, `questions` of each; how many were asked about.
 */
async function askAll(codes: readonly (readonly string[])[]): Promise<{ asked: number; last: string }> {
  let code = '';
  let asked = 0;
  const ask: AskDns = async () => answerOf(code);
  const askAbout = giveUpOnSilence(ask);
  let last = '';
  for (const ofAddress of codes) {
    let isAsked = false;
    await askAbout(async (own) => {
      for (const one of ofAddress) {
        code = one;
        const answer = await own({ type: 'PTR', name: 'x' }, NEVER);
        last = answer.kind === 'records' ? '' : answer.why;
        isAsked ||= !last.endsWith('so it is no longer asked');
      }
    });
    if (isAsked) asked += 1;
  }
  return { asked, last };
}

const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

test.each([
  ['silence about 64 in a row', times(65, [SILENT]), 64],
  ['silence about 64 behind one that was answered', [[NOBODY], ...times(65, [SILENT])], 65],
  ['an answer behind each 63', times(3, [...times(63, [SILENT]), [NOBODY]]).flat(), 192],
  ['a server that says that it cannot tell', times(100, [FAILED]), 100],
  ['one answer about each, and silence behind it', times(100, [NOBODY, SILENT]), 100],
])('%s', async (_, codes, expected) => {
  const { asked, last } = await askAll(codes);
  expect(asked).toBe(expected);
  if (asked < codes.length)
    expect(last).toBe('the DNS server did not answer for the last 64 addresses, so it is no longer asked');
});
