import { parentPort, workerData } from 'node:worker_threads';
import type { LoadTask, SourceSeeds } from '../../flows/load/load-task.ts';
import { serveTask, type LoadSources } from '../../flows/load/serve-task.ts';
import { makeIds, seededRandom, systemRandom } from '../../plan/ids.ts';
import { eventSources, systemClock } from '../terminal/environment.ts';

/** For starting this module as a thread that sends: it then gets a LoadTask. Imported otherwise, it does nothing. */
export const SENDER_THREAD_URL = import.meta.url;

if (parentPort !== null && hasTask(workerData)) void serveTask(workerData.loadTask, parentPort, openSources);

function hasTask(data: unknown): data is { loadTask: LoadTask } {
  return typeof data === 'object' && data !== null && 'loadTask' in data;
}

function openSources({ arrivalSeed, ...repeat }: SourceSeeds): LoadSources {
  const recordIds = makeIds(systemRandom());
  const random = seededRandom(arrivalSeed);
  return { ...eventSources(repeat, recordIds), recordClock: systemClock, recordIds, random };
}
