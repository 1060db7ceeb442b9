import type { CheckedAddress } from '../../flows/callers/check-addresses.ts';
import type { Tally } from '../../flows/callers/count-callers.ts';
import type { Step, Verdict } from '../../source/reverse-dns/verdict.ts';
import { painter } from '../terminal/color.ts';
import { plainLine, wrapText } from '../terminal/text.ts';

const LABELS: Record<Step['step'], string> = {
  ptr: 'PTR',
  names: 'names',
  matching: 'matching',
  a: 'A',
  aaaa: 'AAAA',
  equal: 'equal',
  list: 'list',
  network: 'network',
};
const MARKS: Record<Step['result'], string> = { ok: 'ok', no: 'no', unknown: '?', warn: 'warn' };
const WIDTHS = {
  label: 'matching'.length,
  mark: 'warn'.length,
  verdict: 'permerror'.length,
  address: '255.255.255.255'.length,
};

/** One address: the verdict, by what, and every step of the way there. */
export function renderChecked({ address, verdict, matched, steps, notes }: CheckedAddress): string {
  const { dim } = painter(process.stdout);
  const by = matched === null ? '' : `  ${plainLine(matched.by === 'reverse-dns' ? matched.name : matched.entry)}`;
  return [
    `${paintVerdict(verdict, verdict)}  ${address}${by}`,
    ...steps.flatMap(renderStep),
    ...notes.flatMap((note) => wrapText(note, '  note  ')).map((line) => dim(line)),
  ].join('\n');
}

/** In characters: what is longer is in the view of a single address. */
const MAX_WARNING = 80;

/** One line: the verdict, the step that decided, and what should be known of an address that passes. */
export function renderCheckedLine({ address, verdict, matched, steps }: CheckedAddress): string {
  const deciding = steps.filter(({ result }) => result === (verdict === 'temperror' ? 'unknown' : 'no'));
  const why =
    matched === null
      ? [...new Set(deciding.map(({ detail }) => detail))].join('; ')
      : matched.by === 'reverse-dns'
        ? matched.name
        : matched.entry;
  const warnings =
    matched === null ? [] : steps.filter(({ result, detail }) => result === 'warn' && detail.length <= MAX_WARNING);
  const line = [why, ...warnings.map(({ detail }) => `warn: ${detail}`)].map(plainLine).join('  ');
  return `${paintVerdict(verdict, verdict.padEnd(WIDTHS.verdict))}  ${address.padEnd(WIDTHS.address)}  ${line}`;
}

/** What it came to; null for a single address, which says so itself. */
export function renderTally({ addresses, lines, unreadable }: Tally, isLog: boolean): string | null {
  const [all, allLines] = [addresses, lines].map((counts) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0),
  ) as [number, number];
  if (!isLog && all === 1) return null;
  const ofLines = isLog ? ` (${lines.pass} of ${allLines} lines)` : '';
  const open = addresses.temperror === 0 ? '' : `; of ${addresses.temperror} DNS told nothing`;
  const rest = unreadable === 0 ? '' : `; ${unreadable} ${unreadable === 1 ? 'line' : 'lines'} without an address`;
  return `${addresses.pass} of ${all} ${all === 1 ? 'address' : 'addresses'} allowed${ofLines}${open}${rest}`;
}

function renderStep({ step, result, subject, detail }: Step): string[] {
  const paint = painter(process.stdout);
  const isQuestion = step === 'ptr' || step === 'a' || step === 'aaaa';
  const [first = '', ...rest] = wrapText(
    plainLine(isQuestion ? `${subject} → ${detail}` : detail),
    `  ${MARKS[result].padEnd(WIDTHS.mark)}  ${LABELS[step].padEnd(WIDTHS.label)}  `,
  );
  const color = { ok: paint.green, no: paint.red, unknown: paint.yellow, warn: paint.yellow }[result];
  return [first.replace(MARKS[result], (mark) => color(mark)), ...rest];
}

function paintVerdict(verdict: Verdict, text: string): string {
  const paint = painter(process.stdout);
  return { pass: paint.green, fail: paint.red, permerror: paint.red, temperror: paint.yellow }[verdict](text);
}
