import { listProcesses, readProcess } from './list-processes.ts';

/** Sends a signal to a process, or to a group by its leader's number below zero; false when nobody is there. */
export type SendSignal = (pid: number, signal: NodeJS.Signals | 0) => boolean;

/**
 * Tells whether something of a group still runs. What has ended and is not yet forgotten by the system does not count,
 * where that can be told. It may be asked often: a list of all processes takes milliseconds, a look at a known one
 * microseconds.
 */
export function watchGroup(leader: number, sendSignal: SendSignal): () => boolean {
  let known: number[] = [];
  const list = (): number[] | null =>
    listProcesses()?.flatMap(({ pid, group }) => (group === leader ? [pid] : [])) ?? null;
  return () => {
    known = known.filter((pid) => readProcess(pid)?.group === leader);
    if (known.length > 0) return true;
    const listed = list();
    if (listed === null) return sendSignal(-leader, 0);
    // One that ended while they were listed may have started another, which a second list has.
    known = listed.length === 0 && sendSignal(-leader, 0) ? (list() ?? []) : listed;
    return known.length > 0;
  };
}
