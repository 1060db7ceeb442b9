import type { Atom, AtomKind } from './atoms.ts';
import type { Probe, ProbeState, SoughtValue } from './probes.ts';

/** A message that belongs to a target: its pieces, and what stands between, before and behind them. */
export interface Hit {
  target: SoughtValue;
  probe: Probe;
  pieces: readonly (Atom | string)[];
}

/** What may still be spent, in units of a probe's costs, and what was. */
export interface SearchBudget {
  left: number;
  tried: number;
}

const MAIN_SEPARATORS = ['.', '', ':', '\n', '|', ','];
const ALL_SEPARATORS = [...MAIN_SEPARATORS, '&', '-', '_', ' ', ';', '+', '/', '\r\n', '#', '~', '=', '::', '@', '*'];

/** Those that stand behind the last piece, too. */
const TRAILING: ReadonlySet<string> = new Set(['\n', '|', ':', '.', '&']);

/** Two different ones: `id:time.body`. */
const MIXED_SEPARATORS = MAIN_SEPARATORS.flatMap((one) =>
  MAIN_SEPARATORS.filter((other) => other !== one).map((other) => [one, other]),
);

/** One round of the search: messages of so many pieces of these kinds. */
interface Round {
  size: number;
  /** What stands between them: one text everywhere, or one after another. */
  separators: readonly (string | readonly string[])[];
  kinds: readonly AtomKind[];
  /** A message without any of these is not worth its time. */
  needs?: readonly AtomKind[];
  /** The kinds in their order, where that is known. */
  sequence?: readonly AtomKind[];
  /** At most so many atoms of each kind, the likeliest. */
  most?: Partial<Record<AtomKind, number>>;
  /** How late it comes, compared with the others. */
  order: number;
}

const CORE: readonly AtomKind[] = ['body', 'time', 'id', 'url', 'method', 'text'];
const WHOLE: readonly AtomKind[] = ['body', 'hash'];
const LIKELY = { body: 1, time: 2, id: 3, url: 3, text: 3, hash: 3 };
const NEXT = { body: 4, time: 3, id: 4, url: 8, text: 4, hash: 5 };

/** Longer messages that several vendors sign. */
const USUAL_SEQUENCES: readonly (readonly AtomKind[])[] = [
  ['method', 'url', 'body', 'time'],
  ['method', 'url', 'time', 'body'],
  ['time', 'method', 'url', 'body'],
  ['method', 'url', 'time', 'hash'],
  ['time', 'url', 'hash'],
  ['time', 'method', 'url', 'hash'],
  ['method', 'url', 'hash', 'time'],
  ['time', 'id', 'url', 'body'],
  ['id', 'time', 'hash'],
  ['time', 'id', 'hash'],
  ['method', 'url', 'time', 'id', 'body'],
  ['method', 'url', 'id', 'time', 'body'],
];

/** Likely messages first, few pieces before many. */
const ROUNDS: readonly Round[] = [
  { size: 1, separators: [''], kinds: [...CORE, 'hash', 'secret'], order: 0 },
  { size: 2, separators: MAIN_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 1 },
  { size: 3, separators: MAIN_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 2 },
  { size: 2, separators: ALL_SEPARATORS, kinds: [...CORE, 'hash', 'secret'], most: NEXT, order: 3 },
  ...USUAL_SEQUENCES.map((sequence): Round => ({
    size: sequence.length,
    separators: MAIN_SEPARATORS,
    kinds: sequence,
    sequence,
    most: NEXT,
    order: 2.5,
  })),
  // What a shop says of a payment, and the secret behind it.
  { size: 3, separators: ['', '|', ':', '&'], kinds: ['value', 'id'], most: { value: 10, id: 3 }, order: 4.2 },
  { size: 1, separators: [''], kinds: ['value'], order: 3 },
  {
    size: 2,
    separators: ALL_SEPARATORS,
    kinds: ['value', 'body', 'time', 'id', 'url', 'hash'],
    most: { ...LIKELY, value: 30 },
    order: 4,
  },
  { size: 3, separators: MAIN_SEPARATORS, kinds: [...CORE, 'hash'], needs: WHOLE, most: NEXT, order: 5 },
  {
    size: 4,
    separators: MAIN_SEPARATORS,
    kinds: [...CORE, 'hash'],
    needs: WHOLE,
    most: { body: 1, time: 2, id: 2, url: 3, text: 1, hash: 3 },
    order: 6,
  },
  { size: 3, separators: ALL_SEPARATORS, kinds: CORE, needs: ['body'], most: LIKELY, order: 7 },
  {
    size: 3,
    separators: MAIN_SEPARATORS,
    kinds: ['value', 'time', 'id', 'secret'],
    most: { value: 22, time: 2, id: 3 },
    order: 8,
  },
  {
    size: 3,
    separators: MAIN_SEPARATORS,
    kinds: ['value', 'body', 'time', 'id', 'url', 'method', 'hash'],
    needs: WHOLE,
    most: { value: 14, body: 1, time: 2, id: 2, url: 2, hash: 3 },
    order: 9,
  },
  { size: 3, separators: MIXED_SEPARATORS, kinds: CORE, needs: WHOLE, most: LIKELY, order: 9.5 },
  {
    size: 5,
    separators: ['', '\n', '.', ':', '|'],
    kinds: [...CORE, 'hash'],
    needs: WHOLE,
    most: { body: 1, time: 1, id: 2, url: 3, text: 1, hash: 3 },
    order: 10,
  },
  {
    size: 4,
    separators: ['', '|', '.', ':', '&'],
    kinds: ['value', 'time', 'id', 'body'],
    most: { value: 9, time: 1, id: 2, body: 1 },
    order: 11,
  },
];

