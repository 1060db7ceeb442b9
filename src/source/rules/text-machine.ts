/**
 * Expressions that can be followed for every text at once: literals, classes, alternatives, repetitions and the
 * anchors at both ends. JavaScript's engine answers for one text; whether an expression is found in the addresses of a
 * whole network takes a machine with states.
 */

type TestCharacter = (character: string) => boolean;

type Node =
  | { kind: 'one'; test: TestCharacter }
  | { kind: 'begin' }
  | { kind: 'end' }
  | { kind: 'sequence'; parts: readonly Node[] }
  | { kind: 'choice'; parts: readonly Node[] }
  | { kind: 'repeat'; inner: Node; min: number; max: number };

interface MachineState {
  moves: { test: TestCharacter; to: number }[];
  /** Without a character. */
  jumps: number[];
  /** At the beginning of the text alone, at its end alone. */
  begins: number[];
  ends: number[];
}

/** Where a machine is: the states it may be in. Equal keys go on alike. */
export interface Position {
  key: string;
  states: readonly number[];
  /** The expression was found already, whatever follows. */
  isFound: boolean;
  /** Nothing that follows can make it be found. */
  isLost: boolean;
}

export interface TextMachine {
  begin: Position;
  step(position: Position, character: string): Position;
  /** Whether the expression is found in a text that ends here. */
  isFoundAtEnd(position: Position): boolean;
}

const MAX_STATES = 2000;
const MAX_REPEATS = 100;
const MAX_LENGTH = 2000;

/** The expression as a machine; null for one that is made of more than the above. */
export function makeTextMachine(source: string, ignoreCase: boolean): TextMachine | null {
  const leading = source.startsWith('(?i)');
  const node = source.length > MAX_LENGTH ? null : readNode(leading ? source.slice(4) : source, ignoreCase || leading);
  const states: MachineState[] = [];
  const accept = addState(states);
  const start = node === null ? null : build(node, accept, states);
  return start === null ? null : runStates(states, start, accept);
}

function addState(states: MachineState[], fields: Partial<MachineState> = {}): number {
  return states.push({ moves: [], jumps: [], begins: [], ends: [], ...fields }) - 1;
}

/** Adds what reads `node` and then goes on with `next`. Null: it grows too large. */
function build(node: Node, next: number, states: MachineState[]): number | null {
  if (states.length > MAX_STATES) return null;
  if (node.kind === 'one') return addState(states, { moves: [{ test: node.test, to: next }] });
  if (node.kind === 'begin') return addState(states, { begins: [next] });
  if (node.kind === 'end') return addState(states, { ends: [next] });
  if (node.kind === 'sequence')
    return node.parts.reduceRight<number | null>(
      (after, part) => (after === null ? null : build(part, after, states)),
      next,
    );
  if (node.kind === 'repeat') return buildRepeat(node, next, states);
  const starts = node.parts.map((part) => build(part, next, states));
  return starts.includes(null) ? null : addState(states, { jumps: starts.filter((one) => one !== null) });
}

function buildRepeat(
  { inner, min, max }: Node & { kind: 'repeat' },
  next: number,
  states: MachineState[],
): number | null {
  let at: number | null = next;
  if (max === Number.POSITIVE_INFINITY) {
    const loop = addState(states, { jumps: [next] });
    const body = build(inner, loop, states);
    if (body === null) return null;
    states[loop]?.jumps.push(body);
    at = loop;
  } else
    for (let count = min; count < max && at !== null; count += 1) {
      const body = build(inner, at, states);
      at = body === null ? null : addState(states, { jumps: [body, next] });
    }
  for (let count = 0; count < min && at !== null; count += 1) at = build(inner, at, states);
  return at;
}

function runStates(states: readonly MachineState[], start: number, accept: number): TextMachine {
  const reach = (from: Iterable<number>, more: (state: MachineState) => readonly number[]): Set<number> => {
    const reached = new Set(from);
    for (const index of reached) {
      const state = states[index];
      if (state !== undefined) for (const next of [...state.jumps, ...more(state)]) reached.add(next);
    }
    return reached;
  };
  /** The beginning of the text is behind: what stands there alone is not counted. */
  const leadsTo = (from: Iterable<number>): boolean =>
    reach([...from, start], ({ moves, ends }) => [...moves.map(({ to }) => to), ...ends]).has(accept);
  const known = new Map<string, Position>();
  const positionOf = (reached: ReadonlySet<number>): Position => {
    const isFound = reached.has(accept);
    const sorted = isFound ? [accept] : [...reached].toSorted((one, other) => one - other);
    const key = sorted.join(' ');
    const before = known.get(key);
    if (before !== undefined) return before;
    const position = { key, states: sorted, isFound, isLost: !leadsTo(reached) };
    known.set(key, position);
    return position;
  };
  const move = (position: Position, character: string): Position => {
    const moved = position.states.flatMap((index) =>
      (states[index]?.moves ?? []).filter(({ test }) => test(character)).map(({ to }) => to),
    );
    return positionOf(reach([...moved, start], () => []));
  };
  return {
    begin: positionOf(reach([start], ({ begins }) => begins)),
    step: keepMoves(move),
    isFoundAtEnd: ({ states: at, isFound }) => isFound || reach(at, ({ ends }) => ends).has(accept),
  };
}

