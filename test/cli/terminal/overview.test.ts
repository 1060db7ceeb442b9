import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { EXIT_CODES } from '../../../src/cli/terminal/exit.ts';
import { shortOverview, topicList, wholeOverview } from '../../../src/cli/terminal/overview.ts';
import { TOPICS } from '../../../src/cli/topics.ts';

const WIDTHS = [100, 80, 60, 45];

test('the short overview fits a screen, the whole one two, and no line is wider than the terminal', () => {
  expect(shortOverview(COMMANDS, 100).split('\n').length).toBeLessThanOrEqual(24);
  expect(shortOverview(COMMANDS, 80).split('\n').length).toBeLessThanOrEqual(30);
  expect(wholeOverview(COMMANDS, TOPICS, 100).split('\n').length).toBeLessThanOrEqual(60);
  for (const width of WIDTHS) {
    const texts = [
      shortOverview(COMMANDS, width),
      wholeOverview(COMMANDS, TOPICS, width),
      topicList(COMMANDS, TOPICS, width),
    ];
    expect(texts.flatMap((text) => text.split('\n')).filter((line) => line.length > width)).toEqual([]);
  }
});

test('all commands, topics and exit codes are there', () => {
  const whole = wholeOverview(COMMANDS, TOPICS, 1000);
  const list = topicList(COMMANDS, TOPICS, 1000);
  const rows = whole.split('\n').map((line) => line.trim().replace(/ {2,}/, '  '));
  for (const { name, summary } of COMMANDS) expect(rows).toContain(`${name}  ${summary}`);
  for (const { name, summary } of TOPICS)
    expect([whole, list]).toEqual([expect.stringContaining(name), expect.stringContaining(summary)]);
  for (const [, meaning] of EXIT_CODES) expect(whole).toContain(meaning);
});
