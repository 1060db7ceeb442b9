import { expect, test } from 'vitest';
import { textOfMarkup } from '../../../src/report/html/markup.ts';
import { PALETTES, STYLE_SHEET, type Palette } from '../../../src/report/html/style.ts';

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [less = 0, more = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b);
  return (more + 0.05) / (less + 0.05);
}

const TEXTS = ['text', 'quiet', 'good', 'bad', 'doubt'] as const satisfies (keyof Palette)[];
const AREAS = ['delivered', 'refused', 'unreachable'] as const satisfies (keyof Palette)[];

test('black on white is 21 : 1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});

test.each(['light', 'dark'] as const)('%s: text is read and areas are seen by those who see less', (scheme) => {
  const palette = PALETTES[scheme];
  for (const ground of ['ground', 'raised'] as const) {
    for (const text of TEXTS)
      expect(contrast(palette[text], palette[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  for (const area of AREAS) expect(contrast(palette[area], palette.ground), area).toBeGreaterThanOrEqual(3);
});

test.each(['light', 'dark'] as const)('%s: outcomes differ in lightness, not in colour alone', (scheme) => {
  const [first = 0, second = 0, third = 0] = AREAS.map((area) => luminanceOf(PALETTES[scheme][area])).toSorted(
    (a, b) => a - b,
  );
  expect((second + 0.05) / (first + 0.05)).toBeGreaterThan(1.3);
  expect((third + 0.05) / (second + 0.05)).toBeGreaterThan(1.3);
});

test('the style sheet names no colour but those of the palettes, and loads nothing', () => {
  const text = textOfMarkup(STYLE_SHEET);
  const known = new Set(Object.values(PALETTES).flatMap((palette) => Object.values(palette)));
  expect([...text.matchAll(/#[\da-f]{3,8}\b/gi)].map(([colour]) => colour).filter((one) => !known.has(one))).toEqual(
    [],
  );
  expect(text).not.toMatch(/url\(|@import|@font-face|&|</);
});
