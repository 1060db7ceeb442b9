/** Texts, which are passed over, and numbers of a JSON document. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The first number in this JSON text that JavaScript would write as another one, as spelled there; null when all
 * keep their value: `12345678901234567890` becomes 12345678901234567000, `1e400` infinite, `1.50` only changes its form.
 */
export function findInexactNumber(json: string): string | null {
  const numbers = (json.match(TOKENS) ?? []).filter((token) => !token.startsWith('"'));
  return numbers.find((token) => normalizeDecimal(token) !== normalizeDecimal(String(Number(token)))) ?? null;
}

/** Digits without zeros around them, and the power of ten of the last: the same text for the same value. */
function normalizeDecimal(spelled: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(spelled) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
