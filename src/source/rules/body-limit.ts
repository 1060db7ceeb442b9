import { LARGEST_EVENT_BYTES } from '../../vendors/facts.ts';
import type { Doubt, Place } from './server-rules.ts';

/** What a limit for bodies does to large events; null where it does nothing. 0 stands for no limit. */
export function noteBodyLimit(bytes: number, place: Place): Doubt | null {
  return bytes === 0 || bytes >= LARGEST_EVENT_BYTES
    ? null
    : { place, text: `${place.text} refuses larger events with 413, and webhook test sends one of 5 MiB` };
}
