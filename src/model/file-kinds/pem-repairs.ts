import { eachLine, endOfRun, startOfRun } from '../character-run.ts';
import { ANY_HYPHEN, readPem } from '../pem.ts';
import type { FileKind, KnownFile, UnreadFile } from './file-kind.ts';

/** PEM that was spoilt on its way. A repair is offered where it makes PEM that can be read of this very file. */
interface Repair {
  what: string;
  advice: string;
  /** What the command does, to see whether it helps. */
  repair: (text: string) => string;
  command: (word: string, copy: string) => string;
}

const MARK = /(-----(?:BEGIN|END) [A-Z0-9 ]{1,64}-----)/;
/** The label neither begins nor ends with a space: a line of spaces would else be divided in every way. */
const ODD_MARK = new RegExp(
  `^${ANY_HYPHEN}{1,20} *(BEGIN|END) +([A-Z0-9](?:[A-Z0-9 ]{0,58}[A-Z0-9])?) *${ANY_HYPHEN}{1,20}$`,
);
/** A longer line is none. */
const MAX_MARK_LENGTH = 1000;
/** The same for sed, byte by byte: hyphens of any kind are whatever is no letter, digit or space. */
const SED_MARK = [
  's/^[[:blank:]]*[^[:alnum:][:blank:]]+ *(BEGIN|END) +([A-Z0-9 ]*[A-Z0-9]) *[^[:alnum:][:blank:]]+[[:space:]]*$',
  String.raw`-----\1 \2-----/`,
].join('/');

const REPAIRS: readonly Repair[] = [
  {
    what: 'PEM with the line endings of old Macs (CR only)',
    advice: 'convert its line endings',
    repair: (text) => text.replaceAll('\r', '\n'),
    command: (word, copy) => String.raw`tr '\r' '\n' < ${word} > ${copy}`,
  },
  {
    what: 'PEM in quoted-printable, as e-mails carry it',
    advice: 'decode it',
    repair: (text) =>
      text
        .replaceAll(/=\r?\n/g, '')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    command: (word, copy) => String.raw`perl -pe 's/=\r?\n//; s/=([0-9A-F]{2})/chr hex $1/ge' ${word} > ${copy}`,
  },
  {
    what: 'PEM that is indented or quoted',
    advice: 'remove what precedes its lines',
    repair: (text) => eachLine(text, (line) => line.slice(endOfRun(line, ' \t>'))),
    command: (word, copy) => `sed -E 's/^[[:blank:]>]+//' ${word} > ${copy}`,
  },
  {
    what: 'PEM whose BEGIN and END marks do not have five hyphens on either side',
    advice: 'rewrite the marks',
    repair: (text) => eachLine(text, rewriteMark),
    command: (word, copy) => `LC_ALL=C sed -E '${SED_MARK}' ${word} > ${copy}`,
  },
  {
    what: 'PEM with invisible characters, such as a byte-order mark inside it',
    advice: 'remove them',
    // oxlint-disable-next-line no-control-regex
    repair: (text) => text.replaceAll(/[^\t\n\r\u0020-\u007e]/g, ''),
    command: (word, copy) => String.raw`LC_ALL=C tr -cd '\11\12\15\40-\176' < ${word} > ${copy}`,
  },
  {
    what: 'percent-encoded PEM, as proxies write a certificate into a header',
    advice: 'decode it',
    repair: (text) => (/%(?:0A|20)/i.test(text) ? splitMarks(decodePercent(text)) : ''),
    command: (word, copy) => `perl -pe '${PERL_DECODE}' ${word} | awk '{${AWK_SPLIT}}1' > ${copy}`,
  },
  {
    what: 'form-encoded PEM',
    advice: 'decode it',
    repair: (text) => (/BEGIN\+/.test(text) ? splitMarks(decodePercent(text.replaceAll('+', ' '))) : ''),
    command: (word, copy) => `perl -pe 'y/+/ /; ${PERL_DECODE}' ${word} | awk '{${AWK_SPLIT}}1' > ${copy}`,
  },
  {
    what: 'PEM with line numbers',
    advice: 'remove them',
    repair: (text) => eachLine(text, removeNumber),
    command: (word, copy) => `sed -E 's/^[[:blank:]]*[0-9]+[[:blank:]|:.]+//' ${word} > ${copy}`,
  },
  {
    what: 'PEM whose BEGIN and END marks are in lower case',
    advice: 'convert them to upper case',
    repair: (text) => text.replaceAll(/^-----(?:begin|end) [a-z0-9 ]{1,60}-----/gim, (mark) => mark.toUpperCase()),
    command: (word, copy) =>
      `awk 'toupper($0) ~ /^-----(BEGIN|END) [A-Z0-9 ]+-----/ {$0 = toupper($0)} 1' ${word} > ${copy}`,
  },
  {
    what: String.raw`PEM with \n instead of line breaks, as in an environment variable`,
    advice: 'write real line breaks',
    repair: (text) => (/\\n/.test(text) ? splitMarks(breakLines(text)) : ''),
    command: (word, copy) => String.raw`awk '{gsub(/(\\+r)?\\+n/, "\n"); ${AWK_SPLIT}}1' ${word} > ${copy}`,
  },
  {
    what: 'PEM whose BEGIN and END marks are not on their own lines',
    advice: 'put every mark on its own line',
    repair: splitMarks,
    command: (word, copy) => `awk '{${AWK_SPLIT}}1' ${word} > ${copy}`,
  },
];

