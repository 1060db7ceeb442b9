import { expect, test } from 'vitest';
import { percentText } from '../../src/model/wording.ts';

test.each([
  [0, '0%'],
  [1, '100%'],
  [0.12345, '12.3%'],
  [0.9995, '99.95%'],
  [0.00042, '0.042%'],
  [0.0000001, 'under 0.001%'],
  [0.9999999, 'over 99.999%'],
  [1.5, '150%'],
])('%f is %s', (share, text) => {
  expect(percentText(share)).toBe(text);
});
