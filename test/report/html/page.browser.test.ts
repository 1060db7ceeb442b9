import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderHtml } from '../../../src/report/findings-page.ts';
import { renderHistoryPage } from '../../../src/report/history-page.ts';
import { summariseHistory } from '../../../src/report/statistics/history-summary.ts';
import { hasChromium, openInChromium, type Opened } from '../../helpers/chromium.ts';
import { testFolder } from '../../helpers/folder.ts';
import { HOSTILE, hostileReport } from '../reports.ts';
import { attemptAt, chunksOf, START } from '../statistics/attempts.ts';
import { hostileLoad } from '../load-runs.ts';
import { tagsOf } from './well-formed.ts';

const LOADS =
  '<img src="http://attacker.test/i.png"><script src="http://attacker.test/s.js"></script>' +
  '<link rel="stylesheet" href="http://attacker.test/s.css"><iframe src="http://attacker.test/f"></iframe>' +
  '<script>document.title = "owned"</script><base href="http://attacker.test/"><style>p{color:red}</style>';

/** All that is hostile in one text, and markup that would load something if it were markup. */
const TEXT = [`</pre></td></title></svg></style>"'>${LOADS}`, ...HOSTILE.map(([, text]) => text.slice(0, 500))].join(
  ' ',
);

async function historyPage(text: string): Promise<string> {
  const directions = await summariseHistory(
    chunksOf([
      attemptAt(0, { vendor: text, event: text, outcome: 'refused', errorCode: text, error: text }),
      attemptAt(1, { vendor: text, event: text, direction: 'in' }),
    ]),
  );
  const reports = [{ ...hostileReport(text), name: text, madeAt: START }];
  const loads = [{ ...hostileLoad(text), name: text, madeAt: START }];
  return renderHistoryPage({ madeAt: START, chosen: [text], reports, loads, nameOf: () => text, directions });
}

function open(page: string): Promise<Opened> {
  const file = join(testFolder(), 'page.html');
  writeFileSync(file, page);
  return openInChromium(file);
}

const fixedTags = (dom: string): string[] => tagsOf(dom).filter((tag) => !/^(\/?a|wbr) /.test(tag));

test.skipIf(!hasChromium).each([
  ['findings', async (text: string) => renderHtml(hostileReport(text))],
  ['the history, with a load run', historyPage],
] as const)('a browser reads the page of %s as it was meant, and asks for nothing', async (_, pageOf) => {
  const hostile = await open(await pageOf(TEXT));
  const benign = await open(await pageOf('text'));
  expect(hostile.requests).toEqual([]);
  expect(fixedTags(hostile.dom)).toEqual(fixedTags(benign.dom));
  expect(hostile.dom).not.toMatch(/<(script|img|iframe|base)\b|<title>owned/);
});

test.skipIf(!hasChromium)(
  'should markup get in all the same, the policy keeps it from loading and running',
  async () => {
    const broken = renderHtml(hostileReport('text')).replace('<main>', `<main>${LOADS}`);
    const { dom, requests } = await open(broken);
    expect(dom).toContain('attacker.test');
    expect(dom).not.toContain('<title>owned');
    expect(requests).toEqual([]);
    const without = await open(broken.replace('Content-Security-Policy', 'x-none'));
    expect(without.requests.length).toBeGreaterThan(2);
    expect(without.dom).toContain('<title>owned');
  },
);
