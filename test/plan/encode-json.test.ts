import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonStyle } from '../../src/model/body-format.ts';
import type { JsonValue } from '../../src/model/json.ts';
import { encodeJson } from '../../src/plan/encode-json.ts';

const text = (value: JsonValue, style: JsonStyle): string => Buffer.from(encodeJson(value, style)).toString();

const PYTHON = (options: string): string =>
  `import json,sys; sys.stdout.reconfigure(encoding='utf8'); ` +
  `print(json.dumps(json.load(sys.stdin), ${options}ensure_ascii=False), end="")`;

// The PHP column: php -r 'echo json_encode(…);'
test.each<[JsonValue, string, string]>([
  [{ a: 1, b: [1, 2], c: null }, '{"a":1,"b":[1,2],"c":null}', String.raw`{"a":1,"b":[1,2],"c":null}`],
  ['https://example.com/', '"https://example.com/"', String.raw`"https:\/\/example.com\/"`],
  ['Müller', '"Müller"', String.raw`"M\u00fcller"`],
  ['Plzeň 1/2', '"Plzeň 1/2"', String.raw`"Plze\u0148 1\/2"`],
  ['🎉', '"🎉"', String.raw`"\ud83c\udf89"`],
  [{ ü: 'é' }, '{"ü":"é"}', String.raw`{"\u00fc":"\u00e9"}`],
  ['"\\\n\t\b\u0001\u007f', String.raw`"\"\\\n\t\b\u0001` + '\u007f"', String.raw`"\"\\\n\t\b\u0001` + '\u007f"'],
  ['\u2028\u00ad', '"\u2028\u00ad"', String.raw`"\u2028\u00ad"`],
  [0.1, '0.1', '0.1'],
])('%j', (value, compact, php) => {
  expect(text(value, 'compact')).toBe(compact);
  expect(text(value, 'php')).toBe(php);
});

const SAMPLE: JsonValue = {
  empty: [{}, [], '', null, true],
  'kéy/"': { n: -1.5, big: 9_007_199_254_740_991, deep: [[1, [2, { x: ', : "' }]]] },
  text: 'a/b <&> Plzeň 🎉 \u2028 \u007f \n\t\\',
};

// What each language makes of the same JSON.
const ENCODERS: [JsonStyle, string, string[]][] = [
  ['php', 'php', ['-r', 'echo json_encode(json_decode(stream_get_contents(STDIN)));']],
  ['python', 'python3', ['-c', 'import json,sys; print(json.dumps(json.load(sys.stdin)), end="")']],
  ['spaced', 'python3', ['-c', PYTHON('')]],
  ['pretty', 'python3', ['-c', PYTHON('indent=2, ')]],
  ['compact', 'python3', ['-c', PYTHON('separators=(",", ":"), ')]],
];

for (const [style, program, args] of ENCODERS) {
  const ask = (): string | null => {
    const { status, stdout } = spawnSync(program, args, { input: JSON.stringify(SAMPLE), encoding: 'utf8' });
    return status === 0 ? stdout : null;
  };
  test.skipIf(spawnSync(program, ['--version']).status !== 0)(`${style} is what ${program} writes`, () => {
    expect(text(SAMPLE, style)).toBe(ask());
  });
}

test("Go's encoder escapes what HTML would take for its own", () => {
  expect(text(SAMPLE, 'go')).toBe(
    JSON.stringify(SAMPLE)
      .replaceAll('<', String.raw`\u003c`)
      .replaceAll('>', String.raw`\u003e`)
      .replaceAll('&', String.raw`\u0026`)
      .replaceAll('\u2028', String.raw`\u2028`),
  );
});

test('PHP style is ASCII, and means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const php = text(value as JsonValue, 'php');
      expect([/^[\u0020-\u007f]*$/.test(php), JSON.stringify(JSON.parse(php))]).toEqual([true, JSON.stringify(value)]);
    }),
    { numRuns: 200 },
  );
});

test.each([65_535, 65_536, 65_537])(
  'a long text is encoded in slices that cut no pair of surrogates: after %i characters',
  (length) => {
    const value = {
      head: [1, null],
      long: `${'x'.repeat(length)}🎉/"é\ud800${'🎉'.repeat(70_000)}`,
      list: ['y'.repeat(70_000), { a: true }],
    };
    expect(text(value, 'compact') === JSON.stringify(value)).toBe(true);
    const php = text(value, 'php');
    for (const style of ['spaced', 'pretty', 'python'] as const)
      expect(JSON.stringify(JSON.parse(text(value, style))) === JSON.stringify(value)).toBe(true);
    expect(text(value, 'pretty') === JSON.stringify(value, null, 2)).toBe(true);
    expect(/^[\u0020-\u007f]*$/.test(php) && JSON.stringify(JSON.parse(php)) === JSON.stringify(value)).toBe(true);
  },
);
