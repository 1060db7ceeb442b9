import { markup, type Markup } from './markup.ts';

/** Colours of one scheme, by what they are for. */
export type Palette = Readonly<Record<(typeof COLOURS)[number], string>>;

const COLOURS = [
  'ground',
  'raised',
  'text',
  'quiet',
  'rule',
  'good',
  'bad',
  'doubt',
  'delivered',
  'refused',
  'unreachable',
] as const;

/**
 * Blue, orange and grey are told apart by people who do not tell red from green, and their lightness differs, so that
 * they are on paper without colours, too.
 */
export const PALETTES: Readonly<Record<'light' | 'dark', Palette>> = {
  light: {
    ground: '#ffffff',
    raised: '#f6f8fa',
    text: '#1b1f24',
    quiet: '#57606a',
    rule: '#d8dee4',
    good: '#1f5f9e',
    bad: '#a83a08',
    doubt: '#765000',
    delivered: '#4a90d0',
    refused: '#b5400a',
    unreachable: '#2f343b',
  },
  dark: {
    ground: '#0f1419',
    raised: '#1a2027',
    text: '#e6edf3',
    quiet: '#9aa5b1',
    rule: '#323b45',
    good: '#79b8f0',
    bad: '#ffa36b',
    doubt: '#e3b341',
    delivered: '#4a90d0',
    refused: '#f0883e',
    unreachable: '#d0d7de',
  },
};

function variables(palette: Palette): string {
  return COLOURS.map((name) => `--${name}:${palette[name]}`).join(';');
}

/** The only style sheet. */
export const STYLE_SHEET: Markup = markup`
:root{color-scheme:light dark;${variables(PALETTES.light)}}
@media screen and (prefers-color-scheme:dark){:root{${variables(PALETTES.dark)}}}
*{box-sizing:border-box}
html{background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
  font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:62rem;padding:3rem 1.5rem 4rem}
h1,h2,h3,p,figure,dl,dd,ul{margin:0}
.tiles+figure,.scroll+figure,figure+figure{margin-top:1.5rem}
h1{font-size:2rem;line-height:1.2;letter-spacing:-.02em;font-weight:650;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;font-weight:650;margin-top:3.5rem;padding-top:1rem;
  border-top:2px solid var(--text);overflow-wrap:anywhere}
h3{font-size:1rem;line-height:1.4;font-weight:650;margin-top:2.25rem;overflow-wrap:anywhere}
a{color:inherit;text-decoration-color:var(--quiet);text-underline-offset:.2em}
.brand{font-size:.8125rem;color:var(--quiet);margin-bottom:1.25rem;display:flex;justify-content:space-between;
  gap:1rem;flex-wrap:wrap}
.lead{font-size:1.0625rem;margin-top:.5rem;text-wrap:pretty;overflow-wrap:anywhere}
.quiet{color:var(--quiet)}
.note{color:var(--quiet);font-size:.8125rem;max-width:46rem;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:1.25rem 2rem;margin-top:1.5rem}
.tiles dt{font-size:.8125rem;color:var(--quiet)}
.tiles dd{font-size:1.625rem;line-height:1.25;font-weight:600;letter-spacing:-.01em}
.tiles small{display:block;font-size:.8125rem;font-weight:400;letter-spacing:0;color:var(--quiet)}
.good{color:var(--good)}
.bad{color:var(--bad)}
.doubt{color:var(--doubt)}
.chart{overflow-x:auto;margin-top:.75rem}
.chart svg{display:block;width:100%;min-width:34rem;height:auto;overflow:visible}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums;
  fill:var(--quiet)}
svg .name{fill:var(--text);font-weight:600}
.grid{stroke:var(--rule);stroke-width:1;shape-rendering:crispEdges}
.delivered{fill:var(--delivered)}
.refused{fill:var(--refused)}
.unreachable{fill:var(--unreachable)}
.dropped{fill:var(--ground);stroke:var(--quiet);stroke-dasharray:2 1.5}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.median{stroke:var(--delivered)}
.line.high{stroke:var(--quiet);stroke-dasharray:.1 4.5}
.line.most{stroke:var(--doubt);stroke-width:1}
.dot.most{fill:var(--doubt)}
.dot.median{fill:var(--delivered)}
.dot.high{fill:var(--quiet)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin-top:.25rem;
  font-size:.8125rem;color:var(--quiet)}
.swatch{width:.75rem;height:.75rem;margin-right:.4rem;vertical-align:-.05rem}
.scroll{overflow-x:auto;margin-top:.75rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
th,td{padding:.4rem .75rem .4rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}
th:last-child,td:last-child{padding-right:0}
thead th{font-weight:500;font-size:.8125rem;color:var(--quiet);white-space:nowrap}
tbody th{font-weight:500}
.words{overflow-wrap:anywhere;min-width:9rem}
.number{text-align:right;white-space:nowrap}
.bar{width:9rem;min-width:6rem}
.bar svg{display:block;width:100%;height:.625rem;margin-top:.375rem}
.total th,.total td{border-bottom:0;font-weight:600}
details{margin-top:.75rem}
summary{cursor:pointer;color:var(--quiet);font-size:.875rem}
.finding{margin-top:1.25rem;padding:1rem 1.25rem;background:var(--raised);border-left:3px solid var(--quiet);
  border-radius:0 4px 4px 0}
.finding.fail{border-color:var(--refused)}
.finding.warn{border-color:var(--doubt)}
.finding h3{margin:0}
.finding h3 .quiet{font-weight:400}
.finding p{overflow-wrap:anywhere}
.finding .note{margin-top:.5rem}
.finding details{margin-top:.5rem}
.finding pre{margin-top:.25rem}
.finding dd pre{margin:0}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.25rem 1rem;margin-top:.5rem;
  font-size:.875rem}
.facts dt{color:var(--quiet)}
.facts dd{overflow-wrap:anywhere;white-space:pre-line}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;
  font:.8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{margin-top:4rem;padding-top:1rem;border-top:1px solid var(--rule)}
footer.note{max-width:none}
footer p{max-width:46rem}
footer p+p{margin-top:.5rem}
@media print{
  @page{margin:15mm}
  html{font-size:11px;-webkit-print-color-adjust:exact;print-color-adjust:exact}
  body{max-width:none;padding:0}
  h1,h2,h3{break-after:avoid}
  h2{margin-top:2rem}
  figure,.finding,tr,.tiles{break-inside:avoid}
  details:not([open]){display:none}
  .chart,.scroll{overflow:visible}
}
`;