/** Up to here a further signature is looked for beside one that was found. */
const LAST_FURTHER = 2;
/** What does not look like a signature seldom is one: it waits for so many rounds. */
const ORDERS_PER_RANK = 4;

/** The rounds of few pieces that are usual, and those that come when nothing usual fits. */
export const USUAL = (order: number): boolean => order < 5;
export const UNUSUAL = (order: number): boolean => order >= 5;

/**
 * Tries messages against every probe until something is found, or the budget is spent. A round is finished all the
 * same: there may be a further signature.
 */
export function searchMessages(
  probes: readonly Probe[],
  atoms: readonly Atom[],
  isTurn: (order: number) => boolean,
  budget: SearchBudget,
  found: Hit[],
): void {
  const turns = ROUNDS.flatMap((round) => probes.map((probe) => ({ round, probe, order: orderOf(round, probe) })));
  const ordered = turns.filter(({ order }) => isTurn(order)).toSorted((one, other) => one.order - other.order);
  let foundAt: number | null = found.length > 0 ? -1 : null;
  for (const { round, probe, order } of ordered) {
    if (budget.left <= 0 || (foundAt !== null && order > Math.max(foundAt, LAST_FURTHER))) return;
    const pool = poolOf(round, atoms, probe);
    for (const separator of round.separators) {
      const separators = typeof separator === 'string' ? [separator] : separator;
      descend({ budget, found, round, probe, pool, separators }, probe.start(), []);
    }
    if (found.length > 0) foundAt ??= order;
  }
}

/** A plain hash is rarer, and with the secret among its pieces takes longer. */
function orderOf({ order, size }: Round, { rank, needsSecret }: Probe): number {
  return order + rank * ORDERS_PER_RANK + (needsSecret && size > 1 ? 1 : 0);
}

interface Walk {
  budget: SearchBudget;
  found: Hit[];
  round: Round;
  probe: Probe;
  pool: readonly Atom[];
  /** Behind the first piece, behind the second …; the last of them again and again. */
  separators: readonly string[];
}

const separatorBehind = ({ separators }: Walk, count: number): string =>
  count === 0 ? '' : (separators[Math.min(count, separators.length) - 1] ?? '');

function poolOf(round: Round, atoms: readonly Atom[], probe: Probe): Atom[] {
  const counts = new Map<AtomKind, number>();
  return atoms.filter(({ kind }) => {
    if (!round.kinds.includes(kind) && !(kind === 'secret' && probe.needsSecret)) return false;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= (round.most?.[kind] ?? Infinity);
  });
}

/** Several values or ids may stand in a message; of any other kind one does. */
const REPEATS: ReadonlySet<AtomKind> = new Set(['value', 'id']);

/** One more piece behind those that were chosen: messages that begin alike are hashed once up to there. */
function descend(walk: Walk, state: ProbeState, chosen: readonly Atom[]): void {
  const { round, probe, pool, budget } = walk;
  const size = round.size + (probe.needsSecret ? 1 : 0);
  const separator = separatorBehind(walk, chosen.length);
  const joined = separator === '' ? state : state.add(Buffer.from(separator));
  for (const atom of pool) {
    if (budget.left <= 0) return;
    if (!mayFollow(walk, chosen, atom, size)) continue;
    const next = joined.add(atom.bytes);
    budget.left -= atom.bytes.length * probe.cost.byte + 1000;
    const all = [...chosen, atom];
    if (all.length < size) descend(walk, next, all);
    else tryMessage(walk, next, all);
  }
}

function mayFollow({ round, probe }: Walk, chosen: readonly Atom[], atom: Atom, size: number): boolean {
  if (chosen.includes(atom)) return false;
  if (!REPEATS.has(atom.kind) && chosen.some(({ kind }) => kind === atom.kind)) return false;
  if (round.sequence !== undefined && !isInSequence(round.sequence, chosen, atom)) return false;
  const left = size - chosen.length - 1;
  const lacks = (kinds: readonly AtomKind[]): boolean => ![...chosen, atom].some(({ kind }) => kinds.includes(kind));
  const missing =
    Number(probe.needsSecret && lacks(['secret'])) + Number(round.needs !== undefined && lacks(round.needs));
  return missing <= left;
}

/** The secret of a plain hash stands before the others or behind them. */
function isInSequence(sequence: readonly AtomKind[], chosen: readonly Atom[], atom: Atom): boolean {
  if (atom.kind === 'secret') return chosen.length === 0 || chosen.length === sequence.length;
  return sequence[chosen.filter(({ kind }) => kind !== 'secret').length] === atom.kind;
}

function tryMessage(walk: Walk, state: ProbeState, atoms: readonly Atom[]): void {
  const { probe, budget, found } = walk;
  const pieces = atoms.flatMap((atom, index) => [separatorBehind(walk, index), atom]).filter((one) => one !== '');
  test(probe, state, pieces, budget, found);
  const last = separatorBehind(walk, atoms.length);
  if (!TRAILING.has(last) || atoms.length > 3) return;
  test(probe, state.add(Buffer.from(last)), [...pieces, last], budget, found);
}

/** Does the message belong to a target that was not found yet? */
export function test(
  probe: Probe,
  state: ProbeState,
  pieces: readonly (Atom | string)[],
  budget: SearchBudget,
  found: Hit[],
): void {
  budget.tried += 1;
  budget.left -= probe.cost.message;
  const target = state.match();
  if (target !== undefined && !found.some((hit) => hit.target.bytes.equals(target.bytes)))
    found.push({ target, probe, pieces });
}
