import type { Atom, AtomKind } from './atoms.ts';
import type { Probe, ProbeState, SoughtValue } from './probes.ts';
import { ROUNDS, type SearchRound } from './rounds.ts';

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

/** Those that stand behind the last piece, too. */
const TRAILING: ReadonlySet<string> = new Set(['\n', '|', ':', '.', '&']);
/** Up to here a further signature is looked for beside one that was found. */
const LAST_FURTHER = 2;
/** What does not look like a signature seldom is one: it waits for so many rounds. */
const ORDERS_PER_RANK = 4;
/** So much later an unlikely form of the key is tried. */
const UNLIKELY = 2.2;

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
      const walk = { budget, found, round, probe, pool, separators };
      const [open = ''] = round.around ?? [];
      descend(walk, open === '' ? probe.start() : probe.start().add(Buffer.from(open)), []);
    }
    if (found.length > 0) foundAt ??= order;
  }
}

/** A plain hash is rarer, and with the secret among its pieces takes longer. */
function orderOf({ order, size }: SearchRound, { rank, needsSecret, isUnlikely }: Probe): number {
  return order + rank * ORDERS_PER_RANK + (needsSecret && size > 1 ? 1 : 0) + (isUnlikely && size > 1 ? UNLIKELY : 0);
}

interface Walk {
  budget: SearchBudget;
  found: Hit[];
  round: SearchRound;
  probe: Probe;
  pool: readonly Atom[];
  /** Behind the first piece, behind the second …; the last of them again and again. */
  separators: readonly string[];
}

const separatorBehind = ({ separators }: Walk, count: number): string =>
  count === 0 ? '' : (separators[Math.min(count, separators.length) - 1] ?? '');

function poolOf(round: SearchRound, atoms: readonly Atom[], probe: Probe): Atom[] {
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
  const { probe, budget, found, round } = walk;
  const pieces = (): (Atom | string)[] =>
    atoms.flatMap((atom, index) => [separatorBehind(walk, index), atom]).filter((one) => one !== '');
  if (round.around !== undefined) {
    const [open, close] = round.around;
    return test(probe, state.add(Buffer.from(close)), () => [open, ...pieces(), close], budget, found);
  }
  test(probe, state, pieces, budget, found);
  const last = separatorBehind(walk, atoms.length);
  // The secret on both sides of what it protects.
  const [first] = atoms;
  if (probe.needsSecret && first?.kind === 'secret' && atoms.length > 1) {
    const behind = last === '' ? state : state.add(Buffer.from(last));
    const all = (): (Atom | string)[] => [...pieces(), ...(last === '' ? [] : [last]), first];
    test(probe, behind.add(first.bytes), all, budget, found);
  }
  if (!TRAILING.has(last) || atoms.length > 3) return;
  test(probe, state.add(Buffer.from(last)), () => [...pieces(), last], budget, found);
}

/** Does the message belong to a target that was not found yet? Its pieces are asked for only then. */
export function test(
  probe: Probe,
  state: ProbeState,
  pieces: () => readonly (Atom | string)[],
  budget: SearchBudget,
  found: Hit[],
): void {
  budget.tried += 1;
  budget.left -= probe.cost.message;
  const target = state.match();
  if (target !== undefined && !found.some((hit) => hit.target.bytes.equals(target.bytes)))
    found.push({ target, probe, pieces: pieces() });
}
