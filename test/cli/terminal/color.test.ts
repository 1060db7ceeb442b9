import { afterEach, expect, test } from 'vitest';
import { chooseColor, loadColors, painter } from '../../../src/cli/terminal/color.ts';
import { renderReport } from '../../../src/cli/terminal/findings.ts';
import { finding, report } from '../../report/reports.ts';

afterEach(() => chooseColor('auto'));

test.each(['bold', 'dim', 'green', 'red', 'yellow'] as const)(
  '%s paints one text, also as a callback of map()',
  async (name) => {
    chooseColor('always');
    await loadColors();
    const paint = painter(process.stdout)[name];
    expect(['a', 'b'].map(paint)).toEqual([paint('a'), paint('b')]);
    expect(paint('a')).not.toBe('a');
  },
);

test('a coloured report says what a plain one says', async () => {
  const one = report([finding('pass'), finding('fail', { fix: 'mend it' }), finding('warn'), finding('skip')]);
  chooseColor('never');
  const plain = renderReport(one);
  chooseColor('always');
  await loadColors();
  // oxlint-disable-next-line no-control-regex
  expect(renderReport(one).replace(/\u001b\[\d+m/g, '')).toBe(plain);
});
