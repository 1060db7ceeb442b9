import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import schemaFile from '../../src/config/vendor.schema.json' with { type: 'json' };
import { testFolder } from '../helpers/folder.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { bin, runCommandLine } from '../helpers/program.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/vendor-files.md');
const page = readFileSync(PAGE, 'utf8');

/** What stands in a fence: a file (`json acme.vendor.json`), commands (`sh`), or what the commands before it print. */
interface Block {
  language: string;
  file: string;
  text: string;
}

const FENCE = /^```(\w*) ?(\S*)\n([\s\S]*?)^```$/gm;
const blocksOf = (text: string): Block[] =>
  [...text.matchAll(FENCE)].map(([, language = '', file = '', inside = '']) => ({ language, file, text: inside }));

/** One shell for each, as one person types it. */
const examples = page
  .split(/^(?=## )/m)
  .map((text) => ({ title: /^## (.*)/.exec(text)?.[1] ?? '', blocks: blocksOf(text) }))
  .filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'));

test('there are examples to run', () => {
  expect(examples.length).toBeGreaterThanOrEqual(2);
});

test.each(examples)(
  '$title: the files and commands work in their order, and print what is shown',
  async ({ blocks }) => {
    const printed = await runBlocks(blocks);
    const shown = blocks.flatMap((block, at) =>
      block.language === 'sh' && blocks[at + 1]?.language === ''
        ? [[block.text, blocks[at + 1]?.text ?? ''] as const]
        : [],
    );
    expect(shown.length).toBeGreaterThan(0);
    if (process.env['UPDATE_DOCS'] !== undefined) updatePage(shown, printed);
    else
      for (const [commands, text] of shown) {
        // Two programs that run at once: which of them prints first is not promised.
        const compared = commands.includes('&\n') ? linesOf : settled;
        expect(compared(printed.get(commands) ?? '')).toEqual(compared(text));
      }
  },
);

const MARK = '=== block ';
/** Whatever fails, no receiver stays behind. */
const STOP = 'trap \'kill "$!" 2> /dev/null || true\' EXIT';
/** A second signal would end it before it has told what it saw. */
const STOPPED = 'trap - EXIT';

/** A person takes longer to type the next command than a receiver to end and leave its port. */
const STOPS = /^kill \$!$/gm;
const GONE = 'kill $!; wait $! 2> /dev/null || true';

/** Runs every block of commands; what each printed, by its text. */
async function runBlocks(blocks: readonly Block[]): Promise<Map<string, string>> {
  const cwd = testFolder();
  const port = String((await freePorts(1))[0]);
  const real = (text: string): string => text.replaceAll(/\b3000\b/g, port);
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  symlinkSync(bin('webhook'), join(cwd, 'node_modules/.bin/webhook'));
  for (const { file, text } of blocks) if (file !== '') writeFileSync(join(cwd, file), real(text));
  const commands = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
  const script = commands
    .map(
      (text, at) =>
        `echo '${MARK}${at}'\n${real(text).replaceAll('npx ', './node_modules/.bin/').replaceAll(STOPS, GONE)}\n`,
    )
    .join('');
  const env = { HOME: cwd, XDG_DATA_HOME: join(cwd, 'data'), XDG_CONFIG_HOME: join(cwd, 'config') };
  const ended = await runCommandLine('sh', ['-e', '-c', `exec 2>&1\n${STOP}\n${script}${STOPPED}`], { cwd, env });
  expect(ended.code, ended.stdout).toBe(0);
  const printed = ended.stdout
    .replaceAll(port, '3000')
    .replaceAll(cwd, '.')
    .split(new RegExp(`^${MARK}\\d+\n`, 'm'))
    .slice(1);
  return new Map(commands.map((text, at) => [text, printed[at] ?? '']));
}

/** Without what is another text each time: ids, digests, times, and how many cases the suite has by now. */
function settled(text: string): string {
  return (
    text
      .replaceAll(/\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/g, '(uuid)')
      .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(time)')
      .replaceAll(/\b1[78]\d{8}\b/g, '(time)')
      // One in two hundred of them has no digit.
      .replaceAll(/\b(?:ord|pay)_[a-z\d]{12,}/gi, '(id)')
      .replaceAll(/(?<![\w+/])(?:(?=[\w+/]*\d)[\w+/]{12,}|[\w+/]{40,})={0,2}/g, '(id)')
      .replaceAll(/\b\d{4}-\d\d-\d\d\b/g, '(day)')
      .replaceAll(/\d+(?:\.\d+)? (?:ms|s|min|h|days?)\b/g, '(span)')
      .replaceAll(/\d+ (?=passed|cases|of accept|of refuse|of robust|requests|not genuine|candidates)/g, '(n) ')
      // Lines end elsewhere where such a text is longer.
      .replaceAll(/\n +/g, ' ')
      .replaceAll(/reproduce\s+it\)/g, 'reproduce it)')
      .trim()
  );
}

const linesOf = (text: string): string[] => settled(text).split('\n').toSorted();

/** `UPDATE_DOCS=1`: writes what is printed now into the page, where that differs. */
function updatePage(shown: readonly (readonly [string, string])[], printed: ReadonlyMap<string, string>): void {
  let text = readFileSync(PAGE, 'utf8');
  for (const [commands, old] of shown) {
    const now = (printed.get(commands) ?? '').replace(/\n*$/, '\n');
    const before = `\`\`\`sh\n${commands}\`\`\`\n\n\`\`\`\n`;
    if (settled(old) !== settled(now)) text = text.replace(`${before}${old}\`\`\``, () => `${before}${now}\`\`\``);
  }
  writeFileSync(PAGE, text);
}

/** What every fact may say beside its value: a table of its own has these. */
const EVIDENCE = new Set(['certainty', 'source', 'asOf', 'note']);

type Node = {
  type?: string;
  $ref?: string;
  anyOf?: Node[];
  enum?: string[];
  items?: Node;
  properties?: Record<string, Node>;
};
const schema = schemaFile as unknown as Node & { $defs: Record<string, Node> };

function resolved({ $ref, anyOf, ...node }: Node): Node {
  if ($ref !== undefined) return resolved(schema.$defs[$ref.replace('#/$defs/', '')] ?? {});
  // A signature, or null.
  const hasNull = anyOf?.some(({ type }) => type === 'null');
  return hasNull ? resolved(anyOf?.[0] ?? {}) : { ...node, anyOf };
}

/** `signature.timestamp`; of a fact its value. */
function nodeAt(name: string): Node {
  return name.split('.').reduce<Node>((node, step) => {
    const next = resolved(node.properties?.[step] ?? schema.$defs[step] ?? {});
    return next.properties?.['value'] !== undefined && step !== 'header' ? resolved(next.properties['value']) : next;
  }, schema);
}

const namesOf = (node: Node): string[] => Object.keys(node.properties ?? node.anyOf?.map(keyOf) ?? {});
const keyOf = ({ properties = {} }: Node): string => Object.keys(properties)[0] ?? '';

/** What the first column of a table names. */
function tableNames(marker: string): string[] {
  const [, table = ''] = page.split(marker);
  const rows = table.trim().split(/\n\n/)[0]?.split('\n').slice(2) ?? [];
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

const tables = [...page.matchAll(/<!-- properties: (\S+) -->/g)].map(([marker, name = '']) => ({ marker, name }));

test.each(tables)('the table of $name has every property, and no other', ({ marker, name }) => {
  const node = name === 'file' ? schema : nodeAt(name);
  const wanted = node.anyOf === undefined ? namesOf(node) : node.anyOf.map(keyOf);
  const isVector = name === 'vector';
  expect(tableNames(marker).toSorted()).toEqual(
    wanted.filter((key) => isVector || name === 'file' || !EVIDENCE.has(key)).toSorted(),
  );
});

test('there is a word on every property and every value that a file may have', () => {
  const [, reference = ''] = page.split(/^## Reference$/m);
  const missing = [...listWords(schema)].filter(
    (word) => !new RegExp(`["\`]${word.replace('$', '\\$')}["\`]`).test(reference),
  );
  expect(missing).toEqual([]);
});

function listWords(root: Node): Set<string> {
  const words = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties = {}, enum: values = [] } = node as Node;
    for (const word of [...Object.keys(properties), ...values]) if (word !== 'value') words.add(String(word));
    for (const inside of Object.values(node)) visit(inside);
  };
  visit(root);
  return words;
}
