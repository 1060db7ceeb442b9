import type { CheckedAddress } from '../../flows/callers/check-address.ts';
import type { Tally } from '../../flows/callers/tally.ts';
import { writeJsonText } from '../../model/json.ts';
import type { AddressLine } from '../../source/log/address-log.ts';
import type { CallerStep, CallerVerdict } from '../../source/reverse-dns/confirm-reverse-dns.ts';
import { painter } from '../terminal/color.ts';
import { makePieceWriter, SCHEMA_VERSION, warn } from '../terminal/output.ts';
import type { Outputs } from '../terminal/reporters.ts';
import { plainLine, wrapText } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

/** Writes results as they come, so that a log of any length takes no more memory than one of its results. */
export interface AddressReporter<Checked, Counts> {
  checked(one: Checked): Promise<void>;
  end(counts: Counts): Promise<void>;
}

/** Text and JSON on stdout come as the run goes on. A Report, for everything else, is written as a whole at the end. */
export function makeAddressReporter(outputs: Outputs, isLog: boolean): AddressReporter<CheckedAddress, Tally> {
  const { document, files, github } = outputs;
  const isStdoutAlone = files.length === 0 && github === null;
  if (isStdoutAlone && document === null) return makeTextReporter(isLog);
  if (!isStdoutAlone || document?.name !== 'json') return makeReportWriter(outputs);
  return makeJsonReporter<CheckedAddress, Tally>(
    ',\n',
    (one) => writeJsonText(one),
    ({ addresses, lines, unreadable }) =>
      `"addresses":${writeJsonText(addresses)},"lines":${writeJsonText({ ...lines, unreadable })}`,
  );
}

function makeReportWriter(outputs: Outputs): AddressReporter<CheckedAddress, Tally> {
  const results: CheckedAddress[] = [];
  const beganAt = performance.now();
  return {
    checked: async (one) => {
      results.push(one);
    },
    async end(tally) {
      const [{ reportAddresses }, { writeReports }] = await Promise.all([
        import('../../flows/callers/tally.ts'),
        import('../terminal/reporters.ts'),
      ]);
      await writeReports(reportAddresses(results, tally, performance.now() - beganAt, Date.now()), outputs);
    },
  };
}

/**
 * Writes one document with `results` in it, begun with the first result: an error before that leaves stdout empty.
 * @param counted writes the members behind the results
 */
export function makeJsonReporter<Checked, Counts>(
  separator: string,
  render: (one: Checked) => string,
  counted: (counts: Counts) => string,
): AddressReporter<Checked, Counts> {
  const head = `{"schemaVersion":${SCHEMA_VERSION},"results":[`;
  const { write, finish } = makePieceWriter();
  let count = 0;
  return {
    checked: (one) => write(`${count++ === 0 ? head : separator}${render(one)}`),
    end: (counts) => finish(`${count === 0 ? head : ''}],${counted(counts)}}\n`),
  };
}

function makeTextReporter(isLog: boolean): AddressReporter<CheckedAddress, Tally> {
  const { write, finish } = makePieceWriter();
  let count = 0;
  return {
    checked: (one) =>
      write(isLog ? `${renderAddressLine(one)}\n` : `${count++ === 0 ? '' : '\n'}${renderAddress(one)}\n`),
    end: (tally) => {
      const text = renderTally(tally, isLog);
      return finish(text === null ? '' : `\n${text}\n`);
    },
  };
}

const LABELS: Record<CallerStep['step'], string> = {
  ptr: 'PTR',
  names: 'names',
  matching: 'matching',
  a: 'A',
  aaaa: 'AAAA',
  equal: 'equal',
  list: 'list',
  network: 'network',
};
const MARKS: Record<CallerStep['result'], string> = { ok: 'ok', no: 'no', unknown: '?', warn: 'warn' };
const WIDTHS = {
  label: 'matching'.length,
  mark: 'warn'.length,
  verdict: 'permerror'.length,
  address: '255.255.255.255'.length,
};

/** Renders one address: the verdict, the source that admits it, and every step that led there. */
function renderAddress({ address, verdict, matched, steps, notes }: CheckedAddress): string {
  const { dim } = painter(screenOf(1));
  const by = matched === null ? '' : `  ${plainLine(matched.by === 'reverse-dns' ? matched.name : matched.entry)}`;
  return [
    `${paintVerdict(verdict, verdict)}  ${address}${by}`,
    ...steps.flatMap(renderStep),
    ...notes.flatMap((note) => wrapText(note, '  note  ')).map((line) => dim(line)),
  ].join('\n');
}

/** In characters. A longer warning shows in the view of a single address. */
const MAX_WARNING = 80;

/** Renders one line: the verdict, the step that decided, and any warning about an address that passes. */
function renderAddressLine({ address, verdict, matched, steps }: CheckedAddress): string {
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

/** Renders the counts; null for a single address, which needs none. */
function renderTally({ addresses, lines, unreadable }: Tally, isLog: boolean): string | null {
  const [all, allLines] = [addresses, lines].map((counts) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0),
  ) as [number, number];
  if (!isLog && all === 1) return null;
  const ofLines = isLog ? ` (${lines.pass} of ${allLines} lines)` : '';
  const open = addresses.temperror === 0 ? '' : `; DNS did not answer for ${addresses.temperror}`;
  const rest = unreadable === 0 ? '' : `; ${unreadable} ${unreadable === 1 ? 'line' : 'lines'} without an address`;
  return `${addresses.pass} of ${all} ${all === 1 ? 'address' : 'addresses'} allowed${ofLines}${open}${rest}`;
}

function renderStep({ step, result, subject, detail }: CallerStep): string[] {
  const paint = painter(screenOf(1));
  const isQuestion = step === 'ptr' || step === 'a' || step === 'aaaa';
  const [first = '', ...rest] = wrapText(
    plainLine(isQuestion ? `${subject} → ${detail}` : detail),
    `  ${MARKS[result].padEnd(WIDTHS.mark)}  ${LABELS[step].padEnd(WIDTHS.label)}  `,
  );
  const color = { ok: paint.green, no: paint.red, unknown: paint.yellow, warn: paint.yellow }[result];
  return [first.replace(MARKS[result], (mark) => color(mark)), ...rest];
}

function paintVerdict(verdict: CallerVerdict, text: string): string {
  const paint = painter(screenOf(1));
  return { pass: paint.green, fail: paint.red, permerror: paint.red, temperror: paint.yellow }[verdict](text);
}

/** A wrong file has no address on any line: the first ten are enough. */
const MAX_UNREADABLE = 10;
const MAX_UNREADABLE_CHARACTERS = 80;

/** Warns on stderr of lines without an address; the other lines go on. */
export function makeUnreadableWarner(): { warnOf(line: AddressLine): void; end(): void } {
  let count = 0;
  return {
    warnOf: ({ line, text, reason = 'is not an address' }) => {
      count += 1;
      if (count <= MAX_UNREADABLE) warn(`line ${line}: ${text.slice(0, MAX_UNREADABLE_CHARACTERS)} ${reason}`);
    },
    end: () => {
      if (count > MAX_UNREADABLE) warn(`${count - MAX_UNREADABLE} more lines without an address`);
    },
  };
}

/** Of a log that has lines, but an address on none of them. */
export const NO_ADDRESS_THERE =
  'no line has an address in the expected place: choose another column with --column N, or a JSON field ' +
  'with --column NAME';
export const NOBODY_CHECKED = 'the input contains no address, so nothing was checked';
