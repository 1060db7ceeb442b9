import { expect, test } from 'vitest';
import { answerEveryBranch, type Ask } from '../../../src/source/rules/open-questions.ts';

const place = { file: 'a.conf', line: 1, text: 'x' };
const goEveryWay = (
  answer: (ask: (text: string) => boolean) => boolean,
): { ends: boolean[]; doubts: string[]; isPartial: boolean } => {
  const { answers, doubts, isPartial } = answerEveryBranch((ask: Ask) => answer((text) => ask(place, text)), String);
  return { ends: [...answers], doubts: doubts.map(({ text }) => text), isPartial };
};

test('what asks nothing has one answer', () => {
  expect(goEveryWay(() => true)).toEqual({ ends: [true], doubts: [], isPartial: false });
});

test('each combination of answers is gone through once', () => {
  expect(goEveryWay((ask) => [ask('a'), ask('b')].every(Boolean))).toEqual({
    ends: [true, false, false, false],
    doubts: ['a', 'b'],
    isPartial: false,
  });
});

test('the same question has the same answer', () => {
  expect(goEveryWay((ask) => ask('a') === ask('a'))).toEqual({ ends: [true, true], doubts: [], isPartial: false });
});

test('a handshake of changes nothing is no doubt', () => {
  expect(
    goEveryWay((ask) => {
      ask('first');
      const end = ask('which');
      ask('last');
      return end;
    }).doubts,
  ).toEqual(['which']);
});

test('a handshake of comes up only after another answer is one, too', () => {
  expect(goEveryWay((ask) => ask('a') && ask('b')).doubts).toEqual(['a', 'b']);
});

test('too many questions are given up', () => {
  const { ends, isPartial, doubts } = goEveryWay((ask) =>
    Array.from({ length: 30 }, (_, index) => ask(`q${index}`)).every(Boolean),
  );
  expect(isPartial).toBe(true);
  expect(ends.length).toBeLessThan(1000);
  expect(doubts.length).toBe(30);
});