/** Addresses are made of few characters, and most of them lead to the same few positions. */
function keepMoves(move: TextMachine['step']): TextMachine['step'] {
  const known = new Map<Position, Map<string, Position>>();
  return (position, character) => {
    if (position.isFound || position.isLost) return position;
    const ofPosition = known.get(position) ?? new Map<string, Position>();
    known.set(position, ofPosition);
    const next = ofPosition.get(character) ?? move(position, character);
    ofPosition.set(character, next);
    return next;
  };
}

const CLASSES: Readonly<Record<string, string>> = {
  d: '[0-9]',
  w: '[0-9A-Za-z_]',
  s: String.raw`[\t-\r ]`,
};

/** What stands at the beginning of the rest. A class is tested by JavaScript, one character at a time. */
const PIECES: readonly (readonly [RegExp, (found: RegExpExecArray, ignoreCase: boolean) => Node | null])[] = [
  [/^(?:\^|\\A)/, () => ({ kind: 'begin' })],
  [/^(?:\$|\\[zZ])/, () => ({ kind: 'end' })],
  [/^\./, () => ({ kind: 'one', test: (character) => character !== '\n' })],
  [/^\\([dws])/, ([, name]) => oneOf(CLASSES[name as 'd'] ?? '', false)],
  [/^\\([DWS])/, ([, name = '']) => oneOf((CLASSES[name.toLowerCase()] ?? '').replace('[', '[^'), false)],
  [/^\\x([\dA-Fa-f]{2})/, ([found], ignoreCase) => oneOf(found, ignoreCase)],
  [/^\\([^A-Za-z0-9])/, ([, text = ''], ignoreCase) => oneOf(escape(text), ignoreCase)],
  [/^\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]/, ([found], ignoreCase) => readClass(found, ignoreCase)],
  [/^[^\\[\](){}*+?|]/, ([found], ignoreCase) => oneOf(escape(found), ignoreCase)],
];

const escape = (character: string): string => (/\w/.test(character) ? character : `\\${character}`);

function oneOf(source: string, ignoreCase: boolean): Node | null {
  try {
    const expression = new RegExp(`^${source}$`, ignoreCase ? 'i' : '');
    return { kind: 'one', test: (character) => expression.test(character) };
  } catch {
    return null;
  }
}

const POSIX: Readonly<Record<string, string>> = {
  digit: '0-9',
  xdigit: '0-9A-Fa-f',
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
};

function readClass(source: string, ignoreCase: boolean): Node | null {
  const names = [...source.matchAll(/\[:(\w+):\]/g)].map(([, name = '']) => name);
  if (names.some((name) => !Object.hasOwn(POSIX, name)) || /\\[A-Za-z0-9]/.test(source.replace(/\\[dws]/g, '')))
    return null;
  const inner = source
    .replace(/\[:(\w+):\]/g, (_, name: string) => POSIX[name] ?? '')
    .replace(/^(\[\^?)\]/, String.raw`$1\]`);
  return oneOf(`[${inner.slice(1, -1).replaceAll('[', String.raw`\[`)}]`, ignoreCase);
}

class NodeReader {
  private rest: string;
  private readonly ignoreCase: boolean;

  constructor(source: string, ignoreCase: boolean) {
    this.rest = source;
    this.ignoreCase = ignoreCase;
  }

  isAtEnd(): boolean {
    return this.rest === '';
  }

  readChoice(depth: number): Node | null {
    if (depth > MAX_REPEATS) return null;
    const parts: Node[] = [];
    do {
      const part = this.readSequence(depth);
      if (part === null) return null;
      parts.push(part);
    } while (this.take(/^\|/) !== null);
    return { kind: 'choice', parts };
  }

  private readSequence(depth: number): Node | null {
    const parts: Node[] = [];
    while (this.rest !== '' && !/^[|)]/.test(this.rest)) {
      const piece = this.readPiece(depth);
      const repeated = piece === null ? null : this.readRepeat(piece);
      if (repeated === null) return null;
      parts.push(repeated);
    }
    return { kind: 'sequence', parts };
  }

  private readPiece(depth: number): Node | null {
    if (this.take(/^\((?:\?:|\?P?<[A-Za-z_]\w*>|(?![?*]))/) !== null) {
      const inner = this.readChoice(depth + 1);
      return this.take(/^\)/) === null ? null : inner;
    }
    for (const [form, read] of PIECES) {
      const found = this.take(form);
      if (found !== null) return read(found, this.ignoreCase);
    }
    return null;
  }

  /** Whether it takes as much or as little as it can makes no difference to whether it is found. */
  private readRepeat(inner: Node): Node | null {
    const found = this.take(/^(?:([*+?])|\{(\d{1,3})(?:(,)(\d{0,3}))?\})\??(?![*+?{])/);
    if (found === null) return /^[*+?{]/.test(this.rest) ? null : inner;
    const [, mark, least = '0', comma, most = ''] = found;
    const many = Number.POSITIVE_INFINITY;
    if (mark !== undefined) return { kind: 'repeat', inner, min: mark === '+' ? 1 : 0, max: mark === '?' ? 1 : many };
    const min = Number(least);
    const max = comma === undefined ? min : most === '' ? many : Number(most);
    return Math.max(min, max === many ? 0 : max) > MAX_REPEATS || max < min
      ? null
      : { kind: 'repeat', inner, min, max };
  }

  private take(form: RegExp): RegExpExecArray | null {
    const found = form.exec(this.rest);
    if (found !== null) this.rest = this.rest.slice(found[0].length);
    return found;
  }
}

function readNode(source: string, ignoreCase: boolean): Node | null {
  const reader = new NodeReader(source, ignoreCase);
  const node = reader.readChoice(0);
  return node !== null && reader.isAtEnd() ? node : null;
}