function rewriteMark(line: string): string {
  const mark = line.slice(endOfRun(line, ' \t'), startOfRun(line, ' \t\r'));
  return mark.length <= MAX_MARK_LENGTH && ODD_MARK.test(mark) ? mark.replace(ODD_MARK, '-----$1 $2-----') : line;
}

function removeNumber(line: string): string {
  const start = endOfRun(line, ' \t');
  const end = endOfRun(line, '0123456789', start);
  const textStart = endOfRun(line, ' \t|:.', end);
  return end === start || end > start + 6 || textStart === end ? line : line.slice(textStart);
}

/** A line break for each `\n` or `\r\n` that is written, behind any number of backslashes. */
function breakLines(text: string): string {
  const parts = text.split('n');
  const last = parts.pop() ?? '';
  return parts.map(endLine).join('') + last;
}

/** What stands before an `n`, with the line break that both make, or the `n` itself. */
function endLine(part: string): string {
  const end = startOfRun(part, '\\');
  if (end === part.length) return `${part}n`;
  const start = part[end - 1] === 'r' ? startOfRun(part, '\\', end - 1) : end;
  return `${part.slice(0, start < end - 1 ? start : end)}\n`;
}

const PERL_DECODE = 's/%([0-9A-F]{2})/chr hex $1/gie';
const decodePercent = (text: string): string =>
  text.replaceAll(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** Every mark on a line of its own. */
function splitMarks(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .split(MARK)
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .join('\n'),
    )
    .join('\n');
}

/** As `splitMarks`, of one line. */
const AWK_SPLIT =
  String.raw`gsub(/-----(BEGIN|END) [A-Z0-9 ]+-----/, "@&@"); gsub(/[\n ]*@[\n @]*/, "\n"); ` +
  String.raw`gsub(/^\n|\n$/, "")`;

export const spoiltPem: FileKind = ({ text, word, newFile }: UnreadFile): KnownFile | null => {
  if (!/(?:BEGIN|END)(?: |%20|\+)[A-Z0-9 ]{1,64}/i.test(text)) return null;
  const found = REPAIRS.find(({ repair }) => isReadable(repair(text)));
  if (found === undefined) return null;
  const { fault, missedAt } = readPem(text);
  const line = fault?.line ?? missedAt;
  const { what, advice, command } = found;
  return {
    what: `it is ${what}${line === null ? '' : ` (line ${line})`}`,
    cure: { advice, command: command(word, newFile('pem')) },
  };
};

function isReadable(text: string): boolean {
  const { blocks, fault, missedAt } = readPem(text);
  return fault === null && missedAt === null && blocks.length > 0;
}
