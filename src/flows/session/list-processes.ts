import { readdirSync, readFileSync } from 'node:fs';

/** A process as the system lists it, by numbers. */
export interface ListedProcess {
  pid: number;
  parent: number;
  /** The number of the process that leads its group, and of the one that leads its session. */
  group: number;
  session: number;
}

/** All that run, those that have ended and are not yet forgotten left out; null where Linux does not list them. */
export function listProcesses(): ListedProcess[] | null {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(Number(name)) ?? []) : []));
  } catch {
    return null;
  }
}

/**
 * Null where it has ended. The name of the program may hold anything, brackets too: what is counted on stands behind
 * the last of them.
 */
export function readProcess(pid: number): ListedProcess | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...numbers] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [parent = 0, group = 0, session = 0] = numbers.map(Number);
    return ENDED.has(state) ? null : { pid, parent, group, session };
  } catch {
    return null;
  }
}

const ENDED: ReadonlySet<string> = new Set(['Z', 'X', 'x']);

/** What a process started, and what those started, itself too; of each that left its parent, by group or session. */
export function offspringOf(leader: number, all: readonly ListedProcess[]): ListedProcess[] {
  const found = new Set([leader]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const { pid, parent, group, session } of all)
      if (group === leader || session === leader || found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}
