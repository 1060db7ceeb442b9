import { dirname, isAbsolute } from 'node:path';
import type { ConfigFile, ReadIncluded } from '../rules/server-rules.ts';
import { syntaxError } from './lex.ts';

/** All files of a configuration, as `nginx -T` writes them one behind the other. */
export interface NginxDump {
  main: ConfigFile;
  readIncluded: ReadIncluded;
}

/** What `nginx -T` writes before each file. A terminal or a mail may have put a CR at its end. */
const MARKER = /^# configuration file (.+):\r?$/;
/** With `2>&1` what nginx says of the configuration stands before the files, or between them. */
const SAID = /^nginx: (?:the )?(?:configuration file |\[\w+\] )/;

/** Null for a file that is no dump. Throws AppError `input` for two dumps in one. */
export function readDump({ file, text }: ConfigFile): NginxDump | null {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const begin = lines.findIndex((line) => line.trim() !== '' && !SAID.test(line));
  if (begin === -1 || !MARKER.test(lines[begin] ?? '')) return null;
  const files = new Map<string, string[]>();
  let current: string[] = [];
  for (const [index, line] of lines.slice(begin).entries()) {
    const path = MARKER.exec(line)?.[1];
    if (path === undefined) {
      if (!SAID.test(line)) current.push(line);
      continue;
    }
    if (files.has(path))
      throw syntaxError(
        file,
        begin + index + 1,
        `${path} appears twice in this dump`,
        'give the output of one nginx -T',
      );
    current = [];
    files.set(path, current);
  }
  const all = [...files].map(([path, content]): ConfigFile => ({ file: path, text: content.join('\n') }));
  const [main] = all;
  return main === undefined ? null : { main, readIncluded: (pattern) => findIn(all, pattern, dirname(main.file)) };
}

/** Only the dump itself is asked: the files of this machine may be another server's. */
function findIn(files: readonly ConfigFile[], pattern: string, folder: string): ConfigFile[] {
  const whole = isAbsolute(pattern) ? pattern : `${folder}/${pattern}`;
  const expression = asExpression(whole);
  return files
    .filter(({ file }) => file === whole || expression.test(file))
    .toSorted((one, other) => Buffer.compare(Buffer.from(one.file), Buffer.from(other.file)));
}

/** As glob(3) reads it: no wildcard is a slash or the dot that a hidden file begins with. */
function asExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, (part, at: number) => {
    const guard = at > 0 && pattern[at - 1] === '/' ? String.raw`(?!\.)` : '';
    if (part === '*') return `${guard}[^/]*`;
    if (part === '?') return `${guard}[^/]`;
    if (part.length > 2 && part.startsWith('['))
      return `${guard}[${part.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
    return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return /(?!)/;
  }
}
