import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { displayWidth } from '../../../src/cli/terminal/display-width.ts';
import { renderTable } from '../../../src/cli/terminal/table.ts';
import { testFolder } from '../../helpers/folder.ts';
import { openHistory } from '../../helpers/open-history.ts';
import { makeAttempt, makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';
import { HAS_TERMINAL, linesOnTerminal } from '../../helpers/terminal.ts';

test('in a pipe every column is there, as wide as its cells', () => {
  const url = `http://127.0.0.1/${'long'.repeat(50)}`;
  const head = ['id', { title: 'url', cutTo: 5, leaveOut: 1 }, 'end'];
  expect(renderTable(head, [['東京', url, 'x']])).toBe(`id    url${' '.repeat(url.length - 3)}  end\n東京  ${url}  x`);
});

const COMMANDS = [
  ['webhook', 'history', 'list'],
  ['webhook', 'list'],
  ['webhook', 'events'],
  ['webhook', 'events', 'mailkite'],
  ['webhook', 'events', 'mailkite', 'email.received'],
  ['webhook', 'events', 'mail2many', 'optin'],
  ['webhook', 'vendor', 'list'],
  ['webhook', 'retries', '--table'],
  ['mp-export', '--uuid', WEBHOOK],
] as const;

describe.skipIf(!HAS_TERMINAL)('no line is longer than the terminal', () => {
  test.each([30, 60, 80, 100])('of %i columns', async (columns) => {
    const folder = await place();
    for (const command of COMMANDS) {
      const lines = await linesOnTerminal(columns, [...command], {
        cwd: folder,
        env: { HOME: folder, WEBHOOK_HISTORY: join(folder, 'history.db') },
      });
      expect(lines.length).toBeGreaterThan(3);
      expect(
        lines.filter((line) => displayWidth(line) > columns),
        command.join(' '),
      ).toEqual([]);
    }
  });
});

/** A history and a configuration with long names in every place. */
async function place(): Promise<string> {
  const folder = testFolder();
  const url = 'https://shop.example.test/a/long/path/to/the/endpoint/of/webhooks?shop=1042';
  const webhook = { uuid: WEBHOOK, name: 'the-shop-of-prague', vendor: 'mail2many', url };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'webhook.config.json'),
    JSON.stringify({ webhooks: [{ ...webhook, events: ['optin', 'optout_individual_channels'] }] }),
  );
  const history = await openHistory(join(folder, 'history.db'));
  const event = 'optout_individual_channels';
  for (const index of [0, 1, 2]) {
    const [delivery, attempt] = makeRecord(index, { delivery: { event, url }, attempt: REFUSED });
    await history.append(delivery, attempt);
    await history.append(delivery, makeAttempt(delivery, { number: 2 }));
  }
  await history.close();
  return folder;
}
