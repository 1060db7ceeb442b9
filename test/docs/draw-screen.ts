/** A screen of a terminal as an SVG: what the program wrote, in its colours. */

const COLUMN = 8.4;
const LINE = 20;
const MARGIN = 20;
const BAR = 36;

/** Of `SGR` codes: the class of what follows. The program uses no others. */
const STYLES: Readonly<Record<string, string | null>> = {
  '1': 'bold',
  '2': 'dim',
  '31': 'red',
  '32': 'green',
  '33': 'yellow',
  '0': null,
  '22': null,
  '39': null,
};

const CSS = [
  'text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde5; white-space: pre }',
  '.bold { font-weight: bold; fill: #ffffff }',
  '.dim { fill: #97a3b3 }',
  '.red { fill: #ff8c82 }',
  '.green { fill: #7ee2a0 }',
  '.yellow { fill: #f2cc60 }',
].join(' ');

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

interface Piece {
  style: string | null;
  column: number;
  text: string;
}

/** Throws for a code that has no style here. */
export function drawScreen({ command, output, title }: { command: string; output: string; title: string }): string {
  const lines = output.trimEnd().split('\n');
  const pieces = [
    [
      { style: 'dim', column: 0, text: '$ ' },
      { style: 'bold', column: 2, text: command },
    ],
    ...lines.map(readLine),
  ];
  const columns = Math.max(...pieces.flat().map(({ column, text }) => column + [...text].length));
  const width = Math.ceil(columns * COLUMN + 2 * MARGIN);
  const height = BAR + pieces.length * LINE + MARGIN;
  const rows = pieces.map((line, index) => drawLine(line, BAR + index * LINE + 14)).filter((row) => row !== '');
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, index) => `<circle cx="${MARGIN + index * 18}" cy="18" r="5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<style>${CSS}</style>`,
    `<rect width="${width}" height="${height}" rx="10" fill="#161b22"/>`,
    ...dots,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

function readLine(line: string): Piece[] {
  let style: string | null = null;
  let column = 0;
  const pieces: Piece[] = [];
  // oxlint-disable-next-line no-control-regex
  for (const [, code, text = ''] of line.matchAll(/\u001b\[(\d+)m|([^\u001b]+)/g)) {
    if (code !== undefined) {
      if (!Object.hasOwn(STYLES, code)) throw new Error(`no style for ${code}`);
      style = STYLES[code] ?? null;
    } else {
      pieces.push({ style, column, text });
      column += [...text].length;
    }
  }
  return pieces;
}

/** Each piece at its own place: no two fonts have letters of one width. */
function drawLine(pieces: readonly Piece[], y: number): string {
  const drawn = pieces
    .filter(({ text }) => text.trim() !== '')
    .map(({ style, column, text }) => {
      const lead = text.length - text.trimStart().length;
      const shown = text.trim();
      const x = (MARGIN + (column + lead) * COLUMN).toFixed(1);
      const length = ([...shown].length * COLUMN).toFixed(1);
      const kind = style === null ? '' : ` class="${style}"`;
      return `<tspan x="${x}" textLength="${length}"${kind}>${escapeXml(shown)}</tspan>`;
    });
  return drawn.length === 0 ? '' : `<text y="${y}" xml:space="preserve">${drawn.join('')}</text>`;
}
